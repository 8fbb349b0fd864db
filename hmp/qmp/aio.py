"""A QMP connection for an event loop: events arrive between commands too.

It takes over the socket of a `BlockingConnection`, which has sent the request that
negotiates capabilities; its reply may still have to come.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from typing import NamedTuple

from hmp.qmp.connection import SessionConnection
from hmp.qmp.errors import (
    MachineGoneError,
    NoReplyError,
    ProtocolError,
    QMPError,
    connection_closed,
)
from hmp.qmp.exchange import is_query, outcome, result, without_none
from hmp.qmp.wire import send_descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from hmp.qmp.blocking import BlockingConnection
    from hmp.qmp.exchange import Id, Message, Request

# Polled, since asyncio refuses `add_writer` for a descriptor that a transport has.
_FULL = 0.001
"""Seconds until another attempt to write to a socket that is full."""


class AsyncConnection(SessionConnection, asyncio.Protocol):
    """A connection driven by an event loop; created by `adopt`."""

    def __init__(self, blocking: BlockingConnection) -> None:
        self.blocking = blocking
        self.session = blocking.session
        self.resemble(blocking)
        self.timeout = blocking.timeout
        self.gone: MachineGoneError | None = None
        self._waiting: dict[Id, asyncio.Future[Message]] = {}
        self._probe: _Probe | None = None
        self._arrival = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._giving_up: asyncio.TimerHandle | None = None

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value; see `Connection.execute`.

        If the caller is cancelled, the reply is dropped when it arrives.
        """
        return await self._run(command, without_none(arguments, members), oob=False)

    async def execute_each(self, requests: Sequence[Request], /) -> list[Any]:
        """Run QMP commands, sent together; see `Connection.execute_each`."""
        if not all(is_query(command) for command, _ in requests):
            await self._settled()
        if self.gone is not None or self._transport is None:
            raise self.gone or connection_closed()
        loop = asyncio.get_running_loop()
        replies: dict[Id, asyncio.Future[Message]] = {}
        places: list[asyncio.Future[Message] | QMPError] = []
        data: list[bytes] = []
        for command, arguments in requests:
            try:
                id_, request = self.session.request(command, arguments)
            except QMPError as error:
                places.append(error)
                continue
            replies[id_] = self._waiting[id_] = loop.create_future()
            places.append(replies[id_])
            data.append(request)
        self._write(b"".join(data))
        outcomes: list[Any] = []
        late = False
        try:
            for (command, _), place in zip(requests, places, strict=True):
                if isinstance(place, QMPError):
                    outcomes.append(place)
                else:
                    outcomes.append(await self._outcome(command, place, late))
                    late = isinstance(outcomes[-1], NoReplyError)
            return outcomes
        finally:
            for id_, reply in replies.items():
                self._waiting.pop(id_, None)
                if reply.done() and not reply.cancelled():
                    reply.exception()  # asyncio would report those that are never looked at

    async def _outcome(
        self, command: str, reply: asyncio.Future[Message], late: bool
    ) -> Any:
        """Return the value of a command or its QMPError. Raises MachineGoneError.

        late: the reply to an earlier command is late, so do not wait again.
        """
        # each from the time when its turn comes: QEMU runs them one after another
        limit = self.blocking.limit(command)
        try:
            async with asyncio.timeout(0 if late else limit):
                return outcome(await reply)
        except TimeoutError as error:
            problem = self.blocking.no_reply(command, limit or 0)
            if isinstance(problem, MachineGoneError):
                raise problem from error
            return problem

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band; see `Connection.execute_oob`."""
        return await self._run(command, arguments, oob=True)

    async def _settled(self) -> None:
        """Wait for the reply to the negotiation, or for the end of the connection."""
        while self._giving_up is not None and self.gone is None:
            self._arrival.clear()
            await self._arrival.wait()

    async def _run(self, command: str, arguments: Message | None, oob: bool) -> Any:
        # a query may go out with the negotiation, since it changes nothing if that fails
        if oob or not is_query(command):
            await self._settled()
        if self.gone is not None or self._transport is None:
            raise self.gone or connection_closed()
        limit = self.blocking.limit(command)
        id_, data = self.session.request(command, arguments, oob)
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = reply
        self._write(data)
        try:
            async with asyncio.timeout(limit):
                return result(await reply)
        except TimeoutError as error:
            raise self.blocking.no_reply(command, limit or 0) from error
        finally:
            self._waiting.pop(id_, None)

    def send(
        self, command: str, arguments: Message | None, oob: bool = False
    ) -> asyncio.Future[Message]:
        """Send a request, and return a future of its reply, which may be an error.

        For passing on the requests of others. Raises MachineGoneError, and QMPError for
        arguments that JSON cannot hold.
        """
        if self.gone is not None or self._transport is None:
            raise self.gone or connection_closed()
        id_, data = self.session.request(command, arguments, oob)
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = reply
        self._write(data)
        return reply

    @property
    def passes_descriptors(self) -> bool:  # type: ignore[override] # it is a constant there
        """Whether the socket can carry file descriptors."""
        return self.blocking.passes_descriptors

    async def execute_with_descriptors(
        self, command: str, arguments: Message, descriptors: Sequence[int], /
    ) -> Any:
        """Run getfd or add-fd; see `Connection.execute_with_descriptors`."""
        if not self.passes_descriptors:
            return await super().execute_with_descriptors(command, arguments, descriptors)
        await self._settled()
        while not self._hand_over(descriptors):
            await asyncio.sleep(_FULL)
        return await self._run(command, arguments, oob=False)

    def _hand_over(self, descriptors: Sequence[int]) -> bool:
        """Send descriptors with a newline, between two requests; return whether it worked.

        QEMU keeps them for the next command that takes any.
        """
        if self.gone is not None or self._transport is None:
            return True
        # the descriptors would overtake the requests that are still buffered
        if self._transport.get_write_buffer_size():
            return False
        try:
            # a byte has to carry them, and QEMU skips a newline between two requests
            send_descriptors(self.blocking.socket, b"\n", descriptors)
        except BlockingIOError:
            return False
        except OSError:
            pass  # the request itself reports it
        return True

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command without waiting; see `Connection.post`."""
        self._write(self.session.request(command, arguments)[1])

    def _write(self, data: bytes) -> None:
        """Write, unless the machine has gone: asyncio would log each such write."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def pause(self, seconds: float) -> None:
        """Wait for a time or until something arrives; see `Connection.pause`."""
        if self.gone is not None:
            raise self.gone
        self._arrival.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._arrival.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self.blocking.negotiation is not None:
            loop, limit = asyncio.get_running_loop(), self.blocking.connect_limit
            self._giving_up = loop.call_later(
                limit,
                lambda: self._lose(self.blocking.explained(self.blocking.occupied())),
            )

    def data_received(self, data: bytes) -> None:
        """Pass replies to the waiting callers."""
        self._arrival.set()
        decoder = self.session.decoder
        if data:
            decoder.chunks.append(data)
        if decoder.is_long and self._transport is not None:
            # beside the loop, which handles keys and signals meanwhile
            self._transport.pause_reading()
            work = asyncio.get_running_loop().run_in_executor(None, decoder.messages)
            work.add_done_callback(self._decoded)
        else:
            self._take()

    def _decoded(self, work: asyncio.Future[list[Message]]) -> None:
        """Take the messages that were decoded beside the loop, and read on."""
        work.exception()  # taking them raises it again
        if self.gone is None and self._transport is not None:
            self._take()
            self._transport.resume_reading()

    def _take(self) -> None:
        """Take the messages that have come."""
        try:
            while (message := self.session.take()) is not None:
                self._sort(message)
        except ProtocolError as error:
            self._lose(error)

    def _sort(self, message: Message) -> None:
        """Pass a reply to its caller, by id; drop it if the caller has given up."""
        if "id" not in message:
            self._doubt(message)
        # until the reply to the negotiation, QEMU may still answer an earlier client
        elif self._giving_up is not None and message["id"] == self.blocking.negotiation:
            self._giving_up.cancel()
            self._giving_up = None
            self.blocking.agree(message)
        elif self._giving_up is not None:
            pass  # a late reply to another client's request
        elif self._probe is not None and message["id"] == self._probe.id:
            for id_ in self._probe.asked:
                self._answer(id_, self._probe.refusal)
            self._probe = None
        else:
            self._answer(message["id"], message)

    def _answer(self, id_: Id, reply: Message) -> None:
        waiting = self._waiting.pop(id_, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    def _doubt(self, refusal: Message) -> None:
        """Find out whether an error without id belongs to one of the pending requests."""
        # One probe at a time is enough: QEMU answers in order, so that a refusal before the
        # answer to the probe concerns a request before the probe.
        if self._waiting and self._probe is None:
            id_, data = self.session.probe()
            self._probe = _Probe(id_, list(self._waiting), refusal)
            self._write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail all pending requests because the machine is gone, unless we closed."""
        if self.gone is None:
            self._lose(self.blocking.gone())

    def _lose(self, gone: MachineGoneError) -> None:
        if self.gone is not None:
            return
        self._end(gone)
        self.on_lost(gone)

    def _end(self, gone: MachineGoneError) -> None:
        self.gone = gone
        self._arrival.set()
        if self._giving_up is not None:
            self._giving_up.cancel()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(gone)
        if self._transport is not None:
            # unsent data has no reader any more, and must not keep the socket open
            self._transport.abort()

    def close(self) -> None:
        """Close the socket, without waiting for a machine that we started."""
        if self.gone is None:
            self._end(connection_closed())


class _Probe(NamedTuple):
    """A request whose reply shows that all earlier requests have been answered.

    asked: the ids of the earlier requests. refusal: the error without id that caused it.
    """

    id: Id
    asked: list[Id]
    refusal: Message


async def adopt(blocking: BlockingConnection) -> AsyncConnection:
    """Return a connection for the running loop over a blocking one's socket."""
    connection = AsyncConnection(blocking)
    loop = asyncio.get_running_loop()
    # a copy of the descriptor: the transport and the blocking connection each close one
    near = blocking.socket
    if isinstance(near, socket.socket):
        sock = near.dup()  # a carrier counts the copies
    else:
        sock = socket.socket(fileno=os.dup(near.fileno()))
    await loop.create_connection(lambda: connection, sock=sock)
    # deliver the events that arrived with the last reply once the caller has a listener
    loop.call_soon(connection.data_received, b"")
    return connection
