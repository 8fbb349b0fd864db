"""The table of machines that ``hmp --list`` prints."""

from __future__ import annotations

from hmp.display.sanitise import one_line
from hmp.targets.doors import AGENT, GDB, HUMAN, QMP, SERIAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hmp.targets.discovery import RunningMachine
    from hmp.targets.doors import Door

_HEADER = ("PID", "NAME", "ID", "STATE", "PROGRAM", "VERSION", "MANAGER", "TARGET")
_PLAIN = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@_[]"
)
_NONE = "-"
_UNKNOWN = "unknown"
_NO_MONITOR = "no monitor; start it with -qmp unix:PATH,server=on,wait=off"


def table(found: Sequence[RunningMachine]) -> str:
    """Return a table with a row for each machine.

    What machines call themselves is quoted, so that each cell is one word. Another user's
    machine is shown without a name, since it may claim any.
    """
    rows = [_HEADER, *map(_row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # no blanks at the end of a row
    widths[-1] = 0
    return "".join(f"{_line(row, widths)}\n" for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if index else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join((first, *rest))


def _row(machine: RunningMachine) -> tuple[str, ...]:
    return (
        str(machine.pid),
        _NONE if machine.user else _word(machine.name),
        _NONE if machine.user else _word("".join(machine.names[1:2])),
        _word(machine.state or _UNKNOWN),
        _word(machine.program),
        _word(machine.version),
        _word(machine.manager),
        _reached(machine),
    )


def _reached(machine: RunningMachine) -> str:
    """Return the targets, each with its notes."""
    about: list[str] = []
    if machine.user:
        about.append(f"of user {one_line(machine.user)}")
        if machine.name:
            about.append(f"calls itself {_quoted(machine.name)}")
    return ", ".join((*_doors(machine), *about))


def _doors(machine: RunningMachine) -> Iterator[str]:
    shown = [door for door in machine.doors if door.kind != SERIAL]
    # a door without a target exists, but this user cannot use it; its note says why
    open_ones = [door for door in shown if door.target]
    preferred = {door.kind for door in open_ones} & {QMP, HUMAN}
    for door in open_ones:
        if door.kind != GDB or not preferred:
            yield f"{_word(door.target)}{_remark(door)}"
    if not preferred and not any(door.kind == GDB for door in open_ones):
        if machine.program != "qemu-ga" and not shown:
            yield f"{_NONE} ({_NO_MONITOR})"
        elif not open_ones:
            yield f"{_NONE} ({', '.join(f'{d.kind} {one_line(d.note)}' for d in shown)})"


def _remark(door: Door) -> str:
    kind = "" if door.kind in (QMP, AGENT) else door.kind
    remarks = ", ".join(filter(None, (kind, one_line(door.note))))
    return f" ({remarks})" if remarks else ""


def _word(text: str) -> str:
    """Return a text as one word of a row; ``-`` if it is empty."""
    if _PLAIN.issuperset(text) and text != _NONE:
        return text or _NONE
    return _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{one_line(escaped)}"'
