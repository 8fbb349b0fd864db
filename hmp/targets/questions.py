"""Questions that other programs ask on our terminal while a machine is being opened.

ssh without a key, or sudo, ask for a password. A session lends them the terminal before it
draws its screen; later on nothing can be asked. In a script, ssh does not ask, and a
program that the user named is in our process group: it may use the terminal as we may.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator


class TerminalAccess(NamedTuple):
    """How a program that may ask is started; see `hmp.targets.guard.GuardedCommand`."""

    terminal: int | None = None
    group: int = 0
    detached: bool = False


class _State:
    """begun: whether this is a session. terminal: its terminal, while it can be lent."""

    begun = False
    terminal: int | None = None


_state = _State()


@contextmanager
def questions() -> Generator[None]:
    """Begin a session: within the block, programs that we start may ask."""
    _state.begun = True
    _state.terminal = terminal = _foreground_terminal()
    try:
        yield
    finally:
        _state.terminal = None
        if terminal is not None:
            _take_back(terminal)


def lent_terminal() -> int | None:
    """Return the terminal that a program gets until the machine is open, or None."""
    return _state.terminal


def terminal_access() -> TerminalAccess:
    """Return how to start a program that the user named."""
    if not _state.begun:
        return TerminalAccess(group=os.getpgrp())
    return TerminalAccess(_state.terminal, detached=_state.terminal is None)


def _take_back(terminal: int) -> None:
    """Become the terminal's foreground process group again, and close it."""
    # the program may still be in the foreground, and this call stops whoever is not
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    with suppress(OSError):
        os.tcsetpgrp(terminal, os.getpgrp())
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(terminal)


def _foreground_terminal() -> int | None:
    """Return our terminal, unless we run in the background and cannot lend it."""
    with suppress(OSError):
        # standard input may be a pipe although the user has a terminal
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        with suppress(OSError):
            # a background process that takes the terminal is stopped by the kernel
            if os.tcgetpgrp(terminal) == os.getpgrp():
                return terminal
        os.close(terminal)
    return None
