"""How many round trips each line takes: what QMP commands need each other's results.

Over a distance, that is what a line costs. Counted on recorded machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hmp.builtin import load_tables
from hmp.frontends.script import answer
from hmp.monitor.monitor import Monitor
from hmp.qmp.replay import ReplayConnection
from tests.recordings import Record, kept, read

JOB = "a job of QEMU, watched until it ends, and dismissed; the disks are looked up before"
ABOVE = {
    "delvm": (5, JOB),
    "loadvm": (5, JOB),
    "savevm": (5, JOB),
    "migrate": (3, "QEMU may crash unless it has tidied up after the last one"),
    "drive_del": (3, "only QEMU's monitor can delete a drive, if the machine has one"),
    "info accel": (3, "absent from QMP and monitor: has the machine been created at all?"),
    "info qom-tree": (5, "as many as the tree is deep"),
}
"""Lines of more than two round trips: how many, and why."""


class Counting(ReplayConnection):
    """A recorded machine that counts requests, and the rounds in which they come."""

    def __init__(self, records: Sequence[Record], name: str) -> None:
        super().__init__(records, name)
        self.requests = 0
        self.rounds = 0

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Answer a request in a round of its own."""
        self.requests += 1
        self.rounds += 1
        return await super().execute(command, arguments, **members)

    async def execute_each(self, requests: Any, /) -> list[Any]:
        """Answer several in one round."""
        before = self.rounds
        outcomes = await super().execute_each(requests)
        self.rounds = before + 1
        return outcomes


@cache
def counted(path: Path) -> list[tuple[str, str, int, int]]:
    """Return each recorded line of a release: its command, itself, requests and rounds."""
    return [line for name, records in read(path).items() for line in _of(records, name)]


def _of(records: Sequence[Record], name: str) -> Iterator[tuple[str, str, int, int]]:
    machine = Counting(records, name)
    monitor = Monitor(machine, load_tables())
    for record in records:
        if "line" in record:
            machine.requests = machine.rounds = 0
            answer(monitor, record["line"])
            call = monitor.call
            if call.entry is not None and not machine.missed:
                group = "info " if call.line.command.split()[0] == "info" else ""
                names = f"{group}{call.entry.names[0]}"
                yield names, record["line"], machine.requests, machine.rounds


@pytest.mark.parametrize("path", kept(), ids=lambda path: path.name.partition(".j")[0])
def test_each_line_takes_one_round_trip_or_two(path: Path) -> None:
    """One for what one command answers, two for the rest, but for those with a reason."""
    found = counted(path)

    assert len({command for command, *_ in found}) > 100
    assert [
        (line, rounds)
        for command, line, requests, rounds in found
        if rounds > min(requests, ABOVE.get(command, (2,))[0])
    ] == []


def test_reasons_are_for_lines_that_need_them() -> None:
    """Each takes as many rounds on one of the machines, and more than two."""
    most: dict[str, int] = {}
    for path in kept():
        for command, _, _, rounds in counted(path):
            most[command] = max(rounds, most.get(command, 0))

    assert {name: (most[name], why) for name, (_, why) in ABOVE.items()} == ABOVE
