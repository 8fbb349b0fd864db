"""The frames of a watched line, drawn in this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from hmp.display.screen import Screen
from hmp.frontends.script import drive
from hmp.terminal.watch import Watch
from tests.fakes import FakeSession
from tests.frontends.test_runner import prompt

if TYPE_CHECKING:
    from hmp.terminal.watch import Part

MARK, PLAIN = "\x1b[7m", "\x1b[0m"


class Output:
    """A screen that keeps what is written."""

    def __init__(self) -> None:
        self.width, self.height = 40, 10
        self.unicode = True
        self.written: list[str] = []

    def screen(self) -> Screen:
        """Return the screen as it is now."""
        made = Screen(-1, {"FORCE_COLOR": "1"})
        made.width, made.height, made.unicode = self.width, self.height, self.unicode
        return made

    def write(self, text: str) -> None:
        """Keep a text."""
        self.written.append(text)


def watch(line: str = "info name", field: str | None = None) -> tuple[Watch, Output]:
    """Return a watch of a line, and its screen."""
    output: Any = Output()
    _, runner = prompt()
    return Watch(runner, output, line, 2.0, field), output


@pytest.mark.parametrize(
    ("before", "row", "marked"),
    [
        ("a b", "a b", "a b"),
        ("a b", "a c", f"a {MARK}c{PLAIN}"),
        ("a b", "c b", f"{MARK}c{PLAIN} b"),
        ("a", "a b", f"a {MARK}b{PLAIN}"),
        ("a b", "a", "a"),
        ("a  b", "a b", "a b"),
        ("", "", ""),
        ("", "a", f"{MARK}a{PLAIN}"),
        (None, "a b", f"{MARK}a{PLAIN} {MARK}b{PLAIN}"),
    ],
)
def test_words_that_are_new_are_marked(before: str | None, row: str, marked: str) -> None:
    """Where they stand; blanks never are."""
    made, _ = watch()
    made._before = [] if before is None else [before]

    assert made._marked(0, row) == marked


@pytest.mark.parametrize(
    ("height", "width", "unicode", "rows"),
    [
        (10, 40, True, ["a" * 30, "b", "c", "d"]),
        (6, 40, True, ["a" * 30, "b", "c", "d"]),
        (5, 40, True, ["a" * 30, "b", "… 2 more lines"]),
        (5, 40, False, ["a" * 30, "b", "... 2 more lines"]),
        (3, 40, True, ["… 4 more lines"]),
        (10, 20, True, ["a" * 19 + "…", "b", "c", "d"]),
        (10, 20, False, ["a" * 17 + "...", "b", "c", "d"]),
    ],
)
def test_a_frame_fits_its_screen(
    height: int, width: int, unicode: bool, rows: list[str]
) -> None:
    """It says what it leaves out."""
    made, output = watch()
    output.height, output.width, output.unicode = height, width, unicode
    shown = made._rows([["a" * 30, "b"], ["c", "d"]], output.screen())

    assert shown[:2] == ["", ""]
    assert shown[2:] == rows


def test_results_errors_and_lines() -> None:
    """Each part after the other; an error reads as it does at the prompt."""
    made, output = watch()
    session = FakeSession({"query-name": {"name": "vm"}})
    screen = output.screen()
    screen.colours = False
    failed = session.call("stop")
    parts: list[Part] = [session.call("info name"), ["written to f"], failed]

    rows = made._rows(parts, screen)[2:]
    assert rows[:2] == ["vm", "written to f"]
    assert rows[2].startswith("Error: this machine has no QMP command ")


def test_the_frames_of_a_line() -> None:
    """Each is drawn as a whole, on a screen of its own; the last one stays."""

    async def drawn() -> None:
        parts = await made._look()
        await made._draw(parts)
        made._before[2] = "other"
        await made._draw(parts)
        output.width = 30  # all is drawn afresh, so nothing is marked
        made._before[2] = "other"
        await made._draw(parts)

    made, output = watch()
    asyncio.run(drawn())
    first, second, third = output.written

    head = made._head
    assert head.startswith("every 2 s: info name   ")
    assert head.endswith("   (Ctrl-C ends it)")
    assert first.startswith(
        "\x1b[?1049h\x1b[?7l\x1b[2J\x1b[?2026h\x1b[Hevery 2 s: info name"
    )
    assert first.endswith("\n\x1b[K\nvm\x1b[K\x1b[J\x1b[?2026l")
    assert second.startswith("\x1b[?2026h\x1b[Hevery 2 s: ")
    assert second.endswith(f"\n\x1b[K\n{MARK}vm{PLAIN}\x1b[K\x1b[J\x1b[?2026l")
    assert third.endswith("\n\x1b[K\nvm\x1b[K\x1b[J\x1b[?2026l")


def test_numbers_are_kept_for_a_plot() -> None:
    """Of each look, as many as a screen could show."""
    made, output = watch("info balloon", "actual")
    answers = iter([1, 2, *range(2000)])
    machine: Any = made.monitor.connection
    machine.fills = False
    machine.answers["query-balloon"] = lambda arguments: {"actual": next(answers)}
    drive(made._look())
    parts = drive(made._look())

    assert made.numbers == {"": [1, 2]}
    assert any("actual = 2" in row for row in made._rows(parts, output.screen()))
    for _ in range(1100):
        drive(made._look())
    assert len(made.numbers[""]) == 1000
    assert made.numbers[""][-1] == 1099
