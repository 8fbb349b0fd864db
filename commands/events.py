"""Events of the machine: those that came, those that come, and waiting for one."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from time import monotonic
from typing import TYPE_CHECKING, Any

from completions.event import AWAITED, EVENT
from hmp.authoring import (
    READ,
    CommandFailed,
    Monitor,
    QDict,
    command,
    run_job,
    views,
)
from hmp.display.sanitise import one_line
from hmp.monitor.events import in_words
from hmp.monitor.longoptions import seconds, take_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

CATEGORY = "Session"

_ENDINGS = ("BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED")
_LOOK = 60.0
"""Seconds of one pause; what comes cuts it short."""


def _line(event: Any) -> str:
    """Return an event in words, as one line whatever its data hold."""
    return one_line(in_words(event))


@command(
    "events",
    args_type="follow:-f,regex:-r,pattern:s?",
    help="show the events that came (-f: and those that come, -r: by a regular"
    " expression instead of a pattern with * and ?)",
    effect=READ,
    kinds={"pattern": EVENT},
    example="events BLOCK_*",
)
async def events(mon: Monitor, args: QDict) -> Any:
    """Return the events that fit; with -f write them as they come, until Ctrl-C."""
    if args.get("regex") and not mon.front.local:
        # one that backtracks would hold up all clients, and could not be ended
        raise CommandFailed(
            "Error: -r cannot be used from here; use a pattern with * and ?\n"
        )
    fits = _matcher(args.get("pattern", "*"), bool(args.get("regex")))
    found = [event for event in mon.events if fits(event["event"])]
    if not args.get("follow"):
        return found
    mon.front.write("".join(f"{_line(event)}\n" for event in found))

    def show(event: Any) -> None:
        if fits(event["event"]):
            mon.front.write(f"{_line(event)}\n")

    mon.listeners.append(show)
    mon.front.following = True
    mon.unfinished = None  # Ctrl-C is how this ends
    try:
        while True:
            await mon.qmp.pause(_LOOK)
    finally:
        mon.listeners.remove(show)
        mon.front.following = False


def _matcher(pattern: str, regex: bool) -> "Callable[[str], bool]":
    """Return what tells whether an event's name fits. Raises CommandFailed."""
    if not regex:
        return lambda name: fnmatchcase(name, pattern)
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise CommandFailed(f"Error: '{pattern}': {error}\n") from error
    return lambda name: compiled.search(name) is not None


@events.text
def events_text(found: Any) -> Iterator[str]:
    """Yield a line an event."""
    for event in found:
        yield _line(event)


@events.view
def events_view(found: Any) -> "RenderableType":
    """Show time, event and data in columns."""
    rows = (_line(event).split(" ", 2) for event in found)
    return views.table(
        *("time", "event", "data"),
        rows=((time, *rest) for time, *rest in rows),
    )


@command(
    "wait",
    args_type="what:S",
    params="event|job id [--timeout seconds]",
    help="wait for an event, or until a job has ended",
    effect=READ,
    kinds={"what": AWAITED},
    example="wait SHUTDOWN --timeout 60",
)
async def wait(mon: Monitor, args: QDict) -> Any:
    """Return the event that was waited for, or an empty object when a job has ended.

    An event counts from the start of the line before this one on, so that what a
    command causes is not missed when it comes faster than this line.
    """
    rest, options = take_options(args["what"], {"--timeout": "timeout"})
    limit = options.get("timeout")
    deadline = None if limit is None else monotonic() + seconds(limit, "--timeout")
    words = rest.split()
    if len(words) == 2 and words[0] == "job":
        return await _wait_job(mon, words[1])
    if len(words) != 1:
        raise CommandFailed("Error: wait wants an event, or 'job' and the id of one\n")
    recent = _recent(mon)
    while True:
        for event in recent:
            if fnmatchcase(event["event"], words[0]):
                return event
        before = mon.event_count
        left = _LOOK if deadline is None else deadline - monotonic()
        if left <= 0:
            raise CommandFailed(f"Error: no {words[0]} within {limit} s\n")
        await mon.qmp.pause(min(left, _LOOK))
        came = mon.event_count - before
        recent = list(mon.events)[-came:] if came else []


def _recent(mon: Monitor) -> list[Any]:
    """Return the events since the line before this one began."""
    missed = mon.event_count - mon.event_mark
    return list(mon.events)[-missed:] if missed else []


def _ended(event: Any, job: str) -> bool:
    """Return whether an event says that a job has ended. Raises CommandFailed if badly."""
    data = event.get("data", {})
    if event["event"] == "JOB_STATUS_CHANGE":
        return data.get("id") == job and data.get("status") in ("concluded", "null")
    if event["event"] not in _ENDINGS or data.get("device") != job:
        return False
    cancelled = "the job was cancelled" if event["event"] == _ENDINGS[1] else ""
    if reason := data.get("error", cancelled):
        raise CommandFailed(f"Error: {reason}\n")
    return True


async def _wait_job(mon: Monitor, job: str) -> Any:
    jobs = await mon.qmp.execute("query-jobs")
    if all(item["id"] != job for item in jobs):
        # one that has ended since the last line was waited for all the same
        if any(_ended(event, job) for event in _recent(mon)):
            return {}
        raise CommandFailed(f"Error: there is no job '{job}'\n")

    async def nothing() -> None:
        """It runs already."""

    await run_job(mon, job, nothing, f"job {job}", f"block_job_cancel {job}")
    return {}


@wait.text
def wait_text(event: Any) -> Iterator[str]:
    """Yield the event; nothing for a job."""
    if event:
        yield _line(event)
