from __future__ import annotations

import fcntl
import os
import re
import select
import subprocess
import termios
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes import LIMIT, FakeServer, Peer, answer
from tests.program import HMP, ROOT

INTERRUPT, END = "\x03", "\x04"


def _take_terminal() -> None:
    """Make the terminal on standard input the one that sends signals."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """The program on a terminal that can only print."""

    def __init__(self, *arguments: str, out: int | None = None) -> None:
        self.outer, inner = os.openpty()
        self.seen = ""
        self.place = 0
        self.process = subprocess.Popen(
            [*HMP, *arguments],
            stdin=inner,
            stdout=inner if out is None else out,
            stderr=inner,
            cwd=ROOT,
            env={**os.environ, "TERM": "dumb"},
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(inner)

    def expect(self, text: str) -> str:
        """Wait for a text behind what was expected before; return what stood before it."""
        deadline = time.monotonic() + LIMIT
        while (found := self.seen.find(text, self.place)) < 0:
            left = deadline - time.monotonic()
            readable = select.select([self.outer], [], [], max(left, 0))[0]
            chunk = self._read() if readable else ""
            assert chunk, f"no {text!r} in {self.seen[self.place :]!r}"
            self.seen += chunk
        before = self.seen[self.place : found]
        self.place = found + len(text)
        return before.replace("\r\n", "\n")

    def _read(self) -> str:
        try:
            return os.read(self.outer, 65536).decode()
        except OSError:  # the program has closed its end
            return ""

    def type(self, text: str) -> None:
        """Type keys."""
        os.write(self.outer, text.encode())

    def enter(self, line: str) -> None:
        """Type a line and wait until the terminal has echoed it."""
        self.type(f"{line}\n")
        self.expect(f"{line}\r\n")

    def ends(self) -> int:
        """Wait for the program's end; return its status, with all seen that it wrote."""
        deadline = time.monotonic() + LIMIT
        while True:
            left = deadline - time.monotonic()
            readable = select.select([self.outer], [], [], max(left, 0))[0]
            assert readable, f"still waits behind {self.seen[self.place :]!r}"
            chunk = self._read()
            if not chunk:
                return self.process.wait(LIMIT)
            self.seen += chunk

    def close(self) -> None:
        """End the program in any case."""
        self.process.kill()
        self.process.wait()
        os.close(self.outer)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """Return the program on the embedded machine, at its first prompt."""
    made = Terminal()
    made.expect("(hmp) ")
    yield made
    made.close()


def test_a_session_has_no_terminal_codes_at_all(terminal: Terminal) -> None:
    """Prompts, results, errors, help, events, Ctrl-C, Ctrl-D: not one escape."""
    for line in ("info status", "help", "nope", "stop", "help stop", "info block", "cont"):
        terminal.enter(line)
        terminal.expect("(hmp) ")
    terminal.type("half" + INTERRUPT)
    terminal.expect("(hmp) ")
    terminal.type(END)

    assert terminal.ends() == 1
    assert "\x1b" not in terminal.seen
    assert all(char.isprintable() or char in "\r\n" for char in terminal.seen)


def test_a_line_runs_and_the_prompt_comes_again(terminal: Terminal) -> None:
    """Its output stands between."""
    terminal.enter("info status")

    assert terminal.expect("(hmp) ") == "VM status: running\n"
    terminal.enter("nope")
    assert terminal.expect("(hmp) ") == "unknown command: 'nope'\n"
    terminal.enter("")
    assert terminal.expect("(hmp) ") == ""


def test_an_event_stands_before_the_next_prompt(terminal: Terminal) -> None:
    """With its time."""
    terminal.enter("stop")

    assert re.fullmatch(r"\d\d:\d\d:\d\d STOP\n", terminal.expect("(hmp) "))


def test_the_end_of_input_ends_the_session(terminal: Terminal) -> None:
    """On a line of its own; the status tells whether all went well."""
    terminal.enter("info version")
    terminal.expect("(hmp) ")
    terminal.type(END)

    assert terminal.ends() == 0
    assert terminal.seen.endswith("(hmp) \r\n")


def test_quit_asks_and_ends_the_session(terminal: Terminal) -> None:
    """A no leaves all as it is; after a yes no prompt comes again."""
    terminal.enter("quit")
    terminal.expect("quit: Continue? [y/N] ")
    terminal.enter("")
    assert terminal.expect("(hmp) ") == "cancelled\n"
    terminal.enter("quit")
    terminal.expect("quit: Continue? [y/N] ")
    terminal.enter("y")

    assert terminal.ends() == 1
    assert "(hmp)" not in terminal.seen[terminal.place :]


def test_nothing_is_asked_with_y() -> None:
    """-y is a yes to all."""
    terminal = Terminal("-y")
    terminal.expect("(hmp) ")
    terminal.enter("quit")

    assert terminal.ends() == 0
    terminal.close()


def test_an_interrupt_gives_up_the_line(terminal: Terminal) -> None:
    """It is not run, and the session goes on."""
    terminal.type("quit" + INTERRUPT)
    terminal.expect("(hmp) ")
    terminal.enter("info version")
    terminal.expect("(hmp) ")
    terminal.type(END)

    assert terminal.ends() == 0


def test_the_history_is_the_sessions_own(terminal: Terminal) -> None:
    """Blank lines are not in it."""
    for line in ("info version", "", "nope"):
        terminal.enter(line)
        terminal.expect("(hmp) ")
    terminal.enter("info history")

    assert terminal.expect("(hmp) ") == (
        "0: 'info version'\n1: 'nope'\n2: 'info history'\n"
    )


def test_the_machines_strings_are_harmless(terminal: Terminal) -> None:
    """Also on a terminal that could not do much."""
    terminal.enter("hello-world \\x07é")
    assert terminal.expect("(hmp) ") == "\\x07é\n"

    def script(peer: Peer) -> None:
        peer.negotiate()
        peer.reply(peer.read(), {"name": "a\x1b[31m\x07b"})
        peer.read()

    with FakeServer(script) as server:
        other = Terminal(server.path)
        other.expect("(qemu) ")
        other.enter("info name")
        assert other.expect("(qemu) ") == "a\\x1b[31m\\x07b\n"
        other.close()


def test_events_come_while_the_prompt_waits() -> None:
    """Without a key being pressed, and harmless like all that comes."""
    go = threading.Event()

    def script(peer: Peer) -> None:
        peer.negotiate()
        go.wait(LIMIT)
        peer.send({"event": "RESET", "data": {"reason": "\x1b[31m"}})
        peer.send({"event": "STOP"})
        peer.read()

    with FakeServer(script) as server:
        terminal = Terminal(server.path)
        terminal.expect("(qemu) ")
        go.set()
        terminal.expect("--:--:-- RESET  reason=\\x1b[31m\r\n")
        terminal.expect("--:--:-- STOP\r\n")
        terminal.type(END)

        assert terminal.ends() == 0
        terminal.close()


def test_a_machine_that_goes_away_ends_the_session() -> None:
    """At once, with one line and status 3."""
    go = threading.Event()

    def script(peer: Peer) -> None:
        peer.negotiate()
        go.wait(LIMIT)

    with FakeServer(script) as server:
        terminal = Terminal(server.path)
        terminal.expect("(qemu) ")
        go.set()

        assert terminal.ends() == 3
        assert "closed the connection\r\n" in terminal.seen
        terminal.close()


def test_an_interrupt_gives_up_a_command() -> None:
    """Its reply is dropped as it comes, and is not the next command's."""
    asked = threading.Event()

    def script(peer: Peer) -> None:
        peer.negotiate()
        late = peer.read()
        asked.set()
        second = peer.read()
        replies: list[Any] = [
            answer(late, {"name": "late"}),
            answer(second, {"name": "second"}),
        ]
        peer.send(*replies)
        peer.read()

    with FakeServer(script) as server:
        terminal = Terminal(server.path)
        terminal.expect("(qemu) ")
        terminal.enter("info name")
        assert asked.wait(LIMIT)
        terminal.type(INTERRUPT)
        terminal.expect("(qemu) ")
        terminal.enter("info name")

        assert terminal.expect("(qemu) ") == "second\n"
        terminal.close()


def test_results_may_go_elsewhere() -> None:
    """Prompts are on standard error then, and only results on standard output."""
    reading, writing = os.pipe()
    terminal = Terminal(out=writing)
    os.close(writing)
    terminal.expect("(hmp) ")
    terminal.enter("info version")
    assert terminal.expect("(hmp) ") == ""
    terminal.type(END)

    assert terminal.ends() == 0
    with os.fdopen(reading) as results:
        assert re.fullmatch(r"[\d.]+\n", results.read())
    terminal.close()
