"""The lines that QEMU tries its own monitor with get the same answers from ours.

As there, each ``info`` command that the help lists is run without arguments, then the
list. The two monitors have their machines one after the other, and one test at a time:
lines of the list listen on ports of the host.
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes import LIMIT
from tests.qemu.chosen import SMOKE
from tests.qemu.conftest import Session
from tests.qemu.differential import masked
from tests.qemu.machines import RunningQemu
from tests.qemu.test_tables import listed

MACHINES = ("-S -M q35", "-S -M pc", "-S -M microvm", "-S -M none", "-S -M none -m 2")
_FLUSHES = r"(TLB \w+ flushes) +\d+"


def answers(command: list[str], machine: str, ours: bool) -> list[tuple[str, str]]:
    """Return what one of the monitors of a machine answers to each line."""
    qemu = RunningQemu(command, shlex.split(machine))
    session = Session(qemu)
    try:
        names = listed(session.theirs("help info"))
        said: Callable[[str], str] = session.ours if ours else session.theirs
        if "powernv" in machine:
            said = _taking_interrupts(session, said)
        folder = str(qemu.folder)
        with _ports_of_the_host():
            found = [
                (line, masked(said(line).replace(folder, "FOLDER"), line))
                for line in [*names, *SMOKE]
            ]
        # the threads of processors count these flushes when they come to run
        return [(line, re.sub(_FLUSHES, r"\1 N", text)) for line, text in found]
    finally:
        session.connection.close()
        qemu.close()


def _taking_interrupts(
    session: Session, said: Callable[[str], str]
) -> Callable[[str], str]:
    """Return `said`, which then waits until the processor's thread has taken an nmi."""

    def says(line: str) -> str:
        text = said(line)
        deadline = time.monotonic() + LIMIT
        while line == "nmi" and session.theirs("p $pc").strip() != "0x100":
            assert time.monotonic() < deadline, "the processor took no interrupt"
        return text

    return says


@contextmanager
def _ports_of_the_host() -> Iterator[None]:
    """Have the ports of the list for one process at a time: tests may run in parallel."""
    path = Path(tempfile.gettempdir(), f"hmp-test-ports-{os.getuid()}")
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("machine", MACHINES)
def test_the_lines_of_qemus_own_test(qemu_command: list[str], machine: str) -> None:
    """All of them, on machines of several kinds."""
    ours = answers(qemu_command, machine, True)
    theirs = answers(qemu_command, machine, False)

    assert len(ours) > 100
    assert ours == theirs
