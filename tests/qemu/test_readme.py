"""The program in the README, on real machines."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.program import LIMIT, ROOT
from tests.qemu.machines import RunningQemu

pytestmark = pytest.mark.skipif(shutil.which("qemu-img") is None, reason="no qemu-img")

(PROGRAM,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def qemu_img(*arguments: str | Path) -> None:
    """Run qemu-img; it must succeed."""
    subprocess.run(["qemu-img", *arguments], stdout=subprocess.DEVNULL, check=True)


@pytest.fixture
def disks(qemu_command: list[str], tmp_path: Path) -> Iterator[dict[str, Path]]:
    """Start machines vm1 and vm2 in tmp_path; return their disks by their copies' names."""
    found = {}
    raw = tmp_path / "raw"
    with ExitStack() as running:
        for vm in ("vm1", "vm2"):
            for disk in ("a", "b"):
                raw.write_bytes(f"{vm}{disk}".encode() * 4096)
                image = found[f"{vm}-{disk}.qcow2"] = tmp_path / f"{vm}{disk}"
                qemu_img("convert", "-f", "raw", "-O", "qcow2", raw, image)
            arguments = [
                "-M",
                "q35",
                "-nodefaults",
                "-drive",
                f"if=none,id=a,format=qcow2,file={tmp_path}/{vm}a",
                "-device",
                "virtio-blk,drive=a",
                "-blockdev",
                f"file,node-name=f,filename={tmp_path}/{vm}b",
                "-blockdev",
                "qcow2,node-name=b,file=f",
                "-device",
                "virtio-blk,drive=b",
            ]
            machine = RunningQemu(qemu_command, arguments)
            running.callback(machine.close)
            (tmp_path / vm).symlink_to(machine.path)
        yield found


def test_it_is_short() -> None:
    """As a program that somebody writes in an afternoon is."""
    assert len(PROGRAM.splitlines()) <= 40


def test_the_disks_of_a_set_are_backed_up(disks: dict[str, Path], tmp_path: Path) -> None:
    """Each copy holds what its disk holds; a machine that is missing is named."""
    copies = tmp_path / "copies"
    copies.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "./vm[1-3]", "copies"],
        capture_output=True,
        timeout=LIMIT,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )

    said = r"\./{0}: \S+ MiB in \S+/{0}-a\.qcow2 \S+/{0}-b\.qcow2\n"
    assert re.fullmatch(said.format("vm1") + said.format("vm2"), done.stdout)
    assert done.stderr.startswith("./vm3: FAILED: cannot connect to ./vm3: no such socket")
    assert done.returncode == 1
    assert {copy.name for copy in copies.iterdir()} == set(disks)
    for copy, disk in disks.items():
        qemu_img("compare", "-U", disk, copies / copy)
