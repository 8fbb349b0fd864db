"""Lines sent on to QEMU's own monitor, by the QMP command human-monitor-command.

Over QMP, QEMU runs each line in a new monitor, which has no state: so each line is sent
with the current CPU, and a format is written out in full. A door that carries lines only
leads to a monitor that keeps its CPU. The reply to a failed line is text like any other;
`failed` recognises it by its form, and it is raised as CommandFailedError.
"""

from __future__ import annotations

import re

from hmp.language.words import as_argument
from hmp.monitor.call import Forwarded, Text
from hmp.monitor.errors import CommandFailedError
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import (
    BAD_CPU,
    COMMAND_NOT_FOUND,
    MachineGoneError,
    QMPError,
    missing_command,
)
from hmp.qmp.shapes import COMMANDS, check_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hmp.monitor.call import Call
    from hmp.monitor.entry import Entry
    from hmp.monitor.line import Line
    from hmp.monitor.monitor import Monitor

_PIECE = 1 << 20
"""Characters of a text whose line ends are replaced at once."""
# of a command that a machine in preconfig does not have yet
_TOO_EARLY = (
    r"Command '[^\n]*' not available until machine initialization has completed\.\n"
)
# what QEMU's monitor begins with if a line fails, perhaps after warnings
_FAILURE = (
    r"(?:warning: [^\n]*\n)*(?:"
    r"Error: |unknown command: |"
    rf"{_TOO_EARLY}|"
    r"Command \"[^\n]*\" is not available\.\n)"
)
# what it ends with if a line does not parse
_ADVICE = r"Try \"help [^\n]*\" for more information\n\Z"
# letters of a unit in /fmt by its bytes; instructions have none
_UNITS = {1: "b", 2: "h", 4: "w", 8: "g", -1: ""}


def failed(text: str, pattern: str = "") -> bool:
    """Return whether the text that a monitor printed reports a failure.

    pattern: a regular expression for further texts that mark a failure of this command.
    """
    return bool(
        re.match(_FAILURE, text)
        or re.search(_ADVICE, text)
        or (pattern and re.search(pattern, text))
    )


async def forward(monitor: Monitor, line: Line) -> Text:
    """Run the line in QEMU's own monitor, which decides whether it is correct.

    A line that does not parse here is sent as well: a newer QEMU may accept it, and if
    not, QEMU's own error is shown. Raises CommandError, QMPError.
    """
    if not monitor.qmp.has_hmp:
        raise _no_monitor(monitor, line)
    try:
        reply = await run_line(monitor, await _as_sent(monitor, line))
    except QMPError as error:
        if error.error_class != COMMAND_NOT_FOUND:
            raise
        raise _no_monitor(monitor, line) from error
    if failed(reply, line.entry.failure if line.entry else ""):
        said = reply if reply.strip() else "Error: the machine's monitor printed nothing\n"
        failure = CommandFailedError(said)
        failure.hint = _why_absent(reply, line, monitor.qmp.version)
        raise failure
    return reply


async def by_line(monitor: Monitor, call: Call, entry: Entry[Any]) -> Text:
    """Run a line whose command has a handler in QEMU's own monitor instead.

    For doors that carry nothing else.
    """
    if entry.asks_user:
        if call.line.error is not None and call.line.error.register is None:
            raise call.line.error  # QEMU would say the same
        await monitor.confirm(call, entry)
    if entry.checks and call.line.error is None:
        from hmp.monitor.guards import rehearse

        await rehearse(monitor, call.args, entry)
    ending = entry.names[0] == "quit" and call.line.error is None
    try:
        reply = await forward(monitor, call.line)
    except MachineGoneError:
        if not ending:
            raise
        reply = Text()  # QEMU exits before it has answered
    monitor.ended = monitor.ended or ending
    return monitor.look(reply)


async def _as_sent(monitor: Monitor, line: Line) -> str:
    """Return the text that a line is sent as."""
    entry = line.entry
    if monitor.connection.takes_qmp or not (entry and entry.asks):
        return _explicit(line)
    if not re.fullmatch(entry.asks, line.text.strip()):
        return line.text
    # QEMU would ask, and wait for the answer for ever if the user leaves
    secret = await monitor.ask_secret("Password: ")
    word = as_argument(secret)
    if word is None:
        raise CommandFailedError("Error: no line can contain this password\n")
    monitor.connection.hidden = (*monitor.connection.hidden, secret, word)
    return f"{line.text.rstrip()} {word}"


def _why_absent(reply: str, line: Line, version: tuple[int, int, int]) -> str:
    """Explain why a known command is missing from this QEMU; empty for other replies."""
    if line.entry is None:
        return ""
    if reply.startswith("unknown command: "):
        release = ".".join(map(str, version))
        return f"QEMU {release} does not have this command here; other builds do."
    if re.match(_TOO_EARLY, reply):
        return "It is for other machine types, unless this machine is in preconfig."
    return ""


def _no_monitor(monitor: Monitor, line: Line) -> Exception:
    """Return the error of a line that needs a monitor which the machine lacks."""
    if line.error is not None:
        return line.error
    name = line.text[line.words[0][0] : line.words[-1][1]]
    connection = monitor.connection
    agent = f", which {connection.door} does not have" if connection.is_agent else ""
    return _lacking(monitor, f"'{name}' needs the monitor of a real QEMU{agent}")


async def forward_line(monitor: Monitor) -> Text:
    """Pass the current line on to QEMU's monitor from within its handler.

    For forms that only QEMU can answer. Raises CommandError, QMPError.
    """
    return await forward(monitor, monitor.line)


async def query_text(monitor: Monitor, command: str) -> Text:
    """Return the text of a QMP command that answers with text for people.

    Raises QMPError, BadReplyError.
    """
    reply = await monitor.qmp.execute(command)
    check_type("HumanReadableText", command, reply)
    return Text(reply["human-readable-text"])


async def run_line(monitor: Monitor, text: str) -> Text:
    """Return the output of QEMU's monitor for a line, on the current CPU."""
    while True:
        try:
            reply = await monitor.qmp.execute(
                RUN_LINE,
                {"command-line": text, "cpu-index": monitor.cpu},
            )
        except QMPError as error:
            if monitor.cpu is None or error.desc != BAD_CPU:
                raise
            monitor.cpu = None  # it was unplugged; without one, QEMU uses the first
        else:
            return Forwarded(_with_plain_ends(reply))


def _with_plain_ends(text: str) -> str:
    """Return a text with plain line ends; signals are handled between pieces of it."""
    pieces: list[str] = []
    place = 0
    while place < len(text):
        end = text.find("\n", place + _PIECE) + 1 or len(text)
        pieces.append(text[place:end].replace("\r\n", "\n"))
        place = end
    return "".join(pieces)


async def read_register(monitor: Monitor, name: str) -> int | None:
    """Return the value of a CPU register, or None if the machine does not know it."""
    if not monitor.qmp.has_hmp:
        return None
    try:
        # no QMP command reads registers, but expressions of QEMU's monitor may name them
        reply = (await run_line(monitor, f"print /d ${name}")).strip()
    except QMPError as error:
        if error.error_class != COMMAND_NOT_FOUND:
            raise
        return None
    return int(reply) if re.fullmatch(r"-?\d+", reply) else None


def _explicit(line: Line) -> str:
    """Write out the format, since QEMU's new monitor does not know our last one."""
    args = line.args
    # even if the line failed here on a register that only QEMU knows
    wrong = line.error is not None and line.error.register is None
    # the "/" parameter: a format of memory, not the argument "format" of an image
    if wrong or not {"count", "format", "size"} <= args.keys():
        return line.text
    end = line.start
    for _, token_end, parameter in line.tokens:
        if parameter.type.letter == "/":
            end = token_end
    letters = f"/{args['count']}{args['format']}{_UNITS[args['size']]}"
    name = line.text[: line.words[-1][1]]
    return f"{name} {letters} {line.text[end:].lstrip()}"


async def as_machine_reads(monitor: Monitor, line: Line) -> Line:
    """Parse a line again with the machine's way to read 0b11, and its registers' values."""
    if line.has_binary and monitor.reads_binary is None and monitor.qmp.has_hmp:
        try:
            # the C library of QEMU's host decides
            monitor.reads_binary = await run_line(monitor, "print 0b1") == "0x1\n"
        except QMPError:
            monitor.reads_binary = True  # it has no monitor that could differ from ours
        line = monitor.parse(line.text)
    registers: dict[str, int] = {}
    while line.error is not None and line.error.register is not None:
        # parsing stops at the first register whose value is unknown
        name = line.error.register
        value = await read_register(monitor, name)
        if value is None:
            break
        registers[name] = value
        line = monitor.parse(line.text, registers)
    return line


async def fall_back(
    monitor: Monitor, entry: Entry[Any], line: Line, error: QMPError
) -> Text:
    """Run a line in QEMU's own monitor, if the error is that QMP lacks one of its commands.

    Raises QMPError, which names the missing command, without such a monitor. So it does
    if the entry does not list the command, and no release has it: its author has
    misspelt it. Any other error is raised again.
    """
    if error.error_class != COMMAND_NOT_FOUND:
        from hmp.monitor.bugs import with_place

        raise with_place(error, entry.source)
    command = missing_command(error.desc)
    listed = command in entry.qmp
    if command and not listed and not _released(command):
        raise _no_command(monitor, command, entry) from error
    if monitor.qmp.has_hmp:
        try:
            return await forward(monitor, line)
        except QMPError:
            pass  # a storage daemon has no monitor
        except CommandFailedError as failure:
            unknown = failure.desc.startswith("unknown command: ")
            if not command or _released(command) or not unknown:
                raise
    if not listed:
        raise error
    raise _no_command(monitor, command, entry) from error


def _released(command: str) -> bool:
    """Return whether any release that hmp knows has a QMP command."""
    return command in COMMANDS


def _lacking(monitor: Monitor, desc: str) -> QMPError:
    """Return the error for something that the machine lacks."""
    error = QMPError(desc, COMMAND_NOT_FOUND)
    if monitor.connection.demonstration:
        error.hint = f"This is {monitor.connection.demonstration}"
    return error


def _no_command(monitor: Monitor, command: str, entry: Entry[Any]) -> QMPError:
    """Return the error for a QMP command that an entry needs, and the machine lacks."""
    connection = monitor.connection
    whose = connection.door if connection.is_agent else "this machine"
    desc = f"{whose} has no QMP command '{command}', which this needs"
    if not _released(command):
        # probably misspelt: point at the declaration
        desc += f"; no release that hmp knows has it (declared at {entry.source})"
        return QMPError(desc, COMMAND_NOT_FOUND)
    return _lacking(monitor, desc)
