"""An event as one line of text."""

from __future__ import annotations

from hmp.display.sanitise import one_line
from hmp.monitor.events import in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.monitor.events import Event


def event_line(event: Event) -> str:
    """Return an event's time, name and data as one line, with unsafe characters escaped."""
    return one_line(in_words(event))
