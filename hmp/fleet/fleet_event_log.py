"""The events of many machines, those of a kind on one line."""

from __future__ import annotations

from hmp.fleet.node_sets import fold, how_many
from hmp.monitor.events import EventLog, in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmp.monitor.events import Event

_LONGEST = 200
"""The most characters of names on a line; `targets` shows all machines."""


class FleetEventLog(EventLog):
    """Events that wait to be shown; equal ones of several machines become one line."""

    LIMIT = 10_000
    GATHERED = 0.2

    def lines(self, events: list[Event]) -> list[str]:
        """Return a line for each kind of event, with the machines that have sent it."""
        kinds: dict[str, list[Event]] = {}
        for event in events:
            # equal but for the time: a rack that loses its network sends hundreds
            kinds.setdefault(f"{event['event']} {event.get('data')}", []).append(event)
        lines: list[str] = []
        for same in kinds.values():
            names = list(dict.fromkeys(str(event["target"]) for event in same))
            often = f"  (x{len(same)})" if len(same) > len(names) else ""
            lines.append(in_words({**same[-1], "target": _short(names)}) + often)
        return lines


def _short(names: Sequence[str]) -> str:
    """Return the names of machines, or of many that do not fold, only the first."""
    text = fold(names)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({how_many(len(names))})"
