"""Texts shortened in the middle if they are too long: paths, mostly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.segment import Segment

_NARROWEST = 12


def middle(value: str, width: int) -> str:
    """Return a text shortened to at most width cells.

    The end, where a path has its file name, keeps two thirds.
    """
    if cell_len(value) <= width:
        return value
    room = 2 * (width - 1) // 3
    end = value[len(value) - min(room, len(value)) :]
    while cell_len(end) > room:
        end = end[1:]
    start = set_cell_size(value, max(width - 1 - cell_len(end), 0)).rstrip()
    return f"{start}…{end}"


class Middle(Text):
    """A line that is shortened to the available width, never wrapped."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterable[Segment]:
        """Draw it in the available width."""
        cut = Text(middle(self.plain, options.max_width), self.style, no_wrap=True)
        return cut.__rich_console__(console, options)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Ask for the full width, and accept very little."""
        full = cell_len(self.plain)
        return Measurement(min(full, _NARROWEST), full)


class MiddleTable(Table):
    """A table whose columns of such texts shrink before any other column wraps."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it, with the columns of paths as narrow as necessary."""
        self._give_way(console, options)
        return super().__rich_console__(console, options)

    def _give_way(self, console: Console, options: ConsoleOptions) -> None:
        wide = options.update(max_width=10_000)
        missing = Measurement.get(console, wide, self).maximum - options.max_width
        widths = {
            index: max((cell_len(str(cell)) for cell in column.cells), default=0)
            for index, column in enumerate(self.columns)
            if any(isinstance(cell, Middle) for cell in column.cells)
        }
        for index in sorted(widths, key=lambda index: -widths[index]):
            given = min(max(missing, 0), max(widths[index] - _NARROWEST, 0))
            if given:
                self.columns[index].width = widths[index] - given
            missing -= given
