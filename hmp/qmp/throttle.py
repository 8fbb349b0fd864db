"""The rates at which QEMU sends events: of some kinds, one a second and the last one.

Without I/O and without a clock. The first of a kind goes out at once; of those that
follow within a second the last one does, when the second is over, and begins another.
Which kinds, is in QEMU's QMP reference; when each goes out was seen on its RTC_CHANGE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Event = dict[str, Any]

SECOND = 1.0

LIMITED: dict[str, str | None] = {
    "BALLOON_CHANGE": None,
    "BLOCK_IO_ERROR": "qom-path",
    "HV_BALLOON_STATUS_REPORT": None,
    "MEMORY_DEVICE_SIZE_CHANGE": "qom-path",
    "QUORUM_FAILURE": None,
    "QUORUM_REPORT_BAD": "node-name",
    "RTC_CHANGE": None,
    "VSERPORT_CHANGE": "id",
    "WATCHDOG": None,
}
"""The events that are limited; with the member of their data that tells kinds apart."""


class Throttle:
    """Holds events back; ask it for each, and again when `due` is over."""

    def __init__(self) -> None:
        # by kind: until when it rests, and the event that waits for that
        self._resting: dict[tuple[str, str], tuple[float, Event | None]] = {}

    @property
    def due(self) -> float | None:
        """When to call `release`; None when nothing rests."""
        return min((until for until, _ in self._resting.values()), default=None)

    def admit(self, event: Event, now: float) -> bool:
        """Return whether an event is to be sent now; it is kept when not."""
        name = event["event"]
        data = event.get("data", {})
        if name not in LIMITED:
            return True
        if name == "BLOCK_IO_ERROR" and data.get("action") == "stop":
            return True
        kind = (name, str(data.get(LIMITED[name])))
        resting = self._resting.get(kind)
        if resting is None:
            self._resting[kind] = now + SECOND, None
            return True
        self._resting[kind] = resting[0], event
        return False

    def release(self, now: float) -> list[Event]:
        """Return the events whose time has come."""
        released = []
        for kind, (until, event) in list(self._resting.items()):
            if until > now:
                continue
            if event is None:
                del self._resting[kind]
            else:
                self._resting[kind] = now + SECOND, None
                released.append(event)
        return released
