"""The signals of a session: they end what runs, be it in the midst of a computation."""

from __future__ import annotations

import _thread
import asyncio
import signal
import threading
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

OVERDUE = 0.03
"""Seconds that a task has to notice that it was cancelled."""

ENDINGS = (signal.SIGTERM, signal.SIGHUP)
"""What ends a session."""

_REMINDER = signal.SIGURG
"""What wakes the main thread when it waits; one that comes too late is ignored."""
_TIMER, _EXPIRED = signal.ITIMER_VIRTUAL, signal.SIGVTALRM
"""What interrupts the main thread when it computes, be it without letting threads run."""


class Interrupter:
    """Cancels tasks from signal handlers of the main thread, which runs their loop.

    A task that waits is cancelled by the loop. One that computes, or hangs in a call of
    the system, keeps the loop from doing that; then another signal is sent, whose handler
    raises CancelledError right where the task is. A context manager.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._victims: tuple[asyncio.Task[Any], ...] = ()

    def __enter__(self) -> Interrupter:
        # the loop has any signal wake it as long as there is one that it handles
        self._loop.add_signal_handler(_REMINDER, lambda: None)
        signal.signal(_REMINDER, self._overdue)
        signal.signal(_EXPIRED, self._overdue)
        return self

    def __exit__(self, *_: object) -> None:
        self._forget()
        self._loop.remove_signal_handler(_REMINDER)
        signal.signal(_EXPIRED, signal.SIG_IGN)

    def cancel(self, task: asyncio.Task[Any], *inner: asyncio.Task[Any]) -> None:
        """Cancel a task; inner: those that it waits for, which may be what computes."""
        if self._victims:
            return
        self._victims = (task, *inner)
        self._loop.call_soon_threadsafe(self._deliver, self._victims)
        signal.setitimer(_TIMER, OVERDUE, OVERDUE)
        # no threading.Thread: the signal may have come while one is being started
        _thread.start_new_thread(self._remind, (self._victims,))

    def _deliver(self, victims: tuple[asyncio.Task[Any], ...]) -> None:
        self._forget()
        victims[0].cancel()

    def _forget(self) -> None:
        self._victims = ()
        signal.setitimer(_TIMER, 0)

    def _remind(self, victims: tuple[asyncio.Task[Any], ...]) -> None:
        """Wake the main thread for as long as its loop has not come to the tasks."""
        main = threading.main_thread().ident
        assert main is not None
        while True:
            sleep(OVERDUE)
            if self._victims is not victims:
                return
            signal.pthread_kill(main, _REMINDER)

    def _overdue(self, number: int, frame: FrameType | None) -> None:
        running = asyncio.current_task(self._loop)
        if running in self._victims and not _is_delicate(frame):
            raise asyncio.CancelledError


_DELICATE = ("asyncio", "threading", "subprocess", "importlib", "prompt_toolkit", "hmp.qmp")
_OURS = ("hmp.frontends.aside", "hmp.terminal.programs", "hmp.terminal.screen_output")


def _is_delicate(frame: FrameType | None) -> bool:
    """Whether an exception might leave behind what others rely on: wait a little longer.

    None of this computes or hangs by itself; it may have been kept from running.
    """
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "asyncio.events" and frame.f_code.co_name == "_run":
            return False  # where the loop runs the task
        if module in _OURS or module.startswith(_DELICATE):
            return True
        frame = frame.f_back
    return False


@contextmanager
def handled(
    numbers: tuple[signal.Signals, ...], handler: Callable[[int], None]
) -> Iterator[None]:
    """Have signals handled by a function, but for those that are to be ignored."""
    before: dict[signal.Signals, Any] = {}
    for number in numbers:
        # who starts a program in the background has it ignore SIGINT
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
            before[number] = signal.signal(number, lambda came, frame: handler(came))
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
