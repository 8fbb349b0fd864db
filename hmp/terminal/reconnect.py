"""The connection of a session: taken over from the start, and renewed when it breaks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hmp.frontends.in_thread import in_thread
from hmp.qmp.errors import MachineGoneError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hmp.monitor.monitor import Monitor
    from hmp.qmp.connection import Connection, Reachable
    from hmp.qmp.exchange import Trace

_PAUSE = 1.0
"""Seconds between two attempts to reconnect to the machine."""


class Reconnector:
    """Keeps a monitor connected.

    target: the address to reconnect to; None to not reconnect. on_lost and on_back are
    called when the connection is lost and when it is restored.
    """

    def __init__(
        self,
        monitor: Monitor,
        target: Reachable | None,
        on_lost: Callable[[MachineGoneError], None],
        on_back: Callable[[], Awaitable[None]],
    ) -> None:
        self.monitor = monitor
        self.target = target
        self.on_lost = on_lost
        self.on_back = on_back
        self.connection: Connection | None = None
        self._opened: Connection | None = None
        self._timeout: float | None = None
        self._task: asyncio.Task[None] | None = None

    async def take_over(self, opened: Connection) -> None:
        """Continue in the event loop with a connection that was opened before it ran."""
        self._timeout = opened.timeout
        await self._use(opened)

    async def _use(self, opened: Connection) -> None:
        connection = await opened.adopt()
        connection.on_lost = self._lost
        if connection is not opened:
            self.monitor.attach(connection)
        self.connection = connection

    def _lost(self, gone: MachineGoneError) -> None:
        self.on_lost(gone)
        if self.target is not None and not self.monitor.ended:
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._return(), name="reconnect")

    async def _return(self) -> None:
        assert self.target is not None
        trace = self.monitor.qmp.trace
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                opened = await in_thread(_settled, self.target, self._timeout, trace)
            except MachineGoneError:
                continue  # ConnectError included: it may be starting again
            self._close()
            await self._use(opened)
            self._opened = opened
            await self.on_back()
            return

    def close(self) -> None:
        """Close the connection, and stop reconnecting."""
        if self._task is not None:
            self._task.cancel()
        self._close()

    def _close(self) -> None:
        """Close the connection, and the blocking one that was opened for it here."""
        for connection in (self.connection, self._opened):
            if connection is not None:
                connection.close()


def _settled(target: Reachable, timeout: float | None, trace: Trace | None) -> Connection:
    """Return a connection to a machine that has agreed to talk. Raises MachineGoneError."""
    connection = target.open(timeout=timeout, trace=trace)
    connection.settle()
    return connection
