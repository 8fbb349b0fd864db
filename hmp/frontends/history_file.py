"""The history file: private, shared between sessions, and without secrets.

One line for each entry. Sessions append each line at once in a single write, so that none
gets lost; the file is occasionally cut to its newest entries, under a lock. A line that
begins with a space, or contains a password, is neither written nor remembered. The file may
be anything, so reading it never blocks, and only printable entries are used.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.display.sanitise import sanitise
from hmp.frontends.paths import state_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from hmp.frontends.config import Config

LIMIT = 10_000
"""The number of entries that are kept when the file is cut."""
_MOST = 1 << 21
"""The bytes at the end of the file that are read and kept; the entries are there."""
_LONGEST = 1 << 16
"""The most characters of an entry: no person has typed a longer one."""

# !! and !N, alone on the line, as in a shell
_RECALL = re.compile(r"!(?:!|(\d+))\s*")


def recalled(text: str, lines: Sequence[str]) -> str | None:
    """Return the line that ``!!`` or ``!N`` means, or any other text itself.

    lines: those of the session, numbered from 0. None if they lack it.
    """
    match = _RECALL.fullmatch(text)
    if match is None:
        return text
    number = len(lines) - 1 if match[1] is None else int(match[1][:9])
    return lines[number] if 0 <= number < len(lines) else None


class LineHistory:
    """The lines of a session, and the file that keeps them.

    path: the file; None keeps the lines in memory. secret: returns whether a line contains
    a password. lines: those of this session. problem: why the file cannot be read or
    written; the session continues without it.
    """

    def __init__(self, path: str | None, secret: Callable[[str], bool]) -> None:
        self.path = path
        self.secret = secret
        self.lines: list[str] = []
        self.problem = ""
        self._last = ""

    def recent(self) -> list[str]:
        """Return the entries of the file, newest first, without duplicates."""
        lines = self._read()
        self._last = lines[-1] if lines else ""
        return list(dict.fromkeys(reversed(lines)))

    def add(self, text: str) -> list[str]:
        """Remember the lines of a text; return those that are new.

        A secret line is not remembered, and one that repeats the last one is not new.
        """
        new: list[str] = []
        for each in text.split("\n"):  # several lines were pasted
            line = recalled(each, self.lines) or ""
            if not line.strip() or line.startswith(" ") or self.secret(line):
                continue
            self.lines.append(line)
            if line != self._last:
                self._last = line
                self._store(line)
                new.append(line)
        del self.lines[:-LIMIT]
        return new

    def _store(self, line: str) -> None:
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
            # Shared, since appended lines do not disturb each other; only a cut has to be
            # alone.
            fcntl.flock(fd, fcntl.LOCK_SH)
            os.write(fd, line.encode(errors="replace") + b"\n")
        except OSError as error:
            self._note(error)
        finally:
            os.close(fd)

    def _note(self, error: OSError) -> None:
        self.problem = f"cannot keep the history in {self.path}: {error.strerror}"

    def trim(self) -> None:
        """Cut the file to its newest entries when it has twice as many as allowed."""
        lines = self._read()
        if self.path is None or not os.path.isfile(self.path):
            return
        if len(lines) <= 2 * LIMIT and os.path.getsize(self.path) <= 2 * _MOST:
            return
        with suppress(OSError), open(self.path, "r+b") as file:
            # another session may add a line meanwhile
            fcntl.flock(file, fcntl.LOCK_EX)
            kept = _end(file).splitlines(keepends=True)[-LIMIT:]
            file.seek(0)
            file.writelines(kept)
            file.truncate()

    def _read(self) -> list[str]:
        if self.path is None:
            return []
        try:
            # O_NONBLOCK: the file may be a pipe without a writer
            fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
            with open(fd, "rb") as file:
                data = _end(file)
        except FileNotFoundError:
            return []
        except OSError as error:
            self._note(error)
            return []
        # a carriage return does not end an entry, but makes it unsound
        lines = data.decode(errors="replace").split("\n")[-2 * LIMIT - 2 :]
        return [line for line in lines if _is_sound(line)]


def _end(file: BinaryIO) -> bytes:
    """Return the last entries of a file, or the first ones of a device."""
    if os.fstat(file.fileno()).st_size > _MOST:
        file.seek(-_MOST, os.SEEK_END)
        file.readline()  # the rest of an entry
    return file.read(_MOST) or b""  # nothing comes from a pipe


def _is_sound(line: str) -> bool:
    """Whether an entry only contains characters that can be typed; others may write it."""
    return 0 < len(line) <= _LONGEST and sanitise(line) == line


def history_path(config: Config) -> str | None:
    """Return the path of the history file; None to keep no file."""
    path = os.environ.get("HMP_HISTORY", config.history)
    if path is not None:
        return os.path.expanduser(path) or None
    return os.path.join(state_directory(os.environ), "history")
