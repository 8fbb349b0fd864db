"""The messages behind the lines: explained, traced, and sent by hand."""

from __future__ import annotations

import shlex
from pathlib import Path

from hmp.qmp.errors import QMPError
from tests.program import HMP
from tests.terminal.machine import BLOCK, ScriptedMachine
from tests.terminal.test_session import Start

PROMPT = "(qemu vm) "
SCHEMA = [
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "none", "meta-type": "object", "members": []},
    {"name": "mode", "meta-type": "enum", "values": ["pause", "shutdown"]},
    {
        "name": "act",
        "meta-type": "object",
        "members": [{"name": "panic", "type": "mode"}, {"name": "id", "type": "str"}],
    },
    {"name": "act-on", "meta-type": "command", "arg-type": "act", "ret-type": "none"},
    {"name": "stop", "meta-type": "command", "arg-type": "none", "ret-type": "none"},
]


def test_explain_sends_nothing(terminal: Start, machine: ScriptedMachine) -> None:
    """What a line becomes is shown; what only reads may be asked, no more."""
    session = terminal(machine.path, columns=200)
    session.wait_prompt(PROMPT)
    session.run("explain system_reset", PROMPT)
    session.run("explain set_password vnc hunter2", PROMPT)
    session.run("explain log int", PROMPT)
    session.run("explain events", PROMPT)

    assert '-> {"execute": "system_reset"}' in session.rows
    assert '"password": "***"' in session.text
    assert "hunter2" not in session.text.replace("vnc hunter2", "")
    assert "nothing is sent: the monitor does this by itself" in session.text
    assert "system_reset" not in machine.commands
    assert "set_password" not in machine.commands


def test_explain_refuses_what_the_line_refuses(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """A line that does not parse has no messages."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("explain eject\r")

    session.wait_for("eject: block device name expected")


def test_trace_shows_what_passes(terminal: Start, machine: ScriptedMachine) -> None:
    """Messages both ways, from on to off, without passwords."""
    machine.answers["set_password"] = {}
    machine.answers["query-vnc-servers"] = []
    session = terminal(machine.path, columns=200)
    session.wait_prompt(PROMPT)
    session.run("trace on", PROMPT)
    session.run("info name", PROMPT)
    session.wait_for('<- {"return": {"name": "vm"}')
    assert '-> {"execute": "query-name"' in session.text
    session.run("set_password vnc hunter2", PROMPT)
    session.wait_for('"password": "***"')
    assert "hunter2" not in session.text.replace("vnc hunter2", "")
    session.run("trace off", PROMPT)
    session.run("clear", PROMPT)
    session.run("info name", PROMPT)

    assert "->" not in session.text


def test_a_message_does_not_cover_the_prompt(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """With --trace, those of background queries stand above it, in their order."""
    session = terminal("--trace", machine.path, columns=200)
    session.wait_prompt(PROMPT)
    session.type("eject ")  # its words are asked for

    session.wait_for('<- {"return": [{"device": "drive0"')
    session.wait(lambda: session.cursor_text == f"{PROMPT}eject ")
    arrows = [row[:2] for row in session.rows if "drive0" in row or "query-block" in row]
    assert arrows == ["->", "<-"]
    assert [row for row in session.rows if PROMPT in row] == [session.row]


def test_a_key_that_is_pressed_during_a_message(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """Is a key of the prompt's, also if the terminal takes the message slowly."""
    machine.answers["query-block"] = [{**BLOCK[1], "device": "cd" * 100_000}]
    session = terminal("--trace", machine.path)
    session.wait_prompt(PROMPT)
    session.type("eject x")
    session.wait_for("cdcdcd")
    session.type("\x15\x04")

    assert session.wait_end() == 0


def test_messages_of_the_last_line_are_shown(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """Before the session ends."""
    session = terminal("-y", "--trace", machine.path, columns=200)
    session.wait_prompt(PROMPT)
    session.type("quit\r")
    session.wait_end()

    assert '-> {"execute": "quit"' in session.text


def test_messages_go_where_standard_error_does(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """To a file, for example."""
    log = tmp_path / "log"
    line = f"exec {shlex.join([*HMP, '--trace', machine.path])} 2> {log}"
    session = terminal(command=["/bin/sh", "-c", line])
    session.wait_prompt(PROMPT)
    session.run("info name", PROMPT)

    assert '-> {"execute": "query-name"' in log.read_text()
    assert "->" not in session.text


def test_a_traced_session_connects_again(terminal: Start, machine: ScriptedMachine) -> None:
    """Which another thread does."""
    session = terminal(machine.path, columns=200)
    session.wait_prompt(PROMPT)
    session.run("trace on", PROMPT)
    machine.drop()

    session.wait_for(f"connected to {machine.path} again")
    session.wait_for('-> {"execute": "qmp_capabilities"')


def test_the_bar_of_raw_qmp(terminal: Start, machine: ScriptedMachine) -> None:
    """All arguments of the command, not a part of them or of JSON."""
    machine.answers["query-qmp-schema"] = SCHEMA
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("qmp act-on ")

    session.wait_for("QMP command and its arguments, or JSON: panic, id")


def test_raw_qmp(terminal: Start, machine: ScriptedMachine) -> None:
    """By name and key=value, or as JSON; completed and checked by the schema."""
    machine.answers |= {"query-qmp-schema": SCHEMA, "act-on": {"done": True}}
    session = terminal("-y", machine.path)
    session.wait_prompt(PROMPT)
    session.type("qmp act\t")
    session.wait_row(f"{PROMPT}qmp act-on")
    session.type("pan\t")  # after the blank that Tab has put
    session.wait_row(f"{PROMPT}qmp act-on panic=")
    session.type("pa\t")
    session.wait_row(f"{PROMPT}qmp act-on panic=pause")
    session.type("id=007\r")
    session.wait_for('"done": true')
    session.wait_prompt(PROMPT)
    assert machine.requests[-1]["arguments"] == {"panic": "pause", "id": "007"}
    sent = len(machine.requests)
    session.run("qmp act-on panic=puase id=1", PROMPT)
    assert "Did you mean 'pause'?" in session.rows
    session.run('qmp {"execute": "act-on", "arguments": {"panic": "pause"}}', PROMPT)
    assert "Error: 'id' is missing" in session.rows
    session.run("qmp sotp", PROMPT)
    assert "Did you mean 'stop'?" in session.rows
    assert len(machine.requests) == sent
    session.run('qmp {"execute": "stop"}', PROMPT)

    assert machine.commands[-1] == "stop"


def test_an_error_of_raw_qmp(terminal: Start, machine: ScriptedMachine) -> None:
    """The machine's own description is what one sees."""
    machine.answers |= {"query-qmp-schema": SCHEMA, "stop": QMPError("not now")}
    session = terminal("-y", machine.path)
    session.wait_prompt(PROMPT)
    session.run("qmp stop", PROMPT)

    assert "Error: not now" in session.rows
