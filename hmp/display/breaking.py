"""Texts whose long words, such as paths, break after a slash or another mark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import chop_cells
from rich.containers import Lines
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from rich.console import Console

# the marks after which a word is broken, the best first
_MARKS = (re.compile("[/,=:;&|]"), re.compile("[-_.]"))


class WordText(Text):
    """A text; a word that is wider than its column breaks where a reader expects it."""

    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        """Return the lines; see `Text.wrap`."""
        if options.get("no_wrap") or self.no_wrap or self.cell_len <= width:
            return super().wrap(console, width, **options)
        found = Lines()
        for part in self.divide(_breaks(self.plain, width)):
            found.extend(part.wrap(console, width, **options))
        return found


def _breaks(text: str, width: int) -> Iterator[int]:
    """Yield where the words that are wider than a width are broken."""
    for word in re.finditer(r"\S+", text):
        start, rest = word.span()[0], word[0]
        while len(first := chop_cells(rest, width)[0]) < len(rest):
            cut = _last_mark(first) or len(first)
            start, rest = start + cut, rest[cut:]
            yield start


def _last_mark(text: str) -> int:
    """Return the place after the last mark, unless that leaves little; 0 without one."""
    for marks in _MARKS:
        ends = [match.end() for match in marks.finditer(text, len(text) // 3)]
        if ends:
            return ends[-1]
    return 0
