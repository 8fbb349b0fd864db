from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from rich.text import Text

from hmp.display.richtext import present, render, render_error, render_view
from hmp.display.screen import Screen
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession

NASTY = "[bold]x[/bold] :smile: \x1b[31mred\x07 \u202e"
HARMLESS = "[bold]x[/bold] :smile: \\x1b[31mred\\x07 \\u202e"


def screen(width: int = 80, environment: dict[str, str] | None = None) -> Screen:
    """Return a screen that is not there: what is no terminal has no colours."""
    made = Screen(-1, environment or {})
    made.width = width
    return made


def colourful(**environment: str) -> Screen:
    """Return a screen with colours."""
    return screen(80, {"TERM": "xterm", "FORCE_COLOR": "1", **environment})


def test_without_colours_there_are_no_codes() -> None:
    """Styles are left out, the words stay."""
    assert render(Text("error", "hmp.error"), screen()) == "error\n"


@pytest.mark.parametrize(
    ("environment", "code"),
    [({}, "\x1b[38;5;131m"), ({"COLORTERM": "truecolor"}, "\x1b[38;5;131m")],
)
def test_with_colours_styles_have_codes(environment: dict[str, str], code: str) -> None:
    """Our names of styles mean what the theme says."""
    assert render(Text("x", "hmp.error"), colourful(**environment)) == f"{code}x\x1b[0m\n"


def test_colours_are_those_that_the_terminal_has() -> None:
    """256 unless it says more. (Rich keeps what it once made of a colour.)"""
    few = render(Text("x", "rgb(1,2,3)"), colourful())
    many = render(Text("x", "rgb(4,5,6)"), colourful(COLORTERM="truecolor"))

    assert few.startswith("\x1b[38;5;")
    assert many.startswith("\x1b[38;2;4;5;6m")


def test_the_environment_is_asked_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich does not look at it on its own."""
    for name, value in (("COLUMNS", "7"), ("NO_COLOR", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)

    assert render(Text("word " * 10, "hmp.error"), colourful()).count("\n") == 1


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    """Text is wrapped."""
    lines = render(Text("word " * 100), screen(width)).splitlines()

    assert max(map(cell_len, lines)) <= width
    assert len(lines) >= 500 // width


def test_strings_are_no_markup() -> None:
    """Also plain ones: what a machine says is shown as it is."""
    assert render("[bold]x[/bold] :smile: 127.0.0.1", screen()) == (
        "[bold]x[/bold] :smile: 127.0.0.1\n"
    )


STATUS = {"query-status": {"running": True, "status": "running"}}


def call(line: str, answers: dict[str, Any] | None = None) -> Any:
    """Return a call of a line on a fake machine."""
    return FakeSession(answers or STATUS, has_hmp=False).call(line)


def test_a_view_is_shown_where_there_is_one() -> None:
    """Otherwise None, and the text is."""
    uuid = call("info uuid", {"query-uuid": {"UUID": NASTY}})

    assert render_view(call("info status"), screen()) == "● running\n"
    assert render_view(uuid, screen()) is None
    assert present(call("info status"), screen()) == "● running\n"
    assert present(uuid, screen()) == f"{HARMLESS}\n"


def test_a_view_may_leave_it_to_the_text() -> None:
    """None from it says so."""
    found = call("info replay", {"query-replay": {"mode": "none"}})

    assert render_view(found, screen()) is None
    assert present(found, screen()) == "Record/replay is not active\n"


@pytest.mark.parametrize("value", [{}, {"status": []}, None, 7])
def test_a_value_that_its_view_cannot_read_is_an_error(value: Any) -> None:
    """In one line, and the call knows."""
    found = call("info status")
    found.value = value  # which no reply is that was checked

    assert "Error: bug in command 'status': " in present(found, screen(200))
    assert found.error is not None


def error_of(line: str, column: int | None = None, width: int = 80) -> list[str]:
    """Return the lines that show what is wrong with a line."""
    return render_error(call(line), screen(width), column).splitlines()


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        (
            "info nope",
            [
                "  info nope",
                "       ^",
                "unknown command: 'info nope'",
            ],
        ),
        (
            "balloon 1+",
            [
                "  balloon 1+",
                "            ^",
                "unexpected end of expression",
                'Try "help balloon" for more information',
            ],
        ),
        (
            "device_add e1000,id=1",
            [
                "  device_add e1000,id=1",
                "             ^",
                "Parameter 'id' expects an identifier",
                'Try "help device_add" for more information',
            ],
        ),
        (
            'eject "a',
            [
                '  eject "a',
                "        ^",
                "eject: block device name expected",
                'Try "help eject" for more information',
                "the string is not terminated",
            ],
        ),
        (
            "hello-world é€ x",
            [
                "  hello-world é€ x",
                "                 ^",
                "hello-world: extraneous characters at the end of line",
                'Try "help hello-world" for more information',
            ],
        ),
        (
            "hello-world 中文 x",
            [
                "  hello-world 中文 x",
                "                   ^",
                "hello-world: extraneous characters at the end of line",
                'Try "help hello-world" for more information',
            ],
        ),
    ],
)
def test_a_mark_shows_what_is_wrong_with_a_line(line: str, lines: list[str]) -> None:
    """Below the column, whatever width its characters have."""
    assert error_of(line) == lines


def test_the_mark_stands_below_the_line_as_it_was_typed() -> None:
    """Where a prompt of that width is above, the line is not written again."""
    assert error_of("info nope", column=6)[0] == " " * 11 + "^"


def test_a_line_with_control_characters_is_shown_without() -> None:
    """The mark is below what is shown."""
    assert error_of("hello-world a\x07 b")[:2] == [
        "  hello-world a\\x07 b",
        "                    ^",
    ]


def test_a_hint_follows() -> None:
    """What to try instead."""
    lines = error_of("help stopp")

    assert lines[0] == "unknown command: 'stopp'"
    assert lines[1].startswith("Did you mean 'stop'")


def test_errors_of_the_machine_are_harmless() -> None:
    """Its description is one of its strings."""
    found = call("info status", {"query-status": QMPError(NASTY)})

    assert present(found, screen(200)) == f"Error: {HARMLESS}\n"
    assert HARMLESS in present(found, colourful())


def test_passwords_are_not_shown_again() -> None:
    """The line above the mark has stars."""
    found = call("set_password vnc hunter2 -d")

    assert "hunter2" not in present(found, screen())
    assert "set_password vnc ***" in present(found, screen())


def test_an_error_on_which_qemu_prints_nothing_has_its_reason() -> None:
    """For people; a script gets what QEMU prints."""
    found = call("info status", {"query-status": QMPError("no")})
    found.error = CommandFailedError("\n", "the \x07 reason")

    assert present(found, screen()) == "Error: the \\x07 reason\n"
    assert found.error_text() == "\n"
