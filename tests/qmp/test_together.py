"""Several commands in one round trip, over every kind of connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.machine.machine import EmbeddedMachine
from hmp.monitor.entry import Table
from hmp.monitor.guards import Explaining, ReadOnly
from hmp.qmp.aio import adopt
from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.connection import Connection
from hmp.qmp.errors import BadReplyError, MachineGoneError, NoReplyError, QMPError
from hmp.qmp.local import LocalConnection
from hmp.qmp.threaded import ThreadedConnection
from hmp.qmp.wrapped import CheckedConnection
from tests.fakes import LIMIT, ClientGone, FakeConnection, Message, Peer, answer, wire

Use = Callable[[Connection], Awaitable[Any]]
Script = Callable[[Peer], object]


async def _in_loop(blocking: BlockingConnection, use: Use) -> Any:
    connection = await adopt(blocking)
    try:
        return await use(connection)
    finally:
        connection.close()
        await asyncio.sleep(0)


async def _awaited(connection: Connection, use: Use) -> Any:
    return await use(connection)


def run(kind: str, script: Script, use: Use, timeout: float | None = LIMIT) -> Any:
    """Use a connection of a kind to a server that negotiates and follows a script."""
    ours, theirs = socket.socketpair()
    peer = Peer(theirs)

    def serve() -> None:
        try:
            peer.negotiate()
            script(peer)
        except (ClientGone, ConnectionResetError):
            pass

    thread = Thread(target=serve)
    thread.start()
    blocking = BlockingConnection(ours, "PEER", timeout=timeout)
    try:
        if kind == "blocking":
            return drive(_awaited(blocking, use))
        return asyncio.run(_in_loop(blocking, use))
    finally:
        blocking.close()
        thread.join(LIMIT)
        peer.close()


KINDS = ["blocking", "loop"]


async def ask(connection: Connection, *values: object) -> list[Any]:
    """Ask ``echo`` for each value together; return values and errors."""
    return await connection.execute_each([("echo", {"value": value}) for value in values])


@pytest.mark.parametrize("kind", KINDS)
def test_all_requests_are_sent_before_the_first_reply(kind: str) -> None:
    """And each gets its own, in whatever order the replies come."""

    def script(peer: Peer) -> None:
        requests = [peer.read() for _ in range(3)]
        peer.send(*(answer(r, r["arguments"]["value"]) for r in reversed(requests)))

    assert run(kind, script, lambda c: ask(c, 1, 2, 3)) == [1, 2, 3]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_the_outcome_of_its_own_command(kind: str) -> None:
    """The others are not touched by it; nor by events and replies to others between."""

    def script(peer: Peer) -> None:
        first, second, third = (peer.read() for _ in range(3))
        peer.send({"event": "STOP"}, answer(first, 1), {"return": {}, "id": "x"})
        peer.send(answer(second, QMPError("no")), answer(third, 3))

    one, two, three = run(kind, script, lambda c: ask(c, 1, 2, 3))

    assert (one, three) == (1, 3)
    assert isinstance(two, QMPError)
    assert two.desc == "no"


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_sent_is_an_error_too(kind: str) -> None:
    """The rest is sent; and nothing at all is no round trip."""

    def script(peer: Peer) -> None:
        request = peer.read()
        peer.reply(request, request["arguments"]["value"])

    async def use(connection: Connection) -> Any:
        assert await connection.execute_each([]) == []
        return await ask(connection, float("nan"), 2)

    wrong, right = run(kind, script, use)

    assert right == 2
    assert isinstance(wrong, QMPError)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unreadable_request_gets_the_error_without_id(kind: str) -> None:
    """A further request shows that no reply to it is to come."""

    def script(peer: Peer) -> None:
        first, _, third = (peer.read() for _ in range(3))
        refusal: Message = {"error": {"class": "GenericError", "desc": "bad JSON"}}
        peer.send(answer(first, 1), refusal, answer(third, 3))
        peer.reply(peer.read(), {})

    one, two, three = run(kind, script, lambda c: ask(c, 1, 2, 3))

    assert (one, three) == (1, 3)
    assert (type(two), two.desc) == (QMPError, "bad JSON")


@pytest.mark.parametrize("kind", KINDS)
def test_late_replies_are_waited_for_once(kind: str) -> None:
    """And dropped when they come; the connection stays usable."""

    def script(peer: Peer) -> None:
        requests = [peer.read() for _ in range(4)]
        peer.reply(requests[0], "first")
        after = peer.read()
        peer.send(*(answer(r, "late") for r in requests[1:]), answer(after, "after"))

    async def use(connection: Connection) -> Any:
        return await ask(connection, *range(4)), await connection.execute("echo")

    outcomes, after = run(kind, script, use, timeout=0.2)

    assert outcomes[0] == "first"
    assert [type(outcome) for outcome in outcomes[1:]] == [NoReplyError] * 3
    assert after == "after"


@pytest.mark.parametrize("kind", KINDS)
def test_a_machine_that_goes_away_ends_all(kind: str) -> None:
    """With one error."""

    def script(peer: Peer) -> None:
        peer.reply(peer.read(), 1)
        peer.read()
        peer.close()

    with pytest.raises(MachineGoneError):
        run(kind, script, lambda c: ask(c, 1, 2, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_reads_only_when_its_replies_are_read(kind: str) -> None:
    """Large requests in large numbers do not block both sides."""

    def script(peer: Peer) -> None:
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        for _ in range(300):
            request = peer.read()
            peer.reply(request, request["arguments"]["value"])

    values = [f"{number} {'x' * 5000}" for number in range(300)]

    assert run(kind, script, lambda c: ask(c, *values)) == values


@pytest.mark.parametrize("kind", KINDS)
def test_a_collector_sends_when_the_first_reply_is_awaited(kind: str) -> None:
    """Each reply is awaited for itself, in any order, more than once."""

    def script(peer: Peer) -> None:
        first, second = peer.read(), peer.read()
        assert (first["execute"], first["arguments"]) == ("echo", {"value": 1})
        assert "arguments" not in second
        peer.send(answer(second, QMPError("no")), answer(first, 1))
        peer.reply(peer.read(), 3)

    async def use(connection: Connection) -> Any:
        together = connection.together()
        one = together.execute("echo", value=1, other=None)
        two = together.execute("other", {"none": None})
        with pytest.raises(QMPError, match="no"):
            await two
        three = together.execute("third")
        return await one, await three, await one

    assert run(kind, script, use) == (1, 3, 1)


def test_the_embedded_machine_answers_them_too() -> None:
    """Values and errors as over a socket."""
    connection = LocalConnection(EmbeddedMachine(output=lambda text: None))

    async def use() -> list[Any]:
        return await connection.execute_each([("query-status", {}), ("nope", {})])

    status, nope = drive(use())

    assert status["status"] == "running"
    assert isinstance(nope, QMPError)
    connection.close()


class Rounds(FakeConnection):
    """A machine that counts."""

    rounds = 0

    async def execute_each(self, requests: Any, /) -> list[Any]:
        """Count one round."""
        self.rounds += 1
        return await super().execute_each(requests)


def test_replies_are_checked_each_for_itself() -> None:
    """A bad one is the outcome of its command."""
    connection = Rounds({"query-name": {"name": 1}, "query-uuid": {"UUID": "x"}})

    async def use() -> list[Any]:
        checked = CheckedConnection(connection)
        return await checked.execute_each([("query-name", {}), ("query-uuid", {})])

    bad, good = drive(use())

    assert isinstance(bad, BadReplyError)
    assert good == {"UUID": "x"}
    assert connection.rounds == 1


def test_a_read_only_session_refuses_each_that_changes() -> None:
    """What reads is sent together, and the rest not at all."""
    connection = Rounds({"query-name": {}, "query-uuid": {"UUID": "x"}})
    reading = ReadOnly(connection, Table())

    async def use(*commands: str) -> list[Any]:
        return await reading.execute_each([(command, {}) for command in commands])

    drive(use("query-name", "query-uuid"))
    assert connection.rounds == 1
    name, stop = drive(use("query-name", "stop"))

    assert name == {}
    assert "read-only" in stop.desc
    assert [command for command, _ in connection.calls].count("stop") == 0


def test_a_worker_thread_takes_them_in_one() -> None:
    """For a connection that can only block, in an event loop."""
    inner = Rounds({"query-name": {}})

    async def use() -> list[Any]:
        connection = ThreadedConnection(inner)
        outcomes = await connection.execute_each([("query-name", {}), ("nope", {})])
        connection.close()
        return outcomes

    name, nope = asyncio.run(use())

    assert name == {}
    assert isinstance(nope, QMPError)
    assert inner.rounds == 1


def test_explain_records_each() -> None:
    """And runs those that read."""
    explaining = Explaining(Rounds({"query-name": {}}))

    async def use() -> list[Any]:
        return await explaining.execute_each([("query-name", {}), ("stop", {})])

    assert drive(use()) == [{}, {}]
    assert explaining.messages == [{"execute": "query-name"}, {"execute": "stop"}]


def test_the_server_of_a_socket_takes_a_burst() -> None:
    """Bytes of many requests at once are as many messages."""
    received: list[Message] = []

    def script(peer: Peer) -> None:
        for _ in range(200):
            received.append(peer.read())
        peer.send(b"".join(wire(answer(r, r["id"])) for r in received))

    found = run("blocking", script, lambda c: ask(c, *[0] * 200))

    assert found == [request["id"] for request in received]
    assert len(set(found)) == 200


def test_a_wrong_reply_is_not_hidden_by_the_error_of_another() -> None:
    """Whichever is awaited first."""
    answers = {"query-name": QMPError("none"), "query-uuid": {"UUID": 1}}
    both = CheckedConnection(FakeConnection(answers)).together()
    name, uuid = both.execute("query-name"), both.execute("query-uuid")

    for reply in (name, uuid):
        with pytest.raises(BadReplyError, match="query-uuid"):
            drive(awaited(reply))


async def awaited(reply: Any) -> Any:
    """Await it."""
    return await reply
