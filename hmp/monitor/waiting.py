"""Waiting for a time, and the limit on how long a line may wait."""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.monitor.monitor import Monitor

INTERVAL = 0.5
"""The most seconds between two polls; an event ends the pause early."""
_FIRST_POLL = 0.01
"""Seconds before the second poll, and doubled before each further one."""


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
        self._poll = _FIRST_POLL

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self._end is not None and monotonic() >= self._end

    async def pause(self, seconds: float | None = None) -> None:
        """Wait some seconds at most, or until an event arrives. Raises MachineGoneError.

        seconds: None for a poll; polls are close at first, since most work is short.
        """
        self.monitor.front.before_wait()
        if seconds is None:
            seconds, self._poll = self._poll, min(2 * self._poll, INTERVAL)
        if self._end is not None:
            seconds = max(0.0, min(seconds, self._end - monotonic()))
        await self.monitor.qmp.pause(seconds)

    def __str__(self) -> str:
        return f"{self.seconds:g} s"


async def sleep(monitor: Monitor, seconds: float) -> None:
    """Wait for some seconds, even when events arrive. Raises MachineGoneError."""
    end = monotonic() + seconds
    while (left := end - monotonic()) > 0:
        await monitor.qmp.pause(left)
