"""Progress as one line of a terminal that is redrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line

if TYPE_CHECKING:
    from hmp.display.screen import Screen

_WIDTH, _NARROWEST, _WORDS = 30, 10, 50
"""The most and the fewest cells of the bar, and the cells that are kept for the words."""
_CLEAR = "\r\x1b[K"


class ProgressLine:
    """Makes the text that draws the line, and the text that removes it."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._up = False

    def shown(self, what: str, done: int, total: int) -> str:
        """Return the text that draws the line: a bar, or only the name if total is 0."""
        self._up = True
        if total <= 0:
            return f"{_CLEAR}{self._fit(what)} …"
        share = min(max(done / total, 0.0), 1.0)
        full, empty = ("█", "░") if self.screen.unicode else ("#", ".")
        width = self._width
        cells = round(share * width)
        bar = full * cells + empty * (width - cells)
        return f"{_CLEAR}{self._fit(what)} {bar} {share:4.0%}"

    @property
    def _width(self) -> int:
        return min(_WIDTH, max(_NARROWEST, self.screen.width - _WORDS))

    def _fit(self, what: str) -> str:
        return one_line(what)[: max(self.screen.width - self._width - 8, 8)]

    def cleared(self) -> str:
        """Return the text that removes the line; empty if none is drawn."""
        if not self._up:
            return ""
        self._up = False
        return _CLEAR
