"""A session on the embedded machine, as its user sees it."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hmp import __version__
from hmp.display.theme import HEX, RED
from tests.fakes import Message
from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import Terminal

Start = Callable[..., Terminal]


@pytest.fixture
def session(terminal: Start) -> Terminal:
    """A session at its first prompt."""
    opened = terminal()
    opened.wait_prompt()
    return opened


def test_banner_and_prompt(session: Terminal) -> None:
    """A session begins with who answers, and a prompt."""
    assert (
        session.rows[0] == f"hmp {__version__} monitor - type 'help' for more information"
    )
    assert session.rows[1] == (
        "hmp: a demonstration machine; for a real one: hmp NAME or SOCKET (hmp --list)"
    )
    assert session.rows[2] == "(hmp)"


def test_results_stand_below_their_line(session: Terminal) -> None:
    """What a command returns is shown, by its view, and the prompt comes again."""
    session.run("info status")

    assert session.rows[2:5] == ["(hmp) info status", "● running", "(hmp)"]


def test_machine_output_is_on_the_screen(session: Terminal) -> None:
    """hello-world prints where the machine's standard output is."""
    session.run("hello-world 'hi'")
    session.run("hello-world")

    assert "'hi'" in session.rows
    assert "Hello, world" in session.rows


def test_parse_error_is_pointed_at(session: Terminal) -> None:
    """A mark stands under what is wrong; Up brings the line, with the cursor there."""
    session.type("stop now\r")
    session.wait_for("(press Up to fix the line)")
    session.wait_prompt("(hmp) ")

    assert session.rows[2:5] == [
        "(hmp) stop now",
        "           ^",
        "stop|s: extraneous characters at the end of line",
    ]
    session.type("\x1b[A")
    session.wait_row("(hmp) stop now")
    session.wait(lambda: session.cursor_text == "(hmp) stop ")
    session.type("\x0b\r")
    session.wait_prompt("(hmp paused) ")


def test_qmp_error_is_shown(session: Terminal) -> None:
    """The description of an error reply is what one sees."""
    session.run("hello-world love")

    assert "Error: the word 'love' is not allowed" in session.rows


def test_a_line_that_needs_a_real_machine(session: Terminal) -> None:
    """The first line of the README: what to do stands beneath the error."""
    session.run("info block")

    assert session.rows[3:5] == [
        "Error: this machine has no QMP command 'query-block', which this needs",
        "This is a demonstration machine; for a real one: hmp NAME or SOCKET (hmp --list)",
    ]


def test_a_qmp_command_that_needs_a_real_machine(session: Terminal) -> None:
    """What is there instead, unless the name is misspelt."""
    session.run("qmp query-block")
    assert session.rows[3] == "Error: no QMP command 'query-block'"
    assert session.rows[4].startswith(
        "This is a demonstration machine; for a real one: hmp"
    )
    assert "Its QMP commands: cont, hello-world," in session.text
    session.run("qmp query-statu")

    assert "Did you mean 'query-status'" in session.text


def test_unknown_command_has_a_suggestion(session: Terminal) -> None:
    """help offers what comes nearest."""
    session.run("help system_rset")

    assert "Did you mean 'system_reset'" in session.text


def test_events_are_shown(session: Terminal) -> None:
    """What happens to the machine is said above the next prompt."""
    session.run("stop", "(hmp paused) ")
    session.wait_for("STOP")
    session.run("cont", "(hmp) ")

    session.wait_for("RESUME")


def test_prompt_follows_the_run_state(session: Terminal) -> None:
    """The prompt says that the machine is paused, and that it runs again."""
    session.run("stop", "(hmp paused) ")
    session.run("cont", "(hmp) ")


def test_completion_menu_with_descriptions(session: Terminal) -> None:
    """Tab shows the commands that fit, and what they do."""
    session.type("system_\t")

    session.wait_for("press the power button")
    assert "system_reset" in session.text


def test_tab_completes_what_is_unique(session: Terminal) -> None:
    """A single candidate is put in."""
    session.type("info alarmcl\t")

    session.wait_for("(hmp) info alarmclock")


def test_flags_are_completed(session: Terminal) -> None:
    """Flags are among the candidates where they may stand."""
    session.type("info block -\t")

    session.wait_for("nodes")
    assert "verbose" in session.text


def test_toolbar_tells_what_is_expected(session: Terminal) -> None:
    """The bottom bar explains the argument that comes next."""
    session.type("block_resize d0 ")

    session.wait_for("size: the new size")
    assert session.rows[-1].startswith("block_resize device size")


def test_toolbar_tells_what_is_wrong(session: Terminal) -> None:
    """A bad argument is named before Enter."""
    session.type("set_link n maybe")

    session.wait_for("Expected 'on' or 'off'")


def test_colours_follow_the_arguments(session: Terminal) -> None:
    """Command, flag, word and what is wrong have colours of their own."""
    session.type("eject -f drive0")
    session.wait_for("eject -f drive0")
    session.wait(lambda: len({*map(str, session.style("eject"))}) == 1)
    colours = [session.style(part) for part in ("eject", "-f", "drive0")]
    session.type("\x15nonsense")
    session.wait_for("(hmp) nonsense")

    assert len({frozenset(colour) for colour in colours}) == 3
    assert session.style("nonsense") == {HEX[RED][1:]}


def test_no_color(terminal: Start) -> None:
    """NO_COLOR takes the colours away."""
    session = terminal(NO_COLOR="1")
    session.wait_prompt()
    session.run("info alarm-methods")
    session.type("nonsense\r")
    session.wait_for("unknown command")

    assert session.style("unknown command") == {"default"}
    assert session.style("dynticks") == {"default"}


def test_interrupt_clears_the_line(session: Terminal) -> None:
    """Ctrl-C drops the line, not the session."""
    session.type("info sta\x03")
    session.wait_prompt()

    session.run("info name")


def test_end_of_input_leaves(session: Terminal) -> None:
    """Ctrl-D on an empty line ends the session, with status 0."""
    session.type("\x04")

    assert session.wait_end() == 0


def test_quit_ends_the_machine(terminal: Start, machine: ScriptedMachine) -> None:
    """quit asks, says that the machine has ended, and leaves."""

    def shut_down(arguments: Message) -> Message:
        machine.send("SHUTDOWN", guest=False, reason="host-qmp-quit")
        return {}

    machine.answers["quit"] = shut_down
    session = terminal(machine.path)
    session.wait_for("(qemu vm)")
    session.type("quit\r")
    session.wait_for("without asking the guest. Continue? [y/N]")
    session.type("y\r")

    assert session.wait_end() == 0
    assert "SHUTDOWN" in session.text


def test_quit_leaves_the_demonstration_machine(session: Terminal) -> None:
    """At once, since nothing is lost."""
    session.type("quit\r")

    assert session.wait_end() == 0
    assert "Continue?" not in session.text
    assert "SHUTDOWN" in session.text


def test_quit_asks_where_the_machine_serves_others(terminal: Start, tmp_path: Path) -> None:
    """They would lose it."""
    session = terminal("-qmp", f"unix:{tmp_path / 'q'},server=on,wait=off")
    session.wait_prompt()
    session.type("quit\r")

    session.wait_for("without asking the guest. Continue? [y/N]")


def test_history_is_private_and_comes_back(terminal: Start, tmp_path: Path) -> None:
    """Lines are found again in the next session, and nobody else may read them."""
    path = tmp_path / "folder" / "history"
    first = terminal(HMP_HISTORY=str(path))
    first.wait_prompt()
    first.run("info uuid")
    first.run(" info name")
    first.run("set_password vnc hunter2")
    first.type("\x04")
    first.wait_end()

    assert path.read_text() == "info uuid\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    second = terminal(HMP_HISTORY=str(path))
    second.wait_prompt()
    second.type("\x12uu")
    second.wait_for("info uuid")
    second.type("\r\r")
    second.wait_for("00000000-0000-0000-0000-000000000000")


def test_info_history(session: Terminal) -> None:
    """The lines of the session are listed, oldest first."""
    session.run("info name")
    session.run("info history")

    assert "0: 'info name'" in session.rows
    assert "1: 'info history'" in session.rows


def test_suggestion_from_history(session: Terminal) -> None:
    """The rest of an earlier line is offered, and taken with the right arrow."""
    session.run("info alarm-methods")
    session.type("info al")
    session.wait(lambda: "info alarm-methods" in session.row)
    session.type("\x1b[C\r")

    session.wait(lambda: session.text.count("dynticks") >= 2)


def test_long_output_is_paged(terminal: Start) -> None:
    """What is longer than the screen goes to the pager."""
    session = terminal(HMP_PAGER="head -3; echo PAGED")
    session.wait_prompt()
    session.run("help")

    assert "PAGED" in session.text


def test_no_pager(terminal: Start) -> None:
    """Set to nothing, HMP_PAGER switches paging off."""
    session = terminal(HMP_PAGER="")
    session.wait_prompt()
    session.run("help")

    assert "help COMMAND explains a command." in session.text


def test_help_page(terminal: Start) -> None:
    """help CMD explains arguments and QMP commands, from the schema, with an example."""
    session = terminal(lines=40)
    session.wait_prompt()
    session.run("help hello-world")

    for part in ("hello-world [message]", "instead of the usual", "QMP", "in peace"):
        assert part in session.text
    assert "Print a message on the machine's standard output." in session.rows


def test_comments_do_nothing(session: Terminal) -> None:
    """A line that begins with # is a comment here as it is in a script."""
    session.run("# stop")

    assert session.rows[2:4] == ["(hmp) # stop", "(hmp)"]


# one program, no shell around it that may take the signal for itself
CHILD = (
    f'exec {sys.executable} -c "import signal; signal.signal(2, signal.SIG_DFL);'
    " print('begun', flush=True); signal.pause()\""
)


@pytest.mark.parametrize("start", [f"info version | {CHILD}", f"!{CHILD}"])
def test_interrupt_is_the_child_s_while_it_has_the_terminal(
    session: Terminal, start: str
) -> None:
    """Ctrl-C ends what was started, and the prompt comes again, once."""
    session.type(f"{start}\r")
    session.wait(lambda: "begun" in session.rows, "begun")
    session.interrupt()
    session.wait_prompt()

    assert "gave up" not in session.text
    session.run("info name")


def test_interrupt_leaves_the_pager_alone(terminal: Start) -> None:
    """A pager that takes Ctrl-C for itself stays; the prompt waits for its end."""
    session = terminal(
        HMP_PAGER="trap 'echo TAKEN' INT; head -1; echo PAGED; read x </dev/tty"
    )
    session.wait_prompt()
    session.type("help\r")
    session.wait(lambda: "PAGED" in session.rows)
    session.interrupt()
    session.wait_for("TAKEN")
    session.type("\r")
    session.wait_prompt()

    assert "gave up" not in session.text


def test_the_help_browser_ends_a_search(session: Terminal) -> None:
    """F1 in the midst of Ctrl-R: behind the browser the line is in focus again."""
    session.run("info name")
    session.type("\x12na")
    session.wait_for("`na'")
    session.type("\x1bOP")
    session.wait_for("type to search")
    session.type("\x03")
    session.wait_prompt()
    session.run("info version")

    assert "version  0.1.0" in session.rows
