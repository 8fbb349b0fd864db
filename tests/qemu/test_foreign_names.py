"""Snapshots of a real machine with tags that would run as commands."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmp.language.words import as_argument
from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

PROMPT = "(qemu vm) "
TAGS = (
    "base|touch${IFS}trap",
    'b"|touch trap|sh',
    "b'c|touch trap",
    "b\\|touch trap",
    "b > trap",
    "-b",
    "!touch trap",
    "#b",
    "é b",
    "b\ntouch trap",
)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """An image with the snapshots."""
    path = tmp_path / "disk.qcow2"
    make = ["qemu-img", "create", "-q", "-f", "qcow2", str(path), "1M"]
    subprocess.run(make, check=True)
    for tag in TAGS:
        # an option that takes what follows, also where that begins with a dash
        subprocess.run(["qemu-img", "snapshot", f"-c{tag}", str(path)], check=True)
    return path


@pytest.fixture
def qemu(qemu_command: list[str], disk: Path) -> Iterator[RunningQemu]:
    """A machine with that disk."""
    file = {"driver": "file", "filename": str(disk)}
    node = {"driver": "qcow2", "node-name": "d0", "file": file}
    arguments = ["-M", "none", "-name", "vm", "-blockdev", json.dumps(node)]
    machine = RunningQemu(qemu_command, arguments)
    yield machine
    machine.close()


def tags(qemu: RunningQemu) -> set[str]:
    """Return the tags of the snapshots that there are."""
    (node,) = (
        n
        for n in qemu.oracle.qmp("query-named-block-nodes")["return"]
        if n["node-name"] == "d0"
    )
    return {snapshot["name"] for snapshot in node["image"].get("snapshots", ())}


def test_each_means_itself_in_a_session(
    qemu: RunningQemu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written as an argument, one after the other; nothing else happens."""
    monkeypatch.chdir(tmp_path)  # where a shell would leave its trap
    assert tags(qemu) == set(TAGS)
    left = set(TAGS)
    session = Terminal("-y", qemu.path, columns=150)
    try:
        session.wait_prompt(PROMPT)
        for tag in TAGS:
            session.run(f"delvm {as_argument(tag)}", PROMPT)
            left.remove(tag)
            assert tags(qemu) == left
    finally:
        session.close()

    assert not (tmp_path / "trap").exists()


def test_each_means_itself_to_its_own_monitor(qemu: RunningQemu) -> None:
    """Read by QEMU, the same words mean the same."""
    for tag in TAGS:
        assert qemu.oracle.hmp(f"delvm {as_argument(tag)}") == ""

    assert tags(qemu) == set()
