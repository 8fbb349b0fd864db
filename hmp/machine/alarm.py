"""Alarm timers, the machine's timers that they wake, and the commands of ``alarm.json``.

The machine keeps its timers in a queue, and uses one alarm timer of this process to wake
up when the first of them is due: ``dynticks``, a one-shot timer armed for that moment, or
``unix``, an interval timer at whose ticks the machine checks the queue.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from heapq import heappop, heappush
from time import monotonic_ns
from typing import TYPE_CHECKING

from hmp.machine.schema_types import AlarmClock, AlarmMethod, AlarmMethodName
from hmp.qmp.errors import QMPError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hmp.machine.machine import EmbeddedMachine

SECOND = 1_000_000_000
"""Nanoseconds."""

_TICK = 0.01
"""Seconds between two ticks of the interval timer."""


class AlarmTimer:
    """Wakes the process when a timer is due."""

    name: AlarmMethodName

    available = True
    """Whether this host has this alarm timer."""

    def arm(self, deadline: int | None) -> None:
        """Set the deadline, in nanoseconds of the monotonic clock; None switches off."""
        raise NotImplementedError

    def remaining(self) -> int | None:
        """Return the nanoseconds until it fires, as the timer reports; None if off."""
        raise NotImplementedError

    def fileno(self) -> int | None:
        """Return a descriptor that is readable after it has fired, or None."""
        return None

    def close(self) -> None:
        """Switch it off permanently."""
        self.arm(None)


# Python itself has no timerfd before 3.13
class _TimeSpec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _TimerSpec(ctypes.Structure):
    _fields_ = (("interval", _TimeSpec), ("value", _TimeSpec))


class DynTicks(AlarmTimer):
    """A one-shot timer of the Linux kernel (timerfd), armed for the next deadline."""

    name = AlarmMethodName.DYNTICKS
    available = sys.platform == "linux"
    # TFD_TIMER_ABSTIME, and the clock that time.monotonic_ns reads
    _ABSOLUTE = 1
    _CLOCK_MONOTONIC = 1

    def __init__(self) -> None:
        # None: the libraries that the process has loaded, among them libc
        self._libc = ctypes.CDLL(None, use_errno=True)
        flags = os.O_NONBLOCK | os.O_CLOEXEC
        self._fd: int = self._libc.timerfd_create(self._CLOCK_MONOTONIC, flags)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")

    def arm(self, deadline: int | None) -> None:
        """Arm the timer; a deadline in the past fires at once."""
        if self._fd < 0:
            return
        # all zeroes switch a timerfd off, and negative times are refused
        seconds, nanoseconds = divmod(max(deadline, 1) if deadline else 0, SECOND)
        spec = _TimerSpec(value=_TimeSpec(seconds, nanoseconds))
        self._libc.timerfd_settime(self._fd, self._ABSOLUTE, ctypes.byref(spec), None)

    def remaining(self) -> int | None:
        """Return the nanoseconds left, as the kernel reports."""
        spec = _TimerSpec()
        self._libc.timerfd_gettime(self._fd, ctypes.byref(spec))
        left = int(spec.value.seconds) * SECOND + int(spec.value.nanoseconds)
        # the kernel reports a timer that is off as zeroes
        return left or None

    def fileno(self) -> int | None:
        """Return the timer's descriptor."""
        return self._fd

    def close(self) -> None:
        """Close the timer."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class UnixTimer(AlarmTimer):
    """The interval timer of a Unix process (ITIMER_REAL), with its signal SIGALRM."""

    name = AlarmMethodName.UNIX

    def __init__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise OSError("the alarm timer 'unix' works in the main thread only")
        # the signal has to arrive, not to do anything; by default it would end the process
        self._before = signal.signal(signal.SIGALRM, lambda number, frame: None)
        self._closed = False

    def arm(self, deadline: int | None) -> None:
        """Tick while a deadline is set."""
        if self._closed:
            return  # without a handler, the signal would end the process
        interval = 0.0 if deadline is None else _TICK
        signal.setitimer(signal.ITIMER_REAL, interval, interval)

    def remaining(self) -> int | None:
        """Return the time until the next tick."""
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        return int(left * SECOND) or None

    def close(self) -> None:
        """Stop ticking, and restore the signal's handler."""
        if not self._closed:
            super().close()
            self._closed = True
            signal.signal(signal.SIGALRM, self._before)


METHODS: dict[AlarmMethodName, type[AlarmTimer]] = {
    timer.name: timer for timer in (DynTicks, UnixTimer) if timer.available
}
"""The alarm timers of this host by name; the first is the default."""


class Timers:
    """The machine's timers, and the alarm that wakes them.

    They stop while the machine is stopped, as its clock does.
    """

    def __init__(self, alarm: AlarmTimer) -> None:
        self.alarm = alarm
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._stopped_at: int | None = None

    def add(self, delay: int, callback: Callable[[], None]) -> None:
        """Call the callback once, after `delay` nanoseconds of running time."""
        # a machine that is stopped adds to the time at which it stopped
        now = self._stopped_at or monotonic_ns()
        # the count keeps timers of one time in order, and callbacks from being compared
        self._count += 1
        heappush(self._queue, (now + delay, self._count, callback))
        self._arm()

    def poll(self) -> None:
        """Call the callbacks that are due. Cheap if none is."""
        if not self._due():
            return
        while self._due():  # a callback may stop the machine or add a timer
            heappop(self._queue)[2]()
        self._arm()

    def _due(self) -> bool:
        queue = self._queue
        going = queue and self._stopped_at is None
        return bool(going) and queue[0][0] <= monotonic_ns()

    def stop(self) -> None:
        """Stop the machine's time."""
        self._stopped_at = monotonic_ns()
        self._arm()

    def start(self) -> None:
        """Resume the machine's time; deadlines move by the length of the pause."""
        if self._stopped_at is None:
            return
        stood = monotonic_ns() - self._stopped_at
        self._stopped_at = None
        # equal amounts for all, so the heap remains one
        self._queue = [(due + stood, count, call) for due, count, call in self._queue]
        self._arm()

    def _arm(self) -> None:
        going = self._queue and self._stopped_at is None
        self.alarm.arm(self._queue[0][0] if going else None)


def make_alarm(method: str | None) -> AlarmTimer:
    """Return an alarm timer by name; None: the default. Raises QMPError."""
    names = [name for name in METHODS if method is None or name == method]
    if not names:
        known = ", ".join(METHODS)
        raise QMPError(f"this host has no alarm timer '{method}', only {known}")
    try:
        return METHODS[names[0]]()
    except OSError as error:
        raise QMPError(f"alarm timer '{names[0]}': {error}") from error


def qmp_query_alarm_clock(machine: EmbeddedMachine, /) -> AlarmClock:
    """Return the alarm timer in use, and its deadline as the timer reports it."""
    alarm = machine.timers.alarm
    return AlarmClock(clock_name=alarm.name, next_deadline=alarm.remaining())


def qmp_query_alarm_methods(machine: EmbeddedMachine, /) -> list[AlarmMethod]:
    """Return the alarm timers of this host."""
    current = machine.timers.alarm.name
    return [AlarmMethod(method_name=name, current=name is current) for name in METHODS]
