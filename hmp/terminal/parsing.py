"""One parse of the line being typed, shared by colours, hints and completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hmp.line import Line
    from hmp.monitor import Monitor


class LineParser:
    """Parses by a monitor's table and remembers the last few results."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self._lines: dict[str, Line] = {}

    def __call__(self, text: str) -> Line:
        """Return the parsed line."""
        line = self._lines.get(text)
        if line is None:
            if len(self._lines) > 8:
                self._lines.clear()
            line = self._lines[text] = self.monitor.parse(text)
        return line
