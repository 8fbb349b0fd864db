"""Shortens texts that are too long: paths in the middle, so that the file name stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.segment import Segment
    from rich.table import Column

# in cells: a path that is cut to fewer cannot be recognised
_NARROWEST = 12
_GAP = 3
"""The cells between two columns."""
_FEW = 2
"""The columns that a narrow screen always has room for."""
_SHORT = 24
"""A cell of a table is not wrapped up to this many cells of the terminal."""


def elide_middle(value: str, width: int) -> str:
    """Return a text shortened to at most width cells.

    The end, where a path has its file name, keeps two thirds.
    """
    if cell_len(value) <= width:
        return value
    room = 2 * (width - 1) // 3
    end = value[len(value) - min(room, len(value)) :]
    # the cut was by characters, and wide ones take two cells
    while cell_len(end) > room:
        end = end[1:]
    start = set_cell_size(value, max(width - 1 - cell_len(end), 0)).rstrip()
    return f"{start}…{end}"


def end_cut(row: str, width: int, sign: str) -> str:
    """Return a row cut to a width; sign: what a row that was cut ends with."""
    if cell_len(row) <= width:
        return row
    return set_cell_size(row, max(width - len(sign), 0)) + sign


class ElidedText(Text):
    """A line that is shortened to the available width, never wrapped."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterable[Segment]:
        """Draw it in the available width."""
        cut = Text(elide_middle(self.plain, options.max_width), self.style, no_wrap=True)
        return cut.__rich_console__(console, options)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Ask for the full width, and accept very little."""
        full = cell_len(self.plain)
        return Measurement(min(full, _NARROWEST), full)


class Usage(Text):
    """A usage line, which is folded after a blank or ``|`` and before ``[,``."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterable[Segment]:
        """Draw it in the available width."""
        lines = (
            part
            for line in self.plain.split("\n")
            for part in _folded(line, options.max_width)
        )
        return Text("\n".join(lines), self.style).__rich_console__(console, options)


def _folded(line: str, width: int) -> Iterator[str]:
    """Yield the parts of a line, each as long as fits."""
    part = ""
    for piece in re.split(r"(?<=[ |])|(?=\[,)", line):
        if part and cell_len((part + piece).rstrip()) > width:
            yield part.rstrip()
            part = ""
        part += piece
    yield part.rstrip()


def _least_width(cell: object) -> int:
    """Return the width that a cell needs to be readable."""
    text = str(cell)
    whole = cell_len(text)
    if isinstance(cell, ElidedText):
        return min(whole, _NARROWEST)
    if whole <= _SHORT:
        return whole
    # a longer word is a path, which may be broken
    return min(max((_NARROWEST, *map(cell_len, text.split()))), _SHORT)


def _unbroken(column: Column) -> list[str]:
    """Return the parts of a heading that stay in one line."""
    heading = str(column.header)
    return [heading] if column.no_wrap else heading.split()


class ElidingTable(Table):
    """A table whose columns of `ElidedText` texts shrink before any other column wraps.

    Where that is not enough, as on a narrow screen, each row becomes a list of its own.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, with the columns of paths as narrow as necessary."""
        if len(self.columns) > _FEW and self._narrowest() > options.max_width:
            return self._lists()
        self._give_way(console, options)
        return super().__rich_console__(console, options)

    def _narrowest(self) -> int:
        """Return the width in which no text is cut or broken that should not be."""
        widths = [
            max(
                (
                    0,
                    *map(cell_len, _unbroken(column)),
                    *map(_least_width, column.cells),
                )
            )
            for column in self.columns
        ]
        return sum(widths) + _GAP * (len(widths) - 1)

    def _lists(self) -> RenderResult:
        """Yield each row as its first cell, and below it the others with their headings."""
        if self.title:
            yield self.title
        rows = zip(*(column.cells for column in self.columns), strict=True)
        for number, (first, *cells) in enumerate(rows):
            if number:
                yield ""
            yield first
            grid = Table.grid(padding=(0, 2, 0, 0))
            # an empty column, which indents the others
            grid.add_column(width=0)
            grid.add_column(style="hmp.label", no_wrap=True)
            grid.add_column(overflow="fold")
            for column, cell in zip(self.columns[1:], cells, strict=True):
                if str(cell):
                    grid.add_row("", column.header, cell)
            yield grid

    def _give_way(self, console: Console, options: ConsoleOptions) -> None:
        # measured in a width that nothing reaches: in its own, Rich would report the table
        # as already squeezed into it
        wide = options.update(max_width=10_000)
        missing = Measurement.get(console, wide, self).maximum - options.max_width
        widths = {
            index: max((cell_len(str(cell)) for cell in column.cells), default=0)
            for index, column in enumerate(self.columns)
            if any(isinstance(cell, ElidedText) for cell in column.cells)
        }
        # the widest first, so that short paths stay whole
        for index in sorted(widths, key=lambda index: -widths[index]):
            given = min(max(missing, 0), max(widths[index] - _NARROWEST, 0))
            if given:
                self.columns[index].width = widths[index] - given
            missing -= given
