"""The output of a serving program, written by a thread.

Its reader may be stuck; the clients of the server must not wait for that.
"""

from __future__ import annotations

from collections import deque
from threading import Condition, Thread

from hmp.display.sink import Sink, write_all

_PIECE = 1 << 16
"""Bytes that are written at once, so that progress can be seen."""


class Printer:
    """A thread that writes to descriptors, in the order of the calls of `put`.

    waiting: the bytes that are not written yet.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self._parts: deque[tuple[int, bytes]] = deque()
        self._changed = Condition()
        self._errors: dict[int, OSError] = {}
        self._thread: Thread | None = None

    def put(self, fd: int, data: bytes) -> None:
        """Have data written, soon. Raises the OSError of an earlier call."""
        if fd in self._errors:
            raise self._errors[fd]
        if self._thread is None:
            # daemon: a reader that is stuck does not keep the program from ending
            self._thread = Thread(target=self._run, daemon=True, name="print")
            self._thread.start()
        with self._changed:
            self._parts.append((fd, data))
            self.waiting += len(data)
            self._changed.notify_all()

    def drain(self, patience: float | None) -> None:
        """Wait until all is written. Raises OSError.

        patience: seconds without any progress after which to give up; None: never.
        """
        with self._changed:
            left = 0
            while self.waiting and (patience is None or self.waiting != left):
                left = self.waiting
                self._changed.wait(patience)
        for error in self._errors.values():
            raise error

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._parts)
                fd, data = self._parts.popleft()
            for start in range(0, len(data), _PIECE):
                piece = data[start : start + _PIECE]
                try:
                    write_all(fd, piece)
                except OSError as error:
                    # raised by the next `put`, as nothing waits for this thread
                    self._errors[fd] = error
                with self._changed:
                    self.waiting -= len(piece)
                    self._changed.notify_all()


class PrintedSink(Sink):
    """A sink whose `flush` does not wait: a printer writes."""

    __slots__ = ("_printer",)

    def __init__(self, fd: int, printer: Printer) -> None:
        super().__init__(fd)
        self._printer = printer

    @property
    def waiting(self) -> int:
        """The bytes that are flushed and not written yet."""
        return self._printer.waiting

    def flush(self) -> None:
        """Have the buffer written. Raises OSError if that failed before."""
        if data := self._take():
            self._printer.put(self.fd, data)
