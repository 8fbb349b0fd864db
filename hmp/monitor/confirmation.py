"""The question before a line that destroys something, and what it says."""

from __future__ import annotations

from hmp.monitor.errors import DeclinedError
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import BadReplyError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hmp.monitor.call import Call
    from hmp.monitor.entry import Entry
    from hmp.monitor.monitor import Monitor


async def confirm(monitor: Monitor, call: Call, entry: Entry[Any]) -> None:
    """Ask the user, if the line needs it. Raises DeclinedError, CommandFailedError."""
    if monitor.read_only:
        return  # it will be refused
    ways = list(entry.qmp[:1])
    if monitor.qmp.has_hmp:
        ways.append(RUN_LINE)
    if monitor.front.interactive and await monitor.lacks(ways):
        return  # it will fail, and that changes nothing
    outcome = await foreseen(monitor, call, entry)
    if outcome is None:
        return
    will = f"{outcome}. " if outcome else ""
    if not await monitor.front.confirm(f"{call.shown_line.strip()}: {will}Continue?"):
        raise DeclinedError


async def foreseen(monitor: Monitor, call: Call, entry: Entry[Any]) -> str | None:
    """Return what a line will do, for the question; None if it needs no question.

    Raises CommandFailedError for a line that would fail.
    """
    if entry.foreseen is None or not monitor.front.interactive:
        return entry.usual_outcome
    try:
        return await entry.foreseen(monitor, call.args) or None
    except (QMPError, BadReplyError):
        return entry.usual_outcome  # the machine may not have the queries
    except KeyError:
        if call.line.error is None:
            raise
        return None  # the line lacks arguments
