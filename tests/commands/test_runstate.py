from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import FakeSession, qmp_calls


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("stop", "stop"),
        ("s", "stop"),
        ("cont", "cont"),
        ("c", "cont"),
        ("system_reset", "system_reset"),
        ("system_powerdown", "system_powerdown"),
        ("system_wakeup", "system_wakeup"),
        ("nmi", "inject-nmi"),
        ("quit", "quit"),
        ("q", "quit"),
    ],
)
def test_each_is_one_qmp_command(line: str, command: str) -> None:
    """Without arguments, and success is silent."""
    assert qmp_calls(line) == [(command, {})]
    assert FakeSession({command: {}}).prints(line) == ""


@pytest.mark.parametrize("answer", [{}, MachineGoneError("it closed the connection")])
def test_quit_ends_the_session_however_it_is_answered(answer: Any) -> None:
    """A machine may be gone before its own reply."""
    session = FakeSession({"quit": answer})

    assert session.prints("quit") == ""
    assert session.monitor.ended


def test_quit_that_is_refused_does_not_end_the_session() -> None:
    """The machine is there still."""
    session = FakeSession({"quit": QMPError("not now")})

    assert session.prints("quit") == "Error: not now\n"
    assert not session.monitor.ended


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("watchdog_action pause", "pause"),
        ("watchdog_action PAUSE", "pause"),
        ("watchdog_action Inject-NMI", "inject-nmi"),
    ],
)
def test_watchdog_action_in_small_letters(line: str, action: str) -> None:
    """QEMU's monitor takes capitals, QMP does not."""
    assert qmp_calls(line) == [("watchdog-set-action", {"action": action})]


@pytest.mark.parametrize(
    ("desc", "text"),
    [
        (
            "Parameter 'action' does not accept value 'nope'",
            "Error: invalid parameter value: nope\n",
        ),
        ("something else", "Error: something else\n"),
    ],
)
def test_watchdog_action_that_there_is_not(desc: str, text: str) -> None:
    """The words are those of QEMU's monitor."""
    session = FakeSession({"watchdog-set-action": QMPError(desc)})

    assert session.prints("watchdog_action NOPE") == text
