"""A session on twenty real QEMUs, of which one dies and one comes while it runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import sleep

import pytest

from tests.program import HMP
from tests.qemu.machines import own_modules
from tests.terminal.screen import Terminal

COUNT = 20


class Twenty:
    """Machines without devices, which start together; their sockets are vm1, vm2, ..."""

    def __init__(self, command: list[str], folder: Path, running: ExitStack) -> None:
        self.folder = folder
        self._command = command
        self._running = running
        self._environment = {**os.environ, **own_modules(command, folder / "modules")}
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, *numbers: int) -> None:
        """Start machines, and wait until they listen."""
        for number in numbers:
            socket = f"unix:vm{number},server=on,wait=off"
            arguments = ["-M", "none", "-nodefaults", "-display", "none", "-qmp", socket]
            process = subprocess.Popen(
                [*self._command, *arguments, "-name", f"machine{number}"],
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=self._environment,
            )
            self._processes[number] = process
            self._running.callback(process.wait)
            self._running.callback(process.kill)
        for number in numbers:
            while not (self.folder / f"vm{number}").is_socket():
                assert self._processes[number].poll() is None, "QEMU has ended"
                sleep(0.02)

    def kill(self, number: int) -> None:
        """Kill a machine, and remove its socket."""
        self._processes[number].kill()
        self._processes[number].wait()
        (self.folder / f"vm{number}").unlink()

    def session(self, prompt: str, *arguments: str) -> Terminal:
        """Open a session on all twenty, and wait for its prompt."""
        command = [*HMP, f"./vm[1-{COUNT}]", *arguments]
        session = Terminal(command=command, folder=str(self.folder), columns=140, lines=40)
        self._running.callback(session.close)
        session.wait_prompt(prompt)
        return session


@pytest.fixture
def twenty(qemu_command: list[str], tmp_path: Path) -> Iterator[Twenty]:
    """All but the last of twenty machines."""
    with ExitStack() as running:
        made = Twenty(qemu_command, tmp_path, running)
        made.start(*range(1, COUNT))
        yield made


def test_one_is_killed_and_one_started(twenty: Twenty) -> None:
    """Each is one line, the prompt counts, and the others go on; the end asks once."""
    session = twenty.session("./vm[1-20] 19/20> ")
    session.wait_for("not reached: ./vm20")
    session.wait_prompt("./vm[1-20] 19/20> ")
    session.run("stop", "./vm[1-20] 19/20> ")
    session.wait_for("STOP: ./vm[1-19]")

    twenty.start(20)
    session.wait_for("back: ./vm20")
    session.wait_prompt("./vm[1-20] 20/20> ")
    twenty.kill(7)
    session.wait_for("gone: ./vm7")
    session.wait_prompt("./vm[1-20] 19/20> ")
    session.run("info status", "./vm[1-20] 19/20> ")
    rows = [row.split() for row in session.rows]
    assert ["./vm[1-6,8-19]", "○", "paused"] in rows
    assert ["./vm20", "●", "running"] in rows

    twenty.start(7)
    session.wait_for("back: ./vm7")
    session.wait_prompt("./vm[1-20] 20/20> ")
    session.type("quit\r")
    session.wait_for("quit on 20 machines, ./vm[1-20]: ")
    session.wait_for("Type 20 to continue:")
    session.type("y\r")
    session.wait_for("cancelled")
    session.wait_prompt("./vm[1-20] 20/20> ")
    session.type("quit\r")
    session.wait(lambda: session.text.count("Type 20 to continue:") > 1, "the question")
    session.type("20\r")
    assert session.wait_end() == 0
