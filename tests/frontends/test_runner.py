from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from completions.defaults import KINDS
from hmp.completion.cache import WordCache
from hmp.frontends.outlet import Outlet
from hmp.frontends.runner import LineFrontEnd, Runner, interrupted
from hmp.frontends.script import drive
from hmp.frontends.session_runner import PromptFrontEnd, SessionRunner
from hmp.frontends.shell import Redirect
from hmp.monitor.call import Call, shown
from hmp.monitor.errors import LineError
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import FakeSession

ANSWERS: dict[str, Any] = {
    "query-name": {"name": "vm"},
    "query-uuid": {"UUID": "u"},
    "query-balloon": QMPError("No balloon"),
    "stop": {},
    "cont": {},
    "quit": {},
}


class Shown(LineFrontEnd):
    """A front end that keeps what it is to show."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def show_call(self, call: Call) -> None:
        """Keep a call."""
        self.calls.append(call)

    @property
    def texts(self) -> list[str]:
        """The texts of the calls."""
        return [shown(call) for call in self.calls]


class Prompting(PromptFrontEnd):
    """One with a prompt."""

    def __init__(self, local: bool = True) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.local = local
        self.said: list[str] = []
        self.sent: list[tuple[str, Redirect]] = []
        self.commands: list[str] = []
        self.corrected: list[tuple[str, int]] = []

    async def present(self, call: Call, typed: bool) -> str:
        """Keep a call."""
        self.calls.append(call)
        return shown(call)

    @property
    def texts(self) -> list[str]:
        """The texts of the calls."""
        return [shown(call) for call in self.calls]

    async def say(self, text: str) -> None:
        """Keep a sentence."""
        self.said.append(text)

    def correct(self, text: str, error: LineError) -> None:
        """Keep a line to correct."""
        self.corrected.append((text, error.column))

    async def text(self, call: Call) -> str:
        """Return the text of a call."""
        return shown(call)

    async def send(self, text: str, redirect: Redirect) -> str:
        """Keep what is sent elsewhere."""
        self.sent.append((text, redirect))
        return "no room" if redirect.target == "full" else ""

    async def read_file(self, path: str) -> bytes:
        """Return three lines, one of which fails."""
        return b"info name\nnope\ninfo uuid\n"

    async def shell(self, command: str) -> str:
        """Keep a shell command."""
        self.commands.append(command)
        return ""


def script() -> tuple[Shown, Runner]:
    """Return a front end of lines, and its runner."""
    front = Shown()
    monitor = FakeSession(ANSWERS, has_hmp=False).monitor
    monitor.front = front
    front.runner = Runner(monitor, front)
    return front, front.runner


def prompt(local: bool = True) -> tuple[Prompting, SessionRunner]:
    """Return a front end with a prompt, and its runner."""
    front = Prompting(local)
    monitor = FakeSession(ANSWERS, has_hmp=False).monitor
    monitor.front = front
    runner = front.runner = SessionRunner(monitor, front, WordCache(), KINDS)
    return front, runner


@pytest.mark.parametrize("data", [b"", b" ", b"# \xff", b"  # x", b"\t#"])
def test_blank_lines_and_comments_show_nothing(data: bytes) -> None:
    """Whatever bytes they hold."""
    front, runner = script()

    assert drive(runner.run_bytes(data)) is True
    assert front.calls == []


def test_a_result_and_an_error_are_shown() -> None:
    """The runner returns which it was."""
    front, runner = script()

    assert [drive(runner.run(line)) for line in ("info name", "nope")] == [True, False]
    assert front.texts == ["vm\n", "unknown command: 'nope'\n"]


def test_a_line_of_other_bytes_is_an_error() -> None:
    """It names the place."""
    front, runner = script()

    assert drive(runner.run_bytes(b"a\xff", "f", 3)) is False
    assert front.texts == ["Error: f:3: the line is not valid UTF-8 at byte 2\n"]


def test_a_script_has_neither_pipes_nor_aliases() -> None:
    """The monitor reads the whole line."""
    front, runner = script()
    front.aliases["n"] = ["info name"]

    assert not any(drive(runner.run(line)) for line in ("n", "!id", "info name | cat"))
    assert front.texts[0] == "unknown command: 'n'\n"


def test_an_inner_line_is_run_by_the_same_runner() -> None:
    """That of time, for example."""
    front, runner = prompt()
    front.aliases["n"] = ["info name"]

    assert drive(runner.run("time n"))
    assert front.texts[0] == "vm\n"


@pytest.mark.parametrize(
    ("line", "text", "redirect"),
    [
        ("info name | cat", "vm\n", Redirect("|", "cat")),
        ("info name > f", "vm\n", Redirect(">", "f")),
        ("n > f", "vm\n", Redirect(">", "f")),
    ],
)
def test_a_result_goes_elsewhere(line: str, text: str, redirect: Redirect) -> None:
    """An error does not; one of the other place is said."""
    front, runner = prompt()
    front.aliases["n"] = ["info name"]

    assert drive(runner.run(line))
    assert (front.sent, front.calls) == ([(text, redirect)], [])
    assert not drive(runner.run("info balloon | cat"))
    assert front.texts == ["Error: No balloon\n"]
    assert not drive(runner.run("info name > full"))
    assert front.said == ["no room\n"]


CAT = Redirect("|", "cat")


@pytest.mark.parametrize(
    ("line", "sent", "shows"),
    [
        ("time info name | cat", [("vm\n", CAT)], [" s\n"]),
        ("time time info name > f", [("vm\n", Redirect(">", "f"))], [" s\n", " s\n"]),
        ("time n", [("vm\n", CAT)], [" s\n"]),
        ("explain stop | cat", [('-> {"execute": "stop"}\n', CAT)], []),
        ("alias x info name | cat", [], [""]),
        ("source f | cat", [("vm\nu\n", CAT)], ["'nope'\n", "line 2 of f failed\n"]),
        ("time source f | cat", [("vm\nu\n", CAT)], ["'nope'\n", " of f failed\n", " s\n"]),
    ],
)
def test_whose_a_pipe_is(
    line: str, sent: list[tuple[str, Redirect]], shows: list[str]
) -> None:
    """The line's that another runs; the lines of a file go where source's result goes."""
    front, runner = prompt()
    front.aliases["n"] = ["info name | cat"]
    drive(runner.run(line))

    assert front.sent == sent
    ends = zip(front.texts, shows, strict=True)
    assert all(text.endswith(end) for text, end in ends), front.texts


@pytest.mark.parametrize("line", ["info name | cat", "info name > f", "!id", "p"])
def test_programs_and_files_are_not_for_those_over_a_socket(line: str) -> None:
    """Whatever the front end could do; nothing runs."""
    front, runner = prompt(local=False)
    front.aliases["p"] = ["info name | cat"]

    assert not drive(runner.run(line))
    assert (front.sent, front.commands, front.calls) == ([], [], [])
    assert "from here" in front.said[0]


@pytest.mark.parametrize("line", ["info name |", "info name >", "p"])
def test_an_unfinished_pipe_is_said(line: str) -> None:
    """Nothing runs: neither sign is an argument."""
    front, runner = prompt()
    front.aliases["p"] = ["info name |"]

    assert not drive(runner.run(line))
    assert (front.sent, front.calls) == ([], [])
    assert "at the end needs a" in front.said[0]


def test_aliases_that_lead_back_are_said() -> None:
    """None of their lines runs."""
    front, runner = prompt()
    front.aliases.update({"a": ["b"], "b": ["a x"]})

    assert not drive(runner.run("a"))
    assert front.said == ["the alias 'a' leads back to itself\n"]


@pytest.mark.parametrize(
    ("text", "texts", "said"),
    [
        ("info name\ninfo uuid", ["vm\n", "u\n"], []),
        ("info name\n# x\n\ninfo uuid", ["vm\n", "u\n"], []),
        ("nope\ninfo name", ["unknown command: 'nope'\n"], ["1 line was not run\n"]),
        (
            "nope\nstop\ninfo name",
            ["unknown command: 'nope'\n"],
            ["2 lines were not run\n"],
        ),
        ("info name\nnope", ["vm\n", "unknown command: 'nope'\n"], []),
        ('qmp {"execute":\n "stop"}', ["{\n}\n"], []),
        ("quit\ninfo name\ninfo uuid", [""], ["2 lines were not run\n"]),
    ],
)
def test_pasted_lines(text: str, texts: list[str], said: list[str]) -> None:
    """They run up to the first failure; a message over several lines is one."""
    front, runner = prompt()

    drive(runner.run_typed(text))
    assert (front.texts, front.said) == (texts, said)


def test_a_typed_line_that_does_not_parse_is_corrected() -> None:
    """But not an unknown command, nor one that was pasted, nor one with a secret."""
    front, runner = prompt()
    for line in ("stop foo", "nope", "stop a\nstop b", "set_password vnc"):
        drive(runner.run_typed(line))

    assert front.corrected[0] == ("stop foo", 5)
    assert [line for line, _ in front.corrected] == ["stop foo", "set_password vnc"]
    drive(runner.run_typed("set_password vnc x y z"))
    assert len(front.corrected) == 2


def test_an_unknown_command_has_a_hint() -> None:
    """For whoever has a prompt, also without an event loop."""
    front, runner = prompt()
    drive(runner.run("infoo name"))

    assert front.calls[0].hint == "Did you mean 'info name'?"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("stop", "stopped waiting; the machine may still carry it out"),
        ("some-unknown-thing", "stopped waiting; the machine may still carry it out"),
        ("info name", "stopped waiting"),
        ("time info name", "stopped waiting"),
        ("time stop", "stopped waiting; the machine may still carry it out"),
    ],
)
def test_what_is_said_of_a_line_that_is_interrupted(line: str, said: str) -> None:
    """What only reads leaves nothing to carry out."""
    session = FakeSession(ANSWERS)
    front = Prompting()
    session.monitor.front = front
    runner = front.runner = SessionRunner(session.monitor, front, WordCache(), KINDS)

    def execute(*_: object, **__: object) -> Any:
        raise asyncio.CancelledError

    session.monitor.qmp.execute = execute  # type: ignore[method-assign]  # Ctrl-C comes here
    with pytest.raises(asyncio.CancelledError):
        drive(runner.run(line))

    assert interrupted(session.monitor) == said


def test_nothing_is_said_of_what_has_ended() -> None:
    """Nor before the first line; and a line that the machine's end ended has ended."""
    _, runner = prompt()
    assert interrupted(runner.monitor) == ""
    drive(runner.run("stop"))
    assert interrupted(runner.monitor) == ""
    runner.monitor.qmp = FakeSession({"stop": MachineGoneError("gone")}).monitor.qmp
    with pytest.raises(MachineGoneError):
        drive(runner.run("stop"))
    assert interrupted(runner.monitor) == ""


def test_work_that_continues_is_named() -> None:
    """With the command that cancels it."""
    monitor = FakeSession(ANSWERS).monitor
    monitor.call.continues = "savevm one continues (it cannot be cancelled)"

    assert interrupted(monitor) == (
        "stopped waiting; savevm one continues (it cannot be cancelled)"
    )


@pytest.mark.parametrize("line", ["info name > {file}", "n > {file}"])
def test_a_result_that_its_reader_takes_while_the_line_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """The line ends when its reader has all of it, and has succeeded."""
    front, runner = prompt()
    front.aliases["n"] = ["info name"]
    waited: list[Outlet] = []

    async def written(outlet: Outlet, pause: object) -> None:
        waited.append(outlet)

    async def text(call: Call) -> str:
        assert front.outlet is not None
        assert front.outlet.has_reader()  # which opens it
        return shown(call)

    monkeypatch.setattr(Outlet, "written", written)
    monkeypatch.setattr(front, "text", text)
    file = tmp_path / "file"

    assert drive(runner.run(line.format(file=file))) is True
    assert file.read_text() == "vm\n"
    assert (len(waited), front.sent, front.calls) == (1, [], [])
