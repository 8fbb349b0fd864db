"""The alarm timer that drives the embedded machine's clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import Monitor, QDict, info, views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.qmp.reply_types import AlarmClock, AlarmMethod

CATEGORY = "Demonstration machine"


@info(
    "alarmclock",
    help="show the alarm timer in use and when it fires next",
    qmp=["query-alarm-clock"],
)
async def alarmclock(mon: Monitor, args: QDict) -> AlarmClock:
    """Return AlarmClock."""
    return await mon.qmp.execute("query-alarm-clock")


@alarmclock.text
def alarmclock_text(clock: AlarmClock) -> Iterator[str]:
    """Yield the method and, if one is set, the deadline."""
    yield f"Alarm clock method in use: '{clock['clock-name']}'"
    if "next-deadline" in clock:
        yield f"Next alarm will fire in {clock['next-deadline']} nanoseconds"


@info(
    "alarm_methods|alarm-methods",
    help="show the available alarm timers, the one in use marked with *",
    qmp=["query-alarm-methods"],
)
async def alarm_methods(mon: Monitor, args: QDict) -> list[AlarmMethod]:
    """Return a list of AlarmMethod."""
    return await mon.qmp.execute("query-alarm-methods")


@alarm_methods.text
def alarm_methods_text(methods: list[AlarmMethod]) -> Iterator[str]:
    """Yield a line per method, the mark first."""
    for method in methods:
        yield f"{'*' if method['current'] else ' '} {method['method-name']}"


@alarm_methods.view
def alarm_methods_view(methods: list[AlarmMethod]) -> RenderableType:
    """Show a table of the methods, with the one in use marked."""
    return views.table(
        "method",
        "in use",
        rows=(
            (m["method-name"], views.state("yes", True) if m["current"] else None)
            for m in methods
        ),
    )
