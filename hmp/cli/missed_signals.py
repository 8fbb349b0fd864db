"""Ctrl-C and other signals at the worst moment: just before a system call that waits.

Python runs a signal's handler between two steps of a program, or when the signal interrupts
a system call. One that comes after the last step and before the call does neither: without
what is done here, its handler would run as late as the call returns, if it ever does.
"""

from __future__ import annotations

import os
from _thread import get_ident, start_new_thread
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

_OVERDUE = 0.01
"""Seconds that handlers have to run by themselves."""


def notice_signals() -> None:
    """Have the handlers of the calling thread, the main one, run soon after their signals.

    Until asyncio or somebody else sets the wakeup descriptor.
    """
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    noticed: list[int] = []
    signal.signal(_REMINDER, lambda number, frame: noticed.append(number))
    start_new_thread(_remind, (woken, get_ident(), noticed))


def end_in_order() -> None:
    """Have signals that end the program close the connections first.

    A machine that a gdb server asks is stopped meanwhile, and must not stay so.
    """

    def end(number: int, frame: object) -> None:
        raise SystemExit(SIGNALLED + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores one
            signal.signal(number, end)


def _remind(woken: int, main: int, noticed: list[int]) -> None:
    """Wait for signals, and interrupt the main thread until it has handled each."""
    while True:
        if {*os.read(woken, 4096)} <= {_REMINDER}:
            continue
        noticed.clear()
        while not noticed:  # its handler comes after those of the signals before it
            sleep(_OVERDUE)
            signal.pthread_kill(main, _REMINDER)
