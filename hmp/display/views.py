"""Building blocks of views: tables, trees and states in the monitor's own look.

Strings of the machine go into `rich.text.Text`, never into markup; Rich is imported
when the first view is drawn. The style names are those of `hmp.display.theme`.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from rich.columns import Columns
    from rich.table import Table
    from rich.text import Text
    from rich.tree import Tree

    Cell = str | int | float | Text | None

_GOOD = {"running", "on", "enabled", "open", "ok", "connected", "ready"}
_BAD = {"internal-error", "io-error", "guest-panicked", "failed", "nospace", "error"}
# so that a state can be seen without colours
_SYMBOLS = {"good": "● ", "bad": "✖ ", "idle": "○ "}

CELLS = 10_000
"""The most texts in a view; Rich takes some 75 µs to draw one in a table."""
LINES = 10_000
"""The most lines of a text that is turned into a view."""
_LONG = 100
"""Characters that count as one more text."""


class TooLargeError(Exception):
    """A view of more than `CELLS` texts; the plain text is shown instead."""


_left: ContextVar[list[int]] = ContextVar("_left")


@contextmanager
def limited() -> Generator[None]:
    """Make `text` raise TooLargeError if the block creates more than `CELLS` texts."""
    token = _left.set([CELLS])
    try:
        yield
    finally:
        _left.reset(token)


def text(value: Cell, style: str = "") -> Text:
    """Return a value as Rich text of one line, never interpreted as markup.

    Raises TooLargeError if the view has become too large.
    """
    from rich.text import Text

    from hmp.display.breaking import WordText
    from hmp.display.sanitise import one_line

    if isinstance(value, Text):
        return value
    return _counted(WordText("" if value is None else one_line(str(value)), style=style))


def lines(value: str, style: str = "") -> Text:
    """Return a text of several lines as Rich text. Raises TooLargeError as `text` does."""
    from rich.text import Text

    from hmp.display.sanitise import sanitise

    return _counted(Text(sanitise(value), style=style))


def _counted(made: Text) -> Text:
    # counted where texts are made, so that a huge result stops early instead of after the
    # work
    if left := _left.get(None):
        left[0] -= 1 + len(made) // _LONG
        if left[0] < 0:
            raise TooLargeError
    return made


def state(word: str, good: bool | None = None) -> Text:
    """Return a state with a mark, so that it is recognisable without colour.

    good: whether it is a good state; by default, decided by the word.
    """
    if good is None:
        kind = "good" if word in _GOOD else "bad" if word in _BAD else "idle"
    else:
        kind = "good" if good else "idle"
    return text(_SYMBOLS[kind] + word, f"hmp.{kind}")


def bar(done: float, total: float, width: int = 20) -> Text:
    """Return progress as a bar and in percent."""
    share = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
    full = round(share * width)
    line = text("█" * full, "hmp.good")
    return line.append("░" * (width - full), "hmp.detail").append(f" {share:4.0%}")


def usage(value: str) -> Text:
    """Return a usage line that is folded between its parts if it does not fit."""
    from hmp.display.elide import Usage
    from hmp.display.sanitise import sanitise

    return Usage(sanitise(value), "hmp.name")


def path(value: str) -> Text:
    """Return a text that is shortened in the middle if it does not fit."""
    from hmp.display.elide import ElidedText
    from hmp.display.sanitise import one_line

    return ElidedText(one_line(value))


def table(*headings: str, rows: Iterable[Iterable[Cell]], title: str = "") -> Table:
    """Return a table; a heading that begins with ``>`` is a column of numbers.

    Empty columns are left out; rows may be short.
    """
    from rich import box

    from hmp.display.elide import ElidingTable

    grid = ElidingTable(
        box=box.SIMPLE_HEAD,
        title=text(title) if title else None,
        title_justify="left",
        title_style="hmp.title",
        header_style="hmp.heading",
        pad_edge=False,
        show_edge=False,
    )
    empty = [None] * len(headings)
    # all cells first: only then is it known which columns are empty
    cells = [[*map(text, (*row, *empty))][: len(headings)] for row in rows]
    used = [
        place
        for place in range(len(headings))
        if not cells or any(row[place].plain for row in cells)
    ]
    for heading in (headings[place] for place in used):
        number = heading.startswith(">")
        grid.add_column(
            heading.lstrip(">"),
            justify="right" if number else "left",
            no_wrap=number,
            overflow="fold",
        )
    for row in cells:
        grid.add_row(*(row[place] for place in used))
    return grid


def facts(pairs: Iterable[tuple[str, Cell]], indent: int = 0) -> Table:
    """Return names and values in two columns, without pairs whose value is None."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    if indent:
        grid.add_column(width=indent - 2)
    grid.add_column(style="hmp.label", no_wrap=True)
    grid.add_column(overflow="fold")
    before = [""] if indent else []
    for name, value in pairs:
        if value is not None:
            grid.add_row(*before, text(name), text(value))
    return grid


def tree(label: Cell, detail: Cell = None) -> Tree:
    """Return the root of a tree; ``.add`` on it returns a branch."""
    from rich.tree import Tree

    return Tree(branch(label, detail), guide_style="hmp.guide")


def branch(label: Cell, detail: Cell = None) -> Text:
    """Return the label of a branch, followed by a dimmed detail."""
    from hmp.display.breaking import WordText

    line = WordText.assemble(text(label, "hmp.name"))
    if detail is not None:
        line.append(" ").append_text(text(detail, "hmp.detail"))
    return line


def columns(words: Iterable[str]) -> Columns:
    """Return words side by side, as many as fit."""
    from rich.columns import Columns

    return Columns([text(word) for word in words], padding=(0, 3), column_first=True)
