"""Recordings of a session: monitor lines and QMP messages, one JSON object per line.

A recording can be attached to a bug report, and it serves as a machine:
`hmp.qmp.replay` gives the same replies to the same commands, so that the same lines
print the same text without a QEMU. Passwords are starred out before they are written.

Each line is an object: ``{"line": TEXT}`` for a monitor line, ``{"->": MESSAGE}`` for a
request, ``{"<-": MESSAGE}`` for a received message, the greeting first. The greeting's
object also has ``"has_hmp": false`` for a machine without its own human monitor, and
``"takes_qmp": false`` where only lines of that monitor pass: the messages are then
``{"line": TEXT}`` and ``{"text": TEXT}``. Other members are ignored.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from contextlib import suppress
from select import POLLOUT, poll
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message, Trace

    class Writable(Protocol):
        """The destination of a recording."""

        def write(self, text: str, /) -> object:
            """Take a line."""


_VERSION = ("major", "minor", "micro")
_UNREAD = 64 << 20
"""The most bytes that wait for the reader of a pipe, which must not hold up a session."""
_PATIENCE = 2
"""The seconds that a reader has for the rest when hmp ends."""


class RecordingFile:
    """The file of a recording, readable by its owner only.

    Lines written before `open` are kept until then. complain: called with one line of
    text when writing fails; the file keeps its lines, and the session continues.
    """

    def __init__(self, path: str) -> None:
        self.name = path
        self.complain: Callable[[str], None] = lambda text: None
        self._waiting: list[bytes] | None = []
        self._left = bytearray()
        self._fd = -1
        self._regular = False

    def open(self) -> None:
        """Create or truncate the file, and write the kept lines. Raises OSError."""
        # opening a pipe without a reader should fail rather than block
        flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
        self._fd = os.open(self.name, flags, 0o600)
        self._regular = stat.S_ISREG(os.fstat(self._fd).st_mode)
        if self._regular:
            # O_CREAT leaves an existing file its mode, so narrow it before anything is
            # written
            os.fchmod(self._fd, 0o600)
            os.ftruncate(self._fd, 0)
        waiting, self._waiting = self._waiting or [], None
        for data in waiting:
            self._write(data)

    def write(self, text: str) -> None:
        """Write a line, or keep it if the file is not open yet."""
        data = text.encode()
        if self._waiting is not None:
            self._waiting.append(data)
        elif self._fd >= 0:
            self._write(data)

    def _write(self, data: bytes) -> None:
        if self._fd < 0:
            return
        # taken out first: Ctrl-C may lose the rest, but nothing is written twice
        left, self._left = self._left, bytearray()
        left += data
        size = len(left)
        try:
            while left:
                del left[: os.write(self._fd, left)]
        except BlockingIOError:
            self._left = left
            if len(left) > _UNREAD:
                self._give_up(0, _unread())
        except OSError as error:
            self._give_up(size - len(left), error)

    def finish(self) -> None:
        """Give the reader of a pipe a moment for what it has not read yet."""
        end = monotonic() + _PATIENCE
        reader = poll()
        while self._left and self._fd >= 0:
            reader.register(self._fd, POLLOUT)
            if not reader.poll(max(0, end - monotonic()) * 1000):
                self._give_up(0, _unread())
                return
            self._write(b"")

    def _give_up(self, written: int, error: OSError) -> None:
        """Stop recording after the last complete line."""
        if self._regular:
            with suppress(OSError):
                os.ftruncate(self._fd, os.lseek(self._fd, 0, os.SEEK_CUR) - written)
        os.close(self._fd)
        self._fd = -1
        self.complain(f"the recording {self.name} ends here: {error.strerror}")


def _unread() -> OSError:
    return OSError(errno.EAGAIN, "it is not read")


class Recorder:
    """Writes a recording as it happens; `trace` goes to the connection."""

    def __init__(self, file: Writable) -> None:
        self.file = file

    def begin(self, connection: Connection) -> None:
        """Record a greeting for a machine that has sent none; raises MachineGoneError."""
        connection.settle()  # before the first line is recorded
        lacks = {
            name: False
            for name in ("has_hmp", "takes_qmp")
            if not getattr(connection, name)
        }
        if lacks:
            version = dict(zip(_VERSION, connection.version, strict=True))
            greeting = {"QMP": {"version": {"qemu": version}, "capabilities": []}}
            self._write({"<-": greeting, **lacks})

    def begin_line(self, text: str) -> None:
        """Record a monitor line before its messages, with its passwords masked."""
        self._write({"line": text})

    def trace(self, arrow: str, message: Message) -> None:
        """Record a message; arrow is ``->`` or ``<-``."""
        self._write({arrow: message})

    def _write(self, record: Message) -> None:
        self.file.write(json.dumps(record) + "\n")


def both(first: Trace | None, second: Trace | None) -> Trace | None:
    """Return a trace that calls both, either of which may be None."""
    if first is None or second is None:
        return first or second

    def trace(arrow: str, message: Message) -> None:
        first(arrow, message)
        second(arrow, message)

    return trace
