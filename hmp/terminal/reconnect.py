"""The connection of a session: taken over from the start, and renewed when it breaks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hmp.frontends.aside import aside
from hmp.qmp.aio import AsyncConnection, adopt
from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.errors import MachineGoneError
from hmp.targets.address import connect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hmp.monitor.monitor import Monitor
    from hmp.targets.address import Target

_PAUSE = 1.0
"""Seconds between two attempts to reconnect to the machine."""


class Link:
    """Keeps a monitor connected.

    target: the address to reconnect to; None to not reconnect. on_lost and on_back are
    called when the connection is lost and when it is restored.
    """

    def __init__(
        self,
        monitor: Monitor,
        target: Target | None,
        on_lost: Callable[[MachineGoneError], None],
        on_back: Callable[[], Awaitable[None]],
    ) -> None:
        self.monitor = monitor
        self.target = target
        self.on_lost = on_lost
        self.on_back = on_back
        self.connection: AsyncConnection | None = None
        self._timeout: float | None = None
        self._task: asyncio.Task[None] | None = None

    async def take_over(self, blocking: BlockingConnection) -> None:
        """Continue in the event loop with a connection that was opened before it ran."""
        self._timeout = blocking.timeout
        await self._use(blocking)

    async def _use(self, blocking: BlockingConnection) -> None:
        self.connection = await adopt(blocking)
        self.connection.on_lost = self._lost
        self.monitor.attach(self.connection)

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
                blocking = await aside(
                    connect, self.target, timeout=self._timeout, trace=trace
                )
            except MachineGoneError:
                continue
            await self._use(blocking)
            blocking.close()  # the transport has its own copy of the descriptor
            await self.on_back()
            return

    def close(self) -> None:
        """Close the connection, and stop reconnecting."""
        if self._task is not None:
            self._task.cancel()
        if self.connection is not None:
            self.connection.close()
