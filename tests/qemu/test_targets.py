"""The QEMUs that run on this host: listed, and reached by their names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import run
from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="no /proc here"
)
NAME = f"hmp-test-{os.getpid()}"


@pytest.fixture(scope="module")
def qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A machine with a name of its own."""
    machine = RunningQemu(qemu_command, ["-M", "none", "-name", NAME])
    yield machine
    machine.close()


def test_it_is_listed(qemu: RunningQemu) -> None:
    """With its process, its name and its sockets."""
    done = run("--list")
    (line,) = [line for line in done.stdout.splitlines() if NAME in line]

    assert done.returncode == 0
    assert line.split()[:2] == [str(qemu.process.pid), NAME]
    assert {qemu.path, qemu.oracle_path} <= set(line.replace(",", " ").split())


def test_it_is_reached_by_its_name(qemu: RunningQemu) -> None:
    """In a script, and in a session."""
    done = run(NAME, "-c", "info name")
    assert (done.returncode, done.stdout) == (0, f"{NAME}\n")
    session = Terminal(NAME)
    try:
        session.wait_prompt(f"(qemu {NAME}) ")
    finally:
        session.close()


def test_two_of_one_name(qemu: RunningQemu, qemu_command: list[str]) -> None:
    """Which one is meant cannot be told; their processes are."""
    other = RunningQemu(qemu_command, ["-M", "none", "-name", NAME])
    try:
        done = run(NAME, "-c", "info name")
    finally:
        other.close()

    pids = sorted((qemu.process.pid, other.process.pid))
    text = f"several QEMUs are called '{NAME}': processes {pids[0]}, {pids[1]}"
    assert (done.returncode, done.stderr) == (2, f"hmp: {text}\n")


def test_waiting_in_a_script(qemu: RunningQemu) -> None:
    """wait returns with the event that the line before caused, or fails in time."""
    done = run(NAME, "-c", "stop", "-c", "wait STOP --timeout 9", "-c", "cont")
    assert done.returncode == 0
    assert " STOP" in done.stdout
    done = run(NAME, "-c", "wait SHUTDOWN --timeout 0.1")

    assert (done.returncode, done.stderr) == (1, "Error: no SHUTDOWN within 0.1 s\n")


def test_read_only_in_a_script(qemu: RunningQemu) -> None:
    """Nothing that changes is done, and that is a failure."""
    done = run("--read-only", NAME, "-c", "quit", "-c", "info name")

    assert done.returncode == 1
    assert "'quit' is refused: this session is read-only" in done.stderr
    assert done.stdout == f"{NAME}\n"
    assert qemu.process.poll() is None
