"""The one question about a line that destroys something on several machines.

Each machine says what the line will do to it, or that it would fail there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.fleet.node_sets import fold, how_many
from hmp.fleet.round import in_time
from hmp.monitor.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hmp.fleet.fleet_machine import FleetMachine
    from hmp.monitor.call import Call
    from hmp.monitor.entry import Entry
    from hmp.monitor.frontend import FrontEnd
    from hmp.monitor.gathered import GatheredCall

_LIMIT = 1.0
"""Seconds that a machine may take to say what a line will do."""
TYPED = 20
"""The number of machines from which on the user has to type it."""


class Question:
    """Whether a line shall run on machines, and which of them it would fail on.

    refused: machines that the line would fail on, each with the error.
    """

    def __init__(self, call: GatheredCall, machines: Sequence[FleetMachine]) -> None:
        self.call = call
        self.machines = machines
        self.refused: list[tuple[FleetMachine, CommandError]] = []
        self._outcomes: dict[str, list[str]] = {}

    async def look_ahead(self, entry: Entry[Any]) -> None:
        """Ask the machines what the line will do; one that hangs is taken to succeed."""
        line = self.call.line
        works = await in_time((each.foresee(line) for each in self.machines), _LIMIT)
        for machine, work in zip(self.machines, works, strict=True):
            error = None if work is None else work.exception()
            if isinstance(error, CommandError):
                self.refused.append((machine, error))
                continue
            # a machine that hangs, or cannot say, is counted with what the command does in
            # general
            said = None if error is not None else work
            outcome = entry.usual_outcome if said is None else said.result()
            if outcome is not None:
                self._outcomes.setdefault(outcome, []).append(machine.name)

    async def answered(self, front: FrontEnd) -> bool:
        """Ask the user, if the line destroys anything; return whether to run it."""
        names = [name for found in self._outcomes.values() for name in found]
        if not names:
            return True
        many = len(self._outcomes) > 1
        what = "; ".join(
            f"{outcome} ({fold(found)})" if many else _of_all(outcome, len(found))
            for outcome, found in self._outcomes.items()
            if outcome
        )
        line, count = self.call.shown_line.strip(), how_many(len(names))
        # the names are in the question, since the set was chosen long before
        question = f"{line} on {count}, {fold(names)}{': ' if what else ''}{what}."
        if len(names) >= TYPED:
            return await front.confirm_typed(question, str(len(names)))
        return await front.confirm(f"{question} Continue?")

    def refusals(self) -> list[tuple[str, Call]]:
        """Return a call for each machine that the line would fail on."""
        return [(machine.name, self.call.part(error)) for machine, error in self.refused]


def _of_all(outcome: str, count: int) -> str:
    """Return what happens to so many machines, by what happens to each."""
    if count == 1:
        return outcome
    if "the machine" not in outcome:
        return f"on each, {outcome}"
    all_of_them = outcome.replace("the machine", how_many(count))
    return all_of_them.replace("the guest", "their guests")
