"""What protects the machine from us, and our terminal from the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from hmp.qmp.errors import QMPError
from tests.terminal.machine import STATUS, ScriptedMachine
from tests.terminal.test_session import Start

PROMPT = "(qemu vm) "
READ_ONLY = "(qemu vm RO) "


@pytest.mark.parametrize("answer", ["n", "", "nonsense", "\x03", "\x04"])
def test_what_destroys_asks_first(
    terminal: Start, machine: ScriptedMachine, answer: str
) -> None:
    """Anything but a yes is a no, and nothing is sent."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("system_reset\r")
    session.wait_for("without asking the guest. Continue? [y/N]")
    session.type(answer if answer in ("\x03", "\x04") else f"{answer}\r")
    session.wait_prompt(PROMPT)

    assert "system_reset" not in machine.commands
    assert "cancelled" in session.rows


def test_a_long_question_is_folded_between_words(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """The last line has all of what is asked."""
    session = terminal(machine.path, columns=60)
    session.wait_prompt(PROMPT)
    session.type("system_reset\r")
    session.wait_for("Continue? [y/N]")

    assert "system_reset: this resets the machine without asking the" in session.rows
    assert session.row == "guest. Continue? [y/N]"


def test_an_event_does_not_cover_a_question(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """It stands above it, and the question remains."""
    session = terminal(machine.path, columns=100)
    session.wait_prompt(PROMPT)
    session.type("system_reset\r")
    session.wait(lambda: session.row.endswith("Continue? [y/N]"))
    machine.send("SUSPEND")

    session.wait_for("SUSPEND")
    session.wait(lambda: session.row.endswith("Continue? [y/N]"))
    session.type("n\r")
    session.wait_prompt("(qemu vm suspended) ")
    assert session.text.index("SUSPEND") < session.text.index("Continue?")


@pytest.mark.parametrize("how", ["y", "--yes", "confirm"])
def test_a_yes(terminal: Start, machine: ScriptedMachine, how: str, tmp_path: Path) -> None:
    """By an answer, by the option, or by the configuration."""
    machine.answers["system_reset"] = {}
    config = tmp_path / "config.toml"
    config.write_text("[session]\nconfirm = false\n" if how == "confirm" else "")
    options = ["--yes"] if how == "--yes" else []
    session = terminal("--config", str(config), *options, machine.path)
    session.wait_prompt(PROMPT)
    session.type("system_reset\r")
    if how == "y":
        session.wait_for("[y/N]")
        session.type("y\r")
    machine.wait_for("system_reset")
    session.wait_prompt(PROMPT)

    assert ("[y/N]" in session.text) == (how == "y")


@pytest.mark.parametrize(
    "line",
    [
        "stop",
        "system_reset",
        "log int",
        "device_add e1000",
        "eject cd0",
        "type a",
        "qmp stop",
        'qmp {"execute": "stop"}',
        "set_password vnc x",
        "migrate tcp:h:1",
        'qmp human-monitor-command command-line="system_reset"',
        "nonsense that a newer QEMU may know",
        "screendump",
    ],
)
def test_read_only_sends_nothing_that_changes(
    terminal: Start, machine: ScriptedMachine, line: str
) -> None:
    """Nor by raw QMP, nor by QEMU's own monitor; the prompt says so."""
    session = terminal("--read-only", "-y", machine.path)
    session.wait_prompt(READ_ONLY)
    assert "read-only" in session.rows[0]
    session.run(line, READ_ONLY)

    harmless = ("query-", "x-debug-query-", "qom-list", "device-list-properties")
    changing = [c for c in machine.commands if not c.startswith(harmless)]
    assert [c for c in changing if c != "human-monitor-command"] == []
    typed = [
        request["arguments"]["command-line"]
        for request in machine.requests
        if request["execute"] == "human-monitor-command"
    ]
    assert set(typed) <= {"info qdm", "help log", "info usb"}
    assert "refused" in session.text or "unknown command" in session.text


def test_read_only_reads(terminal: Start, machine: ScriptedMachine) -> None:
    """What only looks is as it always is."""
    session = terminal("--read-only", machine.path)
    session.wait_prompt(READ_ONLY)
    session.run("info status", READ_ONLY)
    session.run("qmp query-status", READ_ONLY)

    assert "● running" in session.rows
    assert '    "status": "running"' in session.text


def test_hostile_strings(terminal: Start, machine: ScriptedMachine) -> None:
    """In prompt, menu, bar, events and results they are shown and not obeyed."""
    bad = "a\x1b]0;owned\x07\x9b2J\u202e[/b]:cd:"
    shown = "a\\x1b]0;owned\\x07\\x9b2J\\u202e[/b]:cd:"
    other = {"locked": False, "removable": True, "type": "unknown"}
    block = [{"device": name, **other} for name in (bad, "cd0")]
    machine.answers |= {
        "query-name": {"name": bad},
        "query-status": {**STATUS, "status": "running"},
        "query-block": block,
        "query-named-block-nodes": [],
    }
    prompt = f"(qemu {shown}) "
    session = terminal(machine.path, columns=160)
    session.wait_prompt(prompt)
    machine.send("DEVICE_DELETED", device=bad, path=bad)
    session.wait_for("DEVICE_DELETED")
    session.run("info block", prompt)
    session.type("eject \t")
    session.wait(lambda: session.text.count("cd0") == 2, "the menu")

    assert session.text.count(shown) == 5  # twice in the event and in the prompt

    assert session.screen.title == ""
    assert b"owned\x07" not in session.raw
    assert b"\xe2\x80\xae" not in session.raw


def test_a_name_is_one_line(terminal: Start, machine: ScriptedMachine) -> None:
    """It forges no second prompt, no row, no event and no error, and hides nothing."""
    bad = "vm\n(qemu prod) \u200b\U000e0041"
    shown = "vm\\n(qemu prod) \\u200b\\U000e0041"
    other = {"locked": False, "removable": True, "type": "unknown"}
    machine.answers |= {
        "query-name": {"name": bad},
        "query-block": [{"device": bad, **other}],
        "query-named-block-nodes": [],
        "system_reset": QMPError(bad),
    }
    prompt = f"(qemu {shown}) "
    session = terminal("-y", machine.path, columns=160)
    session.wait_prompt(prompt)
    machine.send("DEVICE_DELETED", device=bad, path=bad)
    session.wait_for("DEVICE_DELETED")
    session.wait_prompt(prompt)
    session.run("info block", prompt)
    session.run("system_reset", prompt)
    session.run("info name", prompt)

    assert shown in session.rows
    assert f"Error: {shown}" in session.rows
    assert any("DEVICE_DELETED" in row and row.count(shown) == 2 for row in session.rows)
    assert not any(row.startswith("(qemu prod)") for row in session.rows)


def test_the_history_keeps_no_secrets(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """Nor lines that begin with a space; it is its owner's alone, for all sessions."""
    path = tmp_path / "history"
    sessions = [terminal(machine.path, HMP_HISTORY=str(path))]
    sessions[0].wait_prompt(PROMPT)
    for line in (
        "info status",
        " info name",
        "set_password vnc hunter2",
        "object_add secret,id=s0,data=hunter2",
        "qmp object-add qom-type=secret id=s0 data=hunter2",
        "change vnc password hunter2",
        "set_pasword vnc hunter2",
        "object_add secrt,data=hunter2",
        "object_add tls-creds-psk,id=t,password=hunter2",
        'qmp human-monitor-command command-line="set_password vnc hunter2"',
        "drive_add 0 file=https://u:hunter2@h/x",
        "alias pw set_password vnc",
        "pw hunter2",
        "pww hunter2",
        "info name | cat",
    ):
        sessions[0].run(line, PROMPT)

    kept = ["info status", "alias pw set_password vnc", "info name | cat"]
    assert path.read_text().splitlines() == kept
    assert path.stat().st_mode & 0o777 == 0o600
