"""What a program that we start writes to its standard error: shown, the last lines kept."""

from __future__ import annotations

import os
import re
from collections import deque
from contextlib import suppress
from threading import Thread

from hmp.display.sanitise import one_line
from hmp.display.sink import write_all
from hmp.qmp.secrets import mask_line
from hmp.qmp.stream import said
from hmp.targets.companion import show

_KEPT_LINES = 20
_LONGEST = 1 << 16
# a program's complaint begins with its name; advice, which may follow, does not
_COMPLAINT = re.compile(r"\S+: (?!warning: |info: )")


class StandardError:
    """A program's standard error, copied to ours.

    write: the descriptor for the program; `follow` closes it here.
    """

    def __init__(self) -> None:
        self._read, self.write = os.pipe()
        self._lines: deque[bytes] = deque(maxlen=_KEPT_LINES)
        self._thread = Thread(target=self._pass_on, daemon=True)

    def follow(self) -> None:
        """Pass on from now on, in a thread, until all that have `write` have ended."""
        os.close(self.write)
        self._thread.start()

    def finish(self, limit: float) -> None:
        """Wait until all is passed on, at most `limit` seconds."""
        self._thread.join(limit)

    def reason(self) -> str:
        """Return the last complaint as a line that is safe to show; empty without one."""
        lines = [_text(line) for line in self._lines.copy()]
        complaints = [line for line in lines if _COMPLAINT.match(line)]
        return one_line(mask_line((complaints or [*filter(None, lines)] or [""])[-1]))

    def _pass_on(self) -> None:
        with open(self._read, "rb") as file:
            # a program that logs without line ends must not fill the memory
            while line := file.readline(_LONGEST):
                self._lines.append(line)
                with suppress(OSError):  # ours may be closed: the program runs on
                    if said or os.isatty(2):
                        show(one_line(_text(line)))
                    else:
                        write_all(2, line)


def _text(line: bytes) -> str:
    return line.decode(errors="backslashreplace").strip()
