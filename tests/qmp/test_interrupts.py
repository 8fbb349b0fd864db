"""Ctrl-C at each bytecode of the QMP client: the next command gets its own reply."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from types import FrameType
from typing import Any

import pytest

import hmp.qmp
from hmp.frontends.script import drive
from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.errors import MachineGoneError
from tests.fakes import LIMIT, ClientGone, Message, Peer, answer, wire

FOLDER = os.path.dirname(hmp.qmp.__file__)

Trace = Callable[[FrameType, str, Any], Any]


def interrupter(place: int) -> Trace:
    """Return a trace function that is Ctrl-C at a bytecode of the client, by number."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Trace | None:
        nonlocal count
        if not frame.f_code.co_filename.startswith(FOLDER):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            count += 1
            if count == place:
                raise KeyboardInterrupt
        return trace

    return trace


def interrupted(place: int, act: Callable[[], object]) -> bool:
    """Do something, with Ctrl-C at that bytecode; return whether it came to that."""
    sys.settrace(interrupter(place))
    try:
        act()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


class Echo:
    """A server that answers each command with its argument ``value``, padded.

    It sends an event before and behind each reply, all of them numbered; pause: where
    in a reply it waits, so that it comes in several chunks.
    """

    def __init__(self, peer: Peer, padding: int, cuts: int) -> None:
        self.peer = peer
        self.padding = padding
        self.cuts = cuts
        self.events = 0

    def run(self) -> None:
        """Serve until the client is gone."""
        try:
            self.peer.negotiate()
            while True:
                self._serve(self.peer.read())
        except (ClientGone, ConnectionResetError):
            pass

    def _serve(self, request: Message) -> None:
        value = request.get("arguments", {}).get("value", "")[:20]
        data = wire(self._event())
        data += wire(answer(request, f"{value} {'{' * self.padding}"))
        data += wire(self._event())
        size = len(data) // self.cuts + 1
        self.peer.send_split(data, size)

    def _event(self) -> Message:
        self.events += 1
        return {"event": "E", "data": {"number": self.events}}


@contextmanager
def echoing(
    padding: int, cuts: int, timeout: float | None
) -> Iterator[tuple[BlockingConnection, Echo]]:
    """Connect to an `Echo`."""
    ours, theirs = socket.socketpair()
    echo = Echo(Peer(theirs), padding, cuts)
    thread = Thread(target=echo.run, name="echo")
    thread.start()
    connection = BlockingConnection(ours, "ECHO", timeout=timeout)
    try:
        yield connection, echo
    finally:
        connection.close()
        thread.join(LIMIT)
        echo.peer.close()


def ask(connection: BlockingConnection, value: str) -> str:
    """Run a command; return the value that came back."""
    returned: str = drive(connection.execute("echo", value=value))
    return returned.split(" ")[0]


@pytest.mark.parametrize("timeout", [None, LIMIT])
@pytest.mark.parametrize(
    ("padding", "cuts", "request_size", "stride"),
    [(0, 1, 1, 1), (50, 3, 1, 1), (180_000, 1, 1, 5), (0, 1, 600_000, 3)],
    ids=["one chunk", "three pieces", "three chunks", "partial sends"],
)
def test_each_command_gets_its_own_reply(
    padding: int, cuts: int, request_size: int, stride: int, timeout: float | None
) -> None:
    """Wherever the one before it was interrupted; no event is lost, or comes twice."""
    seen: list[int] = []
    with echoing(padding, cuts, timeout) as (connection, echo):
        connection.on_event = lambda event: seen.append(event["data"]["number"])
        place = 1
        while interrupted(place, lambda: ask(connection, "a" * request_size)):
            assert ask(connection, f"b{place}") == f"b{place}"
            place += stride
        assert ask(connection, "last") == "last"
        for _ in range(100):
            if len(seen) == echo.events:
                break
            drive(connection.pause(0.1))  # for what has not come along with the reply
        assert seen == list(range(1, echo.events + 1))
    assert place > 200


def test_events_that_are_waited_for_are_not_lost() -> None:
    """Wherever reading them is interrupted."""
    seen: list[int] = []
    with echoing(0, 1, None) as (connection, echo):
        connection.on_event = lambda event: seen.append(event["data"]["number"])
        place, more = 1, True
        while more:
            count = echo.events
            echo.peer.send(wire(echo._event()) + wire(echo._event()))
            more = interrupted(place, connection.take_events)
            while len(seen) < count + 2:
                connection.take_buffered()
                if len(seen) < count + 2:
                    connection.take_events()
            place += 1
        assert seen == list(range(1, echo.events + 1))
    assert place > 50


def test_two_interrupts_in_a_row() -> None:
    """The second one comes while the command behind the first is begun."""
    with echoing(50, 3, None) as (connection, _):
        for place in range(1, 400, 7):
            interrupted(place, lambda: ask(connection, "a"))
            interrupted(2 * place % 331, lambda: ask(connection, "b"))
            assert ask(connection, f"c{place}") == f"c{place}"


def test_a_machine_that_goes_away_is_gone_wherever_ctrl_c_came() -> None:
    """The error is the same each time, never a hang."""
    with echoing(0, 1, None) as (connection, echo):
        ask(connection, "x")
        echo.peer.socket.shutdown(socket.SHUT_RDWR)
        for place in range(1, 300):
            with suppress(MachineGoneError):
                interrupted(place, lambda: ask(connection, "a"))
        with pytest.raises(MachineGoneError, match="closed the connection"):
            ask(connection, "a")


def ask_each(connection: BlockingConnection, *values: str) -> list[str]:
    """Run commands together; return the values that came back."""
    requests = [("echo", {"value": value}) for value in values]
    return [value.split(" ")[0] for value in drive(connection.execute_each(requests))]


@pytest.mark.parametrize("timeout", [None, LIMIT])
@pytest.mark.parametrize(
    ("padding", "cuts", "request_size", "stride"),
    [(0, 1, 1, 5), (50, 3, 1, 11), (0, 1, 12_000, 7)],
    ids=["one chunk", "three pieces", "two batches"],
)
def test_commands_that_are_sent_together_get_their_own_replies(
    padding: int, cuts: int, request_size: int, stride: int, timeout: float | None
) -> None:
    """Wherever those before them were interrupted; no event is lost, or comes twice."""
    seen: list[int] = []
    with echoing(padding, cuts, timeout) as (connection, echo):
        connection.on_event = lambda event: seen.append(event["data"]["number"])
        before = ["a" * request_size, "b" * request_size, "c"]
        place = 1
        while interrupted(place, lambda: ask_each(connection, *before)):
            own = [f"d{place}", f"e{place}"]
            assert ask_each(connection, *own) == own
            assert ask(connection, f"f{place}") == f"f{place}"
            place += stride
        assert ask_each(connection, "x", "y") == ["x", "y"]
        for _ in range(100):
            if len(seen) == echo.events:
                break
            drive(connection.pause(0.1))
        assert seen == list(range(1, echo.events + 1))
    assert place > 200
