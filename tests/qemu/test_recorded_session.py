"""A session at a terminal, recorded on a real QEMU and replayed without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import run
from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

PROMPT = "(qemu vm) "
SECRET = "sesame7"
LINES = ["info block", "info vnc", "info qtree", "print $pc", "info status"]


@pytest.fixture(scope="module")
def recording(qemu_command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording, with a password that was asked for."""
    path = tmp_path_factory.mktemp("recording") / "session.jsonl"
    arguments = ["-M", "q35", "-name", "vm", "-vnc", "unix:vnc,password=on"]
    machine = RunningQemu(qemu_command, arguments)
    session = Terminal("--record", str(path), "--no-reconnect", machine.path, HMP_PAGER="")
    try:
        session.wait_prompt(PROMPT)
        session.type("change vnc password\r")
        session.wait_for("Password:")
        session.type(f"{SECRET}\r")
        session.wait_prompt(PROMPT)
        for line in LINES:
            session.run(line, PROMPT)
        session.type("\x04")
        assert session.wait_end() == 0
    finally:
        session.close()
        machine.close()
    return path


def test_no_password_is_kept(recording: Path) -> None:
    """Not where it was asked for, and not on the screen."""
    text = recording.read_text()

    assert '"execute": "change-vnc-password"' in text
    assert SECRET not in text


def test_a_replayed_session_looks_the_same(recording: Path) -> None:
    """Its prompt knows the machine's name, its lines show what they showed."""
    session = Terminal(f"replay:{recording}", HMP_PAGER="")
    try:
        session.wait_prompt(PROMPT)
        session.run("info vnc", PROMPT)
        session.run("info status", PROMPT)
        session.run("info pci", PROMPT)
        assert "● running" in session.text
        assert "the line 'info pci' was not" in " ".join(session.rows)
        session.type("\x04")
        assert session.wait_end() == 0
    finally:
        session.close()


def test_a_replayed_script_prints_qemus_text(recording: Path) -> None:
    """What was looked at in a session is text in a script."""
    result = run(f"replay:{recording}", script="info status\ninfo vnc\nprint $pc\n")

    assert result.stderr == ""
    assert "VM status: running\ndefault:\n  Server: " in result.stdout
    assert result.returncode == 0
