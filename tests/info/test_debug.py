from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession

EVENTS = [
    {"name": "b", "state": "disabled"},
    {"name": "a", "state": "enabled"},
    {"name": "c", "state": "unavailable"},
]


def schema(*members: str) -> list[dict[str, Any]]:
    """Return a schema in which the commands of trace events have some arguments."""
    entry = {"meta-type": "command", "arg-type": "a", "ret-type": "a"}
    return [
        {"name": "trace-event-get-state", **entry},
        {
            "name": "a",
            "meta-type": "object",
            "members": [{"name": name, "type": "x"} for name in members],
        },
    ]


def test_trace_events() -> None:
    """The text has the machine's order; the view shows enabled events first."""
    session = FakeSession({"trace-event-get-state": EVENTS})

    assert session.prints("info trace-events") == (
        "b : state 0\na : state 1\nc : state 0\n"
    )
    assert session.calls == [("trace-event-get-state", {"name": "*"})]
    assert session.looks("info trace-events") == (
        "on: 1\na\noff: 1\nb\nnot compiled in: 1\nc\n"
    )


@pytest.mark.parametrize(
    ("members", "vcpu"), [(["name", "vcpu"], {"vcpu": 1}), (["name"], {})]
)
def test_trace_events_of_a_cpu(members: list[str], vcpu: dict[str, int]) -> None:
    """The argument is sent only to machines that have such events."""
    answers = {"trace-event-get-state": [], "query-qmp-schema": schema(*members)}
    session = FakeSession(answers)
    session.prints("info trace-events x* 1")

    assert session.calls[-1] == ("trace-event-get-state", {"name": "x*", **vcpu})


def test_a_pattern_that_no_trace_event_matches() -> None:
    """The view says so; the text stays empty, as QEMU's is."""
    session = FakeSession({"trace-event-get-state": []})

    assert session.prints("info trace-events nosuch*") == ""
    assert session.looks("info trace-events nosuch*") == (
        "No trace event matches 'nosuch*'\n"
    )


def test_trace_events_that_there_are_not() -> None:
    """The error is printed without a prefix."""
    error = QMPError('unknown event "x"')

    assert FakeSession({"trace-event-get-state": error}).prints("info trace-events x") == (
        'unknown event "x"\n'
    )


HEADING = "Type  Object  Call site  Wait Time (s)  Count  Average (us)\n"
RULE = "-" * 60 + "\n"
LOCKS = (
    "mutex      [          13]  ./include/qemu/lockable.h:56        0.00002           734"
    "          0.03\n"
    "BQL mutex  0x55e4cea282c0  util/main-loop.c:308                0.00001            16"
    "          0.05\n"
)


def test_sync_profile() -> None:
    """The view shows the waits, or how to start the profile if it is empty."""
    busy = FakeSession(lines={"info sync-profile": HEADING + RULE + LOCKS + RULE})
    idle = FakeSession(lines={"info sync-profile": HEADING + RULE + RULE})
    other = FakeSession(lines={"info sync-profile": HEADING + "x\n"})

    assert busy.looks("info sync-profile").splitlines()[2:] == [
        " 0.00002     734      0.03   mutex       ./include/qemu/lockable.h:56",
        " 0.00001      16      0.05   BQL mutex   util/main-loop.c:308",
    ]
    assert "sync-profile on" in idle.looks("info sync-profile")
    assert other.looks("info sync-profile") == f"{HEADING}x\n"
