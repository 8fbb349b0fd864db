"""Waiting for something to read, also by programs that have thousands of files open.

select() takes only descriptors below 1024.
"""

from __future__ import annotations

from select import POLLIN, poll

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    class HasDescriptor(Protocol):
        """A file or a socket."""

        def fileno(self) -> int:
            """Return its descriptor."""
            ...


def readable(files: Iterable[int | HasDescriptor], seconds: float | None) -> list[int]:
    """Wait until a file can be read or has ended; return the descriptors of those.

    seconds: the time limit; None: no limit.
    """
    waiting = poll()
    for file in files:
        waiting.register(file, POLLIN)
    return [fd for fd, _ in waiting.poll(None if seconds is None else seconds * 1000)]
