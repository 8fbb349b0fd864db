"""Texts of which the inside is cut out where they do not fit: paths, mostly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.measure import Measurement
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions
    from rich.segment import Segment

_NARROWEST = 12


def middle(value: str, width: int) -> str:
    """Return a text of no more than width cells.

    The end, where a path has its file's name, keeps two thirds.
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
    """A line that is cut to the room that there is, never wrapped."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterable[Segment]:
        """Draw it in the room that there is."""
        cut = Text(middle(self.plain, options.max_width), self.style, no_wrap=True)
        return cut.__rich_console__(console, options)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Ask for all of it, and be content with little."""
        full = cell_len(self.plain)
        return Measurement(min(full, _NARROWEST), full)
