"""Events of the machine, in words, for the lines above the prompt."""

from __future__ import annotations

from time import localtime, strftime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Event = dict[str, Any]

RUN_STATES = {
    "STOP": "paused",
    "RESUME": "running",
    "SUSPEND": "suspended",
    "WAKEUP": "running",
    "SHUTDOWN": "shutdown",
}
"""What an event says about the machine's run state."""


def in_words(event: Event) -> str:
    """Return one line: when, what, and with which data."""
    data = " ".join(f"{k}={_short(v)}" for k, v in event.get("data", {}).items())
    return f"{_clock(event)} {event['event']}{'  ' if data else ''}{data}"


def _clock(event: Event) -> str:
    """Return the time of day; QEMU's clock may fail, and says so by -1."""
    try:
        seconds = event["timestamp"]["seconds"]
        if seconds > 0:
            return strftime("%H:%M:%S", localtime(seconds))
    except (LookupError, TypeError, ValueError, OverflowError, OSError):
        pass  # nothing that this host can tell the time of
    return "--:--:--"


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "{" + " ".join(f"{k}={_short(v)}" for k, v in value.items()) + "}"
    return str(value)


_JOB = "JOB_STATUS_CHANGE"
OURS = "hmp-"
"""How the names of jobs begin that a command makes and dismisses by itself."""

_TELLING = ("paused", "ready", "aborting", "concluded")
"""Of the dozen states of a job, those that somebody wants to know of."""


def _tells(data: Event) -> bool:
    return data.get("status") in _TELLING and not str(data.get("id")).startswith(OURS)


class EventLog:
    """Events that wait to be shown, not more than a few screens of them.

    What floods is counted instead of shown.
    """

    LIMIT = 200

    def __init__(self) -> None:
        self._waiting: list[Event] = []
        self._dropped = 0

    def add(self, event: Event) -> None:
        """Take an event in, unless it only says that a job is on its way."""
        if event["event"] == _JOB and not _tells(event.get("data", {})):
            return
        if len(self._waiting) < self.LIMIT:
            self._waiting.append(event)
        else:
            self._dropped += 1

    def take(self) -> list[str]:
        """Return the lines to show now, repeated events as one with their number."""
        lines: list[str] = []
        last, count = "", 0
        for event in _without_doubles(self._waiting):
            line = in_words(event)
            key = line.partition(" ")[2]
            if lines and key == last:
                count += 1
                lines[-1] = f"{line}  (x{count})"
            else:
                lines.append(line)
                last, count = key, 1
        if self._dropped:
            lines.append(f"... and {self._dropped} more events")
        self._waiting.clear()
        self._dropped = 0
        return lines


def _without_doubles(events: list[Event]) -> list[Event]:
    """Leave out of a job's states what its block job's own events tell better."""
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
