"""Waiting for a time, and the limit on how long a line may wait."""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.monitor.monitor import Monitor

INTERVAL = 0.5
"""Seconds between two polls; an event ends the pause early."""


class Limit:
    """How long a line may wait.

    own: the limit in seconds that the line itself gives; by default, the time that the
    machine may take for one reply (``--timeout``). seconds: the resulting limit; None if
    unlimited.
    """

    def __init__(self, monitor: Monitor, own: float | None = None) -> None:
        self.monitor = monitor
        self.seconds = monitor.connection.timeout if own is None else own
        self._end = None if self.seconds is None else monotonic() + self.seconds

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self._end is not None and monotonic() >= self._end

    async def pause(self, seconds: float = INTERVAL) -> None:
        """Wait that long at most, or until an event arrives. Raises MachineGoneError."""
        self.monitor.front.before_wait()
        if self._end is not None:
            seconds = max(0.0, min(seconds, self._end - monotonic()))
        await self.monitor.qmp.pause(seconds)

    def __str__(self) -> str:
        return f"{self.seconds:g} s"


async def sleep(monitor: Monitor, seconds: float) -> None:
    """Wait that long, even when events arrive. Raises MachineGoneError."""
    end = monotonic() + seconds
    while (left := end - monotonic()) > 0:
        await monitor.qmp.pause(left)
