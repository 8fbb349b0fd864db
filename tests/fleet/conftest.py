"""Fixtures of the tests of sessions on a set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hmp.builtin import load_tables
from hmp.fleet.fleet_connection import FleetConnection
from hmp.fleet.fleet_machine import ReachOptions
from hmp.fleet.fleet_monitor import FleetMonitor
from hmp.fleet.node_sets import SetError
from hmp.fleet.sets import SetMember
from hmp.monitor.frontend import FrontEnd
from tests.program import HMP
from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import Terminal


class Answering(FrontEnd):
    """A front end whose user gives one answer to all questions, which are kept."""

    interactive = local = True

    def __init__(self, answer: bool = True) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[str] = []
        self.drawn: list[str] = []
        self.secrets = 0

    async def confirm(self, question: str) -> bool:
        """Give the answer."""
        self.asked.append(question)
        return self.answer

    async def confirm_typed(self, question: str, word: str) -> bool:
        """Give the answer."""
        self.asked.append(f"{question} {word}")
        return self.answer

    async def ask_secret(self, prompt: str) -> str:
        """Give a password."""
        self.secrets += 1
        return "secret"

    def progress(self, what: str, done: int, total: int) -> None:
        """Keep what is drawn."""
        self.drawn.append(f"{what} {done * 100 // total} %")


class Fleet:
    """Machines called vm1, vm2, ..., and sessions on them."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder = folder
        self.machines: list[ScriptedMachine] = []
        self._running = running

    def add(self, machine: ScriptedMachine) -> None:
        """Start another machine, whose socket is in the folder."""
        self._running.enter_context(machine)
        self.machines.append(machine)
        (self.folder / f"vm{len(self.machines)}").symlink_to(machine.path)

    def members(self, words: Sequence[str]) -> list[SetMember]:
        """Find machines by their names."""
        for word in words:
            if not (self.folder / word).exists():
                raise SetError(f"'{word}' matches no machine")
        return [SetMember(word, str(self.folder / word)) for word in words]

    def run(
        self,
        test: Callable[[FleetMonitor], Coroutine[Any, Any, None]],
        front: FrontEnd | None = None,
        read_only: bool = False,
    ) -> None:
        """Run a test with the monitor of a session on all machines."""

        async def main() -> None:
            connection = FleetConnection()
            names = [f"vm{number + 1}" for number in range(len(self.machines))]
            monitor = FleetMonitor(
                connection,
                load_tables(lazy=True),
                self.members(names),
                self.members,
                ReachOptions(),
                read_only=read_only,
            )
            monitor.front = front or Answering()
            await connection.adopt()
            try:
                await test(monitor)
            finally:
                connection.close()

        asyncio.run(main())

    def open(self, *arguments: str, dumb: bool = False) -> Terminal:
        """Open a terminal with a session on all machines."""
        command = [*HMP, f"./vm[1-{len(self.machines)}]", *arguments]
        folder = str(self.folder)
        session = (
            Terminal(command=command, folder=folder, TERM="dumb")
            if dumb
            else Terminal(command=command, folder=folder)
        )
        self._running.callback(session.close)
        return session


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Three machines, of which the third is paused; each has a name."""
    with ExitStack() as running:
        made = Fleet(tmp_path, running)
        paused = {"query-status": {"status": "paused", "running": False}}
        for number in (1, 2, 3):
            answers = {"query-name": {"name": f"machine{number}"}}
            made.add(ScriptedMachine({**answers, **(paused if number == 3 else {})}))
        yield made
