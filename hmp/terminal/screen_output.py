"""Output to the terminal: the only code of a session that writes to it."""

from __future__ import annotations

import asyncio
import os
import select
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from prompt_toolkit.application import get_app_or_none, in_terminal

from hmp.display.progress import ProgressLine
from hmp.display.sanitise import sanitise
from hmp.display.screen import Screen
from hmp.frontends.files import in_stoppable_thread, write_file
from hmp.frontends.in_thread import in_thread
from hmp.frontends.session_runner import program_problem
from hmp.terminal.pager import NOT_FOUND, pager_command, pager_environment
from hmp.terminal.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from hmp.display.sink import Sink
    from hmp.frontends.shell import Redirect

_PIECE = 2048
"""Characters that are written at once, since a slow terminal blocks meanwhile."""
UNDO_ECHO = "\r\x1b[K"
"""Removes what the terminal has echoed: ^C, or keys that were pressed too early."""
_CALM = "\x1b\\\x1b[0m"
"""Ends a picture or colours if we stop in the middle of them."""


class ScreenOutput:
    """Shows text above the prompt, in a pager, through a pipe or in a file.

    pager: the configured one; None: by the environment. suspended: whether another program
    has the terminal, and so receives Ctrl-C.
    """

    def __init__(self, out: Sink, pager: str | None = None) -> None:
        self.out = out
        self.pager = pager
        self.bar = ProgressLine(self.screen())
        self.suspended = False
        self._held = False
        self._later: list[str] = []
        self._interrupted = False
        # whether the row of the cursor has nothing but echoes of keys
        self._fresh = False

    def screen(self) -> Screen:
        """Return the terminal's size and abilities now; the size may have changed."""
        return Screen(self.out.fd, os.environ)

    def write(self, text: str) -> None:
        """Write text immediately; only while no prompt is shown.

        Keys that were pressed while a line ran are still to be read, and the prompt shows
        them; what the terminal has echoed of them is removed.
        """
        undo = UNDO_ECHO if self._fresh else ""
        self.out.write(f"{self.bar.cleared()}{undo}{text}", ours=True)
        self.out.flush()
        self._fresh = text.endswith("\n") if text else self._fresh

    def progress(self, what: str, done: int, total: int) -> None:
        """Draw progress on the line below the last output."""
        self.out.write(self.bar.shown(what, done, total), ours=True)
        self.out.flush()

    async def show(self, text: str) -> None:
        """Write text, above the prompt or question that is shown, if any."""
        if self.suspended or self._held:
            self._later.append(text)
        elif (app := get_app_or_none()) is not None and app.is_running:
            async with in_terminal():
                # where keys that are pressed meanwhile, such as Ctrl-D, remain keys
                with app.input.raw_mode():
                    self.write(text)
        else:
            self.write(text)

    async def show_folded(self, text: str) -> None:
        """Show lines as `show` does, broken between words where they are too long."""
        from textwrap import fill  # late: the first prompt has no notes

        width = self.screen().width
        folded = (
            fill(line, width, break_on_hyphens=False, break_long_words=False)
            for line in text.splitlines()
        )
        await self.show("".join(f"{line}\n" for line in folded))

    async def show_long(self, text: str) -> None:
        """Write text, in the pager if it is longer than the screen."""
        if text.count("\n") >= self.screen().height - 1:
            command = pager_command(os.environ, self.pager)
            if command is not None and await self._paged(text, command):
                return
        await self.pour(text)

    async def _paged(self, text: str, command: str) -> bool:
        """Show a text in the pager; return False if that cannot be started."""
        try:
            status = await self._lend(command, text, pager_environment(os.environ))
        except OSError:
            return False
        return status != NOT_FOUND

    async def pour(self, text: str) -> None:
        """Write long text in pieces; only while no prompt is shown.

        Other tasks and Ctrl-C are handled in between, even on a terminal that is stopped
        by Ctrl-S.
        """
        try:
            for start in range(0, len(text) or 1, _PIECE):  # the machine may have printed
                await self.room()
                self.write(text[start : start + _PIECE])
        except asyncio.CancelledError:
            self.write(_CALM)
            raise

    async def room(self) -> None:
        """Let other tasks run, and wait until the terminal accepts more."""
        await asyncio.sleep(0)
        # a file is always ready, and epoll, which the loop uses, would refuse it
        if select.select([], [self.out.fd], [], 0)[1]:
            return
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_writer(self.out.fd, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_writer(self.out.fd)

    async def redirect(self, text: str, to: Redirect, limit: float | None = None) -> str:
        """Send a result to a shell command or a file; return the error, or empty.

        limit: the seconds that writing a file may take.
        """
        if to.kind == "|":
            # its output mostly goes to this terminal
            status = await self._lend(to.target, await in_thread(sanitise, text))
            return program_problem(to.target, status, piped=True)
        self.write("")  # nothing else takes the bar away
        path = os.path.expanduser(to.target)
        try:
            await in_stoppable_thread(
                partial(write_file, seconds=limit), path, text, to.kind == ">>"
            )
        except OSError as error:
            return f"cannot write {path}: {error.strerror}"
        return ""

    async def shell(self, command: str) -> str:
        """Run a shell command on the terminal; return the error, or empty."""
        status = await self._lend(command)
        return program_problem(command, status, piped=False)

    async def _lend(
        self,
        command: str,
        text: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> int:
        """Run a program that has the terminal meanwhile; return its exit status.

        A Ctrl-C that comes before it has started cancels the line.
        """
        self.suspend()
        try:
            await asyncio.sleep(0)  # let a cancellation that is pending happen
            status = await run_program(
                command, text, environment, lambda: self._interrupted
            )
            if status is None:
                self._interrupted = False
                raise asyncio.CancelledError
            return status
        finally:
            self.resume()

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold back other output within the block, which redraws the screen."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self._show_late()

    def _show_late(self) -> None:
        self.write("".join(self._later))
        self._later.clear()

    def suspend(self) -> None:
        """Hold output back, since another program gets the terminal."""
        self.write("")  # it does not know of a bar that is drawn
        self.suspended, self._interrupted = True, False

    def resume(self) -> None:
        """Write again, beginning with the output that has waited."""
        self.suspended = False
        self._fresh = False  # the other program may have written there
        if self._interrupted:
            self.write("\n")  # after the ^C that the terminal has echoed
        self._show_late()

    def interrupt(self) -> None:
        """Note a Ctrl-C that belongs to the other program."""
        self._interrupted = True
