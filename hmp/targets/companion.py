"""A program that runs beside us to reach a machine: ssh, or one that the user named.

It ends with us; see `hmp.targets.guard`. What it writes to its standard error explains how
it ended.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.qmp.errors import ConnectError
from hmp.qmp.stream import said
from hmp.targets.guard import GuardedCommand, how_it_ended, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmp.targets.questions import TerminalAccess

_END_LIMIT = 2.0
"""Seconds until a program that does not end is killed."""
# the first messages are often notes; why a program ended is in its last ones
_KEPT_LINES = 20
_LONGEST = 1000
"""Bytes of a line that are shown."""


def show(line: str) -> None:
    """Show a line to the user: in the session, or on standard error."""
    if said:
        said[-1](line)
        return
    from hmp.display.sink import say

    with suppress(OSError):
        say(2, f"{line}\n")


class Companion:
    """A started program; raises ConnectError when it cannot be started.

    streams: its standard input and output; they stay open here. folder: removed when it has
    ended. lines: the last ones of its standard error, safe to show.
    """

    def __init__(
        self,
        argv: Sequence[str],
        streams: tuple[int, int],
        access: TerminalAccess,
        *,
        folder: str = "",
    ) -> None:
        self.name = os.path.basename(argv[0])
        self.shows = False
        self.lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._partial = b""
        # the thread of `follow` reads, and so does whoever wants to know how it ended
        self._reading = threading.Lock()
        self._errors, write = os.pipe()
        os.set_blocking(self._errors, False)
        command = GuardedCommand(
            argv,
            streams=(*streams, write),
            terminal=access.terminal,
            group=access.group,
            detached=access.detached,
            folder=folder,
        )
        try:
            self.process = start(command, _END_LIMIT)
        except OSError as error:
            os.close(self._errors)
            raise ConnectError(f"cannot start {argv[0]}: {error.strerror}") from error
        finally:
            os.close(write)

    def catch_up(self) -> bool:
        """Read its standard error so far; return False at the end."""
        with self._reading:
            while self._errors >= 0:
                try:
                    data = os.read(self._errors, 1 << 16)
                except BlockingIOError:
                    # nothing more for now
                    return True
                if not data:
                    os.close(self._errors)
                    self._errors = -1
                    data = b"\n" if self._partial else b""
                *lines, self._partial = (self._partial + data).split(b"\n")
                # output without line ends must not fill the memory
                self._partial = self._partial[:_LONGEST]
                for line in lines:
                    self._take(line[:_LONGEST].rstrip(b"\r"))
            return False

    def _take(self, line: bytes) -> None:
        text = one_line(line.decode(errors="backslashreplace"))
        if text:
            self.lines.append(text)
            if self.shows:
                show(text)

    def show_all(self) -> None:
        """Show its lines, those so far and each that comes."""
        with self._reading:
            self.shows = True
            lines = list(self.lines)
        for line in lines:
            show(line)

    def follow(self) -> None:
        """Read its output in a thread as it comes."""
        threading.Thread(target=self._follow, daemon=True, name=self.name).start()

    def _follow(self) -> None:
        import select

        while self.catch_up():
            select.select([self._errors], [], [])

    def ending(self, limit: float = 0.5) -> str:
        """Describe how it ended, with its last line if that is not shown yet.

        Empty while it runs. limit: the seconds that it may take to end.
        """
        status = self.process.wait(limit)
        self.catch_up()
        if status is None:
            return ""
        last = f": {self.lines[-1]}" if self.lines and not self.shows else ""
        return f"{how_it_ended(status)}{last}"

    def end(self, grace: float = 0.0) -> None:
        """End it and all that it has started; grace: the seconds to end by itself."""
        self.process.wait(grace)
        self.process.end(_END_LIMIT)
        self.catch_up()
