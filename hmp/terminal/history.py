"""The history file: private, shared between sessions, and without secrets.

One line for each entry. Sessions append each line at once in a single write, so that none
gets lost; the file is occasionally cut to its newest entries, under a lock. A line that
begins with a space, or contains a password, is neither written nor remembered. The file may
be anything, so reading it never blocks, and only printable entries are used.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from prompt_toolkit.history import History

from hmp.display.sanitise import sanitise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LIMIT = 10_000
"""The number of entries that are kept when the file is cut."""
_MOST = 1 << 26
"""The most characters that are read of the file."""


class PrivateHistory(History):
    """A prompt_toolkit history stored in such a file.

    path: the file; None keeps the history in memory. secret: returns whether a line
    contains a password. problem: why the file cannot be read or written; the session
    continues without it.
    """

    def __init__(self, path: str | None, secret: Callable[[str], bool]) -> None:
        super().__init__()
        self.path = path
        self.secret = secret
        self.lines: list[str] = []
        self.problem = ""

    def load_history_strings(self) -> Iterable[str]:
        """Return the entries of the file, newest first, without duplicates."""
        return list(dict.fromkeys(reversed(self._read())))

    def append_string(self, string: str) -> None:
        """Remember a line, unless it is secret or repeats the last one."""
        line = string.strip("\n")
        if "\n" in line:  # several lines were pasted
            for part in line.split("\n"):
                self.append_string(part)
            return
        if not line.strip() or line.startswith(" ") or self.secret(line):
            return
        self.lines.append(line)
        if self._loaded_strings[:1] != [line]:
            super().append_string(line)
        del self.lines[:-LIMIT], self._loaded_strings[LIMIT:]

    def store_string(self, string: str) -> None:
        """Append a line to the file."""
        if self.path is None:
            return
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            fd = os.open(self.path, flags | os.O_NONBLOCK, 0o600)
        except OSError as error:
            self._note(error)
            return
        try:
            fcntl.flock(fd, fcntl.LOCK_SH)
            os.write(fd, string.encode(errors="replace") + b"\n")
        except OSError as error:
            self._note(error)
        finally:
            os.close(fd)

    def _note(self, error: OSError) -> None:
        self.problem = f"cannot keep the history in {self.path}: {error.strerror}"

    def trim(self) -> None:
        """Cut the file to its newest entries when it has twice as many as allowed."""
        lines = self._read()
        if self.path is None or len(lines) <= 2 * LIMIT:
            return
        with suppress(OSError), open(self.path, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            kept = file.readlines()[-LIMIT:]
            file.seek(0)
            file.writelines(kept)
            file.truncate()

    def _read(self) -> list[str]:
        if self.path is None:
            return []
        try:
            # O_NONBLOCK: the file may be a pipe without a writer
            fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
            # newline: a carriage return does not end an entry, but makes it unsound
            with open(fd, encoding="utf-8", errors="replace", newline="\n") as file:
                return [x for x in file.read(_MOST).split("\n") if _is_sound(x)]
        except FileNotFoundError:
            return []
        except OSError as error:
            self._note(error)
            return []


def _is_sound(line: str) -> bool:
    """Whether an entry only contains characters that can be typed; others may write it."""
    return bool(line) and sanitise(line) == line
