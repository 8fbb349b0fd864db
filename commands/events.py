"""Events of the machine: list them, follow them, wait for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from commands._dump import until_tidy
from completions.event import AWAITED, EVENT
from completions.event import events as events_of
from hmp.authoring import (
    READ,
    BadReplyError,
    Call,
    CommandFailedError,
    Limit,
    Monitor,
    QDict,
    QMPError,
    WordError,
    command,
    refusal,
    seconds,
    split_words,
    views,
)
from hmp.display.event_text import event_line
from hmp.monitor.jobs import wait_for_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from hmp.monitor.events import Event

CATEGORY = "Session"

_LOOK = 1.0
"""Seconds between two checks whether the reader is still connected."""


@command(
    "events",
    args_type="follow:-f,regex:-r,pattern:s?",
    help="show past events (-f: then follow new ones, -r: PATTERN is a regular"
    " expression instead of a pattern with * and ?)",
    words="follow events, notifications, listen",
    effect=READ,
    kinds={"pattern": EVENT},
    example="events BLOCK_*",
    needs="events",
)
async def events(mon: Monitor, args: QDict) -> list[Event]:
    """Return the matching events; with -f, show them as they arrive until Ctrl-C."""
    if args.get("regex") and not mon.front.local:
        # one that backtracks would block all clients, and could not be interrupted
        raise CommandFailedError(
            "Error: -r is not allowed here; use a pattern with * and ?\n"
        )
    fits = _matcher(args.get("pattern", "*"), bool(args.get("regex")))
    if not args.get("follow"):
        return [event for event in mon.events if fits(event["event"])]
    mon.front.following = True
    mon.call.endless = True
    try:
        await _follow(mon, fits)
    except BrokenPipeError:
        pass  # so is a reader that closes its pipe
    finally:
        mon.front.following = False
    return []


async def _follow(mon: Monitor, fits: Callable[[str], bool]) -> None:
    """Show the matching events until the limit. Raises BrokenPipeError."""
    limit, shown = Limit(mon), 0
    # a program at the other end of a pipe, such as head, may stop reading
    while mon.front.has_reader():
        for number, event in mon.events_since(shown):
            if fits(event["event"]):
                mon.front.show_event(event)
            shown = number + 1
        mon.report_wrong_events()
        if limit.over:
            return
        await limit.pause(_LOOK)


def _matcher(pattern: str, regex: bool) -> Callable[[str], bool]:
    """Return a predicate on event names. Raises CommandFailedError."""
    if not regex:
        return lambda name: fnmatchcase(name, pattern)
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise CommandFailedError(f"Error: '{pattern}': {error}\n") from error
    return lambda name: compiled.search(name) is not None


@events.text
def events_text(found: list[Event]) -> Iterator[str]:
    """Yield one line per event."""
    for event in found:
        yield event_line(event)


@events.view
def events_view(found: list[Event], call: Call) -> RenderableType | None:
    """Show time, event and data in columns."""
    if not found and call.args.get("follow"):
        return None  # they were shown as they came
    if not found:
        pattern = call.args.get("pattern")
        return views.text(f"No event matches '{pattern}'" if pattern else "No events yet")
    return views.table("time", "machine", "event", "data", rows=map(_row, found))


def _row(event: Event) -> tuple[str | None, ...]:
    """Return the cells of an event; one of a set has a machine."""
    own = {key: value for key, value in event.items() if key != "target"}
    time, name, *data = event_line(own).split(None, 2)
    return time, event.get("target"), name, *data


@command(
    "wait",
    args_type="what:S",
    params="event [member=value]...|job id [--timeout seconds]",
    help="wait for an event with matching data, or for the end of a job",
    arguments={
        "event": "the event's name, such as SHUTDOWN",
        "member=value": "a value that the event's data must have ('a.b' for b within a)",
        "job id": "wait for the end of the job called ID",
        "--timeout seconds": "give up after so many seconds",
    },
    about=(
        "'wait DEVICE_DELETED device=net1 --timeout 60' waits for a minute at most until"
        " net1 is unplugged.\n\n"
        "An event that came after the last change of the machine counts, too: a device that"
        " was released before 'wait' began is not missed."
    ),
    words="block until, sleep, notification",
    effect=READ,
    kinds={"what": AWAITED},
    needs="events",
)
async def wait(mon: Monitor, args: QDict) -> Event:
    """Return the awaited event, or an empty object at the end of a job.

    An event that a command causes is not missed if it arrives before this line runs.
    Each event ends only one wait. Raises CommandFailedError at the time limit.
    """
    (name, *rest), limit = _read_wait(mon, args["what"])
    if name == "job" and len(rest) == 1 and "=" not in rest[0]:
        await wait_for_job(mon, rest[0], limit)
        return {}
    if "=" in name or not all(word.find("=") > 0 for word in rest):
        raise CommandFailedError(_USAGE)
    members = [word.partition("=")[::2] for word in rest]
    paths = [path for path, _ in members]
    if repeated := [path for path in paths if paths.count(path) > 1]:
        raise CommandFailedError(f"Error: '{repeated[0]}' can have one value only\n")
    begin = mon.cause()
    if mon.front.interactive:
        await _refuse_unknown(mon, name)
    while True:
        for number, event in mon.events_since(begin):
            if number not in mon.awaited and _fits(event, name, members):
                mon.awaited.add(number)
                # it comes before QEMU allows another dump, which the next line may be
                if event["event"] == "DUMP_COMPLETED":
                    await until_tidy(mon)
                return event
        if wrong := mon.wrong_event(begin, name):
            raise CommandFailedError(f"Error: {wrong}\n", wrong)
        # events that were looked at need not be looked at again
        begin = mon.event_count
        if limit.over:
            raise CommandFailedError(
                f"Error: no {' '.join((name, *rest))} within {limit}\n"
            )
        await limit.pause(_LOOK)


_USAGE = (
    "Error: wait needs an event, optionally with member=value for its data, or 'job' and"
    " a job id\n"
)


async def _refuse_unknown(mon: Monitor, name: str) -> None:
    """Raise CommandFailedError for an event that the machine never sends."""
    try:
        known = [each for each, _ in await events_of(mon.qmp, "")]
    except (QMPError, BadReplyError):
        return  # a machine without introspection
    if known and not any(fnmatchcase(each, name) for each in known):
        raise refusal(f"no event is called '{name}'")


def _read_wait(mon: Monitor, text: str) -> tuple[list[str], Limit]:
    """Return the words of a wait, and its limit. Raises CommandFailedError."""
    try:
        words = split_words(text)
    except WordError as error:
        raise CommandFailedError(f"Error: {error.reason}\n") from error
    own = None
    if "--timeout" in words:
        place = words.index("--timeout")
        if place + 1 == len(words):
            raise CommandFailedError("Error: --timeout needs a value\n")
        own = seconds(words[place + 1], "--timeout")
        del words[place : place + 2]
    if not words:
        raise CommandFailedError(_USAGE)
    return words, Limit(mon, own)


def _fits(event: Event, name: str, members: list[tuple[str, str]]) -> bool:
    """Return whether an event matches by its name and by the members of its data."""
    return fnmatchcase(event["event"], name) and all(
        _equals(_member(event.get("data", {}), path), wanted) for path, wanted in members
    )


_MISSING = object()


def _member(data: object, path: str) -> object:
    """Return the value at a path of names and indices, or _MISSING."""
    for step in path.split("."):
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return _MISSING
    return data


def _equals(value: object, wanted: str) -> bool:
    """Return whether a value matches a word, which is a pattern for a string."""
    if isinstance(value, bool):
        return wanted in (("on", "true", "yes") if value else ("off", "false", "no"))
    if value is _MISSING:
        return False
    text = "null" if value is None else str(value)
    return text == wanted or (isinstance(value, str) and fnmatchcase(value, wanted))


@wait.text
def wait_text(event: Event) -> Iterator[str]:
    """Yield the event; nothing for a job."""
    if event:
        yield event_line(event)
