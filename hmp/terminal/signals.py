"""The signals of a session: they cancel what runs, even in the middle of a computation."""

from __future__ import annotations

import _thread
import asyncio
import signal
import threading
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType
    from typing import Any

OVERDUE = 0.01
"""Seconds that a task has to notice its cancellation."""

ENDINGS = (signal.SIGTERM, signal.SIGHUP)
"""The signals that end a session."""

_REMINDER = signal.SIGURG
"""Wakes the main thread when it waits; harmless if it comes too late."""
_TIMER, _EXPIRED = signal.ITIMER_VIRTUAL, signal.SIGVTALRM
"""Interrupts the main thread when it computes, even if it lets no other thread run."""


class Interrupter:
    """Cancels tasks from signal handlers of the main thread, which runs their loop.

    The loop cancels a task that waits. A task that computes, or hangs in a system call,
    blocks the loop; so another signal is sent, whose handler raises CancelledError at the
    task's present line. A context manager.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._victims: tuple[asyncio.Task[Any], ...] = ()

    def __enter__(self) -> Interrupter:
        # while the loop handles one signal, any signal wakes it
        self._loop.add_signal_handler(_REMINDER, lambda: None)
        signal.signal(_REMINDER, self._overdue)
        signal.signal(_EXPIRED, self._overdue)
        return self

    def __exit__(self, *_: object) -> None:
        self._forget()
        self._loop.remove_signal_handler(_REMINDER)
        # one may still be on its way, and by default it would end the process
        signal.signal(_EXPIRED, signal.SIG_IGN)

    def cancel(self, task: asyncio.Task[Any], *inner: asyncio.Task[Any]) -> None:
        """Cancel a task; inner: tasks that it waits for, one of which may be computing."""
        # another signal, while the first one is still being handled
        if self._victims:
            return
        self._victims = (task, *inner)
        # in a signal handler only this wakes a loop that waits
        self._loop.call_soon_threadsafe(self._deliver, self._victims)
        signal.setitimer(_TIMER, OVERDUE, OVERDUE)
        # not threading.Thread: the signal may have interrupted the start of one
        _thread.start_new_thread(self._remind, (self._victims,))

    def _deliver(self, victims: tuple[asyncio.Task[Any], ...]) -> None:
        self._forget()
        victims[0].cancel()

    def _forget(self) -> None:
        self._victims = ()
        signal.setitimer(_TIMER, 0)

    def _remind(self, victims: tuple[asyncio.Task[Any], ...]) -> None:
        """Wake the main thread until its loop has handled the cancellation."""
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


# modules, by the beginnings of their names, whose state an exception could corrupt
_DELICATE = ("asyncio", "threading", "subprocess", "importlib", "prompt_toolkit", "hmp.qmp")
_PURE = "hmp.qmp.shapes"
"""Checks a reply, however large, and changes nothing."""
_OURS = ("hmp.frontends.in_thread", "hmp.terminal.programs", "hmp.terminal.screen_output")


def _is_delicate(frame: FrameType | None) -> bool:
    """Whether an exception here could corrupt shared state, so that it must wait.

    This code neither computes for long nor hangs, so the wait is short.
    """
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "asyncio.events" and frame.f_code.co_name == "_run":
            return False  # reached the loop: all frames of the task are safe
        if module == _PURE:
            return False  # its callers are prepared for its own errors
        if module in _OURS or module.startswith(_DELICATE):
            return True
        frame = frame.f_back
    return False


def is_abandoned() -> bool:
    """Return whether Ctrl-C came while asyncio made this task, which runs nevertheless.

    It cancels the tasks that it knows before it closes their loop, and lets others begin.
    """
    return asyncio.current_task() not in asyncio.all_tasks()


@contextmanager
def handled(
    numbers: tuple[signal.Signals, ...], handler: Callable[[int], None]
) -> Generator[None]:
    """Within the block, handle signals by a function, except those that are ignored."""
    before: dict[signal.Signals, Any] = {}
    for number in numbers:
        # a shell starts background programs with SIGINT ignored
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
            before[number] = signal.signal(number, lambda came, frame: handler(came))
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
