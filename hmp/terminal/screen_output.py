"""What goes to the terminal: the one place of a session that writes there."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prompt_toolkit.application import run_in_terminal

from hmp.display.progress import ProgressLine
from hmp.display.sanitise import sanitise
from hmp.display.screen import Screen
from hmp.terminal.pager import page, pager_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from prompt_toolkit.application import Application

    from hmp.display.output import Sink
    from hmp.terminal.shell import Redirect

    Result = TypeVar("Result")


class Stage:
    """Shows text above the prompt, in a pager, through a pipe or in a file.

    pager: the configured one; None takes what the environment names. lent: whether
    another program has the terminal, and with it Ctrl-C.
    """

    def __init__(self, out: Sink, pager: str | None = None) -> None:
        self.out = out
        self.pager = pager
        self.bar = ProgressLine(self.screen())
        self.app: Application[str] | None = None
        self.lent = False
        self._held = False
        self._later: list[str] = []
        self._interrupted = False

    def screen(self) -> Screen:
        """Return what the terminal is like now; it may have changed its size."""
        return Screen(self.out.fd, os.environ)

    def write(self, text: str) -> None:
        """Write text of ours at once; only while no prompt is up."""
        self.out.write(self.bar.cleared() + text, ours=True)
        self.out.flush()

    def progress(self, what: str, done: int, total: int) -> None:
        """Draw how far something is, on the line below the last output."""
        self.out.write(self.bar.shown(what, done, total), ours=True)
        self.out.flush()

    async def show(self, text: str) -> None:
        """Write text of ours, above the prompt when it is up."""
        if self.lent or self._held:
            self._later.append(text)
        elif self.app is not None and self.app.is_running:
            await run_in_terminal(lambda: self.write(text))
        else:
            self.write(text)

    async def show_long(self, text: str) -> None:
        """Write text of ours, in the pager when it is longer than the screen."""
        if text.count("\n") >= self.screen().height - 1:
            command = pager_command(os.environ, self.pager)
            if command is not None and await self._lend(page, text, command):
                return
        await self.show(text)

    async def redirect(self, text: str, to: Redirect) -> str:
        """Send a result to a shell command or a file; return what went wrong."""
        if to.kind == "|":
            return await self._lend(_pipe, text, to.target)
        path = os.path.expanduser(to.target)
        try:
            mode = "a" if to.kind == ">>" else "w"
            with open(path, mode, encoding="utf-8", errors="backslashreplace") as file:
                # anything but a regular file may be a terminal, or lead to one
                regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                file.write(text if regular else sanitise(text))
        except OSError as error:
            return f"cannot write {path}: {error.strerror}"
        return ""

    async def shell(self, command: str) -> str:
        """Run a shell command on the terminal; return what went wrong, or nothing."""
        return await self._lend(_run, command)

    async def _lend(self, work: Callable[..., Result], *arguments: str) -> Result:
        """Wait for a program that has the terminal meanwhile."""
        self.lend()
        try:
            return await asyncio.to_thread(work, *arguments)
        finally:
            self.take_back()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let what is shown wait while something is drawn over and over."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self._show_late()

    def _show_late(self) -> None:
        self.write("".join(self._later))
        self._later.clear()

    def lend(self) -> None:
        """Give the terminal to somebody else; what is shown meanwhile waits."""
        self.lent, self._interrupted = True, False

    def take_back(self) -> None:
        """Have the terminal back, and show what has waited."""
        self.lent = False
        if self._interrupted:
            self.write("\n")  # behind the terminal's own ^C
        self._show_late()

    def interrupt(self) -> None:
        """Take note of a Ctrl-C that is the other program's."""
        self._interrupted = True


def _pipe(text: str, command: str) -> str:
    """Run a shell command with text on its standard input.

    Where that ends cannot be known; mostly it is this terminal.
    """
    data = sanitise(text).encode(errors="backslashreplace")
    status = subprocess.run(command, shell=True, input=data, check=False).returncode
    return f"'{command}' ended with status {status}" if status > 1 else ""


def _run(command: str) -> str:
    status = subprocess.run(command, shell=True, check=False).returncode
    interrupted = status in (-signal.SIGINT, 128 + signal.SIGINT)
    return f"'{command}' ended with status {status}" if status and not interrupted else ""
