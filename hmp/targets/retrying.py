"""Retrying until a machine has started."""

from __future__ import annotations

from time import monotonic, sleep

from hmp.qmp.errors import NotYetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Value = TypeVar("Value")

_PAUSE = 0.05
"""Seconds between two attempts."""


def retry(attempt: Callable[[], Value], seconds: float | None) -> Value:
    """Call `attempt` until it succeeds, for at most so many seconds; None: try once.

    Only NotYetError is retried; it is raised once the time is up.
    """
    deadline = monotonic() + (seconds or 0.0)
    while True:
        try:
            return attempt()
        except NotYetError:
            if monotonic() + _PAUSE > deadline:
                raise
        sleep(_PAUSE)
