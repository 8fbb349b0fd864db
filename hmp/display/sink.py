"""The process's output streams; `Sink.flush` is the only place that writes to them."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FULL = 1 << 16
_PIECE = 1 << 20
"""The most bytes that are written at once: signals are handled only in between."""


class Sink:
    """A file descriptor with a buffer for text.

    Text for a terminal is sanitised by write, unless it is marked as ours. flush and
    relieve raise OSError, including BrokenPipeError; write never does, so it is safe in
    event listeners.
    """

    __slots__ = ("_parts", "_size", "fd", "terminal")

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.terminal = os.isatty(fd)
        self._parts: list[str] = []
        self._size = 0

    def write(self, text: str, ours: bool = False) -> None:
        """Buffer text; ours: it may contain terminal codes, since we made them."""
        if self.terminal and not ours:
            from hmp.display.sanitise import sanitise  # late: a script needs none of it

            text = sanitise(text)
        self._parts.append(text)
        self._size += len(text)

    def relieve(self) -> None:
        """Flush the buffer if it has grown large."""
        if self._size > _FULL:
            self.flush()

    def has_reader(self) -> bool:
        """Return whether the other end of a pipe or a socket is open."""
        from select import POLLERR, poll

        waiting = poll()
        # POLLERR comes without being asked for: on a pipe, once its last reader has closed
        waiting.register(self.fd, 0)
        return not any(state & POLLERR for _, state in waiting.poll(0))

    def flush(self) -> None:
        """Write out the buffer, waiting until all of it is written."""
        if self._parts:
            write_all(self.fd, self._take())

    def _take(self) -> bytes:
        """Return what is in the buffer, which is empty then."""
        data = "".join(self._parts).encode(errors="backslashreplace")
        self._parts.clear()
        self._size = 0
        return data

    @property
    def waiting(self) -> int:
        """The bytes that are flushed and not written yet, where flush does not wait."""
        return 0


def write_all(fd: int, data: bytes) -> None:
    """Write data, waiting until all of it is written. Raises OSError."""
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(fd, left[:_PIECE]) :]
        except BlockingIOError:
            _wait_until_writable(fd)


def _wait_until_writable(fd: int) -> None:
    """Wait for space: another program made the pipe or terminal non-blocking."""
    from select import select  # late, since few need it

    select([], [fd], [])


def say(fd: int, text: str) -> None:
    """Write a text to a descriptor without a buffer. Raises OSError."""
    sink = Sink(fd)
    sink.write(text)
    sink.flush()


def show_message(arrow: str, message: dict[str, Any]) -> None:
    """Show a QMP message on standard error, for --trace."""
    from hmp.monitor.messages import message_text

    say(2, message_text(arrow, message))
