"""The guest's screen and keyboard from our terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hmp.display.picture import read_ppm
from hmp.display.png import png
from tests.fakes import Message
from tests.terminal.machine import ScriptedMachine
from tests.terminal.test_session import Start

PROMPT = "(qemu vm) "
PPM = b"P6\n4 4\n255\n" + bytes([255, 0, 0]) * 8 + bytes([0, 0, 255]) * 8
PNG = png(read_ppm(PPM))


def _write(arguments: Message) -> Any:
    Path(arguments["filename"]).write_bytes(PNG if arguments.get("format") else PPM)
    return {}


@pytest.mark.parametrize("line", ["screendump", "screendump --show"])
def test_the_screen_in_half_blocks(
    terminal: Start, machine: ScriptedMachine, line: str
) -> None:
    """Two pixels a cell, on any terminal; no file of it stays behind."""
    machine.answers["screendump"] = _write
    session = terminal(machine.path, COLORTERM="truecolor", TERM_PROGRAM="")
    session.wait_prompt(PROMPT)
    session.run(line, PROMPT)

    y = session.rows.index("▀▀▀▀")
    upper, lower = session.screen.buffer[y][0], session.screen.buffer[y + 1][3]
    assert (upper.fg, upper.bg) == ("ff0000", "ff0000")
    assert (lower.fg, lower.bg) == ("0000ff", "0000ff")
    assert not Path(machine.requests[-1]["arguments"]["filename"]).exists()


def test_the_screen_without_colours(terminal: Start, machine: ScriptedMachine) -> None:
    """In characters, of which brighter pixels have the fuller ones."""
    machine.answers["screendump"] = _write
    session = terminal(machine.path, NO_COLOR="1", TERM_PROGRAM="")
    session.wait_prompt(PROMPT)
    session.run("screendump", PROMPT)

    assert "▀" not in session.text
    assert any(row and not row.strip("-=:+.") for row in session.rows)


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"TERM": "xterm-kitty"}, b"\x1b_Gf=100,a=T"),
        ({"TERM_PROGRAM": "iTerm.app"}, b"\x1b]1337;File=inline=1"),
        ({"HMP_IMAGE": "sixel"}, b"\x1bPq"),
    ],
)
def test_terminals_that_show_pictures(
    terminal: Start, machine: ScriptedMachine, environment: dict[str, str], code: bytes
) -> None:
    """Each by its own protocol, told by the environment."""
    machine.answers["screendump"] = _write
    session = terminal(machine.path, **{"TMUX": "", "TERM_PROGRAM": "", **environment})
    session.wait_prompt(PROMPT)
    session.type("screendump\r")
    session.wait(lambda: code in session.raw, repr(code))


def test_a_machine_that_writes_elsewhere(terminal: Start, machine: ScriptedMachine) -> None:
    """On another host the file does not come to us, which is told."""
    machine.answers["screendump"] = {}
    session = terminal(machine.path, columns=120)
    session.wait_prompt(PROMPT)
    session.run("screendump", PROMPT)

    assert "which is not this host" in session.text


def test_a_file_is_a_file(terminal: Start, machine: ScriptedMachine) -> None:
    """With a name it is QEMU's own command."""
    machine.answers["screendump"] = {}
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.run("screendump /tmp/picture.png -f png", PROMPT)

    assert machine.requests[-1]["arguments"] == {
        "filename": "/tmp/picture.png",
        "format": "png",
    }


def test_typing_into_the_guest(terminal: Start, machine: ScriptedMachine) -> None:
    """One key at a time, so that none is lost; named ones in brackets."""
    machine.answers["input-send-event"] = {}
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.run('type "Ab-1<enter><ctrl-alt-delete>"', PROMPT)

    sent = [
        [
            event["data"]["key"]["data"]
            for event in request["arguments"]["events"]
            if event["data"]["down"]
        ]
        for request in machine.requests
        if request["execute"] == "input-send-event"
    ]
    assert sent == [
        ["shift", "a"],
        ["b"],
        ["minus"],
        ["1"],
        ["ret"],
        ["ctrl", "alt", "delete"],
    ]


def test_what_cannot_be_typed(terminal: Start, machine: ScriptedMachine) -> None:
    """Nothing is pressed before all of it is known to have a key."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.run("type abcé", PROMPT)

    assert "Error: a US keyboard has no key for 'é'" in session.rows
    assert "input-send-event" not in machine.commands
