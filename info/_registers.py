"""CPU registers as QEMU prints them, with the changes since the last look marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.authoring import views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Group
    from rich.text import Text

_WIDTH = 76
"""The width of a line of registers, without its margin, on 80 columns."""

_NEXT = re.compile(r"\s+(?=\S+ ?=)")
"""The gap between two registers of a line: ``EAX=0 EBX=0``, ``ES =0 0 0 CS =0``."""
_PAIR = re.compile(r"(?![0-9a-f]{8,}\s)[A-Za-z][\w/.]*:? +[0-9a-f]+(?!\S)")
"""A register that is printed without ``=`` after its name: ``pc 0 x1/ra 0``."""
_NEXT_PAIR = re.compile(rf"\s+(?={_PAIR.pattern})")
_BANK = re.compile(r"([A-Z]+)(\d+)((?: +[0-9a-f]{8,}){2,})")
"""Several registers after the name of the first: ``GPR04 0 0 0 0``."""

Row = list[tuple[str, str]]
"""The registers of a line: the name and the printed text of each."""


def split_cpus(text: str) -> dict[str, list[Row]]:
    """Return the rows of each CPU by its heading."""
    cpus: dict[str, list[Row]] = {}
    rows = cpus.setdefault("CPU", [])
    for line in text.splitlines():
        if re.fullmatch(r"CPU#\d+", line):
            rows = cpus.setdefault(line, [])
        elif line.strip():
            # a cell without a name is compared by the place of its line
            rows.append(
                [(name or f"line {len(rows) + 1}", cell) for name, cell in _cells(line)]
            )
    return {heading: rows for heading, rows in cpus.items() if rows}


def _cells(line: str) -> Row:
    """Return the registers of a line, each with its name or an empty one."""
    line = line.strip()
    if bank := _BANK.fullmatch(line):
        first, values = int(bank[2]), bank[3].split()
        # PowerPC names only the first of each row
        names = [f"{bank[1]}{first + index:02}" for index in range(len(values))]
        return [*zip(names, [f"{names[0]} {values[0]}", *values[1:]], strict=True)]
    if _PAIR.match(line):
        return [(re.split("[: ]", cell)[0], cell) for cell in _NEXT_PAIR.split(line)]
    return [(_name(cell), cell) for cell in _NEXT.split(line)]


def _name(cell: str) -> str:
    name, equals, _ = cell.partition("=")
    return name.strip() if equals else ""


def registers_view(text: str, before: str | None, seconds: float) -> Group:
    """Return the registers of each CPU, with the changed ones marked and listed first.

    before: the earlier text of the same line. seconds: how long ago that came.
    """
    from rich.console import Group

    old = split_cpus(before or "")
    parts: list[Text] = []
    for heading, rows in split_cpus(text).items():
        title = views.text(heading, "hmp.title")
        changed: set[str] = set()
        if heading in old:
            changed = _changed(rows, old[heading])
            title.append(_summary(rows, changed, seconds), "hmp.detail")
        parts += [title, *(line for row in rows for line in _lines(row, changed))]
    return Group(*parts)


def _changed(rows: list[Row], old: list[Row]) -> set[str]:
    known = {name: cell for row in old for name, cell in row}
    return {name for row in rows for name, cell in row if known.get(name) != cell}


def _summary(rows: list[Row], changed: set[str], seconds: float) -> str:
    names = [name for row in rows for name, _ in row if name in changed]
    return f"  changed in {seconds:.0f} s: {', '.join(names) or 'nothing'}"


def _lines(row: Row, changed: set[str]) -> Iterator[Text]:
    """Yield a row with a mark if a register changed; a long row is split into columns."""
    width = max(len(cell) for _, cell in row)
    # a row that fits stays as QEMU prints it; only columns of equal width can be compared
    if sum(len(cell) + 1 for _, cell in row) - 1 <= _WIDTH:
        width = 0
    count = max(1, _WIDTH // (width + 1)) if width else len(row)
    for start in range(0, len(row), count):
        part = row[start : start + count]
        moved = any(name in changed for name, _ in part)
        line = views.text("● " if moved else "  ", "hmp.changed")
        for name, cell in part:
            style = "hmp.changed" if name in changed else ""
            line.append_text(views.text(cell.ljust(width), style)).append(" ")
        line.rstrip()
        yield line
