"""A machine at the far end of a connection, for several clients to share.

Requests of all clients go through the one connection; each gets the reply to its own.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from hmp.qmp.aio import AsyncConnection
from hmp.qmp.errors import GENERIC_ERROR, MachineGoneError, QMPError, connection_closed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message

    Reply = asyncio.Future[Message]

WINDOW = 7
"""The most requests on their way to QEMU; at eight, it even reads no out-of-band ones."""


class _Waiting(NamedTuple):
    """A request that waits for its turn, and the future that takes its reply."""

    command: str
    arguments: Message
    descriptors: Sequence[int] | None
    reply: Reply


class RemoteMachine:
    """A machine that several clients of this process share; it closes its connection.

    connection: in its form for the running event loop. allows: returns whether a QMP
    command may be sent. listeners: called with each event. on_end: called once, when the
    machine has gone (`gone` is the reason) or is let go. qmp: the contents of its greeting.
    """

    def __init__(
        self, connection: Connection, allows: Callable[[str, Message], bool]
    ) -> None:
        self.connection = connection
        self.allows = allows
        self.version = connection.version
        self.needs_loop = True
        self.listeners: list[Callable[[Message], None]] = []
        self.on_end: list[Callable[[], None]] = []
        self.ended = False
        self.gone: MachineGoneError | None = None
        self._running = 0
        self._waiting: deque[_Waiting] = deque()
        # QEMU gives a command that takes a descriptor the last one that has come, whichever
        # command it came with; and other doors than a stream take one request at a time
        self._one_by_one = asyncio.Lock()
        self._queued: dict[Reply, asyncio.Task[None]] = {}  # for that lock
        self._tasks: set[asyncio.Task[None]] = set()
        self._stream = connection if isinstance(connection, AsyncConnection) else None
        if self._stream is not None:
            self._stream.session.disclose()
        connection.on_event = self._event
        connection.on_lost = self._lose

    @property
    def qmp(self) -> Message:
        """The greeting's contents: the version, and the capabilities."""
        if self._stream is not None:
            return self._stream.blocking.greeting.qmp
        names = ("major", "minor", "micro")
        version = {"qemu": dict(zip(names, self.version, strict=True)), "package": ""}
        return {"version": version, "capabilities": []}

    def submit(
        self,
        command: str,
        arguments: Message,
        *,
        oob: bool = False,
        descriptors: Sequence[int] | None = None,
    ) -> Reply:
        """Queue a request; return a future of its reply.

        A reply has a member ``return`` or ``error``. descriptors: those that the client
        sent, perhaps none, with a command that takes one; they are closed once they are
        sent. The future must not be cancelled; see `forget`. Raises QMPError for a command
        that is not allowed.
        """
        request = _Waiting(command, arguments, descriptors, _future())
        try:
            if self.gone is not None or self.ended:
                raise self.gone or connection_closed()
            if not self.allows(command, arguments):
                raise QMPError(f"'{command}' is refused: this session is read-only")
        except BaseException:
            _close(descriptors or ())
            raise
        # these need more than a request on the wire
        if oob or descriptors is not None or self._stream is None:
            self._begin(request, oob)
        elif self._running < WINDOW:
            return self._send(command, arguments)
        else:
            self._waiting.append(request)
        return request.reply

    def forget(self, reply: Reply) -> None:
        """Drop a request if it still waits for its turn; its reply is not wanted."""
        for index, request in enumerate(self._waiting):
            if request.reply is reply:
                del self._waiting[index]
                return
        if task := self._queued.pop(reply, None):
            task.cancel()

    def _send(self, command: str, arguments: Message) -> Reply:
        assert self._stream is not None
        reply = self._stream.send(command, arguments)
        self._running += 1
        reply.add_done_callback(self._replied)
        return reply

    def _replied(self, reply: Reply) -> None:
        self._running -= 1
        if not reply.cancelled():
            reply.exception()  # whoever asked may have gone, which is not an error
        while self._waiting and self._running < WINDOW and not self.ended:
            request = self._waiting.popleft()
            try:
                answer = self._send(request.command, request.arguments)
            except (QMPError, MachineGoneError) as error:
                _fail(request.reply, error)
            else:
                answer.add_done_callback(partial(_pass_on, request.reply))

    def _begin(self, request: _Waiting, oob: bool) -> None:
        """Start a request that needs more than being sent."""
        waits = request.descriptors is not None or self._stream is None
        work = self._in_turn(request) if waits else self._carry_out(request, oob)
        task = asyncio.get_running_loop().create_task(work, name="a shared request")
        if waits:
            self._queued[request.reply] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda done: _close(request.descriptors or ()))

    async def _in_turn(self, request: _Waiting) -> None:
        async with self._one_by_one:
            self._queued.pop(request.reply, None)
            await self._carry_out(request, oob=False)

    async def _carry_out(self, request: _Waiting, oob: bool) -> None:
        command, arguments, descriptors, reply = request
        connection = self.connection
        try:
            if descriptors:
                value = await connection.execute_with_descriptors(
                    command, arguments, descriptors
                )
            elif oob:
                value = await connection.execute_oob(command, arguments)
            else:
                value = await connection.execute(command, arguments)
        except (QMPError, MachineGoneError) as error:
            _fail(reply, error)
        else:
            # dropped meanwhile, since its client has gone
            if not reply.done():
                reply.set_result({"return": value})

    def _event(self, event: Message) -> None:
        for listener in list(self.listeners):
            listener(event)

    def _lose(self, gone: MachineGoneError) -> None:
        if self.gone is None:
            self.gone = gone
            for request in self._waiting:
                _fail(request.reply, gone)
            self._end()

    def shutdown(self, cause: object = None) -> None:
        """Let go of the machine, which keeps running; no-op once it has ended."""
        self._end()

    def _end(self) -> None:
        if not self.ended:
            self.ended = True
            for listener in list(self.on_end):
                listener()

    def close(self) -> None:
        """Close the connection."""
        self.ended = True
        self.connection.close()


def _future() -> Reply:
    return asyncio.get_running_loop().create_future()


def _pass_on(to: Reply, answer: Reply) -> None:
    if to.done():
        answer.exception()
    elif (error := answer.exception()) is not None:
        to.set_exception(error)
        to.exception()  # as in `_fail`
    else:
        to.set_result(answer.result())


def _fail(reply: Reply, error: Exception) -> None:
    """Set the error of a request; QEMU's is a reply."""
    if reply.done():
        return
    if isinstance(error, QMPError):
        kind = error.error_class or GENERIC_ERROR
        reply.set_result({"error": {"class": kind, "desc": error.desc}})
    else:
        reply.set_exception(error)
        reply.exception()  # whoever asked may have gone, which is not an error


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)
