"""Events of the machine as text, for the lines above the prompt."""

from __future__ import annotations

from time import localtime, strftime

from hmp.language.size import size_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Event = dict[str, Any]

RUN_STATES = {
    "STOP": "paused",
    "RESUME": "running",
    "SUSPEND": "suspended",
    "WAKEUP": "running",
    "SHUTDOWN": "shutdown",
}
"""The run state that each event reports."""


def in_words(event: Event) -> str:
    """Return one line: the time, the event's name, its data, and the machine of a set."""
    data = _members(event.get("data", {}), _SIZES.get(event["event"], ()))
    target = f": {event['target']}" if "target" in event else ""
    return f"{_clock(event)} {event['event']}{'  ' if data else ''}{data}{target}"


def _clock(event: Event) -> str:
    """Return the time of day; QEMU sends -1 when its clock fails."""
    try:
        seconds = event["timestamp"]["seconds"]
        if seconds > 0:
            return strftime("%H:%M:%S", localtime(seconds))
    except (LookupError, TypeError, ValueError, OverflowError, OSError):
        pass  # outside the range of this host's clock functions
    return "--:--:--"


_OF_JOBS = ("len", "offset", "speed")
_SIZES = {
    "BALLOON_CHANGE": ("actual",),
    "BLOCK_IMAGE_CORRUPTED": ("offset", "size"),
    "BLOCK_JOB_CANCELLED": _OF_JOBS,
    "BLOCK_JOB_COMPLETED": _OF_JOBS,
    "BLOCK_JOB_READY": _OF_JOBS,
    "BLOCK_WRITE_THRESHOLD": ("amount-exceeded", "write-threshold"),
    "DUMP_COMPLETED": ("completed", "total"),
    "HV_BALLOON_STATUS_REPORT": ("available", "committed"),
    "MEMORY_DEVICE_SIZE_CHANGE": ("size",),
}
"""The members of events that are numbers of bytes."""


def _members(data: Event, sizes: Sequence[str]) -> str:
    return " ".join(
        f"{key}={size_text(value) if key in sizes else _short(value, sizes)}"
        for key, value in data.items()
    )


def _short(value: Any, sizes: Sequence[str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        members: Event = value
        return "{" + _members(members, sizes) + "}"
    return str(value)


_JOB = "JOB_STATUS_CHANGE"
OURS = "hmp-"
"""The prefix of the names of jobs that hmp's commands start and dismiss themselves."""

_TELLING = ("paused", "ready", "aborting", "concluded")
"""Of the dozen states of a job, those worth showing."""


def _tells(data: Event) -> bool:
    return data.get("status") in _TELLING and not str(data.get("id")).startswith(OURS)


class EventLog:
    """Events that wait to be shown, at most a few screens of them.

    Events beyond that are counted, not shown. GATHERED: seconds to wait for more events
    before the first is shown.
    """

    LIMIT = 200
    GATHERED = 0.0

    def __init__(self) -> None:
        self._waiting: list[Event] = []
        self._dropped = 0

    def add(self, event: Event) -> None:
        """Add an event, unless it only reports a job's progress.

        The pause of a job that continues already is dropped: QEMU pauses some for an
        instant when they begin.
        """
        if event["event"] == _JOB:
            data = event.get("data", {})
            paused = {"id": data.get("id"), "status": "paused"}
            self._waiting = [
                other
                for other in self._waiting
                if other["event"] != _JOB or other.get("data") != paused
            ]
            if not _tells(data):
                return
        if len(self._waiting) < self.LIMIT:
            self._waiting.append(event)
        else:
            self._dropped += 1

    def take(self) -> list[str]:
        """Return the lines to show now."""
        lines = self.lines(_without_doubles(self._waiting))
        if self._dropped:
            lines.append(f"... and {self._dropped} more events")
        self._waiting.clear()
        self._dropped = 0
        return lines

    def lines(self, events: list[Event]) -> list[str]:
        """Return the lines of events; repeated ones become one line with a count."""
        lines: list[str] = []
        last, count = "", 0
        for event in events:
            line = in_words(event)
            key = line.partition(" ")[2]  # without the time, so that repeats match
            if lines and key == last:
                count += 1
                lines[-1] = f"{line}  (x{count})"
            else:
                lines.append(line)
                last, count = key, 1
        return lines


def _without_doubles(events: list[Event]) -> list[Event]:
    """Drop a job's state changes if the events of its block job say more."""
    told = [
        event.get("data", {}).get("device")
        for event in events
        if event["event"].startswith("BLOCK_JOB_")
    ]
    return [
        event
        for event in events
        if event["event"] != _JOB or event.get("data", {}).get("id") not in told
    ]
