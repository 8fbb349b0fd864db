"""The terminal of a plain session, which edits lines itself.

In this mode, called cooked or canonical, a program reads whole lines. Tab ends a read as
Enter does, so that candidates can be listed; what was typed before it is kept here.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import termios
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

TAB = b"\t"
_MODES, _CHARACTERS = 3, 6
"""The indices of the local modes and the special characters in a terminal's attributes."""

NONE, CTRL_D = b"\0", b"\4"
"""As special characters: none, and the usual one at which input ends."""


@contextmanager
def terminal_kept() -> Generator[None]:
    """Restore the terminal's modes after the block, whatever has changed them."""
    try:
        before = termios.tcgetattr(0)
    except termios.error:
        yield
        return
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, before)


def end_of_line(character: bytes) -> AbstractContextManager[None]:
    """Within the context, end reads from the terminal at one more character."""
    return _special(termios.VEOL, character)


def end_of_input(character: bytes) -> AbstractContextManager[None]:
    """Within the context, end the terminal's input at this character."""
    return _special(termios.VEOF, character)


@contextmanager
def _special(place: int, character: bytes) -> Generator[None]:
    with terminal_kept():
        # only a terminal has such characters; elsewhere, reads end at line ends
        with suppress(termios.error):
            changed = termios.tcgetattr(0)
            changed[_CHARACTERS][place] = character
            termios.tcsetattr(0, termios.TCSANOW, changed)
        yield


def read_piece() -> bytes:
    """Return a line with its end, or the text up to and including a pressed Tab.

    Empty at the end of input. A Tab with more input after it was pasted, and is text.
    """
    piece = b""
    while True:
        chunk = os.read(0, 4096)
        piece += chunk
        if not chunk or piece.endswith(b"\n"):
            return piece
        if piece.endswith(TAB) and not select.select([0], [], [], 0)[0]:
            return piece


@contextmanager
def unseen() -> Generator[None]:
    """Within the block, the terminal does not show what is typed.

    Keys that were typed ahead are kept, before and after it, unlike with `getpass`.
    """
    with end_of_line(NONE):
        with suppress(termios.error):
            changed = termios.tcgetattr(0)
            changed[_MODES] &= ~termios.ECHO
            termios.tcsetattr(0, termios.TCSANOW, changed)
        yield


def run_program(command: str, text: str | None = None) -> int:
    """Run a shell command on the terminal, and return its exit status.

    text: for its standard input; without it, that is the terminal. Ctrl-C is the
    program's. Raises OSError.
    """
    # not SIG_IGN, which the program would inherit
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        data = None if text is None else text.encode(errors="backslashreplace")
        with end_of_line(NONE):
            return subprocess.run(command, shell=True, input=data, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
