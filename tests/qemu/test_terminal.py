"""A session on a real QEMU: events as they come, and a QEMU that hangs or dies."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

PROMPT = "(qemu vm) "


@pytest.fixture
def qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A machine of this test's own, running."""
    machine = RunningQemu(qemu_command, ["-M", "none", "-name", "vm"])
    yield machine
    machine.process.send_signal(signal.SIGCONT)
    machine.close()


@pytest.fixture
def session(qemu: RunningQemu) -> Iterator[Terminal]:
    """A session on it, at its prompt."""
    terminal = Terminal("--no-reconnect", qemu.path)
    terminal.wait_prompt(PROMPT)
    yield terminal
    terminal.close()


def test_events_appear_above_a_half_typed_line(
    qemu: RunningQemu, session: Terminal
) -> None:
    """STOP from elsewhere is shown at once; line and cursor stay, the prompt follows."""
    session.type("info stat")
    session.wait(lambda: session.row == f"{PROMPT}info stat")

    qemu.oracle.qmp("stop")

    session.wait_for(" STOP")
    session.wait(lambda: session.row == "(qemu vm paused) info stat")
    session.type("us\r")
    session.wait_for("paused\n(qemu vm paused)")


def test_interrupt_gives_up_waiting_and_stays_in_step(
    qemu: RunningQemu, session: Terminal
) -> None:
    """Ctrl-C at a QEMU that hangs gives the prompt back; late replies are dropped."""
    qemu.process.send_signal(signal.SIGSTOP)
    session.type("info status\r")
    session.wait(lambda: session.row == "" or session.screen.cursor.x == 0)
    session.interrupt()
    # the latter when Ctrl-C was faster than the command
    session.wait(lambda: "stopped waiting" in session.text or "not run" in session.text)
    session.wait_prompt(PROMPT)
    qemu.process.send_signal(signal.SIGCONT)

    session.run("info uuid", PROMPT)
    session.run("info name", PROMPT)

    answers = [row for row in session.rows if row and "(" not in row]
    assert "00000000-0000-0000-0000-000000000000" in answers
    assert "vm" in answers
    assert "● running" not in answers


def test_a_qemu_that_dies_is_one_line(qemu: RunningQemu, session: Terminal) -> None:
    """The session says so at once, leaves the terminal sane, and ends with status 3."""
    qemu.process.kill()

    assert session.wait_end() == 3
    assert f"hmp: the machine at {qemu.path} closed the connection" in session.text
    assert session.text.count("closed the connection") == 1


def test_a_qemu_that_dies_under_a_command(qemu: RunningQemu, session: Terminal) -> None:
    """... also while a command is under way."""
    qemu.process.send_signal(signal.SIGSTOP)
    session.type("info status\r")
    session.wait(lambda: session.row == "" or session.screen.cursor.x == 0)
    qemu.process.kill()

    assert session.wait_end() == 3
    assert session.text.count("closed the connection") == 1


def test_leaving_does_not_end_qemu(qemu: RunningQemu, session: Terminal) -> None:
    """Ctrl-D leaves the machine alone."""
    session.type("\x04")

    assert session.wait_end() == 0
    assert qemu.oracle.hmp("info name") == "vm\n"


def test_hostile_names_are_shown_not_obeyed(qemu_command: list[str]) -> None:
    """A machine's name cannot drive the terminal, in the prompt or in a result."""
    name = "a\x1b]0;owned\x07[/b]:cd:"
    machine = RunningQemu(qemu_command, ["-M", "none", "-name", name])
    session = Terminal(machine.path)
    try:
        shown = "a\\x1b]0;owned\\x07[/b]:cd:"
        session.wait_prompt(f"(qemu {shown}) ")
        session.run("info name", f"(qemu {shown}) ")

        assert shown in session.rows
        assert session.screen.title == ""
    finally:
        session.close()
        machine.close()


def test_a_launched_qemu_survives_ctrl_c_and_ends_with_us(qemu_command: list[str]) -> None:
    """Ctrl-C is for the prompt; when the session ends, so does its QEMU."""
    session = Terminal("--", *qemu_command, "-M", "none", "-display", "none", "-name", "vm")
    try:
        session.wait_prompt(PROMPT)
        session.wait_for("Ctrl-D ends the machine")
        session.type("abc\x03")
        session.wait_prompt(PROMPT)
        session.run("info name", PROMPT)
        session.type("\x04")

        assert session.wait_end() == 0
        # it was asked to quit: QEMU complains of a signal, over the shell's next prompt
        assert "terminating on signal" not in session.text
    finally:
        session.close()
