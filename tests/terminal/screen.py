"""A terminal for the tests: the program on a pty, its output on an emulated screen."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable
from copy import deepcopy
from fcntl import ioctl
from typing import Any

import pyte

from tests.program import HMP, ROOT

LIMIT = 60.0
"""Seconds to wait for something to appear before the test fails."""


class Terminal:
    """hmp running on a terminal of 80 columns and 24 lines, in a folder."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        lines: int = 24,
        command: list[str] | None = None,
        folder: str = ".",
        **environment: str,
    ) -> None:
        self.screen = _Screen(columns, lines, self._answer)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.ended = False
        self.status: int | None = None
        full = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        full.pop("PROMPT_TOOLKIT_NO_CPR", None)  # this terminal answers
        argv = command or [*HMP, *arguments]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(folder)
                os.execve(argv[0], argv, full)
            finally:
                os._exit(127)
        ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        self.screen.resize(lines, columns)
        ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, text: str) -> None:
        """Press keys; ``\\r`` is Enter, ``\\x03`` Ctrl-C."""
        os.write(self.fd, text.encode())

    @property
    def rows(self) -> list[str]:
        """The lines of the screen, without blanks at their ends."""
        return [row.rstrip() for row in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(self.rows)

    @property
    def row(self) -> str:
        """The line with the cursor."""
        return self.rows[self.screen.cursor.y]

    @property
    def cursor_text(self) -> str:
        """The line with the cursor, up to it."""
        return self.screen.display[self.screen.cursor.y][: self.screen.cursor.x]

    def wait(self, condition: Callable[[], bool], what: str = "") -> None:
        """Read until a condition of the screen holds; fail with what is there if not."""
        deadline = time.monotonic() + LIMIT
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or self.ended:
                raise AssertionError(f"never saw {what or condition}:\n{self.text}")
            # the condition may be of something else than the screen
            self.read(min(left, 0.05))

    def wait_for(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self.wait(lambda: text in self.text, repr(text))

    def wait_row(self, text: str) -> None:
        """Wait until the line with the cursor is this, blanks at its end aside."""
        self.wait(lambda: self.row == text.rstrip(), repr(text))

    def wait_prompt(self, prompt: str = "(hmp) ") -> None:
        """Wait until the cursor stands behind an empty prompt."""
        self.wait(lambda: self._at(prompt), f"the prompt {prompt!r}")

    def _at(self, prompt: str) -> bool:
        row = self.screen.display[self.screen.cursor.y]
        return row[: self.screen.cursor.x] == prompt and not row[len(prompt) :].strip()

    def interrupt(self) -> None:
        """Press Ctrl-C where it is a signal: as soon as no prompt reads keys any more.

        What is on the screen when this returns came behind it.
        """
        deadline = time.monotonic() + LIMIT
        while not termios.tcgetattr(self.fd)[3] & termios.ISIG:
            assert time.monotonic() < deadline, f"a prompt is up:\n{self.text}"
            self.read(0.01)
        echoes = self.raw.count(b"^C") + 1
        self.type("\x03")
        self.wait(lambda: self.raw.count(b"^C") >= echoes, "the echo")

    def run(self, line: str, prompt: str = "(hmp) ") -> None:
        """Type a line, and wait for the next prompt."""
        self.type(line)
        self.wait(lambda: self._typed(line), repr(line))
        self.type("\r")
        self.wait_prompt(prompt)

    def _typed(self, line: str) -> bool:
        row = self.screen.display[self.screen.cursor.y]
        return row[: self.screen.cursor.x].endswith(line)

    def _answer(self, data: str) -> None:
        os.write(self.fd, data.encode())

    def style(self, text: str) -> set[str]:
        """Return the foreground colours that a text on the screen has."""
        for y, row in enumerate(self.screen.display):
            x = row.find(text)
            if x >= 0:
                return {self.screen.buffer[y][x + i].fg for i in range(len(text))}
        raise AssertionError(f"no {text!r} on the screen:\n{self.text}")

    def wait_end(self) -> int:
        """Wait until the program ends; return its exit status."""
        deadline = time.monotonic() + LIMIT
        while self.read(deadline - time.monotonic()):
            pass
        if time.monotonic() >= deadline:
            raise AssertionError(f"it never ended:\n{self.text}")
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def read(self, timeout: float) -> bool:
        """Take what the program writes within so many seconds; return whether it did."""
        ready, _, _ = select.select([self.fd], [], [], max(timeout, 0))
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux says so when the other end is closed
            data = b""
        self.ended = not data
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def close(self) -> None:
        """End the program if it has not ended."""
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


class _Screen(pyte.Screen):
    """A screen that answers when it is asked where its cursor is."""

    def __init__(self, columns: int, lines: int, answer: Callable[[str], None]) -> None:
        super().__init__(columns, lines)
        self.answer = answer
        self.under: Any = None

    def set_mode(self, *modes: int, **options: bool) -> None:
        """Enter the alternate screen as well, which pyte does not know."""
        if modes == (1049,):
            self.under = deepcopy((self.buffer, self.cursor))
        super().set_mode(*modes, **options)

    def reset_mode(self, *modes: int, **options: bool) -> None:
        """Come back from the alternate screen as well."""
        super().reset_mode(*modes, **options)
        if modes == (1049,):
            self.buffer, self.cursor = self.under
            self.dirty.update(range(self.lines))

    def write_process_input(self, data: str) -> None:
        """Send an answer as if it were typed."""
        self.answer(data)
