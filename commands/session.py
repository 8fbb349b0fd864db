"""Commands on other lines and on QMP itself: explain, trace, qmp, source, time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING

from completions.file import OUR_FILE
from completions.monitor import EXPLAINED, LINE
from completions.qmp import RAW_QMP
from hmp.authoring import (
    READ,
    CommandFailedError,
    Monitor,
    QDict,
    QMPError,
    command,
    pretty,
)
from hmp.monitor.fatal import refuse_fatal
from hmp.monitor.guards import Explaining
from hmp.monitor.line import is_comment
from hmp.monitor.messages import message_text
from hmp.monitor.raw_qmp import raw_request

if TYPE_CHECKING:
    from hmp.qmp.exchange import Message

CATEGORY = "Session"


@command(
    "explain",
    args_type="line:S",
    params="command",
    help="show the QMP messages of a line, without sending those that would change the"
    " machine",
    arguments={"command": "command with its arguments"},
    words="dry run, translate, what would happen",
    effect=READ,
    kinds={"line": EXPLAINED},
    example="explain device_add e1000,id=n1",
)
async def explain(mon: Monitor, args: QDict) -> list[Message]:
    """Return the messages. Raises the errors that the line raises before the first one."""
    line = mon.parse(args["line"])
    if line.entry is not None and line.error is not None and line.error.register is None:
        raise line.error
    telling = Explaining(mon.qmp)
    inner = Monitor(telling, mon.commands)
    # what is sent depends on them
    inner.cpu, inner.print_defaults = mon.cpu, mon.print_defaults
    inner.initialised = True  # so that the monitor's own queries are not shown
    inner.depth = mon.depth
    call = await inner.run(args["line"])
    if call is not None and call.error is not None and not telling.messages:
        raise call.error
    return telling.messages


@explain.text
def explain_text(messages: list[Message]) -> Iterator[str]:
    """Yield one line per message."""
    if not messages:
        yield "nothing is sent: the monitor does this by itself"
    for message in messages:
        yield message_text("->", message).rstrip("\n")


@command(
    "trace",
    args_type="state:b",
    params="on|off",
    help="show QMP messages as they are sent and received, or stop showing them",
    arguments={"on|off": "on or off"},
    words="debug, show messages, log qmp",
    effect=READ,
    example="trace on",
)
async def trace(mon: Monitor, args: QDict) -> None:
    """Turn the trace of the session on or off."""
    mon.front.trace(args["state"])


@command(
    "qmp",
    args_type="request:S",
    params="name [key=value]...|name {json}|{json}",
    help="run a QMP command",
    arguments={
        "name [key=value]...": "QMP command and its arguments; a.b=1 is member b of a",
        "name {json}": "QMP command and its arguments as JSON",
        "{json}": "a whole QMP message",
    },
    words="raw, json, execute",
    kinds={"request": RAW_QMP},
    example="qmp query-status",
    needs="qmp",
)
async def qmp(mon: Monitor, args: QDict) -> object:
    """Return the value of a QMP command; the schema gives the type of key=value."""
    request = await raw_request(mon.qmp, args["request"])
    await refuse_fatal(mon, request.name, request.arguments)
    run = mon.raw.execute_oob if request.oob else mon.raw.execute
    try:
        return await run(request.name, request.arguments)
    except QMPError as error:
        # a CommandFailedError: on a QMPError, the monitor may fall back to HMP
        failure = CommandFailedError(f"Error: {error.desc}\n", error.desc)
        failure.error_class = error.error_class
        raise failure from error


@qmp.text
def qmp_text(value: object) -> Iterator[str]:
    """Yield the value as JSON."""
    yield pretty(value)  # whole: there may be millions of lines


@command(
    "source",
    args_type="file:F",
    help="run the lines of a file on this host",
    arguments={"file": "the file on this host"},
    words="script, run file, include",
    effect=READ,
    kinds={"file": OUR_FILE},
)
async def source(mon: Monitor, args: QDict) -> None:
    """Run the lines one after the other.

    With --stop-on-error, stop at the first line that fails. Raises CommandFailedError if
    any line has failed.
    """
    if not mon.front.local:
        raise CommandFailedError("Error: lines of files cannot be run from here\n")
    path = os.path.expanduser(args["file"])
    try:
        # some editors begin a file with a byte order mark
        data = (await mon.front.read_file(path)).decode("utf-8-sig")
        if "\0" in data:
            raise ValueError("not a text file")
        lines = enumerate(data.replace("\r\n", "\n").split("\n"), 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandFailedError(f"Error: cannot read {path}: {reason}\n") from error
    # also by way of others: each file that is being run is in this list
    if path in mon.front.sourced:
        raise CommandFailedError(f"Error: {path} sources itself\n")
    failed: list[int] = []
    mon.front.sourced.append(path)
    try:
        for number, line in lines:
            if line.strip() and not await mon.front.run_line(line):
                failed.append(number)
            if mon.ended:
                left = [line for _, line in lines if line.strip()]
                mon.front.unrun += sum(not is_comment(line) for line in left)
            elif failed and mon.front.stop_on_error:
                break
    finally:
        mon.front.sourced.pop()
    if failed:
        raise CommandFailedError(f"Error: {_failures(failed, path)}\n")


_NAMED = 10
"""The most lines that an error lists."""


def _failures(numbers: list[int], path: str) -> str:
    """Return which lines of a file have failed."""
    if len(numbers) == 1:
        return f"line {numbers[0]} of {path} failed"
    named = ", ".join(map(str, numbers[:_NAMED]))
    more = ", …" if len(numbers) > _NAMED else ""
    return f"{len(numbers)} lines of {path} failed: {named}{more}"


@command(
    "time",
    args_type="line:S",
    params="command",
    help="run a line and show how long it takes",
    arguments={"command": "command with its arguments"},
    words="measure, duration",
    effect=READ,
    kinds={"line": LINE},
    example="time info block",
)
async def time(mon: Monitor, args: QDict) -> dict[str, float]:
    """Return the seconds that a line took; the front end shows its output."""
    begun = perf_counter()
    well = await mon.front.run_line(args["line"])
    took = perf_counter() - begun
    if not well:
        raise CommandFailedError(f"It failed after {took:.3f} s\n")
    return {"seconds": took}


@time.text
def time_text(value: dict[str, float]) -> Iterator[str]:
    """Yield the time."""
    yield f"{value['seconds']:.3f} s"
