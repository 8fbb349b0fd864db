"""A set of real QEMUs, some of which do not behave."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.program import run
from tests.qemu.machines import RunningQemu

COUNT = 12


@pytest.fixture
def fleet(qemu_command: list[str], tmp_path: Path) -> Iterator[list[RunningQemu]]:
    """Machines without devices, their sockets called vm1 to vm12 in tmp_path."""
    with ExitStack() as running:
        found = []
        for number in range(1, COUNT + 1):
            machine = RunningQemu(qemu_command, ["-M", "none", "-nodefaults"])
            running.callback(machine.close)
            (tmp_path / f"vm{number}").symlink_to(machine.path)
            found.append(machine)
        yield found


def test_most_of_them_answer(fleet: list[RunningQemu], tmp_path: Path) -> None:
    """A frozen, a dead and a paused one are named, and cost the others nothing."""
    fleet[2].oracle.qmp("stop")
    os.kill(fleet[4].process.pid, signal.SIGSTOP)
    fleet[6].process.kill()
    fleet[6].process.wait()
    try:
        done = run(
            *("./vm[1-12]", "-b", "--timeout", "2", "-c", "info status"), cwd=tmp_path
        )
    finally:
        os.kill(fleet[4].process.pid, signal.SIGCONT)

    assert done.stdout.startswith("./vm[1-2,4,6,8-12] (9)\nVM status: running\n./vm3 (1)\n")
    assert "./vm5: cannot connect" in done.stderr
    assert "./vm7: cannot connect" in done.stderr
    assert done.stderr.endswith("hmp: 2 of 12 could not be reached: ./vm[5,7]\n")
    assert done.returncode == 3


def test_a_change_of_all(fleet: list[RunningQemu], tmp_path: Path) -> None:
    """With -y, several lines, as a script."""
    lines = "stop\ninfo status\nqmp query-name\n"
    done = run("./vm[1-12]", "-y", "-b", script=lines, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("./vm[1-12] (12)\nVM status: paused\n")
