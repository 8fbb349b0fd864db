"""The server's end of one connection: the part common to all kinds of clients.

Bytes come in from the transport. A subclass gets them while the client also reads its
output, so that neither requests nor output can fill the memory.
"""

from __future__ import annotations

import asyncio
import select
import socket
from typing import TYPE_CHECKING, NamedTuple

from hmp.serving.http import FirstLine, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from hmp.serving.tasks import Tasks

READ_LIMIT = 1 << 16
"""Bytes of unprocessed input after which reading from the client pauses."""
UNREAD_LIMIT = 1 << 20
"""Bytes of unrequested output, such as events, kept for a client that does not read."""
TURN = 0.002
"""Seconds that a client's requests or lines may run before other clients' turn."""
_LOOK = 1.0
"""Seconds between two checks for a hang-up while reading is paused."""
_NO_MORE = getattr(select, "POLLRDHUP", 0)
"""Set if the peer has closed its end, even while unread data is left."""
LINGER = 1.0
"""Seconds that a line or command may run on after its client has stopped sending.

Over TCP, a client that has gone looks like one that has only sent all of its lines, and
a waiting line could never be cancelled.
"""


class ServingHost(NamedTuple):
    """A client's interface to its server.

    lost: to be called once, when the connection has ended. complain: called with one line
    of text for the operator. tasks: the tasks that run for clients.
    """

    lost: Callable[[], None]
    complain: Callable[[str], None]
    tasks: Tasks


class Client(asyncio.Protocol):
    """A client of a monitor.

    It is served as fast as it reads. While it does not read, its requests wait, and
    unrequested output is kept up to a limit, beyond which it is disconnected.

    host: the server's side.
    """

    transport: asyncio.Transport

    def __init__(self, host: ServingHost) -> None:
        self.host = host
        self.reads = True
        """Whether the client reads its output, as far as we know."""
        self._unasked = 0
        self._first_line = FirstLine()
        self._look: asyncio.TimerHandle | None = None
        self.sent_all = False
        """Whether the client has stopped sending, as far as we know."""

    def prepare(self, sock: socket.socket) -> socket.socket:
        """Return the socket to use for a client, possibly wrapped."""
        return sock

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start serving."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.begin()

    def begin(self) -> None:
        """Send the greeting; called once the transport is set."""

    def screened(self, data: bytes, hold: bool = False) -> bytes:
        """Return the input to process: none from a client that speaks HTTP.

        Such a client is disconnected. hold: return nothing until the first line is known.
        """
        first = self._first_line
        if first.verdict is Verdict.OPEN:
            verdict = first.feed(data)
            if verdict is Verdict.HTTP:
                self.host.complain("a client spoke HTTP and was disconnected")
                self.transport.abort()
            elif hold:
                return b"" if verdict is Verdict.OPEN else first.data
        return b"" if first.verdict is Verdict.HTTP else data

    def pause_writing(self) -> None:
        """Pause: the client does not read its output."""
        self.reads = False

    def resume_writing(self) -> None:
        """Resume: the client has read its output."""
        self.reads = True
        self._unasked = 0

    def send(self, data: bytes) -> None:
        """Send output, unless the connection is closing.

        asyncio would log each write to a client whose end it has yet to report.
        """
        if not self.transport.is_closing():
            self.transport.write(data)

    def send_unasked(self, data: bytes) -> None:
        """Send unrequested output; disconnect a client that never reads it."""
        if not (self.reads or self.transport.is_closing()):
            self._unasked += len(data)
            if self._unasked > UNREAD_LIMIT:
                # abort, since close would wait for the client to read what is left
                self.host.complain("a client did not read its output and was disconnected")
                self.transport.abort()
                return
        self.send(data)

    def eof_received(self) -> bool:
        """Keep the connection: the client may still read, unless it is gone."""
        self._note_end()
        self.look_for_hangup()
        return True

    def _note_end(self) -> None:
        if not self.sent_all:
            self.sent_all = True
            sock = self.transport.get_extra_info("socket")
            if sock is not None and sock.family != socket.AF_UNIX:
                self.all_sent()

    def all_sent(self) -> None:
        """Called once, when the client has stopped sending; it may be gone.

        On other transports than TCP we are notified when the client is gone.
        """

    def look_for_hangup(self) -> None:
        """Poll for a hang-up while reading is paused."""
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(_LOOK, self._look_now)

    def stop_looking(self) -> None:
        """Stop polling: the transport reports a hang-up again."""
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _look_now(self) -> None:
        self._look = None
        sock = self.transport.get_extra_info("socket")
        if sock is None or self.transport.is_closing():
            return
        poll = select.poll()
        # once the peer has stopped sending, that would be reported each time
        poll.register(sock.fileno(), 0 if self.sent_all else _NO_MORE)
        seen = poll.poll(0)
        if seen and seen[0][1] & ~_NO_MORE:
            self.transport.abort()
            return
        if seen:
            self._note_end()
        self.look_for_hangup()

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end of the connection, so that the next client is accepted."""
        self.stop_looking()
        self.host.lost()

    def close(self) -> None:
        """Send the remaining output, and close the connection."""
        self.transport.close()
