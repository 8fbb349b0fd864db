from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import FakeSession, qmp_calls


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("info alarmclock", "query-alarm-clock"),
        ("info alarm_methods", "query-alarm-methods"),
        ("info alarm-methods", "query-alarm-methods"),
    ],
)
def test_each_asks_one_question(line: str, command: str) -> None:
    """One QMP command, without arguments."""
    assert qmp_calls(line) == [(command, {})]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            {"clock-name": "dynticks", "next-deadline": 998877},
            "Alarm clock method in use: 'dynticks'\n"
            "Next alarm will fire in 998877 nanoseconds\n",
        ),
        ({"clock-name": "unix"}, "Alarm clock method in use: 'unix'\n"),
        (
            {"clock-name": "unix", "next-deadline": 0},
            "Alarm clock method in use: 'unix'\nNext alarm will fire in 0 nanoseconds\n",
        ),
    ],
)
def test_alarmclock(answer: dict[str, Any], text: str) -> None:
    """The deadline is shown only if one is set."""
    assert FakeSession({"query-alarm-clock": answer}).prints("info alarmclock") == text


def test_alarm_methods() -> None:
    """The one in use has a mark before it, the others have a blank."""
    answer = [
        {"method-name": "dynticks", "current": False},
        {"method-name": "unix", "current": True},
    ]

    assert FakeSession({"query-alarm-methods": answer}).prints("info alarm_methods") == (
        "  dynticks\n* unix\n"
    )
