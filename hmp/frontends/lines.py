"""The lines of a script: cut out of a pipe, a file or a ``-c`` option as they come."""

from __future__ import annotations

import errno
import os
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Written by some editors at the beginning of a file."""
LONGEST = 1 << 26
"""The most bytes of a line, since a device may never send its end."""
MOMENT = 0.5
"""Seconds in which the lines after ``quit`` are counted."""
_CHUNK = 1 << 16


class Lines:
    """An iterator over lines that also shows the next ones, where no wait is needed.

    chunks: the lines that come together, without their line ends. fd: the descriptor that
    they are read from; -1 if they need no wait. at_hand: those that have come and are still
    to be given out. over: whether the end has been seen.
    """

    over = False

    def __init__(self, chunks: Iterable[Iterable[bytes]], fd: int = -1) -> None:
        self._chunks = iter(chunks)
        self._fd = fd
        self.at_hand: deque[bytes] = deque()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while not self.at_hand:
            self.at_hand.extend(next(self._chunks))
        return self.at_hand.popleft()

    def rest(self) -> Iterator[bytes]:
        """Yield the lines that are not to be run, as far as they come in a moment.

        If none has come, this does not wait: the sender may wait for the program's end.
        """
        from time import monotonic  # late, for what hardly any script has

        from hmp.qmp.readable import readable

        begun = monotonic()
        patience = MOMENT if self.at_hand else 0
        while (spent := monotonic() - begun) <= MOMENT:
            while self.at_hand:
                yield self.at_hand.popleft()
            left = max(patience - spent, 0)
            if self._fd >= 0 and not readable([self._fd], left):
                return
            try:
                self.at_hand.extend(next(self._chunks))
                patience = MOMENT
            except StopIteration:
                self.over = True
                return
            except OSError:
                return

    @property
    def following(self) -> bytes:
        """The line after the last one given out; empty if it is not known yet."""
        return self.at_hand[0] if self.at_hand else b""


def read_lines(fd: int, before_wait: Callable[[], None]) -> Lines:
    """Return the lines of a descriptor as they arrive, without their line ends.

    before_wait: called before each read, which may block. The lines raise OSError.
    """
    return Lines(_chunks(fd, before_wait), fd)


def _chunks(fd: int, before_wait: Callable[[], None]) -> Iterator[Iterator[bytes]]:
    splitter = LineSplitter()
    while True:
        before_wait()
        chunk = _read(fd)
        if not chunk:
            break
        yield splitter.feed(chunk)
    yield splitter.end()


class LineSplitter:
    """Cuts lines out of the chunks of a script, in time linear in what is read."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []
        self._size = 0
        self._number = 1
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take a chunk and yield the lines that it completes, without their ends.

        Raises OSError for a line that is too long.
        """
        if self._first:
            chunk, self._first = chunk.removeprefix(BYTE_ORDER_MARK), False
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            whole = b"".join([*self._begun, line]) if self._begun else line
            self._begun, self._size = [], 0
            self._number += 1
            yield whole[:-1] if whole[-1:] == b"\r" else whole
        if rest:
            self._begun.append(rest)
            self._size += len(rest)
            # counted at the end of each chunk: a chunk more does no harm
            if self._size > LONGEST:
                what = f"line {self._number} of standard input"
                raise OSError(errno.EFBIG, f"{what} is longer than {LONGEST >> 20} MiB")

    def end(self) -> Iterator[bytes]:
        """Yield the last line, if it has no end."""
        if self._begun:
            yield b"".join(self._begun)


def _read(fd: int) -> bytes:
    """Read the available bytes, waiting for the first; empty at the end."""
    while True:
        try:
            return os.read(fd, _CHUNK)
        except BlockingIOError:
            # another program made it non-blocking
            from select import select

            select([fd], [], [])


def split_lines(data: bytes) -> list[bytes]:
    """Split the text of a file or a ``-c`` option into its lines."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    return [line.removesuffix(b"\r") for line in data.split(b"\n")]
