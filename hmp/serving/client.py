"""The server's end of one connection: what all kinds of clients have in common."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

READ_LIMIT = 1 << 16
"""Bytes of a client that are held before no more are read."""
UNREAD_LIMIT = 1 << 20
"""Bytes that are held, of those that nobody asked for, for a client that doesn't read."""


class Client(asyncio.Protocol):
    """A client of a monitor.

    It is served as fast as it reads: when it doesn't, its requests wait, and what comes
    without its asking is held up to a limit, beyond which it loses the connection.

    on_lost: called once, when the connection has ended. complain: takes what the
    operator should know, a line.
    """

    transport: asyncio.Transport

    def __init__(
        self, on_lost: Callable[[], None], complain: Callable[[str], None]
    ) -> None:
        self.on_lost = on_lost
        self.complain = complain
        self.reads = True
        """Whether the client takes what we send, as far as we know."""
        self._unasked = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.begin()

    def begin(self) -> None:
        """Send what comes first; the transport is there."""

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
                self.complain("a client does not read, and was cut off")
                self.transport.abort()
                return
        self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the next client come."""
        self.on_lost()

    def spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        """Run a coroutine beside, until it ends or `close` cancels it."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Send what is to be sent, and end the connection."""
        self.transport.close()

    async def end(self) -> None:
        """Cancel what still runs for the client, and wait until that has ended."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
