"""The question before a line that destroys something on several machines."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from hmp.fleet.fleet_machine import FleetMachine
from hmp.fleet.node_sets import fold
from hmp.fleet.question import Question
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.gathered import GatheredCall
from hmp.qmp.errors import QMPError
from tests.fakes import NEWEST, tables
from tests.fakes import FakeSession as Session
from tests.fleet.conftest import Answering

ENDS = "this ends the machine"


class Machine:
    """A machine that says what a line will do, or fails; it hangs at an Ellipsis."""

    def __init__(self, name: str, outcome: Any) -> None:
        self.name = name
        self.outcome = outcome

    async def foresee(self, line: object) -> str | None:
        """Say it."""
        if self.outcome is ...:
            await asyncio.sleep(60)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return cast("str | None", self.outcome)


def asked(
    outcomes: list[Any], line: str = "quit", answer: bool = True
) -> tuple[list[str], bool, list[tuple[str, str]]]:
    """Return the questions, the answer, and the errors of those that would fail."""
    parsed = Session({}).monitor.parse(line)
    call = GatheredCall(parsed, NEWEST, fold)
    machines = [Machine(f"vm{number + 1}", each) for number, each in enumerate(outcomes)]
    question = Question(call, cast("list[FleetMachine]", machines))
    front = Answering(answer)

    async def work() -> bool:
        assert call.entry is not None
        await question.look_ahead(call.entry)
        return await question.answered(front)

    agreed = asyncio.run(work())
    refused = [(name, part.error_text()) for name, part in question.refusals()]
    return front.asked, agreed, refused


@pytest.mark.parametrize(
    ("outcomes", "question"),
    [
        ([ENDS], "quit on 1 machine, vm1: this ends the machine. Continue?"),
        ([ENDS, ENDS], "quit on 2 machines, vm[1-2]: this ends 2 machines. Continue?"),
        (
            ["this resets the machine and the guest"] * 3,
            "quit on 3 machines, vm[1-3]: this resets 3 machines and their guests."
            " Continue?",
        ),
        (["x goes", "x goes"], "quit on 2 machines, vm[1-2]: on each, x goes. Continue?"),
        (
            ["x goes", "y goes", "x goes"],
            "quit on 3 machines, vm[1-3]: x goes (vm[1,3]); y goes (vm2). Continue?",
        ),
        ([""], "quit on 1 machine, vm1. Continue?"),
        (["x goes", None], "quit on 1 machine, vm1: x goes. Continue?"),
        ([ENDS] * 20, "quit on 20 machines, vm[1-20]: this ends 20 machines. 20"),
        ([ENDS] * 19, "quit on 19 machines, vm[1-19]: this ends 19 machines. Continue?"),
    ],
)
@pytest.mark.parametrize("answer", [True, False])
def test_the_question(outcomes: list[Any], question: str, answer: bool) -> None:
    """What the line does, and where; of many machines the number has to be typed."""
    asked_, agreed, _ = asked(outcomes, answer=answer)

    assert asked_ == [question]
    assert agreed is answer


def test_nothing_is_asked_where_nothing_is_destroyed() -> None:
    """The line just runs."""
    assert asked([None, None], answer=False) == ([], True, [])
    assert asked([], answer=False) == ([], True, [])


def test_those_that_would_fail_are_left_out() -> None:
    """Each with its error; the others are in the question."""
    questions, _, refused = asked([CommandFailedError("Error: no\n", "no"), ENDS])

    assert questions == ["quit on 1 machine, vm2: this ends the machine. Continue?"]
    assert refused == [("vm1", "Error: no\n")]


@pytest.mark.parametrize("outcome", [..., QMPError("gone")])
def test_one_that_cannot_say_is_asked_about_in_general(outcome: Any) -> None:
    """By what the command usually does, whether it hangs or fails."""
    entry = tables().get("quit")
    assert entry is not None
    assert entry.usual_outcome
    questions, _, refused = asked([outcome])

    assert questions == [f"quit on 1 machine, vm1: {entry.usual_outcome}. Continue?"]
    assert refused == []
