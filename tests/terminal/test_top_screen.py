"""``top`` on a terminal: the screen of a set, and the command of a session."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hmp.qmp.errors import MachineGoneError
from hmp.terminal.top_screen import Live
from tests.fakes import FakeConnection, FakeServer, serving
from tests.fleet.test_run_all import PAUSED, RUNNING, deaf, start
from tests.terminal.screen import Terminal
from tests.terminal.test_session import Start

__all__ = ["start"]
LEFT = b"\x1b[?1049l"
"""What leaves the alternate screen."""
ALPHA = "(qemu alpha) "


@pytest.fixture
def top(start: Any, terminal: Start) -> Terminal:
    """A running machine, a paused one, one that hangs and one that is not there."""
    folder = start(RUNNING, {**PAUSED, "query-name": {"name": "b"}}, FakeServer(deaf))
    names = [f"{folder}/{name}" for name in "abcd"]
    opened = terminal("--top", *names, "-d", "0.2")
    opened.wait_for("2 no answer")
    return opened


def names(top: Terminal) -> str:
    """Return the last letters of the machines on the screen, from the top."""
    words = [row.split()[0] for row in top.rows[2:-2] if row]
    return "".join(word[-1] for word in words)


def test_what_a_session_knows_of_its_machines() -> None:
    """What each does, or why it does not say; one that is back is asked anew."""
    there = FakeConnection(RUNNING)
    gone = FakeConnection({"query-status": MachineGoneError("it has ended")})
    machines: dict[str, FakeConnection | None] = {"a": there, "b": gone, "c": None}
    live = Live(lambda: machines)

    def states() -> list[str]:
        readings = asyncio.run(live.look())
        assert [reading["target"] for reading in readings] == ["a", "b", "c"]
        return [str(each.get("error", each["state"])) for each in readings]

    assert states() == ["running", "it has ended", "it is not connected"]
    machines.update(b=there, c=FakeConnection(PAUSED))
    assert states() == ["running", "running", "paused"]


def test_the_screen(top: Terminal) -> None:
    """A title, the table, a line about the chosen machine, the keys; of any size."""
    top.wait_for("4 machines: 2 no answer, 1 paused, 1 running")
    top.wait_for("no answer  ")  # the rows are drawn after the title

    assert " ".join(top.rows[1].split()) == "MACHINE STATE CPU% MEMORY READ/s WRITE/s"
    assert top.style("no answer  ") != top.style("paused  ") != {"default"}
    assert top.rows[22] == "1 of 4, by name, every 0.2 s"
    assert top.rows[23] == "?: keys  /: filter  Enter: open  q: leave"
    top.type("\x1b[F")
    top.wait_for("cannot connect to")
    top.resize(50, 8)
    top.wait(lambda: names(top) == "abcd" and top.rows[7].startswith("?: keys"))


def test_keys_sort_and_filter(top: Terminal) -> None:
    """And what is chosen stays so."""
    top.type("\x1b[B")
    top.wait_for("2 of 4")
    top.type("r")
    top.wait(lambda: names(top) == "dcba")
    top.wait_for("3 of 4, by name reversed")
    top.type("rs")
    top.wait(lambda: names(top) == "cdba")
    top.type("/")
    top.wait_for("filter: _")
    top.type("qpausedd\x7f")
    top.wait_for("filter: qpaused_")
    top.type("\x1b")
    top.wait(lambda: names(top) == "cdba")
    top.type("/paused\r")
    top.wait(lambda: names(top) == "b")
    top.type("?")
    top.wait_for("order: n name, s state, c cpu")


def test_narrow_screens_show_all_keys(terminal: Start, start: Any) -> None:
    """The explanation takes several lines; Escape closes it, and never the screen."""
    top = terminal("--top", f"{start(RUNNING)}/a", columns=50)
    top.wait_for("running")
    top.type("?")
    top.wait_for("w work, r reverse")
    top.type("\x1b")
    top.wait(lambda: "w work" not in top.text)
    top.type("\x1b")
    top.type("/a")
    top.wait_for("filter: a_")
    assert top.rows[0].endswith("1 machine: 1 running")


def test_enter_opens_a_machine(top: Terminal) -> None:
    """And its end leads back to the screen, where it was."""
    top.type("\x1b[B\r")
    top.wait_for("monitor - type 'help'")
    top.wait_prompt("(qemu b paused) ")
    top.run("info status", "(qemu b paused) ")
    top.type("\x04")
    top.wait_for("2 of 4")
    top.wait(lambda: "paused" in top.rows[3])


def sockets(pid: int) -> int:
    """Return how many sockets a process has open."""
    links = [os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()]
    return len([link for link in links if link.startswith("socket:")])


def test_a_machine_that_was_opened_is_free_again(terminal: Start) -> None:
    """The session's socket is closed with it, not when Python collects it."""
    with serving(RUNNING) as server:
        top = terminal("--top", server.path, "-d", "0.2")
        top.wait_for("1 of 1")
        before = sockets(top.pid)
        for _ in range(3):
            top.type("\r")
            top.wait_prompt("(qemu) ")
            top.type("\x04")
            top.wait_for("1 of 1")
        top.wait(lambda: sockets(top.pid) == before)


@pytest.mark.parametrize("key", ["q", "\x03"])
def test_keys_leave(top: Terminal, key: str) -> None:
    """The terminal is as it was."""
    top.type(key)

    assert top.wait_end() == 0
    assert LEFT in top.raw
    assert top.raw.rstrip().endswith(b"\x1b[?25h")


def test_a_signal_leaves(top: Terminal) -> None:
    """The same, with its status."""
    os.kill(top.pid, signal.SIGTERM)

    assert top.wait_end() == 128 + signal.SIGTERM
    assert LEFT in top.raw


def test_no_colours(start: Any, terminal: Start) -> None:
    """Where they are not wanted."""
    top = terminal("--top", f"{start(RUNNING)}/a", NO_COLOR="1")
    top.wait_for("running")

    assert top.style("running") == {"default"}
    assert top.style("MACHINE") == {"default"}


@pytest.fixture
def session(terminal: Start) -> Iterator[Terminal]:
    """A session on a machine."""
    with serving({**RUNNING, "query-name": {"name": "alpha"}}) as server:
        opened = terminal(server.path)
        opened.wait_prompt(ALPHA)
        yield opened


def test_the_command_of_a_session(session: Terminal) -> None:
    """Its own machine; the prompt comes back, and events that waited."""
    session.type("top -d 0.2\r")
    session.wait_for("1 machine: 1 running")
    session.wait_for("alpha")
    session.type("\x03")
    session.wait_prompt(ALPHA)
    session.run("top fast", ALPHA)
    session.wait_for("top takes no 'fast'")
