"""Where the events go that a line follows, when its result goes elsewhere."""

from __future__ import annotations

import asyncio
import os
import subprocess
from select import POLLERR, poll
from typing import TYPE_CHECKING

from hmp.display.sanitise import sanitise

if TYPE_CHECKING:
    from hmp.terminal.shell import Redirect

_LOOK = 0.02
"""Seconds between two looks whether a program has ended."""


class Outlet:
    """A shell command or a file that takes text while a line runs.

    Opened by the first one who asks for it; nothing blocks that is done with it, so that
    Ctrl-C always works: what a program does not read waits here. opened: whether it was.
    """

    def __init__(self, to: Redirect) -> None:
        self.to = to
        self.opened = False
        self._fd = -1
        self._waiting = b""
        self._process: subprocess.Popen[bytes] | None = None

    def has_reader(self) -> bool:
        """Return whether somebody reads what is written. Raises OSError."""
        if not self.opened:
            self._open()
        waiting = poll()
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
            flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | mode
            self._fd = os.open(os.path.expanduser(self.to.target), flags, 0o666)
        self.opened = True

    def write(self, text: str) -> None:
        """Write text, or keep what there is no room for. Raises OSError."""
        self._waiting += sanitise(text).encode(errors="backslashreplace")
        try:
            while self._waiting:
                self._waiting = self._waiting[os.write(self._fd, self._waiting) :]
        except BlockingIOError:
            pass  # with what comes next

    def close(self) -> None:
        """End what is written."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    async def ended(self) -> None:
        """Wait for the end of the program, which has had all its input."""
        while self._process is not None and self._process.poll() is None:
            await asyncio.sleep(_LOOK)
