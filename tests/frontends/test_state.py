from __future__ import annotations

from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.frontends.state import MachineState, banner
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import FakeConnection, FakeSession, tables


def state(**answers: Any) -> MachineState:
    """Return what is known of a machine once it was asked."""
    made = MachineState(FakeSession(answers).monitor)
    drive(made.look_up())
    return made


def test_a_guest_agent_is_no_machine() -> None:
    """It is introduced, and prompts, as what it is."""
    machine = FakeConnection({}, version=(7, 2, 0), has_hmp=False)
    machine.is_agent = True
    monitor = Monitor(machine, tables())

    assert MachineState(monitor).program == "qga"
    assert banner(monitor) == "QEMU guest agent 7.2.0 - type 'help' for more information\n"


def test_name_and_state() -> None:
    """A machine that runs has nothing to say of it."""
    made = state(**{"query-name": {"name": "vm"}, "query-status": {"status": "running"}})

    assert (made.program, made.name, made.shown) == ("qemu", "vm", "")
    made.on_event({"event": "STOP"})
    assert made.shown == "paused"
    made.on_event({"event": "RTC_CHANGE"})
    assert made.shown == "paused"
    made.on_event({"event": "RESUME"})
    assert made.shown == ""
    made.connected = False
    assert made.shown == "disconnected"


def test_a_machine_without_a_name() -> None:
    """It has a state nevertheless."""
    made = state(**{"query-name": {}, "query-status": {"status": "paused"}})

    assert (made.name, made.shown) == ("", "paused")


@pytest.mark.parametrize("answer", [QMPError("no"), MachineGoneError("gone"), {}, [], None])
def test_a_machine_that_does_not_tell(answer: Any) -> None:
    """It stays as it is."""
    made = state(**{"query-name": {}, "query-status": answer})

    assert (made.name, made.shown) == ("", "")
