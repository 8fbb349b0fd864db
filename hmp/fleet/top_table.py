"""Readings as a table: which columns fit, in which order the rows are, what cells say.

Nothing here reads or writes anything. A line is a list of pieces, each with the name of
its style, as `hmp.display.theme` has them.
"""

from __future__ import annotations

from hmp.display.sanitise import one_line
from hmp.fleet.node_sets import how_many
from hmp.fleet.sample import NO_ANSWER
from hmp.language.size import size_text
from hmp.monitor.kinds import natural_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from hmp.fleet.sample import Reading

    Line = list[tuple[str, str]]

_STATES = {"running": "hmp.good", "paused": "hmp.idle", NO_ANSWER: "hmp.bad"}
_NARROWEST = 11
"""The cells that a name has at least."""


class Column:
    """A column: its heading, what its cells say, and how it is sorted.

    width: its cells; 0 for what takes the rest. rank: columns of the highest rank go first
    when the screen is too narrow. kept: whether it is shown even if nothing is known.
    """

    def __init__(
        self,
        heading: str,
        width: int,
        cell: Callable[[Reading], str],
        *,
        rank: int = 0,
        kept: bool = False,
        left: bool = False,
    ) -> None:
        self.heading = heading
        self.width = width
        self.cell = cell
        self.rank = rank
        self.kept = kept
        self.left = left


def _size(key: str) -> Callable[[Reading], str]:
    return lambda reading: short_size(reading[key]) if key in reading else ""


def _number(key: str) -> Callable[[Reading], str]:
    return lambda reading: f"{reading[key]:.0f}" if key in reading else ""


def short_size(value: float) -> str:
    """Write a number of bytes in five cells at most: ``1.5G``."""
    number, unit = size_text(value).split()
    return number.split(".")[0] if unit == "B" else f"{number}{unit[0]}"


def work(reading: Reading) -> str:
    """Return the migration and the first job, and how far each is."""
    found: list[str] = []
    if migration := reading.get("migration"):
        found.append(f"migration {_percent(migration['done'])}")
    jobs = reading.get("jobs", ())
    if jobs:
        found.append(f"{one_line(jobs[0]['type'])} {_percent(jobs[0]['done'])}")
    if len(jobs) > 1:
        found.append(f"{len(jobs) - 1} more")
    return ", ".join(found)


def _percent(part: float) -> str:
    return f"{part * 100:.0f}%"


NAME = Column("MACHINE", 0, lambda reading: one_line(reading["target"]), left=True)
COLUMNS = (
    NAME,
    Column("STATE", 11, lambda r: one_line(r.get("state", "")), kept=True, left=True),
    Column("CPU%", 5, _number("cpu"), rank=1, kept=True),
    Column("MEMORY", 6, _size("memory"), rank=2, kept=True),
    Column("BALLOON", 7, _size("balloon"), rank=7),
    Column("USED", 5, _size("resident"), rank=6),
    Column("READ/s", 6, _size("read"), rank=3, kept=True),
    Column("WRITE/s", 7, _size("written"), rank=3, kept=True),
    Column("IN/s", 5, _size("received"), rank=5),
    Column("OUT/s", 5, _size("sent"), rank=5),
    Column("EXITS/s", 7, _number("exits"), rank=8),
    Column("WORK", 14, work, rank=4, left=True),
)

SORTS: dict[str, Callable[[Reading], Any]] = {
    "name": lambda r: natural_key(r["target"]),
    "state": lambda r: (r.get("state", ""), natural_key(r["target"])),
    "cpu": lambda r: -r.get("cpu", -1.0),
    "memory": lambda r: -r.get("memory", -1),
    "disk": lambda r: -(r.get("read", -1.0) + r.get("written", 0.0)),
    "network": lambda r: -(r.get("received", -1.0) + r.get("sent", 0.0)),
    "work": lambda r: (work(r) == "", natural_key(r["target"])),
}
"""The orders by name; the largest numbers come first, and what is not known last."""


def matching(readings: Iterable[Reading], text: str) -> list[Reading]:
    """Return those with all of a text's words in their name, state or work."""
    words = text.lower().split()
    return [
        reading
        for reading in readings
        if all(
            word in f"{reading['target']} {reading.get('state')} {work(reading)}".lower()
            for word in words
        )
    ]


def counted(readings: Sequence[Reading]) -> str:
    """Return how many machines are in which state: ``3 machines: 2 running, 1 paused``."""
    states: dict[str, int] = {}
    for reading in readings:
        state = one_line(reading.get("state", "unknown"))
        states[state] = states.get(state, 0) + 1
    each = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    machines = how_many(len(readings))
    return f"{machines}: {each}" if each else machines


def fitting(readings: Sequence[Reading], width: int) -> list[tuple[Column, int]]:
    """Return the columns that fit, and their widths; width 0: all that are known."""
    names = max([len(NAME.heading), *(len(NAME.cell(each)) for each in readings)])
    shown = [
        column
        for column in COLUMNS
        if column is NAME or column.kept or any(map(column.cell, readings))
    ]
    if not width:
        return [
            (column, max(len(column.heading), *(len(column.cell(r)) for r in readings), 0))
            for column in shown
        ]
    # a long name may take a third of the screen, and columns are left out for it
    least = min(names, max(_NARROWEST, width // 3))
    # the name and the state stay, however narrow the screen is
    while shown[2:] and least + sum(column.width + 1 for column in shown[1:]) > width:
        # the highest rank is the least important
        last = max(column.rank for column in shown)
        shown = [column for column in shown if column.rank != last]
    rest = width - sum(column.width + 1 for column in shown[1:])
    first = shown[0], min(names, max(rest, 1))
    return [first, *((column, column.width) for column in shown[1:])]


def header(columns: Iterable[tuple[Column, int]]) -> Line:
    """Return the line of headings."""
    cells = [_padded(column, column.heading, width) for column, width in columns]
    return [(" ".join(cells).rstrip(), "hmp.heading")]


def row(reading: Reading, columns: Iterable[tuple[Column, int]]) -> Line:
    """Return a machine's line."""
    line: Line = []
    for column, width in columns:
        style = "hmp.name" if column is NAME else ""
        if column.heading == "STATE":
            style = _STATES.get(reading.get("state", ""), "hmp.changed")
        cell = column.cell(reading) or ("-" if column.kept else "")
        line += [(_padded(column, cell, width), style), (" ", "")]
    return line[:-1]


def _padded(column: Column, text: str, width: int) -> str:
    if len(text) > width:
        # the end of a path says which machine it is
        text = f"…{text[1 - width :]}" if "/" in text else f"{text[: width - 1]}…"
    return text.ljust(width) if column.left else text.rjust(width)


def plain(readings: Sequence[Reading]) -> str:
    """Return a table for pipes and files: all that is known, however wide that is."""
    columns = fitting(readings, 0)
    lines = [header(columns), *(row(reading, columns) for reading in readings)]
    return "".join(f"{''.join(text for text, _ in line).rstrip()}\n" for line in lines)
