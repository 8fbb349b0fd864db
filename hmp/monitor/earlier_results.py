"""The earlier results of lines, which the next ones are compared with."""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEPT = 200
"""Lines whose last results are remembered."""


class EarlierResult:
    """An earlier result of a line: the value, and its age in seconds."""

    __slots__ = ("seconds", "value")

    def __init__(self, value: Any, seconds: float) -> None:
        self.value = value
        self.seconds = seconds


class EarlierResults:
    """The last results of lines, by line, to compare the next ones with."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, Any]] = {}

    def replace(self, text: str, value: Any) -> EarlierResult | None:
        """Keep the value of a line; return its previous one, if it is still known."""
        line, now = " ".join(text.split()), monotonic()
        # taken out and put in again, so that the dict has the oldest first
        before = self._last.pop(line, None)
        if before is None and len(self._last) >= _KEPT:
            del self._last[next(iter(self._last))]
        self._last[line] = now, value
        return None if before is None else EarlierResult(before[1], now - before[0])
