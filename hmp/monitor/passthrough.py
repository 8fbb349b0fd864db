"""Lines sent on to QEMU's own monitor, by the QMP command human-monitor-command.

QEMU runs each line in a monitor of its own, which keeps nothing: the current CPU
goes along with every line, and a format is written out in full. A failure is text
like any other there; `failed` knows it by its form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.monitor.errors import CommandFailedError
from hmp.qmp.errors import COMMAND_NOT_FOUND, QMPError
from hmp.qmp.shapes import check_type

if TYPE_CHECKING:
    from hmp.monitor.line import Line
    from hmp.monitor.monitor import Monitor

_BAD_CPU = "Parameter 'cpu-index' expects a CPU number"
_TOO_EARLY = (
    r"Command '[^\n]*' not available until machine initialization has completed\.\n"
)
_FAILURE = (
    r"(?:warning: [^\n]*\n)*(?:"
    r"Error: |unknown command: |"
    rf"{_TOO_EARLY}|"
    r"Command \"[^\n]*\" is not available\.\n)"
)
_ADVICE = r"Try \"help [^\n]*\" for more information\n\Z"
_UNITS = {1: "b", 2: "h", 4: "w", 8: "g", -1: ""}


class Text(str):
    """What a machine's own monitor printed, with plain line ends."""

    __slots__ = ()


class Forwarded(Text):
    """What it printed for a line that was passed on; no reply to a QMP command."""

    __slots__ = ()


def failed(text: str, pattern: str = "") -> bool:
    """Return whether the text that a monitor printed reports a failure.

    pattern: a regular expression for what else marks a failure of this command.
    """
    return bool(
        re.match(_FAILURE, text)
        or re.search(_ADVICE, text)
        or (pattern and re.search(pattern, text))
    )


async def forward(monitor: Monitor, line: Line) -> Text:
    """Run the line in QEMU's own monitor, which has the last word on it.

    A line that does not parse here is sent as well: a newer QEMU may know better,
    and its answer is the one to show. Raises CommandError, QMPError.
    """
    if not monitor.qmp.has_hmp:
        raise _no_monitor(line)
    try:
        reply = await run_line(monitor, _explicit(line))
    except QMPError as error:
        if error.error_class != COMMAND_NOT_FOUND:
            raise
        raise _no_monitor(line) from error
    if failed(reply, line.entry.failure if line.entry else ""):
        said = reply if reply.strip() else "Error: the machine's monitor printed nothing\n"
        failure = CommandFailedError(said)
        failure.hint = _why_absent(reply, line, monitor.qmp.version)
        raise failure
    return reply


def _why_absent(reply: str, line: Line, version: tuple[int, int, int]) -> str:
    """Say to people why a command that we know is none there; else nothing."""
    if line.entry is None:
        return ""
    if reply.startswith("unknown command: "):
        release = ".".join(map(str, version))
        return f"QEMU {release} has no such command for this machine; others have."
    if re.match(_TOO_EARLY, reply):
        return "It is for another kind of machine, unless this one waits in preconfig."
    return ""


def _no_monitor(line: Line) -> Exception:
    """Return what is wrong with a line that no monitor of the machine's can take."""
    if line.error is not None:
        return line.error
    name = line.text[line.words[0][0] : line.words[-1][1]]
    return QMPError(f"'{name}' needs the monitor of a real QEMU", COMMAND_NOT_FOUND)


async def forward_line(monitor: Monitor) -> Text:
    """Give the line that a handler is called for to QEMU's monitor after all.

    For forms that only QEMU can answer. Raises CommandError, QMPError.
    """
    return await forward(monitor, monitor.line)


async def query_text(monitor: Monitor, command: str) -> Text:
    """Return what a QMP command that answers with text for people says.

    Raises QMPError, BadReplyError.
    """
    reply = await monitor.qmp.execute(command)
    check_type("HumanReadableText", command, reply)
    return Text(reply["human-readable-text"])


async def run_line(monitor: Monitor, text: str) -> Text:
    """Return what QEMU's monitor prints for a line, on the current CPU."""
    while True:
        try:
            reply = await monitor.qmp.execute(
                "human-monitor-command",
                {"command-line": text, "cpu-index": monitor.cpu},
            )
        except QMPError as error:
            if monitor.cpu is None or error.desc != _BAD_CPU:
                raise
            monitor.cpu = None  # it was unplugged; QEMU takes its first one then
        else:
            return Forwarded(reply.replace("\r\n", "\n"))


async def read_register(monitor: Monitor, name: str) -> int | None:
    """Return the value of a CPU register, or None when the machine knows none such."""
    if not monitor.qmp.has_hmp:
        return None
    try:
        reply = (await run_line(monitor, f"print /d ${name}")).strip()
    except QMPError as error:
        if error.error_class != COMMAND_NOT_FOUND:
            raise
        return None
    return int(reply) if re.fullmatch(r"-?\d+", reply) else None


def _explicit(line: Line) -> str:
    """Write out the format, since QEMU's defaults may be another monitor's."""
    args = line.args
    # a register that only QEMU knows is no reason to leave the format to QEMU
    wrong = line.error is not None and line.error.register is None
    # a format of memory, and not of an image
    if wrong or not {"count", "format", "size"} <= args.keys():
        return line.text
    end = line.start
    for _, token_end, parameter in line.tokens:
        if parameter.type.letter == "/":
            end = token_end
    letters = f"/{args['count']}{args['format']}{_UNITS[args['size']]}"
    name = line.text[: line.words[-1][1]]
    return f"{name} {letters} {line.text[end:].lstrip()}"
