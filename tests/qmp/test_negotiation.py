"""Negotiation and the first command are one round trip, and their replies stay apart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.connection import Connection
from hmp.qmp.errors import ConnectError, MachineGoneError, ProtocolError, QMPError
from hmp.targets.socket_target import SocketTarget
from tests.fakes import GREETING, LIMIT, ClientGone, FakeServer, Peer, answer

Ask = Callable[[Connection], Any]

STATUS = {"status": "running", "running": True}
EXPECTING = QMPError(
    "Expecting capabilities negotiation with 'qmp_capabilities'", "CommandNotFound"
)
OOB = {"QMP": {**GREETING["QMP"], "capabilities": ["oob"]}}


@contextmanager
def unsettled(script: Callable[[Peer], object], **options: Any) -> Iterator[Connection]:
    """Connect to a server that follows a script, without waiting for the negotiation."""
    with FakeServer(script) as server:
        connection = SocketTarget(server.path).open_qmp(**options)
        connection.explained = lambda error: error  # we are not a QEMU, it would say
        try:
            yield connection
        finally:
            connection.close()


def one(connection: Connection, command: str = "query-status") -> Any:
    """Run a command."""
    return drive(connection.execute(command))


def several(connection: Connection, command: str = "query-status") -> Any:
    """Run commands that are sent together."""
    requests: list[Any] = [("query-status", {}), (command, {})]
    return drive(connection.execute_each(requests))[1]


def in_loop(connection: Connection, command: str = "query-status") -> Any:
    """Run a command in an event loop."""
    return _in_loop(connection, lambda adopted: adopted.execute(command))


def several_in_loop(connection: Connection, command: str = "query-status") -> Any:
    """Run commands that are sent together in an event loop."""
    requests: list[Any] = [("query-status", {}), (command, {})]
    return _in_loop(connection, lambda adopted: adopted.execute_each(requests))[1]


def _in_loop(connection: Connection, use: Callable[[Connection], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        adopted = await connection.adopt()
        try:
            async with asyncio.timeout(LIMIT):
                return await use(adopted)
        finally:
            adopted.close()

    return asyncio.run(run())


@pytest.mark.parametrize(("ask", "count"), [(one, 1), (several, 2), (in_loop, 1)])
def test_one_round_trip_does_for_both(ask: Ask, count: int) -> None:
    """The server has all requests before it answers the first."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        negotiation, *requests = [peer.read() for _ in range(count + 1)]
        assert negotiation["execute"] == "qmp_capabilities"
        peer.send(answer(negotiation, {}), *(answer(each, STATUS) for each in requests))
        peer.read()

    with unsettled(script) as connection:
        assert ask(connection) == STATUS


@pytest.mark.parametrize("ask", [one, several, in_loop])
def test_a_refusal_is_no_reply_to_the_command(ask: Ask) -> None:
    """Neither is the error that QEMU has for the command then."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        peer.reply(peer.read(), QMPError("no"))
        while True:
            peer.reply(peer.read(), EXPECTING)

    with (
        unsettled(script) as connection,
        pytest.raises(ProtocolError, match="refuses to negotiate capabilities: no"),
    ):
        ask(connection)


@pytest.mark.parametrize("ask", [one, several, in_loop])
def test_a_late_reply_that_comes_first_is_dropped(ask: Ask) -> None:
    """Even with the id of our command: it cannot precede that of the negotiation."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        negotiation, request = peer.read(), peer.read()
        peer.send(answer(request, "late"), answer(negotiation, {}))
        peer.reply(request, STATUS)
        peer.serve({"query-status": STATUS})

    with unsettled(script) as connection:
        assert ask(connection) == STATUS


@pytest.mark.parametrize("ask", [one, several, in_loop])
def test_a_server_that_does_not_answer_is_named_in_time(ask: Ask) -> None:
    """By the time limit for connecting, as commands may take as long as they like."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        while True:
            peer.read()

    with FakeServer(script) as server:
        sock = SocketTarget(server.path).connect(LIMIT)
        connection = BlockingConnection(sock, "NAME", connect_limit=0.5)
        with pytest.raises(ConnectError, match="greets but does not answer yet"):
            ask(connection)
        connection.close()


@pytest.mark.parametrize("ask", [one, several, in_loop, several_in_loop])
def test_a_change_waits_for_the_negotiation(ask: Callable[[Connection, str], Any]) -> None:
    """A busy QEMU must not run later what its user was told had not reached it."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        while True:
            seen.append(peer.read()["execute"])

    seen: list[str] = []
    with FakeServer(script) as server:
        sock = SocketTarget(server.path).connect(LIMIT)
        connection = BlockingConnection(sock, "NAME", connect_limit=0.5)
        with pytest.raises(ConnectError, match="greets but does not answer yet"):
            ask(connection, "system_reset")
        connection.close()

    assert seen == ["qmp_capabilities"]


@pytest.mark.parametrize("ask", [one, several, in_loop, several_in_loop])
def test_a_change_runs_once_it_is_negotiated(ask: Callable[[Connection, str], Any]) -> None:
    """It comes right after the reply to the negotiation."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        peer.serve({"query-status": STATUS, "system_reset": {}})

    with unsettled(script) as connection:
        assert ask(connection, "system_reset") == {}


def test_out_of_band_commands_wait() -> None:
    """They overtake others, and must not overtake the negotiation."""

    def script(peer: Peer) -> None:
        peer.send(OOB)
        negotiation = peer.read()
        peer.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            peer.socket.recv(1)
        peer.socket.settimeout(LIMIT)
        peer.reply(negotiation, {})
        request = peer.read()
        assert request["exec-oob"] == "migrate-pause"
        peer.reply(request, STATUS)

    with unsettled(script) as connection:
        assert drive(connection.execute_oob("migrate-pause")) == STATUS


def test_events_may_be_read_before_the_first_command() -> None:
    """What is read with them may be the reply to the negotiation."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        peer.send(answer(peer.read(), {}), {"event": "STOP"})
        peer.serve({"query-status": STATUS})

    heard: list[Any] = []
    with unsettled(script) as connection:
        connection.on_event = heard.append
        while not heard:
            connection.take_events()
        assert one(connection) == STATUS


def test_a_refusal_is_found_when_events_are_read() -> None:
    """It does not wait for the first command."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        peer.reply(peer.read(), QMPError("no"))
        with pytest.raises(ClientGone):
            peer.read()

    with (
        unsettled(script) as connection,
        pytest.raises(ProtocolError, match="refuses to negotiate"),
    ):
        connection.take_events()


def test_whoever_settles_waits() -> None:
    """A session, before it shows a prompt; the error is the same, and ends it."""

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        peer.reply(peer.read(), QMPError("no"))

    with unsettled(script) as connection:
        with pytest.raises(ProtocolError, match="refuses to negotiate"):
            connection.settle()
        with pytest.raises(MachineGoneError):
            one(connection)
