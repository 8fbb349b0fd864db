"""Rate limits for events, as in QEMU: some kinds are sent at most once a second.

Without I/O and without a clock. The first event of a kind is sent at once. Of those that
follow within a second, the last one is sent when the second is over, which starts another.
QEMU's QMP reference lists the kinds; the timing was observed with RTC_CHANGE.
"""

from __future__ import annotations

TYPE_CHECKING = False
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
"""The limited events, each with the member of its data that distinguishes kinds."""


class Throttle:
    """Holds events back; call `admit` for each, and `release` at the time `due`."""

    def __init__(self) -> None:
        # by kind: the end of its second, and the event that waits for it
        self._resting: dict[tuple[str, str], tuple[float, Event | None]] = {}

    @property
    def due(self) -> float | None:
        """When to call `release`; None if no kind is limited now."""
        return min((until for until, _ in self._resting.values()), default=None)

    def admit(self, event: Event, now: float) -> bool:
        """Return whether to send an event now; otherwise keep it for later."""
        name = event["event"]
        data = event.get("data", {})
        if name not in LIMITED:
            return True
        # each of these stops the guest; QEMU exempts them in its documentation, too
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
        """Return the events that are due."""
        released: list[dict[str, Any]] = []
        for kind, (until, event) in list(self._resting.items()):
            if until > now:
                continue
            if event is None:
                del self._resting[kind]
            else:
                self._resting[kind] = now + SECOND, None
                released.append(event)
        return released
