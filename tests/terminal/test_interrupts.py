"""Ctrl-C and the signals that end a program, whatever the session does when they come."""

from __future__ import annotations

import os
import signal
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import LIMIT, Terminal
from tests.terminal.test_session import Start

PROMPT = "(qemu vm) "
LINES = 80_000
TLB = "".join(f"{n << 12:016x}: {n << 13:016x} XG-DA---W\r\n" for n in range(LINES))
TABLE = "".join(f"{n << 12:016x}: {n << 13:016x} XG-DA---W\r\n" for n in range(3000))

BUSY = """
import re
from hmp.authoring import DESTRUCTIVE, READ, Text, command
CATEGORY = "Busy"

@command("compute", help="compute without an end", effect=READ)
async def compute(mon, args):
    while True:
        pass

@command("destroy", help="destroy something", effect=DESTRUCTIVE)
async def destroy(mon, args):
    pass

@command("match", help="match without an end", effect=READ)
async def match(mon, args):
    re.search("(.*.*.*.*.*.*.*.*)*!", "BLOCK_JOB_COMPLETED_AND_MORE_OF_IT")

@command("hang", help="hang in the system", effect=READ)
async def hang(mon, args):
    import time
    while True:
        time.sleep(100)

@command("check", help="check a reply without an end", effect=READ)
async def check(mon, args):
    from hmp.qmp.shapes import check_type

    class Endless(list):
        def __iter__(self):
            while True:
                yield ""

    mon.front.progress("checking", 1, 2)
    check_type("[str]", "query-endless", Endless(["a"]))

@command("draw", help="draw without an end", effect=READ)
async def draw(mon, args):
    return 1

@draw.view
def draw_view(value):
    while True:
        pass

@command("print-much", help="print without an end", effect=READ)
async def print_much(mon, args):
    return Text("0123456789abcdef\\n" * 3_000_000)
"""


@pytest.fixture
def busy(terminal: Start, tmp_path: Path) -> Terminal:
    """A session with commands that never end."""
    folder = tmp_path / "busy" / "commands"
    folder.mkdir(parents=True)
    (folder / "busy.py").write_text(BUSY)
    session = terminal("--extend", str(folder.parent), HMP_PAGER="")
    session.wait_prompt()
    return session


def cooked(session: Terminal) -> bool:
    """Whether the terminal is as a shell wants it."""
    modes = termios.tcgetattr(session.fd)
    wanted = termios.ICANON | termios.ECHO | termios.ISIG
    return modes[3] & wanted == wanted and bool(modes[1] & termios.OPOST)


def wait_cooked(session: Terminal) -> None:
    """Wait until no prompt has the terminal."""
    deadline = time.monotonic() + LIMIT
    while not cooked(session):
        assert time.monotonic() < deadline
        session.read(0.01)


def gone(pid: int) -> bool:
    """Whether a process has ended; nobody may have asked for its status."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def read_pid(path: Path) -> int:
    """Return the process that a program has written into a file."""
    deadline = time.monotonic() + LIMIT
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < deadline, path
        time.sleep(0.01)
    return int(path.read_text())


# Ctrl-C


@pytest.mark.parametrize("line", ["compute", "match", "hang", "draw", "print-much"])
def test_ctrl_c_ends_what_computes(busy: Terminal, line: str) -> None:
    """Also where no other part of the program has its turn."""
    busy.type(f"{line}\r")
    busy.interrupt()
    busy.wait_prompt()

    busy.run("info name")


def test_ctrl_c_ends_the_check_of_a_large_reply(busy: Terminal) -> None:
    """Which is our own code, where other exceptions must wait."""
    busy.type("check\r")
    busy.wait_for("checking")
    busy.interrupt()
    busy.wait_prompt()


@pytest.mark.parametrize("way", [" | cat", " > /dev/null"])
def test_ctrl_c_ends_what_is_sent_elsewhere(busy: Terminal, way: str) -> None:
    """The text of a result that never comes to an end."""
    busy.type(f"compute{way}\r")
    busy.interrupt()
    busy.wait_prompt()


def test_a_stopped_terminal(busy: Terminal) -> None:
    """Ctrl-S stops the output, and Ctrl-C ends it."""
    busy.type("print-much\r")
    busy.wait(lambda: busy.row.startswith("0123"), "output")
    busy.type("\x13")
    busy.type("\x03")
    busy.wait_prompt()


def test_a_view_that_is_too_large(terminal: Start, machine: ScriptedMachine) -> None:
    """The text is shown, and one line says why."""
    machine.answers["human-monitor-command"] = lambda arguments: TLB
    session = terminal(machine.path, HMP_PAGER="head -2; cat >/dev/null; echo PAGED")
    session.wait_prompt(PROMPT)
    session.run("info tlb", PROMPT)

    at = session.rows.index("PAGED")
    assert "too large for a view" in session.rows[at - 2]
    assert session.rows[at - 1].split() == TLB.splitlines()[0].split()


@pytest.mark.parametrize("size", [TLB, TABLE], ids=["text", "view"])
@pytest.mark.parametrize("delay", [0.0, 0.02, 0.1, 0.3])
def test_ctrl_c_while_a_result_is_drawn(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path, size: str, delay: float
) -> None:
    """It starts no pager that would read the prompt's keys."""
    machine.answers["human-monitor-command"] = lambda arguments: size
    started = tmp_path / "started"
    pager = f"echo $$ >{started}; exec sleep 100"
    session = terminal(machine.path, HMP_PAGER=pager)
    session.wait_prompt(PROMPT)
    session.type("info tlb\r")
    machine.wait_for("human-monitor-command")
    time.sleep(delay)
    session.interrupt()
    session.wait_prompt(PROMPT)

    session.run("print 1", PROMPT)
    if started.exists() and (text := started.read_text()):  # else it did not get to that
        assert gone(int(text))


@pytest.mark.parametrize("number", range(8))
def test_ctrl_c_just_behind_enter(
    terminal: Start, machine: ScriptedMachine, number: int
) -> None:
    """Whether it comes as a key or as a signal, before the command or in it."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    for turn in range(6):
        session.type("wait NEVER")
        session.wait(lambda: session.row.endswith("NEVER"))
        session.type("\r")
        time.sleep(number * turn * 0.0004)
        session.type("\x03")
        session.wait_prompt(PROMPT)


def test_a_signal_just_behind_enter(terminal: Start, machine: ScriptedMachine) -> None:
    """SIGINT without a key, at any moment between the line and its end."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    for turn in range(20):
        session.type("wait NEVER")
        session.wait(lambda: session.row.endswith("NEVER"))
        session.type("\r")
        session.wait(lambda: not session.row.endswith("NEVER"), "the end of the line")
        time.sleep(turn * 0.0002)
        os.kill(session.pid, signal.SIGINT)
        session.wait_prompt(PROMPT)


def test_a_signal_at_the_prompt(terminal: Start, machine: ScriptedMachine) -> None:
    """It drops what is typed, as the key does, and no later line."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("info sta")
    session.wait_row(f"{PROMPT}info sta")
    os.kill(session.pid, signal.SIGINT)
    session.wait_prompt(PROMPT)
    session.run("info status", PROMPT)

    assert "● running" in session.rows


# Files


def test_a_fifo_that_nobody_reads(terminal: Start, tmp_path: Path) -> None:
    """Ctrl-C ends the wait, and nothing is written later."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    session = terminal(columns=120)
    session.wait_prompt()
    session.type(f"info status > {path}\r")
    session.interrupt()
    session.wait_prompt()
    session.run("info name")
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    time.sleep(0.2)
    assert os.read(reader, 100) == b""
    os.close(reader)


def test_a_fifo_that_is_read(terminal: Start, tmp_path: Path) -> None:
    """It gets the result; a file is replaced, and written behind."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    session = terminal(columns=120)
    session.wait_prompt()
    session.run(f"info status > {path}")
    assert os.read(reader, 100) == b"VM status: running\n"
    os.close(reader)


def test_a_fifo_of_lines(terminal: Start, tmp_path: Path) -> None:
    """source waits for whoever writes it, or for Ctrl-C."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    session = terminal(columns=120)
    session.wait_prompt()
    session.type(f"source {path}\r")
    session.interrupt()
    session.wait_prompt()
    session.type(f"source {path}\r")
    path.write_text("print 1\nprint 2\n")
    session.wait_for("0x2")


def test_a_device_without_an_end(terminal: Start) -> None:
    """It is read up to a limit."""
    session = terminal(columns=120)
    session.wait_prompt()
    session.run("source /dev/zero")

    assert "larger than 64 MiB" in session.text


# Signals that end


def end_at_prompt(session: Terminal, pids: Path) -> None:
    """Do nothing."""


def end_in_a_line(session: Terminal, pids: Path) -> None:
    """Wait for an event."""
    session.type("wait NEVER\r")
    wait_cooked(session)


def end_while_computing(session: Terminal, pids: Path) -> None:
    """Compute."""
    session.type("compute\r")
    wait_cooked(session)


def end_in_a_question(session: Terminal, pids: Path) -> None:
    """Be asked."""
    session.type("destroy\r")
    session.wait_for("[y/N]")


def end_in_the_browser(session: Terminal, pids: Path) -> None:
    """Browse the help."""
    session.type("\x1bOP")
    session.wait_for("type to search")


def end_in_a_watch(session: Terminal, pids: Path) -> None:
    """Watch."""
    session.type("watch -n 0.1 info status\r")
    session.wait_for("every 0.1 s")


def end_in_the_pager(session: Terminal, pids: Path) -> None:
    """Read in a pager."""
    session.type("help\r")
    read_pid(pids)


def end_in_a_shell_command(session: Terminal, pids: Path) -> None:
    """Run a program."""
    session.type(f"!stty raw -echo; sh -c 'echo $$ >{pids}; sleep 100'\r")
    read_pid(pids)


PHASES = [
    end_at_prompt,
    end_in_a_line,
    end_while_computing,
    end_in_a_question,
    end_in_the_browser,
    end_in_a_watch,
    end_in_the_pager,
    end_in_a_shell_command,
]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("phase", PHASES)
def test_a_signal_gives_the_terminal_back(
    terminal: Start,
    tmp_path: Path,
    phase: Callable[[Terminal, Path], None],
    number: signal.Signals,
) -> None:
    """In whatever it comes; what was started is ended."""
    folder, pids = tmp_path / "busy" / "commands", tmp_path / "pids"
    folder.mkdir(parents=True)
    (folder / "busy.py").write_text(BUSY)
    pager = f"stty raw -echo; sh -c 'echo $$ >{pids}; sleep 100'; true"
    session = terminal("--extend", str(folder.parent), HMP_PAGER=pager, columns=200)
    # the modes belong to the terminal: they can be seen when the program has ended
    session.wait_prompt()
    phase(session, pids)
    os.kill(session.pid, number)

    assert session.wait_end() == 128 + number
    assert cooked(session)
    raw = session.raw
    assert raw.rfind(b"\x1b[?2004l") > raw.rfind(b"\x1b[?2004h")
    assert raw.rfind(b"\x1b[?25h") >= raw.rfind(b"\x1b[?25l")
    assert raw.rfind(b"\x1b[?1049l") >= raw.rfind(b"\x1b[?1049h")
    if pids.exists():
        assert gone(read_pid(pids))
    assert b"Traceback" not in raw


def test_a_terminal_that_is_gone(terminal: Start, machine: ScriptedMachine) -> None:
    """The session ends when its window is closed, without a word to anybody."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    other = os.dup(session.fd)
    os.close(other)
    os.close(session.fd)
    _, status = os.waitpid(session.pid, 0)
    session.status = os.waitstatus_to_exitcode(status)
    session.fd = os.open(os.devnull, os.O_RDONLY)

    assert session.status == 128 + signal.SIGHUP
