from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hmp.monitor.frontend import FrontEnd
from tests.fakes import FakeSession


def session(**more: Any) -> FakeSession:
    """Return a session whose front end keeps what it is asked to run."""
    found = FakeSession({"query-status": {"status": "running"}, "stop": {}, **more})
    ran: list[str] = []

    async def run_line(text: str) -> bool:
        ran.append(text)
        return "bad" not in text

    found.monitor.front.local = True
    found.monitor.front.run_line = run_line  # type: ignore[method-assign]  # a fake
    found.monitor.front.ran = ran  # type: ignore[attr-defined]  # a fake
    return found


def ran(found: FakeSession) -> list[str]:
    """Return the lines that the front end was asked to run."""
    lines: list[str] = found.monitor.front.ran  # type: ignore[attr-defined]  # a fake
    return lines


def test_explain_sends_nothing_that_changes() -> None:
    """It shows what would be sent, with passwords starred out."""
    found = session()

    assert found.prints("explain stop") == '-> {"execute": "stop"}\n'
    assert found.calls == []
    assert "***" in found.prints("explain set_password vnc hidden")
    assert found.prints("explain print 1") == (
        "nothing is sent: the monitor does this by itself\n"
    )
    assert found.prints("explain stop now").startswith("stop|s: extraneous characters")


def test_explain_asks_what_it_must() -> None:
    """What only reads is carried out, since other messages may depend on it."""
    found = session()
    found.prints("explain info status")

    assert found.calls == [("query-status", {})]


def test_time_runs_a_line() -> None:
    """And tells how long it took, also of one that fails."""
    found = session()

    assert found.prints("time stop").endswith(" s\n")
    assert found.prints("time bad").startswith("It failed after ")
    assert ran(found) == ["stop", "bad"]


def test_source(tmp_path: Path) -> None:
    """The lines of a file, one after the other; it fails when some did."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("stop\ncont\n")
    bad.write_text("bad\nstop\n")
    found = session()

    async def read(path: str) -> bytes:
        return Path(path).read_bytes()

    found.monitor.front.read_file = read  # type: ignore[method-assign]  # a fake
    assert found.prints(f'source "{good}"') == ""
    assert found.prints(f'source "{bad}"') == f"Error: line 1 of {bad} failed\n"
    assert ran(found) == ["stop", "cont", "bad", "stop"]
    assert found.prints(f'source "{tmp_path}/none"').startswith("Error: cannot read ")
    bad.write_text("# comment\nbad\n\nbad\n")
    assert found.prints(f'source "{bad}"') == f"Error: 2 lines of {bad} failed: 2, 4\n"
    bad.write_text("bad\n" * 12)
    assert found.prints(f'source "{bad}"').endswith(
        " failed: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …\n"
    )
    bad.write_bytes(b"stop\n\0\0")
    error = f"Error: cannot read {bad}: not a text file\n"
    assert found.prints(f'source "{bad}"') == error


@pytest.mark.parametrize(("word", "on"), [("on", True), ("off", False)])
def test_trace(word: str, on: bool) -> None:
    """The front end is told."""
    found = session()
    told: list[bool] = []
    found.monitor.front.trace = told.append  # type: ignore[assignment, method-assign]  # a fake

    assert found.prints(f"trace {word}") == ""
    assert told == [on]


def test_aliases() -> None:
    """They are set, shown and forgotten; where nothing expands them, they are refused."""
    found = session()
    refused = "Error: only sessions with a prompt have aliases\n"
    assert found.prints("alias r system_reset") == found.prints("unalias r") == refused
    found.monitor.front.expands = True

    assert found.prints("alias r system_reset") == ""
    assert found.prints("alias") == found.prints("alias r") == "r = system_reset\n"
    assert found.prints("alias x") == "Error: no alias is named 'x'\n"
    found.monitor.front.aliases["two"] = ["stop", "info status"]
    assert found.prints("alias") == "r = system_reset\ntwo = stop; info status\n"
    assert found.prints("unalias r") == ""
    assert found.prints("unalias r") == "Error: no alias is named 'r'\n"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("r=system_reset", "r = system_reset"),
        ("r = system_reset", "r = system_reset"),
        ("b=info block", "b = info block"),
        ('b="info block -v"', "b = info block -v"),
        ("b = 'info block'", "b = info block"),
        ('q qmp query-x a="b"', 'q = qmp query-x a="b"'),
        ('t type "x"', 't = type "x"'),
    ],
)
def test_an_alias_as_shells_have_it(typed: str, shown: str) -> None:
    """With an equals sign, and quotes around the line then."""
    found = session()
    found.monitor.front.expands = True

    assert found.prints(f"alias {typed}") == ""
    assert found.prints("alias") == f"{shown}\n"


def test_names_of_aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option is none; one that hides a command says so."""
    found = session()
    found.monitor.front.expands = True
    told: list[str] = []
    monkeypatch.setattr(found.monitor.front, "warn", told.append)

    assert "'unalias NAME' forgets one" in found.prints("alias -d ib")
    assert found.prints("alias info stop") == ""
    assert told == ["the alias hides the command 'info'; 'unalias info' brings it back"]
    assert found.prints("alias help help -a") == found.prints("alias ib info block") == ""
    assert len(told) == 1


class Watching(FrontEnd):
    """A front end that keeps what it is to show."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[object, ...]] = []

    async def watch(self, text: str, interval: float, field: str | None) -> None:
        """Keep it."""
        self.shown.append((text, interval, field))

    async def top(self, interval: float) -> None:
        """Keep it."""
        self.shown.append((interval,))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("watch info block", ("info block", 2.0, None)),
        ("watch -n 0.5 info block", ("info block", 0.5, None)),
        ("watch --plot a.b -n 5 info name", ("info name", 5.0, "a.b")),
        ("top", (2.0,)),
        ("top -d 1", (1.0,)),
    ],
)
def test_what_is_shown_again_and_again(line: str, shown: tuple[object, ...]) -> None:
    """Every two seconds, unless the line says otherwise."""
    session = FakeSession()
    session.monitor.front = front = Watching()

    assert session.prints(line) == ""
    assert front.shown == [shown]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("watch", "watch: string expected\n"),
        ("watch -n 1", "Error: watch needs a command\n"),
        ("top x", "Error: top takes no 'x'\n"),
    ],
)
def test_what_cannot_be_shown_again_and_again(line: str, error: str) -> None:
    """The error says what is missing, or too much."""
    session = FakeSession()
    session.monitor.front = front = Watching()

    assert session.prints(line).startswith(error)
    assert front.shown == []
