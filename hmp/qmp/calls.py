"""A machine that is asked by calls: one request, one reply, no ids on the wire.

For machines that are reached by a library's calls, or by a protocol where each request must
be answered before the next. Events come another way, from any thread; they are kept until
the caller's thread takes them.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from select import select
from threading import Lock

from hmp.qmp.connection import SessionConnection
from hmp.qmp.errors import MachineGoneError, NoReplyError
from hmp.qmp.exchange import Exchange, result, without_none
from hmp.qmp.worker import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message, Trace


class CallConnection(SessionConnection):
    """A connection whose `ask` blocks until the reply has come.

    name: the machine's name in messages. `ask` runs in a thread of its own, so that
    Ctrl-C and the time limit end any wait for it.
    """

    def __init__(
        self, name: str, *, timeout: float | None = None, trace: Trace | None = None
    ) -> None:
        self.name = name
        self.timeout = timeout
        self.session = Exchange(trace, ids=False)
        self.closed = False
        self._worker = Worker(name)
        self._direct = False
        self._asking = False
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
            raise MachineGoneError("the connection is closed")
        id_, request = self.session.request(command, arguments)
        try:
            # The worker costs two switches of thread a line. Without a limit it only serves
            # Ctrl-C, and `serve` has already moved the script out of the main thread for
            # that.
            if self._direct and limit is None:
                reply = self._ask_here(command, request)
            else:
                reply = self._worker.run(lambda: self.ask(command, request), limit)
        except TimeoutError as error:
            raise NoReplyError(f"no reply to '{command}' within {limit:g} s") from error
        try:
            if self._arrived:
                self.take_events()
        finally:
            # also when the machine is lost meanwhile, for the trace and for recordings
            message = self.session.receive(reply, id_)
        return result(message)

    def _ask_here(self, command: str, request: bytes) -> bytes:
        """Return the reply to a request, in the thread that `serve` has started."""
        self._asking = True
        try:
            return self.ask(command, request)
        finally:
            self._asking = False

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command without waiting; see `Connection.post`."""
        _, request = self.session.request(command, arguments)
        self._worker.submit(lambda: self.ask(command, request))

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
        if self._arrived or select([self._stirred], [], [], seconds)[0]:
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
        from hmp.qmp.threaded import Threaded

        return Threaded(self)

    def release(self) -> None:
        """Release the resources of `ask`; the last call in the worker's thread."""

    def close(self) -> None:
        """Close the connection; a request that hangs is abandoned."""
        if self.closed:
            return
        if self._asking:  # what the call uses must stay
            self._worker.end()
        else:
            self._worker.end(self.release, _CLOSE_LIMIT)
        # else `arrive` could write to a number that the next open file has by then
        with self._stirring:
            self.closed = True
            os.close(self._stirred)
            os.close(self._stir)


_CLOSE_LIMIT = 0.5
"""Seconds that closing waits for a library that does not answer."""
