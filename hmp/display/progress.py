"""Progress as one line of a terminal that is redrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line

if TYPE_CHECKING:
    from hmp.display.screen import Screen

_WIDTH = 30
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
        cells = round(share * _WIDTH)
        bar = full * cells + empty * (_WIDTH - cells)
        return f"{_CLEAR}{self._fit(what)} {bar} {share:4.0%}"

    def _fit(self, what: str) -> str:
        return one_line(what)[: max(self.screen.width - _WIDTH - 8, 8)]

    def cleared(self) -> str:
        """Return the text that removes the line; empty if none is drawn."""
        if not self._up:
            return ""
        self._up = False
        return _CLEAR
