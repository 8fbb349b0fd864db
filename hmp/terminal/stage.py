"""What goes to the terminal: the one place of a session that writes there."""

from __future__ import annotations

import asyncio
import os
import subprocess
from typing import TYPE_CHECKING

from prompt_toolkit.application import run_in_terminal

from hmp.progress import ProgressLine
from hmp.screen import Screen
from hmp.terminal.pager import page, pager_command

if TYPE_CHECKING:
    from prompt_toolkit.application import Application

    from hmp.output import Sink
    from hmp.terminal.shell import Redirect


class Stage:
    """Shows text above the prompt, in a pager, through a pipe or in a file.

    pager: the configured one; None takes what the environment names.
    """

    def __init__(self, out: Sink, pager: str | None = None) -> None:
        self.out = out
        self.pager = pager
        self.bar = ProgressLine(self.screen())
        self.app: Application[str] | None = None

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
        if self.app is not None and self.app.is_running:
            await run_in_terminal(lambda: self.write(text))
        else:
            self.write(text)

    async def show_long(self, text: str) -> None:
        """Write text of ours, in the pager when it is longer than the screen."""
        if text.count("\n") >= self.screen().height - 1:
            command = pager_command(os.environ, self.pager)
            if command is not None and await asyncio.to_thread(page, text, command):
                return
        await self.show(text)

    async def redirect(self, text: str, to: Redirect) -> str:
        """Send a result to a shell command or a file; return what went wrong."""
        if to.kind == "|":
            return await asyncio.to_thread(_pipe, text, to.target)
        path = os.path.expanduser(to.target)
        try:
            with open(path, "a" if to.kind == ">>" else "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            return f"cannot write {path}: {error.strerror}"
        return ""


def _pipe(text: str, command: str) -> str:
    """Run a shell command with text on its standard input."""
    data = text.encode(errors="backslashreplace")
    status = subprocess.run(command, shell=True, input=data, check=False).returncode
    return f"'{command}' ended with status {status}" if status > 1 else ""


def run_shell(command: str) -> str:
    """Run a shell command on the terminal; return what went wrong, or nothing."""
    status = subprocess.run(command, shell=True, check=False).returncode
    return f"'{command}' ended with status {status}" if status else ""
