"""What several machines have answered, as one value or one error."""

from __future__ import annotations

import pickle

import pytest

from hmp.client import ConfigError, EventTimeoutError, NotYetError, SetError
from hmp.library.results import Answers, LineFailedError, Result, SomeFailedError
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.errors import BadReplyError, QMPError
from hmp.targets.launch import StartError
from hmp.targets.name_lookup import AmbiguousNameError
from tests.fakes import FakeSession


@pytest.mark.parametrize(
    ("failed", "text"),
    [
        (1, "1 of 3 machines failed: vm0: no\\nend"),
        (3, "3 of 5 machines failed: vm0: no\\nend; vm1: no\\nend; vm2: no\\nend"),
        (4, "4 of 6 machines failed: vm0: no\\nend; vm1: no\\nend; vm2: no\\nend; ..."),
    ],
)
def test_the_error_of_some_machines(failed: int, text: str) -> None:
    """It names the first ones, on one line, and has all answers and errors."""
    answers: Answers[int] = Answers()
    answers.update({"a": 1, "b": 2})
    answers.errors.update({f"vm{number}": OSError("no\nend") for number in range(failed)})
    error = SomeFailedError(answers)

    assert str(error) == text
    assert (error.answers, error.errors) == (answers, answers.errors)


def test_answers_in_the_order_of_their_names() -> None:
    """Values and errors each; names without either are passed over."""
    answers: Answers[int] = Answers()
    answers.update({"a": 1, "b": 2, "c": 3})
    answers.errors.update({"x": OSError("x"), "y": OSError("y")})
    found = answers.in_order(["y", "c", "new", "a", "x"])

    assert [*found.items()] == [("c", 3), ("a", 1)]
    assert [*found.errors.items()] == [(name, answers.errors[name]) for name in "yx"]


def test_the_hint_of_an_error() -> None:
    """That of the line, which knows the machine, or else the error's own."""
    failed = CommandFailedError("Error: no\n")
    failed.hint = "try again"
    call = FakeSession({"query-name": {}}).call("info name")

    def hint(error: CommandFailedError | QMPError | None, own: str) -> str | None:
        call.error, call.hint = error, own
        made = Result(call).error
        return None if made is None else made.hint

    assert hint(failed, "") == "try again"
    assert hint(failed, "plug it in") == "plug it in"
    assert hint(QMPError("no"), "") == ""
    assert hint(QMPError("no"), "plug it in") == "plug it in"
    assert hint(None, "") is None


def test_a_result_shows_what_it_is() -> None:
    """The line, and its value or its error."""
    session = FakeSession({"query-name": {"name": "vm"}, "stop": QMPError("no")})

    assert (
        repr(Result(session.call(" info name "))) == "Result('info name', {'name': 'vm'})"
    )
    assert Result(session.call("info name")).text == "vm\n"
    failed = Result(session.call("stop"))
    assert (failed.ok, failed.text) == (False, "Error: no\n")
    assert repr(failed).startswith("Result('stop', ")
    assert str(failed.error) == "stop: no"


@pytest.mark.parametrize(
    "error",
    [
        QMPError("no device", "DeviceNotFound"),
        LineFailedError(
            "eject d", "Error: no device\n", "no device", "DeviceNotFound", "try"
        ),
        StartError("qemu ended with exit status 1", "no such disk"),
        *(
            kind("no machine")
            for kind in (NotYetError, ConfigError, SetError, AmbiguousNameError)
        ),
        EventTimeoutError("no STOP within 1 s"),
        BadReplyError("no name"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_reach_the_parent_of_a_process(error: Exception) -> None:
    """With all that they say: without that, a pool of processes hangs."""
    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
