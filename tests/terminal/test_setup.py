"""The configuration, the targets, and what the terminal is capable of."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.terminal.machine import ScriptedMachine
from tests.terminal.test_session import Start

PROMPT = "(qemu vm) "


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the configuration file is, by the environment."""
    path = tmp_path / "config" / "hmp" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def test_a_configuration_in_full(
    terminal: Start, machine: ScriptedMachine, config: Path, tmp_path: Path
) -> None:
    """Prompt, theme, keys, aliases, history: each is as the file says."""
    config.write_text(f"""
        [session]
        prompt = "{{program}}-{{version}}{{name}}{{state}}> "
        toolbar = false
        history = "{tmp_path}/lines"
        [theme]
        "prompt.name" = "ansired"
        "hmp.good" = "blue"
        [keys]
        f5 = "info status"
        "c-x b" = "info name"
        [aliases]
        u = "info uuid"
    """)
    session = terminal(machine.path, XDG_CONFIG_HOME=str(config.parent.parent))
    prompt = "qemu-10.2.2 vm> "
    session.wait_prompt(prompt)
    assert session.style("vm>"[:2]) == {"red"}
    assert not session.rows[-1]
    session.type("\x1b[15~")
    session.wait_for("● running")
    session.wait_prompt(prompt)
    assert session.style("running") == {"blue"}
    session.type("\x18b")
    session.wait_for("info name")
    session.wait_prompt(prompt)
    session.run("u", prompt)

    assert (tmp_path / "lines").read_text() == "info status\ninfo name\nu\n"


def test_the_targets_of_the_configuration_that_was_given(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """``migrate-to`` offers them, rather than those of the default configuration."""
    file = tmp_path / "other.toml"
    file.write_text('[targets.faraway]\ntarget = "far:/run/vm"\n')
    session = terminal("--config", str(file), machine.path)
    session.wait_prompt(PROMPT)
    session.type("migrate-to faraw\t")

    session.wait(lambda: session.cursor_text == f"{PROMPT}migrate-to faraway ")


def test_vi_keys(terminal: Start, config: Path) -> None:
    """Escape leads to vi's commands where the file wants them."""
    config.write_text('[session]\nediting = "vi"\n')
    session = terminal(XDG_CONFIG_HOME=str(config.parent.parent))
    session.wait_prompt()
    session.type("stop now\x1b")
    session.wait(lambda: session.screen.cursor.x == len("(hmp) stop no"))
    session.type("0dwi")

    session.wait_row("(hmp) now")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[sessoin]", "'sessoin' is unknown; the known keys are session, theme"),
        ("[session]\nprompt = 1", "'session.prompt' must be a string, not 1"),
        ("[session]\nediting = 'ed'", "'session.editing' must be 'emacs' or 'vi'"),
        ("[session]\nprompt = '{x}'", "'session.prompt' accepts only these placeholders"),
        ("[theme]\n'hmp.good' = 'no such colour'", "theme: 'hmp.good'"),
        ("[theme]\n'hmp.nope' = 'red'", "no style 'hmp.nope'"),
        ("[theme]\n'prompt.name' = 'rainbow'", "theme: "),
        ("[keys]\nf99 = 'stop'", "keys: 'f99'"),
        ("[targets.a]\nread_only = true", "'targets.a.target' is missing"),
        ("[", "config.toml: "),
    ],
)
def test_a_configuration_that_is_wrong(
    terminal: Start, config: Path, text: str, complaint: str
) -> None:
    """One line that says where, and status 2; no session."""
    config.write_text(text)
    session = terminal(columns=200, XDG_CONFIG_HOME=str(config.parent.parent))

    assert session.wait_end() == 2
    assert complaint in session.text
    assert "(hmp)" not in session.text


def test_a_target_by_name(terminal: Start, machine: ScriptedMachine, config: Path) -> None:
    """It stands for its address, and may be for reading only."""
    config.write_text(f'[targets.prod]\ntarget = "{machine.path}"\nread_only = true\n')
    session = terminal("prod", XDG_CONFIG_HOME=str(config.parent.parent))

    session.wait_prompt("(qemu vm RO) ")


@pytest.mark.parametrize(
    "environment", [{"TERM": "dumb"}, {"TERM": ""}, {"ACCESSIBLE": "1"}]
)
def test_terminals_that_only_print(
    terminal: Start, machine: ScriptedMachine, environment: dict[str, str]
) -> None:
    """No code and no box in the whole session, for screen readers and old terminals."""
    blank = {"device": "cd0", "locked": False, "removable": True, "type": "unknown"}
    machine.answers["query-block"] = [blank]
    session = terminal(machine.path, **environment)
    session.wait_prompt("(qemu vm) ")
    session.type("info block\r")
    session.wait_for("cd0: [not inserted]")
    session.wait_prompt("(qemu vm) ")
    machine.send("STOP")
    session.wait_for("STOP")
    session.type("help eject\r")
    session.wait_for("eject [-f] device -- ")
    session.type("watch info status\r")
    session.wait_for("VM status: ")
    session.type("\x03")
    session.wait_prompt("(qemu vm paused) ")
    session.type("\x04")
    session.wait_end()

    assert b"\x1b" not in session.raw
    assert not any("\u2500" <= char <= "\u257f" for char in session.text)


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": "", "FORCE_COLOR": "1"}, False)],
)
def test_colours(terminal: Start, environment: dict[str, str], coloured: bool) -> None:
    """One decision for prompt, line, bar and results."""
    session = terminal(**environment)
    session.wait_prompt()
    session.run("info status")
    session.type("nonsense ")
    session.wait_for("unknown command")
    colours = {session.style(text) == {"default"} for text in ("running", "nonsense")}

    assert colours == {not coloured}


def test_a_narrow_screen(terminal: Start, machine: ScriptedMachine) -> None:
    """In 30 columns the bar still says what is expected, and tables have their names."""
    session = terminal(machine.path, columns=30, lines=20)
    session.wait_prompt(PROMPT)
    session.type("block_resize drive0 ")
    session.wait_for("block_resize   size: the new …")
    session.type("\x15info block\r")
    session.wait_for("drive0")

    assert all(len(row) <= 30 for row in session.rows)


def test_a_long_name_is_shortened_in_the_prompt(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """Half of the screen is for the line."""
    machine.answers["query-name"] = {"name": "a-rather-long-name-of-a-machine"}
    session = terminal(machine.path, columns=50, lines=20)
    session.wait_prompt("(qemu a-rather…-machine) ")
    session.resize(80, 20)
    os.kill(session.pid, signal.SIGWINCH)
    session.wait_prompt("(qemu a-rather-long-name-of-a-machine) ")
    session.resize(20, 20)
    os.kill(session.pid, signal.SIGWINCH)

    session.wait_prompt("(qemu a-ra…hine) ")


def test_a_terminal_without_unicode(terminal: Start) -> None:
    """Marks and lines are ASCII where the locale has no more."""
    session = terminal(LC_ALL="C", LC_CTYPE="C", LANG="C")
    session.wait_prompt()
    session.run("info status")
    session.run("info alarm-methods")

    assert "* running" in session.rows
    assert session.text.isascii()
