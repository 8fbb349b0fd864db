"""Events above the prompt: each at once, a flood in summary."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.monitor.events import EventLog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

_PAUSE = 0.1
"""Seconds between two writes of the waiting events, so that a flood is one write."""


class Notices:
    """Collects events in a log and shows them; show: writes text above the prompt."""

    def __init__(
        self, show: Callable[[str], Awaitable[None]], log: EventLog | None = None
    ) -> None:
        self.show = show
        self._log = log or EventLog()
        self._wake = asyncio.Event()

    def add(self, event: dict[str, Any]) -> None:
        """Add an event."""
        self._log.add(event)
        self._wake.set()

    async def follow(self) -> None:
        """Show events as they arrive, until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(self._log.GATHERED)
            self._wake.clear()
            await self.flush()
            await asyncio.sleep(_PAUSE)

    async def flush(self) -> None:
        """Show the waiting events now."""
        lines = self._log.take()
        if lines:
            await self.show("".join(f"{one_line(line)}\n" for line in lines))
