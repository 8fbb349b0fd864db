"""The pipe or file that receives what a line with a redirected result shows."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from select import POLLERR, poll
from typing import TYPE_CHECKING

from hmp.display.sanitise import sanitise

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hmp.frontends.shell import Redirect

_LOOK = 0.02
"""Seconds between two checks whether a program has ended."""


class Outlet:
    """A shell command or a file that receives text while a line runs.

    It is opened at the first use. No method blocks, so that Ctrl-C always works: text that
    a program does not read yet is buffered here. opened: whether it has been opened. held:
    the results that came before.
    """

    def __init__(self, to: Redirect) -> None:
        self.to = to
        self.opened = False
        self.held: list[str] = []
        self._fd = -1
        self._waiting = bytearray()
        self._process: subprocess.Popen[bytes] | None = None

    def has_reader(self) -> bool:
        """Return whether the text still has a reader. Raises OSError."""
        if not self.opened:
            self._open()
        waiting = poll()
        # POLLERR needs no request, and means that the reader has closed its end
        waiting.register(self._fd, 0)
        return not any(state & POLLERR for _, state in waiting.poll(0))

    def _open(self) -> None:
        if self.to.kind == "|":
            self._process = subprocess.Popen(
                self.to.target, shell=True, stdin=subprocess.PIPE
            )
            assert self._process.stdin is not None
            self._fd = os.dup(self._process.stdin.fileno())
            self._process.stdin.close()
            os.set_blocking(self._fd, False)
        else:
            mode = os.O_APPEND if self.to.kind == ">>" else os.O_TRUNC
            # O_NONBLOCK: a FIFO without a reader is an error instead of a wait without end
            flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | mode
            self._fd = os.open(os.path.expanduser(self.to.target), flags, 0o666)
        self.opened = True
        self.write("".join(self.held))

    def add(self, result: str) -> None:
        """Take a result: write it if the outlet is open, else hold it."""
        if self.opened:
            with suppress(OSError):  # the reader may be gone
                self.write(result)
        else:
            self.held.append(result)

    def write(self, text: str) -> None:
        """Write text, and buffer the part that does not fit yet. Raises OSError."""
        self._waiting += sanitise(text).encode(errors="backslashreplace")
        try:
            while self._waiting:
                del self._waiting[: os.write(self._fd, self._waiting)]
        except BlockingIOError:
            pass  # it is written with the next text, or at the end

    async def written(self, pause: Callable[[float], Awaitable[None]]) -> None:
        """Wait until the reader has taken all of the text, or is gone."""
        while self._waiting and self.has_reader():
            await pause(_LOOK)
            with suppress(OSError):  # the reader may be gone
                self.write("")

    def close(self) -> None:
        """Close the pipe or file, without what its reader has not taken."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    async def ended(self, pause: Callable[[float], Awaitable[None]]) -> None:
        """Wait until the program has ended; it has received all its input."""
        while self._process is not None and self._process.poll() is None:
            await pause(_LOOK)
