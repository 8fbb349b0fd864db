from __future__ import annotations

import pytest

from hmp.fleet.report import summary
from hmp.fleet.run_all import Outcome
from hmp.fleet.sets import SetMember


def outcome(
    name: str, *, failed: bool = False, gone: bool = False, done: bool = True
) -> Outcome:
    """Return what a machine has answered."""
    made = Outcome(SetMember(name))
    made.failed = failed
    made.gone = "gone" if gone else None
    if done:
        made.done.set()
    return made


@pytest.mark.parametrize(
    ("outcomes", "lines"),
    [
        ([outcome("vm1"), outcome("vm2")], []),
        (
            [outcome("vm1", failed=True), outcome("vm2"), outcome("vm3", failed=True)],
            ["hmp: 2 of 3 failed: vm[1,3]\n"],
        ),
        ([outcome("vm1", gone=True)], ["hmp: 1 of 1 could not be reached: vm1\n"]),
        (
            [outcome("vm1"), outcome("vm2", done=False)],
            ["hmp: 1 of 2 did not answer in time: vm2\n"],
        ),
        (
            [outcome("a", failed=True), outcome("b", gone=True), outcome("c", done=False)],
            [
                "hmp: 1 of 3 failed: a\n",
                "hmp: 1 of 3 could not be reached: b\n",
                "hmp: 1 of 3 did not answer in time: c\n",
            ],
        ),
        ([outcome("a\x1b[2J", failed=True)], ["hmp: 1 of 1 failed: a\\x1b[2J\n"]),
    ],
)
def test_the_end_of_a_run(outcomes: list[Outcome], lines: list[str]) -> None:
    """One line for those that failed, were not reached, and have not answered."""
    assert list(summary(outcomes)) == lines
