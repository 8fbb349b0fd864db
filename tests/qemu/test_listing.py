"""Real QEMUs are found, with what their executables and descriptors say."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hmp.targets.captured import CAPTURE, read_capture
from hmp.targets.discovery import RunningMachine, machines
from hmp.targets.doors import HUMAN
from hmp.targets.qemu_options import FLAGS
from tests.program import run
from tests.qemu.machines import Oracle, RunningQemu


def test_the_flags_are_those_of_qemu(qemu_command: list[str]) -> None:
    """QEMU itself says which of its options want an argument."""
    shown = subprocess.run([*qemu_command, "-h"], capture_output=True, text=True).stdout
    names = {
        name
        for line in shown.splitlines()
        if line.startswith("-")
        for name in re.findall(r"(?:^|(?<= or )|(?<=/))--?([A-Za-z][\w-]*)", line)
    }

    def wants_argument(name: str) -> bool:
        # it ends before it starts: the disk does not exist
        argv = [*qemu_command, "-display", "none", "/nonexistent/disk", f"-{name}"]
        done = subprocess.run(
            argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
        )
        return "requires an argument" in done.stderr

    names -= {"jitdump", "perfmap"}  # these write files at once
    with ThreadPoolExecutor(2) as threads:
        wanting = dict(zip(names, threads.map(wants_argument, names), strict=True))

    assert len(names) > 80
    assert {name for name, wants in wanting.items() if not wants} == names & FLAGS


def found(path: str, listed: list[RunningMachine]) -> RunningMachine:
    """Return the machine with a socket."""
    (machine,) = [machine for machine in listed if path in machine.targets]
    return machine


@pytest.fixture(scope="module")
def listed_qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A QEMU with a human monitor on a pseudo-terminal."""
    arguments = ["-M", "none", "-nodefaults", "-name", "listed", "-monitor", "pty"]
    qemu = RunningQemu(qemu_command, arguments)
    yield qemu
    qemu.close()


def test_a_running_qemu(listed_qemu: RunningQemu) -> None:
    """Its version without running it; its pseudo-terminal by its descriptors."""
    version = ".".join(map(str, listed_qemu.version))
    machine = found(listed_qemu.path, machines(versions=True))

    assert (machine.name, machine.version, machine.process_state) == (
        "listed",
        version,
        "running",
    )
    assert machine.targets[0] == listed_qemu.path
    terminal = next(door for door in machine.doors if door.kind == HUMAN)
    assert Path(terminal.target).is_char_device()
    rows = [json.loads(line) for line in run("--list", "-o", "json").stdout.splitlines()]
    (row,) = [row for row in rows if row["pid"] == machine.pid]
    assert (row["name"], row["version"]) == ("listed", version)
    assert row["target"] == listed_qemu.path


def test_a_stopped_process_is_listed_as_such(listed_qemu: RunningQemu) -> None:
    """It would not answer."""
    listed_qemu.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, listed_qemu.process.pid, os.WSTOPPED | os.WNOWAIT)
    machine = found(listed_qemu.path, machines())
    listed_qemu.process.send_signal(signal.SIGCONT)

    assert machine.state == "stopped"


def test_the_state_of_the_machine(listed_qemu: RunningQemu) -> None:
    """It is asked through a socket that is free; a client is not disturbed."""

    def state() -> Any:
        rows = map(json.loads, run("--list", "-o", "json").stdout.splitlines())
        return next(row["state"] for row in rows if row["pid"] == listed_qemu.process.pid)

    assert state() == "running"
    listed_qemu.oracle.qmp("stop")
    assert state() == "paused"
    with closing(Oracle(listed_qemu.path)) as client:
        assert state() is None
        assert "unknown" in run("--list").stdout
        assert client.qmp("query-status")["return"]["status"] == "paused"
    listed_qemu.oracle.qmp("cont")


def test_a_captured_host_is_the_same(listed_qemu: RunningQemu) -> None:
    """The script that runs on other hosts finds what we find here."""
    done = subprocess.run(["sh", "-c", CAPTURE], capture_output=True)
    here = found(listed_qemu.path, machines(versions=True))
    there = found(listed_qemu.path, machines(read_capture(done.stdout), versions=True))

    assert (done.returncode, done.stderr) == (0, b"")
    for machine in (here, there):
        # pseudo-terminals are of no use from another host
        assert machine.doors[0].target == listed_qemu.path
        assert (machine.pid, machine.names) == (listed_qemu.process.pid, ("listed",))
        assert (machine.process_state, machine.user) == ("running", "")
    assert there.version == here.version
