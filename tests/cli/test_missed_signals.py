"""Ctrl-C in the moment between the last step of Python and a system call that waits."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import LIMIT
from tests.program import ROOT
from tests.terminal.screen import Terminal

SIGNAL = """
import fcntl, os, signal
from collections import deque
from functools import partial
from operator import call

# a byte into the pipe makes the kernel send this process the signal
reading, writing = os.pipe()
fcntl.fcntl(reading, fcntl.F_SETOWN, os.getpid())
fcntl.fcntl(reading, fcntl.F_SETSIG, {signal})
fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
nothing, kept = os.pipe()
# C alone runs between the signal and the call that waits, for ever
moment = [partial(os.write, writing, b"x"), partial(os.read, nothing, 1)]
"""
MOMENT = """
from hmp.cli.missed_signals import notice_signals


def leave(number, frame):
    raise KeyboardInterrupt


signal.signal({signal}, leave)
notice_signals()
for _ in range(20):
    try:
        deque(map(call, moment))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


PROGRAM = """
import _socket, select, socket, sys, threading, time

main = threading.get_ident()
comes = [True]


def interrupted(waits):
    def wait(*arguments):
        if threading.get_ident() == main and comes:
            comes.clear()
            deque(map(call, moment))
        return waits(*arguments)
    return wait


class Poll:
    def __init__(self):
        self.inner = _poll()
        self.register = self.inner.register
        self.poll = interrupted(self.inner.poll)


_poll = select.poll
match sys.argv.pop(1):
    case "recv":
        recv = interrupted(_socket.socket.recv)
        _socket.socket = type("Socket", (_socket.socket,), {"recv": recv})
    case "poll":
        select.poll = Poll
    case "sleep":
        time.sleep = interrupted(time.sleep)
from hmp.cli.main import program
program()
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="F_SETSIG is Linux's")


@pytest.mark.parametrize("number", ["signal.SIGINT", "signal.SIGTERM", "signal.SIGHUP"])
def test_a_signal_right_before_a_wait_is_noticed(number: str) -> None:
    """Each time; and the system call would have waited for ever."""
    code = (SIGNAL + MOMENT).format(signal=number)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, timeout=LIMIT, cwd=ROOT
    )
    assert done.stdout == b"interrupted\n" * 20


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    """The path of a socket that takes clients and says nothing."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        yield path


def interrupted(waits: str, *arguments: str) -> list[str]:
    """Return the command of an hmp that Ctrl-C meets right before it first waits so.

    There it would wait for ever.
    """
    code = SIGNAL.format(signal="signal.SIGINT") + PROGRAM
    return [sys.executable, "-c", code, waits, *arguments]


def test_a_session_that_connects(silent: str) -> None:
    """On a terminal."""
    terminal = Terminal(command=interrupted("recv", silent))
    try:
        assert terminal.wait_end() == 130
    finally:
        terminal.close()


def test_a_list_that_asks(silent: str) -> None:
    """A machine for its state."""
    machine = [
        "qemu-system-x86_64",
        "-c",
        "input()",
        "-qmp",
        f"unix:{silent},server,nowait",
    ]
    with subprocess.Popen(machine, executable=sys.executable, stdin=subprocess.PIPE):
        done = subprocess.run(interrupted("poll", "--list"), timeout=LIMIT, cwd=ROOT)

    assert done.returncode == 130


def test_top_between_two_looks(silent: str) -> None:
    """As text; on a screen it has an event loop."""
    line = interrupted("sleep", "--top", "-n", "1", "-o", "text", silent)
    assert subprocess.run(line, timeout=LIMIT, cwd=ROOT).returncode == 130


def test_another_program_gets_back_what_was_taken() -> None:
    """Descriptors, threads and handlers, after each run in it."""
    code = """
import os, signal, sys
from hmp.cli.main import main

def taken():
    while len(os.listdir("/proc/self/task")) > 1:
        pass  # the system ends a thread after its last step
    handlers = [signal.getsignal(number) for number in range(1, 32)]
    return os.listdir("/proc/self/fd"), handlers

before = taken()
for sys.argv[1:] in (["-c", "info status"], ["--list"], ["-o", "text"]):
    assert main() == 0
    assert taken() == before, sys.argv
"""
    lines = b"info version\n"
    line = [sys.executable, "-c", code]
    subprocess.run(line, input=lines, check=True, timeout=LIMIT, cwd=ROOT)
