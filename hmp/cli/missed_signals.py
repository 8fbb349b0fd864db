"""Ctrl-C and other signals at the worst moment: just before a system call that waits.

Python runs a signal's handler between two steps of a program, or when the signal interrupts
a system call. One that comes after the last step and before the call does neither: without
what is done here, its handler would run as late as the call returns, if it ever does.
"""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident, start_new_thread
from time import sleep

from hmp.cli import SIGNALLED

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    # without the enums that `signal` makes of all signals, which cost each start 2 %
    import _signal as signal

_REMINDER = signal.SIGURG
"""Interrupts the system call; harmless if none waits, or if it comes too late."""

_HANDLED = signal.SIGTERM, signal.SIGHUP, signal.SIGVTALRM, _REMINDER
"""The signals whose handlers a run may change for good."""

_OVERDUE = 0.01
"""Seconds that handlers have to run by themselves."""


def notice_signals() -> None:
    """Have the handlers of the main thread, which calls this, run soon after their signals.

    An event loop with handlers of its own takes the wakeup descriptor, and does the same;
    call this again after it. In another thread, which handles no signals, it does nothing.
    """
    try:
        before = signal.set_wakeup_fd(-1)
    except ValueError:
        return  # not the main thread
    if not _STARTED:
        _STARTED.append(_Notice(before))
    _STARTED[0].begin()


def leave_signals() -> None:
    """End what `notice_signals` has started, and handle signals as before it."""
    if _STARTED and get_ident() == _STARTED[0].main:
        _STARTED.pop().end()


def end_in_order() -> None:
    """Have signals that end the program close the connections first.

    A machine that a gdb server asks is stopped meanwhile, and must not stay so.
    """

    def end(number: int, frame: object) -> None:
        raise SystemExit(SIGNALLED + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores one
            signal.signal(number, end)


class _Notice:
    """A thread that is woken by signals; before: the wakeup descriptor so far."""

    def __init__(self, before: int) -> None:
        self._before = before
        self._handlers = [(number, signal.getsignal(number)) for number in _HANDLED]
        self.main = get_ident()
        self._noticed: list[int] = []
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        self._ended = allocate_lock()
        self._ended.acquire()
        start_new_thread(self._remind, ())

    def begin(self) -> None:
        """Take the wakeup descriptor."""
        signal.signal(_REMINDER, self._handle)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)

    def end(self) -> None:
        """Give it back, and end the thread."""
        signal.set_wakeup_fd(self._before)
        os.close(self._wake)
        self._ended.acquire()
        os.close(self._woken)
        for number, handler in self._handlers:
            if handler is not None:  # it is Python's, so it can be set again
                signal.signal(number, handler)

    def _handle(self, number: int, frame: object) -> None:
        self._noticed.append(number)

    def _remind(self) -> None:
        """Wait for signals, and interrupt the main thread until it has handled each."""
        while came := os.read(self._woken, 4096):
            if {*came} <= {_REMINDER}:
                continue
            self._noticed.clear()
            # its handler comes after those of the signals before it; an event loop that has
            # put its own there meanwhile wakes by itself
            while not self._noticed and signal.getsignal(_REMINDER) == self._handle:
                sleep(_OVERDUE)
                signal.pthread_kill(self.main, _REMINDER)
        self._ended.release()


_STARTED: list[_Notice] = []
"""What this process has started, if anything."""
