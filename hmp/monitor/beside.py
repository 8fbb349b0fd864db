"""A line that runs while other lines of the same monitor do, as in an event loop."""

from __future__ import annotations

from hmp.monitor.monitor import Monitor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Beside(Monitor):
    """A monitor for a single line: line, call and depth are its own, the rest is shared.

    Without it, the lines that run at the same time would count as nested.
    """

    def __init__(self, monitor: Monitor) -> None:
        own = {"_monitor": monitor, "line": monitor.line, "call": monitor.call, "depth": 0}
        vars(self).update(own)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self):
            vars(self)[name] = value
        else:
            setattr(self._monitor, name, value)

    def star_out(self, secrets: Sequence[str]) -> None:
        """Star out the secrets of the line besides those of the others."""
        self.connection.hidden = (*self.connection.hidden, *secrets)
