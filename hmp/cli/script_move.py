"""A script that moves to a private monitor when it takes long.

A short script runs on the monitor that it has reached. One that has to wait for its next
line, or has run for `SHORT` seconds, moves, so that other clients need not wait for its
end.
"""

from __future__ import annotations

from select import select
from time import monotonic

from hmp.targets.private_monitor import move

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hmp.monitor.monitor import Monitor

SHORT = 1.0
"""Seconds that a script may hold the monitor that it has reached."""


class ScriptMove:
    """Moves a script's monitor, once; flush: writes the results that it has so far."""

    def __init__(self, monitor: Monitor, flush: Callable[[], None]) -> None:
        self.monitor = monitor
        self.flush = flush
        self.due = monotonic() + SHORT

    def before_wait(self) -> None:
        """Flush; move unless standard input has more."""
        self.flush()
        if self.due and not select([0], [], [], 0)[0]:
            self._move()

    def before_line(self) -> None:
        """Move if the script has run for long."""
        if self.due and monotonic() > self.due:
            self._move()

    def _move(self) -> None:
        # before the attempt, so that a QEMU that refuses is not asked before each line
        self.due = 0.0
        moved = move(self.monitor.connection)
        if moved is not self.monitor.connection:
            self.monitor.attach(moved)
