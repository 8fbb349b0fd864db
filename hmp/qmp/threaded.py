"""Serves an event loop with a connection that can only block.

For machines that are reached by a library's blocking calls, or by a protocol that takes
one request at a time. A worker thread runs the requests in order.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hmp.qmp.connection import Connection
from hmp.qmp.errors import MachineGoneError, connection_closed
from hmp.qmp.exchange import without_none
from hmp.qmp.worker import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from typing import Any

    from hmp.qmp.exchange import Listener, Message, Request, Trace
    from hmp.qmp.introspected import Introspected


class ThreadedConnection(Connection):
    """A connection for the running event loop over one that blocks.

    A caller that is cancelled does not wait any longer, but the machine still runs its
    request; the next one waits for that. Events arrive in the loop: the inner connection
    has a `fileno` and `take_events` for those that come between requests, or calls its
    on_event and on_lost from any thread.
    """

    needs_loop = True

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self.resemble(inner)
        self.timeout = inner.timeout
        self.target = inner.target
        self.trusted = inner.trusted
        self._gone: MachineGoneError | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._arrival = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._worker = Worker("machine")
        self._listener = inner.on_event
        # the worker's thread calls these; an event loop may only be used from its own
        inner.on_event = lambda event: self._hand_over(self._deliver, event)
        inner.on_lost = lambda gone: self._hand_over(self._lose, gone)
        self._watched = inner.fileno()
        if self._watched >= 0:
            self._loop.add_reader(self._watched, self._take_events)

    @property
    def on_event(self) -> Listener:
        """Called with each event, in the loop's thread."""
        return self._listener

    @on_event.setter
    def on_event(self, listener: Listener) -> None:
        self._listener = listener

    @property
    def trace(self) -> Trace | None:
        """Called with every message, in the worker's thread."""
        return self.inner.trace

    @trace.setter
    def trace(self, trace: Trace | None) -> None:
        self.inner.trace = trace

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value; see `Connection.execute`."""
        joined = without_none(arguments, members)
        return await self._work(lambda: self.inner.execute(command, joined))

    async def execute_each(self, requests: Sequence[Request], /) -> list[Any]:
        """Run QMP commands, sent together; see `Connection.execute_each`."""
        outcomes: list[Any] = await self._work(lambda: self.inner.execute_each(requests))
        return outcomes

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command; see `Connection.execute_oob`."""
        return await self._work(lambda: self.inner.execute_oob(command, arguments))

    async def schema(self) -> Introspected:
        """Return the machine's QMP schema; see `Connection.schema`."""
        schema: Introspected = await self._work(self.inner.schema)
        return schema

    async def describe(self, command: str) -> str:
        """Return the documentation of a QMP command; see `Connection.describe`."""
        text: str = await self._work(lambda: self.inner.describe(command))
        return text

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command without waiting; see `Connection.post`."""
        self._worker.submit(lambda: self.inner.post(command, arguments))

    async def _work(self, call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        if self._gone is not None:
            raise self._gone
        hidden = self.hidden
        ran: asyncio.Future[None] = self._loop.create_future()

        def work() -> Any:
            # set here, as an earlier request may still run with secrets of its own
            self.inner.hidden = hidden
            return _drive(call)

        task = self._worker.submit(work, lambda: self._hand_over(_finish, ran))
        self._waiting.add(ran)
        try:
            await ran
            return task.result()
        except asyncio.CancelledError:
            task.cancelled = True
            # a task that has not begun is dropped when its turn comes
            if self._worker.current is task:
                self.inner.abandon()
            raise
        except MachineGoneError as gone:
            self._lose(gone)
            raise
        finally:
            self._waiting.discard(ran)

    async def pause(self, seconds: float) -> None:
        """Wait for a time or until something arrives; see `Connection.pause`."""
        if self._gone is not None:
            raise self._gone
        self._arrival.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._arrival.wait()

    def _hand_over(self, function: Callable[[Any], None], value: object) -> None:
        """Call a function in the loop's thread; no-op once the loop has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, value)

    def _take_events(self) -> None:
        """Have the inner connection deliver what has arrived between requests."""
        try:
            self.inner.take_events()
        except MachineGoneError as gone:
            self._lose(gone)

    def _deliver(self, event: Message) -> None:
        self._arrival.set()
        self._listener(event)

    def _lose(self, gone: MachineGoneError) -> None:
        if self._gone is None:
            self._end(gone)
            self.on_lost(gone)

    def _end(self, gone: MachineGoneError) -> None:
        self._gone = gone
        self._arrival.set()
        for ran in self._waiting:
            if not ran.done():
                ran.set_exception(gone)
        self._worker.end()
        if self._watched >= 0:
            self._loop.remove_reader(self._watched)

    def close(self) -> None:
        """Close the inner connection; a request that hangs is abandoned."""
        if self._gone is None:
            self._end(connection_closed())
        self.inner.close()


def _finish(ran: asyncio.Future[None]) -> None:
    # its caller may have been cancelled meanwhile, or the connection lost
    if not ran.done():
        ran.set_result(None)


def _drive(call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine that never suspends."""
    coroutine = call()
    try:
        coroutine.send(None)
    except StopIteration as done:
        # how a coroutine returns to whoever drives it by hand
        return done.value
    raise RuntimeError("a blocking connection has suspended")
