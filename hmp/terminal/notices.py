"""Events above the prompt: each as it comes, a flood as little."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.monitor.events import EventLog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

_PAUSE = 0.1
"""Seconds between two looks at the events that wait, so that a flood is one write."""


class Notices:
    """Gathers events and shows them in words; show: writes text above the prompt."""

    def __init__(self, show: Callable[[str], Awaitable[None]]) -> None:
        self.show = show
        self._log = EventLog()
        self._wake = asyncio.Event()

    def add(self, event: dict[str, Any]) -> None:
        """Take an event in."""
        self._log.add(event)
        self._wake.set()

    async def follow(self) -> None:
        """Show what comes, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.flush()
            await asyncio.sleep(_PAUSE)

    async def flush(self) -> None:
        """Show what waits."""
        lines = self._log.take()
        if lines:
            await self.show("".join(f"{one_line(line)}\n" for line in lines))
