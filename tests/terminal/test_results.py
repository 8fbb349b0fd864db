"""Where results go besides the screen: pipes, files, pagers, watches, other lines."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

from tests.terminal.machine import ScriptedMachine
from tests.terminal.test_session import Start

PROMPT = "(qemu vm) "


def test_pipes_and_files(terminal: Start, tmp_path: Path) -> None:
    """A result goes through a shell command, into a file, behind what is in a file."""
    session = terminal(columns=120)
    session.wait_prompt()
    session.run("info alarm-methods | tr a-z A-Z")
    assert "DYNTICKS" in session.text
    session.run(f"info status > {tmp_path}/out")
    session.run(f"print 1 >> {tmp_path}/out")
    session.run(f"info uuid | tee {tmp_path}/tee")

    assert (tmp_path / "out").read_text() == "VM status: running\n0x1\n"
    assert (tmp_path / "tee").read_text() == "00000000-0000-0000-0000-000000000000\n"
    assert "00000000-0000-0000-0000-000000000000" in session.rows


@pytest.mark.parametrize("where", ["| cat", "| tee /dev/tty", "> /dev/tty", ">> /dev/tty"])
def test_a_terminal_behind_a_pipe_or_a_file_is_one(
    terminal: Start, machine: ScriptedMachine, where: str
) -> None:
    """What the machine sends drives it no more than the session's own screen."""
    machine.answers["query-uuid"] = {"UUID": "a\x1b]0;owned\x07\x9b2J\u202eb"}
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.run(f"info uuid {where}", PROMPT)

    assert "a\\x1b]0;owned\\x07\\x9b2J\\u202eb" in session.text
    assert session.screen.title == ""
    assert b"owned\x07" not in session.raw


def test_a_regular_file_holds_what_came(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path
) -> None:
    """Byte for byte."""
    machine.answers["query-uuid"] = {"UUID": "a\x1b[31m\x07b"}
    session = terminal(machine.path, columns=160)
    session.wait_prompt(PROMPT)
    session.run(f"info uuid > {tmp_path}/out", PROMPT)

    assert (tmp_path / "out").read_bytes() == b"a\x1b[31m\x07b\n"


def test_a_bar_that_is_an_operator(terminal: Start, machine: ScriptedMachine) -> None:
    """An operand never begins with a letter; a shell command mostly does."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.run("print 6 | 1", PROMPT)
    assert "0x7 = 7 = 07" in session.rows
    session.run("print 6 | 0x10 | sed s/0x/hex/", PROMPT)
    assert "hex16" in session.rows
    session.type('info status "a | cat"\r')

    session.wait_for("status: extraneous characters at the end of line")


def test_the_rule_is_in_the_help(terminal: Start) -> None:
    """help says what is a pipe, and what else a line can be."""
    session = terminal(HMP_PAGER="")
    session.wait_prompt()
    session.run("help | cat")
    assert "is a pipe if" not in session.text  # QEMU's own text has no such thing
    session.run("help")

    assert "A | outside quotes is a pipe if a letter" in session.text
    assert "help COMMAND explains a command." in session.text


def test_what_cannot_be_written_is_told(terminal: Start, tmp_path: Path) -> None:
    """With the reason; and so is a shell command that fails."""
    session = terminal(columns=250)
    session.wait_prompt()
    session.run(f"info status > {tmp_path}/no/file")
    assert f"cannot write {tmp_path}/no/file: No such file or directory" in session.rows
    session.run("info status | sh -c 'exit 3'")
    assert "'sh -c 'exit 3'' ended with status 3" in session.rows


def test_a_failure_is_not_written(terminal: Start, tmp_path: Path) -> None:
    """Only results go elsewhere; an error stays on the screen, and no file is made."""
    session = terminal(columns=120)
    session.wait_prompt()
    session.run(f"hello-world love > {tmp_path}/out")

    assert "Error: the word 'love' is not allowed" in session.rows
    assert not (tmp_path / "out").exists()


def test_watch_marks_what_changed(terminal: Start, machine: ScriptedMachine) -> None:
    """It draws in one place, marks new words, and ends by Ctrl-C without a word."""
    numbers = itertools.count(1)
    machine.answers["query-uuid"] = lambda arguments: {"UUID": f"same {next(numbers)}"}
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("watch -n 0.05 info uuid\r")
    session.wait_for("same 4")
    assert "same 3" not in session.text
    assert "every 0.05 s: info uuid" in session.text
    row = next(y for y, text in enumerate(session.rows) if "same" in text)
    cells = session.screen.buffer[row]
    assert not cells[0].reverse
    assert cells[len("same ")].reverse
    machine.send("NIC_RX_FILTER_CHANGED")
    session.wait_for("same 9")
    assert "NIC_RX" not in session.text  # not into the midst of it
    session.type("\x03")

    session.wait_prompt(PROMPT)
    assert "NIC_RX_FILTER_CHANGED" in session.text
    assert "gave up" not in session.text


@pytest.mark.parametrize(
    ("line", "head", "shown", "hidden"),
    [
        ("info block | grep cd0", "every 0.1 s: info block | grep cd0", "cd0:", "drive0"),
        ("look | tr a-z A-Z", "every 0.1 s: look | tr a-z A-Z", "STATUS", "status"),
        ("info status | exit 3", "exit 3", "'exit 3' ended with status 3", "VM"),
        ("info status > {path}", "every", "written to {path}", "VM"),
    ],
)
def test_the_pipe_of_a_watch_is_that_of_its_line(
    terminal: Start,
    machine: ScriptedMachine,
    tmp_path: Path,
    line: str,
    head: str,
    shown: str,
    hidden: str,
) -> None:
    """Each result goes through the program, whose output is drawn; aliases are known."""
    out = tmp_path / "out"
    session = terminal(machine.path, columns=120)
    session.wait_prompt(PROMPT)
    session.run("alias look info status", PROMPT)
    session.type(f"watch -n 0.1 {line.format(path=out)}\r")
    session.wait_for(shown.format(path=out))
    frame = session.text
    session.type("\x03")
    session.wait_prompt(PROMPT)

    assert head in frame
    assert hidden not in frame
    assert out.exists() == ("path" in line)


def test_the_pipe_of_a_timed_line_is_that_of_the_line(
    terminal: Start, machine: ScriptedMachine
) -> None:
    """What is counted is not shown; the time is."""
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.run("time info uuid | wc -l", PROMPT)

    shown = [row for row in session.rows if row][2:]
    assert shown[0].strip() == "1"
    assert re.fullmatch(r"\d\.\d{3} s", shown[1])


@pytest.mark.parametrize(
    "line", ["time info uuid", "time info uuid | cat", "source {path}"]
)
def test_a_watched_line_that_runs_lines(
    terminal: Start, machine: ScriptedMachine, tmp_path: Path, line: str
) -> None:
    """Their results are in the frame, in the order in which they came."""
    machine.answers["query-uuid"] = {"UUID": "the-result"}
    file = tmp_path / "lines"
    file.write_text("info uuid\ntime info status\n")
    session = terminal(machine.path, columns=120)
    session.wait_prompt(PROMPT)
    session.type(f"watch -n 60 {line.format(path=file)}\r")
    session.wait_for("the-result")
    session.type("\x03")
    session.wait_prompt(PROMPT)

    head = next(y for y, row in enumerate(session.rows) if row.startswith("every 60 s: "))
    assert session.rows[head + 2] == "the-result"
    assert session.text.count("the-result") == 1
    assert session.rows[head + 3].startswith("● " if "source" in line else "0.")


@pytest.mark.parametrize("line", ["foo", "foo | cat"])
def test_watch_refuses_what_never_runs(
    terminal: Start, machine: ScriptedMachine, line: str
) -> None:
    """Once, without a frame."""
    machine.answers["human-monitor-command"] = "unknown command: 'foo'\r\n"
    session = terminal(machine.path, columns=120)
    session.wait_prompt(PROMPT)
    session.run(f"watch -n 0.05 {line}", PROMPT)

    assert "unknown command: 'foo'" in session.text
    assert "every 0.05 s" not in session.text


def is_framed(rows: list[str]) -> bool:
    """Whether a frame of the watched help fills the screen."""
    return rows[0].startswith("every 60 s: help") and rows[-1].startswith("… ")


def test_watch_fits_the_window(terminal: Start, machine: ScriptedMachine) -> None:
    """It says what it leaves out, and draws a resized window afresh."""
    machine.answers["query-uuid"] = {"UUID": "1 of a long line that ends in z"}
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("watch -n 60 help\r")
    session.wait(lambda: is_framed(session.rows), "a frame")
    session.resize(50, 12)
    session.wait(lambda: is_framed(session.rows), "a smaller frame")
    assert all(len(row) <= 50 for row in session.rows)
    session.resize(120, 30)
    session.wait(lambda: is_framed(session.rows), "a larger frame")
    session.type("\x03")

    session.wait_prompt(PROMPT)
    assert session.text.count("more lines") == 1  # the last frame stays, and only that
    session.type("watch -n 60 info uuid\r")
    session.wait_for("ends in z")
    session.resize(20, 10)
    session.wait(lambda: "1 of a long line th…" in session.rows, "the sign of a cut")


def test_watch_plots_a_number(terminal: Start, machine: ScriptedMachine) -> None:
    """A field of the value over time, with its scale."""
    numbers = itertools.count(10)
    machine.answers["query-balloon"] = lambda arguments: {"actual": next(numbers)}
    session = terminal(machine.path)
    session.wait_prompt(PROMPT)
    session.type("watch -n 0.05 --plot actual info balloon\r")
    session.wait_for("actual = 14")
    assert "█" in session.text
    assert any(row.startswith("10 |") for row in session.rows)
    session.type("\x03")
    session.wait_prompt(PROMPT)
    session.run("watch --plot nothing info balloon", PROMPT)

    session.run("info balloon", PROMPT)
    session.type("watch --plot \t")
    session.wait(lambda: session.cursor_text.endswith("--plot actual "), "the number")
    session.type("\x03")
    session.wait_prompt(PROMPT)

    assert "Error: no 'nothing' (it has actual); numbers: actual" in session.rows


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("watch -n x info status", "-n needs a positive number of seconds"),
        ("watch -n 1", "watch needs a command"),
        ("watch", "string expected"),
    ],
)
def test_a_watch_that_cannot_be(terminal: Start, line: str, complaint: str) -> None:
    """It says what it wants."""
    session = terminal()
    session.wait_prompt()
    session.type(f"{line}\r")

    session.wait_for(complaint)


def test_a_shell_command(terminal: Start) -> None:
    """What begins with ! is for the shell; its failure is told."""
    session = terminal()
    session.wait_prompt()
    session.run("!echo from the $((1+1))nd shell")
    session.run("!exit 3")

    assert "from the 2nd shell" in session.rows
    assert "'exit 3' ended with status 3" in session.rows


def test_source_and_time(terminal: Start, tmp_path: Path) -> None:
    """The lines of a file are run, and counted when they fail; time tells how long."""
    path = tmp_path / "lines"
    path.write_text(
        "# comment\ninfo status\n\nhello-world love\ninfo uuid | tr 0 1\n!echo $((1+1))nd\n"
    )
    session = terminal(columns=120)
    session.wait_prompt()
    session.run(f"source {path}")
    assert "● running" in session.rows
    assert "11111111-1111-1111-1111-111111111111" in session.rows
    assert "2nd" in session.rows
    assert f"Error: line 4 of {path} failed" in session.rows
    session.run(f"source {tmp_path}/nope")
    assert "Error: cannot read" in session.text
    path.write_text(f"source {path}\n")
    session.run(f"source {path}")
    assert f"Error: {path} sources itself" in session.rows
    session.run("time info name")

    assert session.rows[session.screen.cursor.y - 1].endswith(" s")


def test_aliases(terminal: Start) -> None:
    """A word stands for a line, with the words behind it in their places."""
    session = terminal()
    session.wait_prompt()
    session.run("alias greet hello-world $2-$1")
    session.run("greet a b")
    assert "b-a" in session.rows
    session.run("alias st info status")
    session.type("st")
    session.wait_for("st = info status")  # the bar
    session.type("\r")
    session.wait_prompt()
    assert "● running" in session.rows
    session.run("alias loop loop2")
    session.run("alias loop2 loop")
    session.run("loop")
    assert "the alias 'loop' leads back to itself" in session.rows
    session.run("unalias st")
    session.run("st")

    assert "unknown command: 'st'" in session.rows


def test_macros_of_the_configuration(terminal: Start, tmp_path: Path) -> None:
    """An alias there may stand for several lines, which run one after the other."""
    config = tmp_path / "config.toml"
    config.write_text('[aliases]\nlook = ["info status", "info uuid"]\n')
    session = terminal("--config", str(config))
    session.wait_prompt()
    session.run("look")

    assert "● running" in session.rows
    assert "00000000-0000-0000-0000-000000000000" in session.rows
    session.type("loo\t")
    session.wait_row("(hmp) look")


def test_json_with_a_query(terminal: Start) -> None:
    """What is found in a value, on a terminal as in a pipe."""
    session = terminal("--query", "status")
    session.wait_prompt()
    session.type("info status\r")
    session.wait_for('"running"')

    answer = next(row for row in session.rows if row.startswith("{"))
    assert json.loads(answer) == {"line": "info status", "return": "running"}


def test_the_pager_of_the_configuration(terminal: Start, tmp_path: Path) -> None:
    """The environment comes before it; set to nothing it is off."""
    config = tmp_path / "config.toml"
    config.write_text('[session]\npager = "head -2; echo CONFIGURED"\n')
    session = terminal("--config", str(config))
    session.wait_prompt()
    session.run("help")
    assert "CONFIGURED" in session.text
    config.write_text('[session]\npager = ""\n')
    session = terminal("--config", str(config))
    session.wait_prompt()
    session.run("help")

    assert "help COMMAND explains a command." in session.text
