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
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import LIMIT, FakeServer, Peer, answer
from tests.program import HMP, ROOT
from tests.terminal.machine import ScriptedMachine

INTERRUPT, END = "\x03", "\x04"


def greet(peer: Peer) -> None:
    """Negotiate, and say what the prompt shows: no name, and that the machine runs."""
    peer.negotiate()
    peer.reply(peer.read(), {})
    peer.reply(peer.read(), {"status": "running", "running": True})


def _take_terminal() -> None:
    """Make the terminal on standard input the one that sends signals."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """The program on a terminal that can only print."""

    def __init__(self, *arguments: str, out: int | None = None, **environment: str) -> None:
        self.outer, inner = os.openpty()
        self.seen = ""
        self.place = 0
        self.process = subprocess.Popen(
            [*HMP, *arguments],
            stdin=inner,
            stdout=inner if out is None else out,
            stderr=inner,
            cwd=ROOT,
            env={**os.environ, "TERM": "dumb", **environment},
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
            return os.read(self.outer, 65536).decode(errors="replace")
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


@pytest.fixture
def machine() -> Iterator[Terminal]:
    """Return the program on a machine behind a socket, at its first prompt."""
    with ScriptedMachine() as served:
        made = Terminal(served.path)
        made.expect("(qemu vm) ")
        yield made
        made.close()


def test_a_session_has_no_terminal_codes_at_all(terminal: Terminal) -> None:
    """Prompts, results, errors, help, events, Ctrl-C, Ctrl-D: not one escape."""
    for line in ("info status", "help", "nope", "help stop", "info block", "stop", "cont"):
        terminal.enter(line)
        terminal.expect("(hmp paused) " if line == "stop" else "(hmp) ")
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

    assert re.fullmatch(r"\d\d:\d\d:\d\d STOP\n", terminal.expect("(hmp paused) "))


def test_the_end_of_input_ends_the_session(terminal: Terminal) -> None:
    """On a line of its own; the status tells whether all went well."""
    terminal.enter("info version")
    terminal.expect("(hmp) ")
    terminal.type(END)

    assert terminal.ends() == 0
    assert terminal.seen.endswith("(hmp) \r\n")


def test_quit_asks_and_ends_the_session(machine: Terminal) -> None:
    """A no leaves all as it is; after a yes no prompt comes again."""
    machine.enter("quit")
    machine.expect("without asking the guest. Continue? [y/N] ")
    machine.enter("")
    assert machine.expect("(qemu vm) ") == "cancelled\n"
    machine.enter("quit")
    machine.expect("without asking the guest. Continue? [y/N] ")
    machine.enter("y")

    assert machine.ends() == 1
    assert "(qemu vm)" not in machine.seen[machine.place :]


def test_nothing_is_asked_with_y() -> None:
    """-y is a yes to all."""
    with ScriptedMachine() as served:
        terminal = Terminal("-y", served.path)
        terminal.expect("(qemu vm) ")
        terminal.enter("quit")

        assert terminal.ends() == 0
    terminal.close()


def test_quit_leaves_the_demonstration_machine(terminal: Terminal) -> None:
    """Without a question, since nothing is lost."""
    terminal.enter("quit")

    assert terminal.ends() == 0


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


def test_lines_are_recalled(terminal: Terminal) -> None:
    """By number or as the last one; each is shown, and kept as what it stands for."""
    terminal.enter("info name")
    terminal.expect("(hmp) ")
    terminal.enter("!!")
    assert terminal.expect("(hmp) ").startswith("info name\n")
    terminal.enter("info history")
    assert terminal.expect("(hmp) ").startswith("0: 'info name'\n1: 'info name'\n")
    terminal.enter("!0")
    assert terminal.expect("(hmp) ").startswith("info name\n")
    terminal.enter("!99")

    assert terminal.expect("(hmp) ") == "Error: no such line; 'info history' lists them\n"


def test_the_machines_strings_are_harmless(terminal: Terminal) -> None:
    """Also on a terminal that could not do much."""
    terminal.enter("hello-world \\x07é")
    assert terminal.expect("(hmp) ") == "\\x07é\n"

    def script(peer: Peer) -> None:
        greet(peer)
        peer.reply(peer.read(), {"name": "a\x1b[31m\x07b"})
        peer.read()

    with FakeServer(script) as server:
        other = Terminal(server.path)
        other.expect("(qemu) ")
        other.enter("info name")
        assert other.expect("(qemu) ") == "a\\x1b[31m\\x07b\n"
        other.close()


def test_events_of_a_line_go_where_its_result_goes(tmp_path: Path) -> None:
    """Into a file here; Ctrl-C ends it."""
    go = threading.Event()
    file = tmp_path / "events"

    def script(peer: Peer) -> None:
        greet(peer)
        go.wait(LIMIT)
        peer.send({"event": "STOP"})
        peer.read()

    with FakeServer(script) as server:
        terminal = Terminal(server.path)
        terminal.expect("(qemu) ")
        terminal.enter(f"events -f > {file}")
        go.set()
        deadline = time.monotonic() + LIMIT
        while not (file.exists() and "STOP" in file.read_text()):
            assert time.monotonic() < deadline, terminal.seen
            time.sleep(0.01)
        terminal.type(INTERRUPT)
        terminal.expect("(qemu paused) ")
        terminal.close()


def test_events_come_while_the_prompt_waits() -> None:
    """Without a key being pressed, and harmless like all that comes."""
    go = threading.Event()

    def script(peer: Peer) -> None:
        greet(peer)
        go.wait(LIMIT)
        peer.send({"event": "NEW_RESET", "data": {"reason": "\x1b[31m"}})
        peer.send({"event": "STOP"})
        peer.read()

    with FakeServer(script) as server:
        terminal = Terminal(server.path)
        terminal.expect("(qemu) ")
        go.set()
        terminal.expect("--:--:-- NEW_RESET  reason=\\x1b[31m\r\n")
        terminal.expect("--:--:-- STOP\r\n")
        terminal.type(END)

        assert terminal.ends() == 0
        terminal.close()


def test_a_machine_that_goes_away_ends_the_session() -> None:
    """At once, with one line and status 3."""
    go = threading.Event()

    def script(peer: Peer) -> None:
        greet(peer)
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
        greet(peer)
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


def test_the_prompt_has_name_and_state() -> None:
    """As on a terminal that can draw; an event changes it."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        peer.reply(peer.read(), {"name": "web\x1b[1m"})
        peer.reply(peer.read(), {"status": "prelaunch", "running": False})
        request = peer.read()
        peer.send({"event": "RESUME"}, answer(request, {"name": "web"}))
        peer.read()

    with FakeServer(script) as server:
        terminal = Terminal(server.path)
        terminal.expect("(qemu web\\x1b[1m prelaunch) ")
        terminal.enter("info name")
        terminal.expect("(qemu web\\x1b[1m) ")
        terminal.close()


def test_accessible_sessions_are_plain() -> None:
    """A screen reader reads lines; the terminal could draw."""
    terminal = Terminal(TERM="xterm-256color", ACCESSIBLE="1")
    terminal.expect("(hmp) ")
    terminal.enter("stop")
    terminal.expect("(hmp paused) ")

    assert "\x1b" not in terminal.seen
    terminal.close()


def test_results_go_through_pipes_and_to_files(terminal: Terminal, tmp_path: Path) -> None:
    """An exit status that says something is shown."""
    terminal.enter("info status | tr a-z A-Z")
    assert terminal.expect("(hmp) ") == "VM STATUS: RUNNING\n"
    terminal.enter(f"info status > {tmp_path}/f")
    terminal.expect("(hmp) ")
    terminal.enter(f"info version >> {tmp_path}/f")
    terminal.expect("(hmp) ")
    status, version = (tmp_path / "f").read_text().splitlines()
    assert status == "VM status: running"
    assert re.fullmatch(r"[\d.]+", version)
    terminal.enter(f"info status > {tmp_path}")
    assert terminal.expect("(hmp) ") == f"cannot write {tmp_path}: Is a directory\n"
    terminal.enter("info status | (cat; exit 7)")
    terminal.expect("(hmp) ")
    terminal.enter("!echo $((6*7)); exit 3")
    assert terminal.expect("(hmp) ") == (
        "42\n'echo $((6*7)); exit 3' ended with status 3\n"
    )


def test_an_interrupt_is_the_programs(terminal: Terminal) -> None:
    """It ends the program, and not the session."""
    terminal.enter("!echo up; exec sleep 60")
    terminal.expect("up\r\n")
    terminal.type(INTERRUPT)
    terminal.expect("(hmp) ")
    terminal.enter("info status")
    assert terminal.expect("(hmp) ") == "VM status: running\n"


def test_aliases_of_the_session_and_the_configuration(tmp_path: Path) -> None:
    """With their arguments."""
    (tmp_path / "config.toml").write_text('[aliases]\nst = "info status | tr a-z A-Z"\n')
    terminal = Terminal(f"--config={tmp_path}/config.toml")
    terminal.expect("(hmp) ")
    terminal.enter("st")
    assert terminal.expect("(hmp) ") == "VM STATUS: RUNNING\n"
    terminal.enter("alias hi hello-world $1-$1")
    terminal.expect("(hmp) ")
    terminal.enter("hi x")
    assert terminal.expect("(hmp) ") == "x-x\n"
    terminal.close()


def test_lines_are_kept_in_the_history_file(terminal: Terminal, tmp_path: Path) -> None:
    """Without those that hold a password."""
    terminal.enter("info version")
    terminal.expect("(hmp) ")
    terminal.enter("set_password vnc hunter2")
    terminal.expect("(hmp) ")

    assert (tmp_path / "state/hmp/history").read_text() == "info version\n"


def test_a_hint_follows_an_error(terminal: Terminal) -> None:
    """As on a terminal that can draw."""
    terminal.enter("info statuss")

    assert "Did you mean 'info status'" in terminal.expect("(hmp) ")


def test_tab_lists_candidates_and_completes(terminal: Terminal) -> None:
    """What is typed stays, and what is typed next follows it."""
    terminal.type("info alarm\t")
    listed = terminal.expect("(hmp) info alarm")
    assert re.search(r"^alarmclock  \S+", listed, re.MULTILINE)
    assert re.search(r"^alarm-methods  \S+", listed, re.MULTILINE)
    terminal.type("-\t")
    terminal.expect("(hmp) info alarm-methods")
    terminal.type("\n")
    assert "dynticks" in terminal.expect("(hmp) ")
    terminal.type("hello-w\t")
    terminal.expect("(hmp) hello-world")
    terminal.type(" you\n")
    terminal.expect("you\r\nyou\r\n")


def test_tab_asks_the_machine() -> None:
    """For the words that an argument can be."""

    def script(peer: Peer) -> None:
        greet(peer)
        job = {"device": "backup0", "type": "backup", "status": "running", "ready": False}
        job |= {"len": 1, "offset": 0, "speed": 0, "io-status": "ok"}
        job |= dict.fromkeys(("busy", "paused", "auto-finalize", "auto-dismiss"), True)
        peer.reply(peer.read(), [job])
        peer.read()

    with FakeServer(script) as server:
        terminal = Terminal(server.path)
        terminal.expect("(qemu) ")
        terminal.type("cat\x15block_job_cancel b\t")
        terminal.expect("(qemu) block_job_cancel backup0")
        terminal.close()


def test_a_pasted_tab_is_text(terminal: Terminal) -> None:
    """Lines of a script are indented by it."""
    terminal.type("\tinfo status\n\thello-world\tx\n")

    terminal.expect("VM status: running\r\n")
    terminal.expect("x\r\n(hmp) ")
    assert "alarm" not in terminal.seen


def test_watch_repeats_a_line(terminal: Terminal) -> None:
    """Without redrawing; Ctrl-C is its normal end."""
    terminal.enter("watch -n 0.1 info status")
    for _ in range(2):
        terminal.expect("every 0.1 s: info status")
        terminal.expect("VM status: running\r\n")
    terminal.type(INTERRUPT)
    assert "waiting" not in terminal.expect("(hmp) ")


@pytest.mark.parametrize("line", ["foo", "info status x"])
def test_watch_refuses_what_never_runs(terminal: Terminal, line: str) -> None:
    """Once, rather than repeating the error until Ctrl-C."""
    terminal.enter(f"watch -n 0.1 {line}")
    assert terminal.expect("(hmp) ").count("every 0.1 s") == 1
    assert "watch cannot run this line" in terminal.seen


def test_what_is_said_of_a_command_that_is_interrupted() -> None:
    """One that changes something may still be carried out."""
    asked = threading.Event()

    def script(peer: Peer) -> None:
        greet(peer)
        peer.read()
        asked.set()
        peer.read()

    with FakeServer(script) as server:
        terminal = Terminal(server.path)
        terminal.expect("(qemu) ")
        terminal.enter("stop")
        assert asked.wait(LIMIT)
        terminal.type(INTERRUPT)
        terminal.expect("stopped waiting; the machine may still carry it out\r\n(qemu) ")
        terminal.close()


def test_the_terminal_is_as_before_afterwards(terminal: Terminal) -> None:
    """While a program runs, and at the end, Tab does not end a line."""
    before = termios.tcgetattr(terminal.outer)[6][termios.VEOL]
    assert before == b"\t"
    terminal.enter("!stty -a | grep -o 'eol = [^;]*'")
    assert terminal.expect("(hmp) ") == "eol = <undef>\n"
    terminal.type(END)
    assert terminal.ends() == 0


def test_a_signal_gives_the_terminal_back(terminal: Terminal) -> None:
    """Its number is in the exit status."""
    terminal.process.terminate()

    assert terminal.ends() == 143


def test_bytes_that_are_no_text_are_refused(terminal: Terminal) -> None:
    """They are not run as something else, also after a Tab."""
    os.write(terminal.outer, b"hello-world \xff\n")
    terminal.expect("Error: the line is not valid UTF-8 at byte 13\r\n(hmp) ")
    os.write(terminal.outer, b"hello-world \xff\t")
    terminal.expect("(hmp) hello-world ")
    os.write(terminal.outer, b"\n")
    terminal.expect("Error: the line is not valid UTF-8 at byte 13\r\n(hmp) ")
    terminal.type(END)
    assert terminal.ends() == 1


def test_an_interrupt_at_a_question_means_no(machine: Terminal) -> None:
    """Nothing was sent that the machine could still carry out."""
    machine.enter("quit")
    machine.expect("Continue? [y/N] ")
    machine.type(INTERRUPT)

    assert machine.expect("(qemu vm) ").endswith("cancelled\n")


def test_what_is_typed_after_a_password_is_read(machine: Terminal) -> None:
    """Also if it was typed before the password was taken."""
    machine.enter("change vnc password")
    machine.expect("Password: ")
    machine.type("hunter\t2\ninfo name\n")
    machine.expect("(qemu vm) ")

    assert machine.expect("(qemu vm) ").endswith("vm\n")
    assert "hunter" not in machine.seen
