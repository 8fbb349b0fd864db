"""Passwords typed at a terminal: nobody sees them, nothing keeps them, QEMU gets them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

PROMPT = "(qemu) "
SECRET = "Hunter2X"


@pytest.fixture
def qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A machine with a VNC server that wants a password."""
    machine = RunningQemu(qemu_command, shlex.split("-M none -vnc unix:vnc,password=on"))
    yield machine
    machine.close()


def stolen(folder: Path, terminal: Terminal) -> list[str]:
    """Return where the password is to be found: files, or what the terminal was sent."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    found = [str(path) for path in files if SECRET.encode() in path.read_bytes()]
    return found + ["the terminal"] * (SECRET.encode() in terminal.raw)


@pytest.mark.parametrize(
    ("arguments", "kind"), [([], "xterm"), (["--trace"], "xterm"), ([], "dumb")]
)
def test_a_password_that_is_asked_for(
    qemu: RunningQemu, tmp_path: Path, arguments: list[str], kind: str
) -> None:
    """It is in no echo, history, trace or recording; QEMU takes it."""
    history, record = tmp_path / "history", tmp_path / "record"
    terminal = Terminal(
        "--record",
        str(record),
        *arguments,
        qemu.path,
        TERM=kind,
        HMP_HISTORY=str(history),
    )
    try:
        terminal.wait_prompt(PROMPT)
        terminal.type("change vnc password\r")
        terminal.wait(lambda: terminal.row == "Password:", "the question")
        terminal.type(f"{SECRET}\r")
        terminal.wait_prompt(PROMPT)
        terminal.type("\x04")
        terminal.wait_end()

        assert "Error" not in terminal.text
        assert '"change-vnc-password"' in record.read_text()
        assert stolen(tmp_path, terminal) == []
    finally:
        terminal.close()


def test_a_password_that_nobody_gives(qemu: RunningQemu) -> None:
    """Ctrl-C gives up, and the prompt is back."""
    terminal = Terminal(qemu.path)
    try:
        terminal.wait_prompt(PROMPT)
        terminal.type("change vnc password\r")
        terminal.wait(lambda: terminal.row == "Password:", "the question")
        terminal.type("abc\x03")
        terminal.wait_prompt(PROMPT)
        terminal.run("info status", PROMPT)

        assert "abc" not in terminal.text
        assert "running" in terminal.text
    finally:
        terminal.close()
