from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import MachineGoneError, QMPError
from hmp.qmp.local import LocalConnection

Message = dict[str, Any]


class FakeMachine:
    """A machine in this process."""

    version: tuple[int, int, int] = (1, 2, 3)
    needs_loop = False

    def __init__(self) -> None:
        self.ended = False
        self.closed = 0
        self.listeners: list[Callable[[Message], None]] = []
        self.calls: list[tuple[str, Message]] = []

    def execute(self, command: str, arguments: Message) -> Any:
        """Keep the call; some commands do something."""
        self.calls.append((command, arguments))
        if command == "fail":
            raise QMPError("no such thing", "DeviceNotFound")
        if command == "later":
            return self.later()
        for listener in self.listeners:
            listener({"event": command.upper()})
        return {"value": 7}

    async def later(self) -> Message:
        """Return a value to await."""
        return {"value": "later"}

    def describe(self, command: str) -> str:
        """Return the documentation of a command."""
        return f"about {command}"

    def close(self) -> None:
        """Count how often it is closed."""
        self.closed += 1


def test_commands_go_to_the_machine() -> None:
    """With their arguments joined, and without those that are None."""
    machine = FakeMachine()
    connection = LocalConnection(machine)

    assert drive(connection.execute("eject", {"a": 1}, b=None, c=2)) == {"value": 7}
    assert drive(connection.execute("stop")) == {"value": 7}
    assert drive(connection.execute_oob("x", {"y": 1})) == {"value": 7}
    assert machine.calls == [("eject", {"a": 1, "c": 2}), ("stop", {}), ("x", {"y": 1})]


def test_it_knows_its_machine() -> None:
    """The version is the machine's, and no monitor of its own takes what we pass on."""
    connection = LocalConnection(FakeMachine())

    assert connection.version == (1, 2, 3)
    assert not connection.has_hmp
    assert not connection.needs_loop


@pytest.mark.parametrize("traced", [False, True])
def test_errors_come_out(traced: bool) -> None:
    """As the machine raised them."""
    connection = LocalConnection(FakeMachine(), (lambda *_: None) if traced else None)

    with pytest.raises(QMPError, match="no such thing") as caught:
        drive(connection.execute("fail"))
    assert caught.value.error_class == "DeviceNotFound"


@pytest.mark.parametrize("traced", [False, True])
def test_a_command_may_have_to_be_awaited(traced: bool) -> None:
    """Its value is what it comes to."""
    connection = LocalConnection(FakeMachine(), (lambda *_: None) if traced else None)
    coroutine: Awaitable[Any] = connection.execute("later")

    assert drive(coroutine) == {"value": "later"}  # type: ignore[arg-type]


def test_documentation_is_the_machines_own() -> None:
    """It has its schema with all that is written in it."""
    machine = FakeMachine()

    assert drive(LocalConnection(machine).describe("stop")) == "about stop"
    assert machine.calls == []


def test_events_go_to_the_listener() -> None:
    """As they are sent."""
    seen: list[Message] = []
    connection = LocalConnection(FakeMachine())
    connection.on_event = seen.append

    drive(connection.execute("stop"))

    assert seen == [{"event": "STOP"}]


def test_a_machine_that_has_ended_takes_no_command() -> None:
    """It is gone, like one at a socket."""
    machine = FakeMachine()
    connection = LocalConnection(machine)
    machine.ended = True

    with pytest.raises(MachineGoneError, match="the demonstration machine has ended"):
        drive(connection.execute("stop"))
    assert machine.calls == []


def test_a_trace_is_told_what_the_messages_would_have_been() -> None:
    """Requests without their secrets, events, values and errors."""
    seen: list[tuple[str, Message]] = []
    connection = LocalConnection(FakeMachine(), lambda *told: seen.append(told))

    drive(connection.execute("set", {"password": "hunter2"}))
    with pytest.raises(QMPError):
        drive(connection.execute("fail"))

    assert seen == [
        ("->", {"execute": "set", "arguments": {"password": "***"}}),
        ("<-", {"event": "SET"}),
        ("<-", {"return": {"value": 7}}),
        ("->", {"execute": "fail"}),
        ("<-", {"error": {"class": "DeviceNotFound", "desc": "no such thing"}}),
    ]


def test_closing_closes_the_machine() -> None:
    """Also twice; the machine sends no more events here."""
    machine = FakeMachine()
    connection = LocalConnection(machine)

    connection.close()
    connection.close()

    assert machine.closed == 2
    assert machine.listeners == []
