"""The server's end of one connection: what all kinds of clients have in common."""

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
"""Bytes of a client that are held before no more are read."""
UNREAD_LIMIT = 1 << 20
"""Bytes that are held, of those that nobody asked for, for a client that doesn't read."""
TURN = 0.002
"""Seconds that a client's requests or lines may take before others have their turn."""
_LOOK = 1.0
"""Seconds between two looks whether a client that we do not read from is gone."""
_NO_MORE = getattr(select, "POLLRDHUP", 0)
"""Tells that the other end sends no more, though what it has sent was not read yet."""
LINGER = 1.0
"""Seconds that a line or command may take when its client sends no more.

Over TCP, one that went away looks like one that has only sent all of its lines, and
nobody could end a line that waits.
"""


class Host(NamedTuple):
    """What a client has of who serves it.

    lost: to be called once, when the connection has ended. complain: takes what the
    operator should know, a line. tasks: what runs for clients.
    """

    lost: Callable[[], None]
    complain: Callable[[str], None]
    tasks: Tasks


class Client(asyncio.Protocol):
    """A client of a monitor.

    It is served as fast as it reads: when it doesn't, its requests wait, and what comes
    without its asking is held up to a limit, beyond which it loses the connection.

    host: who serves it.
    """

    transport: asyncio.Transport

    def __init__(self, host: Host) -> None:
        self.host = host
        self.reads = True
        """Whether the client takes what we send, as far as we know."""
        self._unasked = 0
        self._first_line = FirstLine()
        self._look: asyncio.TimerHandle | None = None
        self.sent_all = False
        """Whether it will send no more, as far as we know."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.begin()

    def begin(self) -> None:
        """Send what comes first; the transport is there."""

    def screened(self, data: bytes, hold: bool = False) -> bytes:
        """Return what may be used of what came: nothing of a client that speaks HTTP.

        That one is sent away. hold: give out nothing before the first line is clear.
        """
        first = self._first_line
        if first.verdict is Verdict.OPEN:
            verdict = first.feed(data)
            if verdict is Verdict.HTTP:
                self.host.complain("a client spoke HTTP, and was sent away")
                self.transport.abort()
            elif hold:
                return b"" if verdict is Verdict.OPEN else first.data
        return b"" if first.verdict is Verdict.HTTP else data

    def pause_writing(self) -> None:
        """Hold back: the client does not take what we send."""
        self.reads = False

    def resume_writing(self) -> None:
        """Go on: the client has taken it."""
        self.reads = True
        self._unasked = 0

    def send_unasked(self, data: bytes) -> None:
        """Send what the client did not ask for; cut it off when it never reads."""
        if not self.reads:
            self._unasked += len(data)
            if self._unasked > UNREAD_LIMIT:
                self.host.complain("a client does not read, and was cut off")
                self.transport.abort()
                return
        self.transport.write(data)

    def eof_received(self) -> bool:
        """Go on: it may still want to read what is to come, unless it is gone."""
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
        """Take note that it will send no more, and may be gone; called once.

        Of who comes by other ways than TCP we are told when it is gone.
        """

    def look_for_hangup(self) -> None:
        """See now and then whether it is gone, which nobody tells us who do not read."""
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(_LOOK, self._look_now)

    def stop_looking(self) -> None:
        """Rely on being told again."""
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _look_now(self) -> None:
        self._look = None
        sock = self.transport.get_extra_info("socket")
        if sock is None or self.transport.is_closing():
            return
        poll = select.poll()
        poll.register(sock.fileno(), 0 if self.sent_all else _NO_MORE)
        seen = poll.poll(0)
        if seen and seen[0][1] & ~_NO_MORE:
            self.transport.abort()
            return
        if seen:
            self._note_end()
        self.look_for_hangup()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the next client come."""
        self.stop_looking()
        self.host.lost()

    def close(self) -> None:
        """Send what is to be sent, and end the connection."""
        self.transport.close()
