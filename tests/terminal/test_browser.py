"""The help browser, on the whole screen."""

from __future__ import annotations

import pytest

from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import Terminal
from tests.terminal.test_session import Start

SCHEMA = [
    {"name": "none", "meta-type": "object", "members": []},
    {"name": "int", "meta-type": "builtin", "json-type": "int"},
    {
        "name": "args",
        "meta-type": "object",
        "members": [{"name": "frobnication", "type": "int"}],
    },
    {"name": "x-thing", "meta-type": "command", "arg-type": "args", "ret-type": "none"},
]
FOOT = "type to search"


@pytest.fixture
def session(terminal: Start) -> Terminal:
    """A session on the embedded machine."""
    opened = terminal()
    opened.wait_prompt()
    return opened


def test_search_show_and_insert(session: Terminal) -> None:
    """F1 lists; typing searches; Enter shows the page; Enter again puts it in."""
    session.type("\x1bOP")
    session.wait_for(FOOT)
    session.wait_for("announce_self")
    session.type("clock")
    session.wait(lambda: "announce_self" not in session.text)
    session.wait_for("info alarmclock")
    session.type("\r")
    session.wait_for("query-alarm-clock")
    session.type("\r")

    session.wait_row("(hmp) info alarmclock")


def test_what_is_typed_begins_the_search(session: Terminal) -> None:
    """And it is there again when the browser is left."""
    session.type("info sta\x1bOP")
    session.wait_for("search: info sta")
    session.type("tus")
    session.wait_for("search: info status")
    session.type("\x1b")

    session.wait_row("(hmp) info sta")


def test_what_is_typed_after_a_whole_name_is_a_new_search(session: Terminal) -> None:
    """Its page has answered the first one."""
    session.type("quit\x1bOP")
    session.wait_for("search: quit")
    session.type("snap")
    session.wait(lambda: "search: snap" in session.rows, "the new search")
    session.type("\x1b")

    session.wait_row("(hmp) quit")


def test_help_i(session: Terminal) -> None:
    """The same by a command; Tab puts in what is chosen, without the page."""
    session.type("help -i\r")
    session.wait_for(FOOT)
    session.type("eject\t")

    session.wait_row("(hmp) eject")


def test_a_summary_that_is_cut_says_so(terminal: Start) -> None:
    """On a narrow screen, or where it is long; the keys that matter most stay."""
    session = terminal(columns=50)
    session.wait_prompt("(hmp) ")
    session.type("\x1bOP")
    session.wait_for("Enter shows · Tab inserts · Esc leaves")
    session.type("announce")

    session.wait_for("announce the guest's loc…")


def test_moving(session: Terminal) -> None:
    """Up and Down choose; Escape leads back from the page to the list."""
    session.type("\x1bOP")
    session.wait_for(FOOT)
    session.type("info\x1b[B\x1b[B\x1b[A\r")
    session.wait_for("info accel")
    session.wait(lambda: "announce" not in session.text)
    session.type("\x1b")
    session.wait_for("info alarm")
    session.type("\x03")

    session.wait_prompt()


def test_nothing_fits(session: Terminal) -> None:
    """A search without a result says so, and Enter does nothing."""
    session.type("\x1bOPzzzz")
    session.wait_for("no match")
    session.type("\r\t\x1b")

    session.wait_prompt()


def test_qmp_commands_and_schema_text(terminal: Start, machine: ScriptedMachine) -> None:
    """Commands of QMP are found too, also by what their schema says."""
    machine.answers["query-qmp-schema"] = SCHEMA
    session = terminal(machine.path)
    session.wait_prompt("(qemu vm) ")
    session.type("\x1bOPfrobni")
    session.wait_for("qmp x-thing")
    session.type("\r")
    session.wait_for("frobnication: int")
    session.type("\r")
    session.wait_row("(qemu vm) qmp x-thing")


def test_what_is_missing_is_marked(terminal: Start, machine: ScriptedMachine) -> None:
    """By a - after its name, which the last line explains."""
    machine.answers["query-qmp-schema"] = SCHEMA
    session = terminal(machine.path)
    session.wait_prompt("(qemu vm) ")
    session.type("\x1bOP")

    session.wait_for("announce_self -")
    assert session.rows[-1].endswith(" · -: not here")


def test_a_slow_machine_delays_nothing(terminal: Start, machine: ScriptedMachine) -> None:
    """The list of our own commands is there before the machine has told its own."""
    machine.answers["query-qmp-schema"] = SCHEMA
    session = terminal(machine.path)
    session.wait_prompt("(qemu vm) ")
    machine.hold()
    session.type("\x1bOPejec")
    session.wait_for("take the medium out")
    session.type("\x15x-thing")
    session.wait_for("no match")
    machine.release()

    session.wait_for("qmp x-thing")


def test_search_by_a_command(terminal: Start, machine: ScriptedMachine) -> None:
    """help -s finds the same, for terminals and scripts."""
    machine.answers["query-qmp-schema"] = SCHEMA
    session = terminal(machine.path)
    session.wait_prompt("(qemu vm) ")
    session.run("help -s frobnication", "(qemu vm) ")
    assert "qmp x-thing" in session.text
    session.run("help -s zzzz", "(qemu vm) ")

    assert "Error: no command matches 'zzzz'" in session.rows


def test_events_wait_until_the_browser_is_left(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """They are not drawn over the list, and not lost."""
    machine.answers["query-qmp-schema"] = SCHEMA
    session = terminal(machine.path)
    session.wait_prompt("(qemu vm) ")
    session.type("\x1bOP")
    session.wait_for(FOOT)
    machine.send("STOP")
    session.type("x-thing")
    session.wait_for("qmp x-thing")
    assert "STOP" not in session.text
    session.type("\x1b")
    session.wait_for(" STOP")

    session.wait_prompt("(qemu vm paused) ")


def test_a_line_opens_the_page_of_its_command(session: Terminal) -> None:
    """Whatever its arguments; leaving the page leaves the line as it was."""
    session.type("block_resize d0\x1bOP")
    session.wait_for("The size is absolute")
    session.type("\x1b")

    session.wait_row("(hmp) block_resize d0")


def test_a_page_that_was_opened_leads_to_the_search(session: Terminal) -> None:
    """Typing searches; Tab then puts the found command into the prompt."""
    session.type("eject cd\x1bOP")
    session.wait_for("A guest may lock its drive")
    session.type("\x15pause")
    session.wait_for("search: pause")
    session.wait_for("pause the machine")
    session.type("\t")

    session.wait_row("(hmp) stop")
