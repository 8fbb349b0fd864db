from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from select import select
from threading import Event, Thread, current_thread
from typing import Any

import pytest

from hmp.qmp import codec
from hmp.qmp.aio import AsyncConnection, adopt
from hmp.qmp.errors import MachineGoneError, NoReplyError, ProtocolError, QMPError
from hmp.targets.socket_target import SocketTarget
from tests.fakes import GREETING, LIMIT, FakeServer, Message, Peer, answer, until, wire

STOP = {"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2}}

Script = Callable[[Peer], object]
Test = Callable[[AsyncConnection], Awaitable[None]]


@asynccontextmanager
async def adopted(
    path: str, timeout: float | None = None
) -> AsyncIterator[AsyncConnection]:
    """Connect as the program does: blocking at first, then in the event loop."""
    blocking = SocketTarget(path).open_qmp(timeout=timeout)
    connection = await adopt(blocking)
    try:
        yield connection
    finally:
        connection.close()
        blocking.close()
        await asyncio.sleep(0)  # the transport closes its socket in the loop


def run(script: Script, test: Test, *, timeout: float | None = None) -> None:
    """Run a test on a server that negotiates, and then follows a script."""

    def whole(peer: Peer) -> None:
        peer.negotiate()
        script(peer)

    async def main(path: str) -> None:
        async with adopted(path, timeout) as connection:
            await test(connection)

    with FakeServer(whole) as server:
        asyncio.run(main(server.path))


def idle(peer: Peer) -> None:
    """Serve nothing."""
    peer.read()


def test_it_goes_on_where_the_blocking_connection_was() -> None:
    """Version and time limit are known, nothing is negotiated again."""

    async def test(connection: AsyncConnection) -> None:
        assert connection.version == (10, 2, 2)
        assert connection.timeout == 5
        assert connection.has_hmp
        assert await connection.execute("query-name") == {"name": "vm"}

    run(lambda peer: peer.serve({"query-name": {"name": "vm"}}), test, timeout=5)


def test_descriptors_go_out_after_the_negotiation() -> None:
    """As a command does that changes something: it may fail, and the machine keep them."""
    asked, agree = Event(), Event()

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        request = json.loads(peer.socket.recv(4096))
        asked.set()
        agree.wait(LIMIT)
        assert select([peer.socket], [], [], 0)[0] == []
        peer.reply(request, {})
        _, descriptors, _, _ = socket.recv_fds(peer.socket, 1, 9)
        (descriptor,) = descriptors
        os.close(descriptor)
        peer.reply(peer.read(), {})

    async def main(path: str) -> None:
        async with adopted(path) as connection:
            getfd = connection.execute_with_descriptors("getfd", {"fdname": "a"}, [0])
            task = asyncio.create_task(getfd)
            await until(asked.is_set, "the negotiation")
            agree.set()
            assert await task == {}

    with FakeServer(script) as server:
        asyncio.run(main(server.path))


def test_a_large_reply_is_decoded_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """So keys and signals are handled meanwhile; all else keeps its order."""
    decoded_in: list[Thread] = []
    came: list[str] = []
    decode = codec._message

    def noted(data: bytes) -> Message:
        decoded_in.append(current_thread())
        return decode(data)

    monkeypatch.setattr(codec, "_message", noted)

    def script(peer: Peer) -> None:
        request = peer.read()
        peer.send(STOP)
        peer.reply(request, [{"n": n} for n in range(50_000)])
        peer.send({**STOP, "event": "RESUME"})

    async def test(connection: AsyncConnection) -> None:
        connection.on_event = lambda event: came.append(event["event"])
        value = await connection.execute("query-block")
        assert value[-1] == {"n": 49_999}
        await until(lambda: connection.gone, "the end")
        assert came == ["STOP", "RESUME"]
        assert decoded_in
        assert current_thread() not in decoded_in

    run(script, test)


def test_arguments_go_along_and_errors_come_back() -> None:
    """As on any connection."""
    seen: list[Message] = []

    def script(peer: Peer) -> None:
        for value in (1, QMPError("no", "DeviceNotFound"), 3):
            seen.append(peer.read())
            peer.reply(seen[-1], value)
        peer.read()

    async def test(connection: AsyncConnection) -> None:
        assert await connection.execute("a", {"x": 1}, y=None, z=2) == 1
        with pytest.raises(QMPError, match="no") as caught:
            await connection.execute("b")
        assert caught.value.error_class == "DeviceNotFound"
        assert await connection.execute_oob("c", {"x": 1}) == 3

    run(script, test)

    assert [message.get("arguments") for message in seen] == [
        {"x": 1, "z": 2},
        None,
        {"x": 1},
    ]
    assert "exec-oob" in seen[2]


def test_replies_find_those_who_wait_in_any_order() -> None:
    """Several commands may be under way."""

    def script(peer: Peer) -> None:
        requests = [peer.read() for _ in range(3)]
        peer.send(*(answer(r, r["execute"]) for r in reversed(requests)))
        peer.read()

    async def test(connection: AsyncConnection) -> None:
        values = await asyncio.gather(*(connection.execute(name) for name in "abc"))
        assert values == ["a", "b", "c"]

    run(script, test)


@pytest.mark.parametrize("size", [1, 100_000])
def test_events_come_while_nobody_asks(size: int) -> None:
    """Split or not, in order."""
    events: list[Message | bytes] = [{"event": "A"}, {"event": "B", "data": {"x": 1}}]

    def script(peer: Peer) -> None:
        peer.send_split(b"".join(map(wire, events)), size)
        peer.read()

    async def test(connection: AsyncConnection) -> None:
        seen: list[Message] = []
        connection.on_event = seen.append
        await until(lambda: len(seen) == 2, "two events")
        assert seen == events

    run(script, test)


def test_events_that_came_with_the_last_reply_are_not_held_back() -> None:
    """They were read before the loop began to; a listener of the first hour gets them."""

    def script(peer: Peer) -> None:
        peer.send({"QMP": {"version": VERSION, "capabilities": []}})
        peer.send(answer(peer.read(), {}), {"event": "A"})
        peer.read()

    async def main(path: str) -> list[Message]:
        seen: list[Message] = []
        async with adopted(path) as connection:
            connection.on_event = seen.append
            await until(lambda: seen, "an event")
        return seen

    with FakeServer(script) as server:
        assert asyncio.run(main(server.path)) == [{"event": "A"}]


VERSION = {"qemu": {"major": 1, "minor": 0, "micro": 0}, "package": ""}


def test_a_caller_that_is_cancelled_leaves_all_in_step() -> None:
    """The reply is dropped as it comes, and is not the next command's."""

    def script(peer: Peer) -> None:
        late = peer.read()
        second = peer.read()
        peer.send(answer(late, "late"), answer(second, "second"))
        peer.serve({"third": "third"})

    async def test(connection: AsyncConnection) -> None:
        task = asyncio.create_task(connection.execute("query-late"), name="late")
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await connection.execute("second") == "second"
        assert await connection.execute("third") == "third"

    run(script, test)


def test_a_command_that_takes_too_long_leaves_all_in_step() -> None:
    """The same for one that was given up."""

    def script(peer: Peer) -> None:
        late, second = peer.read(), peer.read()
        peer.send(answer(late, "late"), answer(second, "second"))
        peer.serve({"third": "third"})

    async def test(connection: AsyncConnection) -> None:
        with pytest.raises(NoReplyError, match=r"^no reply to 'late' within 0.03 s$"):
            await connection.execute("late")
        connection.blocking.timeout = None
        assert await connection.execute("second") == "second"
        assert await connection.execute("third") == "third"

    run(script, test, timeout=0.03)


@pytest.mark.parametrize("cut", [b"", b'{"return": '])
def test_a_machine_that_goes_away_is_told_to_all_who_wait(cut: bytes) -> None:
    """To them, to the listener, once, and to whoever asks later."""

    def script(peer: Peer) -> None:
        peer.read()
        peer.read()
        peer.send(cut)

    async def test(connection: AsyncConnection) -> None:
        lost: list[MachineGoneError] = []
        connection.on_lost = lost.append
        results = await asyncio.gather(
            connection.execute("a"), connection.execute("b"), return_exceptions=True
        )
        for result in results:
            assert isinstance(result, MachineGoneError)
            assert "closed the connection" in str(result)
        with pytest.raises(MachineGoneError, match="closed the connection"):
            await connection.execute("c")
        await asyncio.sleep(0)
        assert len(lost) == 1

    run(script, test)


def test_a_machine_that_goes_away_while_nobody_asks() -> None:
    """The listener learns it at once."""

    async def test(connection: AsyncConnection) -> None:
        lost: list[MachineGoneError] = []
        connection.on_lost = lost.append
        await until(lambda: lost, "the loss")
        assert "closed the connection" in str(lost[0])

    run(lambda peer: None, test)


def test_requests_to_a_machine_that_has_just_gone(caplog: pytest.LogCaptureFixture) -> None:
    """The connection says so, and asyncio does not for each of them."""
    closed = Event()

    def script(peer: Peer) -> None:
        peer.close()
        closed.set()

    async def test(connection: AsyncConnection) -> None:
        assert closed.wait(LIMIT)
        replies = [connection.send("query-status", None) for _ in range(20)]
        for reply in replies:
            with pytest.raises(MachineGoneError):
                await reply

    run(script, test)
    assert not caplog.messages


@pytest.mark.parametrize(
    "sent",
    [
        b"garbage\n",
        b'{"event": 7}\n',
        b'{"return": NaN}\n',
        b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}\n",
    ],
)
def test_a_machine_that_stops_speaking_qmp_is_lost(sent: bytes) -> None:
    """Whoever waits gets the protocol's error, and the connection is closed."""

    def script(peer: Peer) -> None:
        peer.read()
        peer.send(sent)
        peer.read()

    async def test(connection: AsyncConnection) -> None:
        lost: list[MachineGoneError] = []
        connection.on_lost = lost.append
        with pytest.raises(ProtocolError, match="does not speak QMP"):
            await connection.execute("a")
        await asyncio.sleep(0)
        assert [type(error) for error in lost] == [ProtocolError]

    run(script, test)


def test_a_reply_without_a_result_is_one_commands_error() -> None:
    """The connection itself is still in step."""

    def script(peer: Peer) -> None:
        peer.send({"id": peer.read()["id"]})
        peer.serve({"b": 2})

    async def test(connection: AsyncConnection) -> None:
        with pytest.raises(ProtocolError, match="a reply without result"):
            await connection.execute("a")
        assert await connection.execute("b") == 2

    run(script, test)


def test_closing_is_no_loss_of_the_machine_for_those_who_ask() -> None:
    """Who closes the connection and asks on is told so; closing twice does no harm."""

    async def test(connection: AsyncConnection) -> None:
        connection.close()
        connection.close()
        await until(lambda: connection.gone, "the end of the connection")
        with pytest.raises(MachineGoneError):
            await connection.execute("a")

    run(idle, test)


def test_closing_asks_nobody_how_the_machine_ended() -> None:
    """It has not: a QEMU that we started would be waited for, with the loop standing."""

    async def test(connection: AsyncConnection) -> None:
        lost: list[MachineGoneError] = []
        connection.on_lost = lost.append
        connection.blocking.gone = pytest.fail  # type: ignore[method-assign]  # never called
        waiting = asyncio.ensure_future(connection.execute("a"))
        await asyncio.sleep(0)

        connection.close()

        with pytest.raises(MachineGoneError, match="the connection is closed"):
            await waiting
        await asyncio.sleep(0)
        assert lost == []

    run(idle, test)


def test_a_flood_of_events_does_not_hide_a_reply() -> None:
    """All of them are read."""

    def script(peer: Peer) -> None:
        request = peer.read()
        events: list[Message | bytes] = [{"event": f"E{n}"} for n in range(20_000)]
        peer.send(*events, answer(request, "reply"))
        peer.read()

    async def test(connection: AsyncConnection) -> None:
        seen: list[Any] = []
        connection.on_event = seen.append
        assert await connection.execute("a") == "reply"
        assert len(seen) == 20_000

    run(script, test)


def test_what_is_for_others_is_never_taken_for_a_reply() -> None:
    """Without an id, with another's, in double, or of a kind that we never send."""
    others: list[Any] = [1, "hmp-1", None, [], {}]
    strays: list[Message | bytes] = [
        {"return": {}},
        *({"return": {}, "id": id_} for id_ in others),
        {},
    ]

    def script(peer: Peer) -> None:
        while True:
            request = peer.read()
            reply = answer(request, request["execute"])
            peer.send(*strays, reply, reply, *strays)

    async def test(connection: AsyncConnection) -> None:
        for _ in range(3):
            assert await connection.execute("a") == "a"
            values = await asyncio.gather(*(connection.execute(name) for name in "abc"))
            assert values == ["a", "b", "c"]

    run(script, test)


UNREADABLE: Message = {"error": {"class": "GenericError", "desc": "JSON parse error"}}


def test_requests_that_the_server_cannot_read() -> None:
    """All that are not answered by the time that a later one is, are those."""

    def script(peer: Peer) -> None:
        first, _, _ = peer.read(), peer.read(), peer.read()
        peer.send(UNREADABLE, UNREADABLE, answer(first, 1))
        peer.serve({"query-version": {}, "d": 4})

    async def test(connection: AsyncConnection) -> None:
        results = await asyncio.gather(
            *(connection.execute(name) for name in "abc"), return_exceptions=True
        )
        assert results[0] == 1
        assert [str(result) for result in results[1:]] == ["JSON parse error"] * 2
        assert await connection.execute("d") == 4

    run(script, test)


def test_an_error_without_id_that_is_for_others() -> None:
    """Nobody is given it."""

    def script(peer: Peer) -> None:
        peer.send(UNREADABLE)
        request = peer.read()
        peer.send(UNREADABLE, answer(request, 1))
        peer.serve({"query-version": {}, "b": 2})

    async def test(connection: AsyncConnection) -> None:
        assert await connection.execute("a") == 1
        assert await connection.execute("b") == 2

    run(script, test)
