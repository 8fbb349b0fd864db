"""A machine that is asked by calls: one request, one reply, no ids on the wire.

For machines that are reached by a library's calls, or by a protocol where each request must
be answered before the next. Events come another way, from any thread; they are kept until
the caller's thread takes them.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from threading import Lock

from hmp.qmp.connection import SessionConnection
from hmp.qmp.errors import MachineGoneError, NoReplyError, connection_closed
from hmp.qmp.exchange import Exchange, result, without_none
from hmp.qmp.readable import readable
from hmp.qmp.worker import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Id, Message, Trace
    from hmp.qmp.worker import Task


class CallConnection(SessionConnection):
    """A connection whose `ask` blocks until the reply has come.

    name: the machine's name in messages. `ask` runs in a thread of its own, so that
    Ctrl-C and the time limit end any wait for it. A foreseen query runs there right after
    the command before it, while the caller shows that one's result.
    """

    looks_ahead = True

    def __init__(
        self, name: str, *, timeout: float | None = None, trace: Trace | None = None
    ) -> None:
        self.name = name
        self.timeout = timeout
        self.session = Exchange(trace, ids=False)
        self.closed = False
        self._worker = Worker(name)
        self._foreseen = ""
        self._ahead: tuple[str, Id, Task] | None = None  # a query that was sent ahead
        self._arrived: deque[bytes | MachineGoneError] = deque()
        self._taking = Lock()
        self._stirring = Lock()
        self._stirred, self._stir = os.pipe()
        os.set_blocking(self._stirred, False)
        # a full pipe already wakes the reader
        os.set_blocking(self._stir, False)

    def ask(self, command: str, request: bytes) -> bytes:
        """Send a request and return its reply; runs in the worker's thread.

        command: the request's. Raises QMPError, MachineGoneError.
        """
        raise NotImplementedError

    def fileno(self) -> int:
        """Return a descriptor that is readable when `take_events` has something to do."""
        return self._stirred

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value; see `Connection.execute`."""
        return self.run(command, without_none(arguments, members), self.timeout)

    def run(self, command: str, arguments: Message | None, limit: float | None) -> Any:
        """Run a QMP command; `limit` is in seconds. Raises QMPError, MachineGoneError."""
        if self.closed:
            raise connection_closed()
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == command and not arguments:
            _, id_, task = ahead
        else:
            id_, task = self._submit(command, arguments)
        foreseen, self._foreseen = self._foreseen, ""
        ahead = (foreseen, *self._submit(foreseen, None)) if foreseen else None
        try:
            reply = task.wait(limit)
            self._ahead = ahead
        except TimeoutError as error:
            raise NoReplyError(f"no reply to '{command}' within {limit:g} s") from error
        finally:
            if ahead is not None and self._ahead is None:
                ahead[2].cancelled = True  # the line that was to need it may never come
        try:
            if self._arrived:
                self.take_events()
        finally:
            # also when the machine is lost meanwhile, for the trace and for recordings
            message = self.session.receive(reply, id_)
        return result(message)

    def _submit(self, command: str, arguments: Message | None) -> tuple[Id, Task]:
        """Have a request run after all earlier ones, and return its id and its task."""
        id_, request = self.session.request(command, arguments)
        return id_, self._worker.submit(lambda: self.ask(command, request))

    def foresee(self, command: str) -> None:
        """Have a query run right after the next command; see `Connection.foresee`."""
        self._foreseen = command

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command without waiting; see `Connection.post`."""
        self._submit(command, arguments)

    def arrive(self, event: bytes | MachineGoneError) -> None:
        """Keep an event, or the loss of the machine, for `take_events`; from any thread."""
        self._arrived.append(event)
        with self._stirring, suppress(OSError):  # a full pipe wakes the reader as well
            if not self.closed:
                os.write(self._stir, b"!")

    def take_events(self) -> None:
        """Deliver the events that have arrived. Raises MachineGoneError."""
        with suppress(BlockingIOError):
            os.read(self._stirred, 1 << 16)
        with self._taking:
            while self._arrived:
                event = self._arrived[0]
                if isinstance(event, MachineGoneError):
                    raise event
                # Ctrl-C in between delivers an event twice rather than never
                self.session.receive(event)
                self._arrived.popleft()

    async def pause(self, seconds: float) -> None:
        """Wait for a time or until something arrives; see `Connection.pause`."""
        if self._arrived or readable([self._stirred], seconds):
            self.take_events()

    @property
    def unwanted(self) -> bool:
        """Whether the caller of the request that runs has given up."""
        task = self._worker.current
        return task is not None and task.cancelled

    def abandon(self) -> None:
        """Give up the request that runs; see `Connection.abandon`."""
        task = self._worker.current
        if task is not None:
            task.cancelled = True

    async def adopt(self) -> Connection:
        """Return a connection for the running event loop; see `Connection.adopt`."""
        from hmp.qmp.threaded import ThreadedConnection

        return ThreadedConnection(self)

    def release(self) -> None:
        """Release the resources of `ask`; the last call in the worker's thread."""

    def close(self) -> None:
        """Close the connection; a request that hangs is abandoned."""
        if self.closed:
            return
        self._worker.end(self.release, _CLOSE_LIMIT)
        # else `arrive` could write to a number that the next open file has by then
        with self._stirring:
            self.closed = True
            os.close(self._stirred)
            os.close(self._stir)


_CLOSE_LIMIT = 0.5
"""Seconds that closing waits for a library that does not answer."""
