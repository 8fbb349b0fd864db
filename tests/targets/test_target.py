from __future__ import annotations

import pytest

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.target import retry
from tests.program import refusing, run


def test_what_may_come_is_tried_again() -> None:
    """Until it is there."""
    outcomes: list[Exception | int] = [NotYetError("a"), NotYetError("b"), 7]

    def attempt() -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert retry(attempt, 60) == 7
    assert outcomes == []


@pytest.mark.parametrize(
    ("error", "seconds", "least", "most"),
    [
        (NotYetError("x"), None, 1, 1),
        (NotYetError("x"), 0.2, 2, 5),
        (ConnectError("x"), 60, 1, 1),
        (KeyError("x"), 60, 1, 1),
    ],
)
def test_patience_has_an_end(
    error: Exception, seconds: float | None, least: int, most: int
) -> None:
    """Without it, and for what waiting does not change, at once."""
    tried = 0

    def attempt() -> None:
        nonlocal tried
        tried += 1
        raise error

    with pytest.raises(type(error)):
        retry(attempt, seconds)
    assert least <= tried <= most


@pytest.mark.parametrize("target", ["/nonexistent/qmp", "no-such-machine", "127.0.0.1:{}"])
def test_the_program_says_what_it_waited_for(target: str) -> None:
    """In one line, and the status is that of a machine which cannot be reached."""
    with refusing() as port:
        target = target.format(port)
        done = run("--wait", "0.2", "-c", "info name", target)

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith(f"hmp: cannot connect to {target}: ")
    assert done.stderr.count("\n") == 1
