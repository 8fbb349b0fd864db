from __future__ import annotations

import fcntl
import os
import struct
import termios
from collections.abc import Iterator

import pytest

from hmp.display.screen import Screen

XTERM = {"TERM": "xterm", "LANG": "C.UTF-8"}


@pytest.fixture
def terminal() -> Iterator[int]:
    """Return the program's side of a terminal of 100 by 30 cells."""
    outer, inner = os.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    yield inner
    os.close(outer)
    os.close(inner)


@pytest.fixture
def pipe() -> Iterator[int]:
    """Return the end of a pipe that a program writes to."""
    ends = os.pipe()
    yield ends[1]
    for end in ends:
        os.close(end)


def test_the_size_is_the_terminals(terminal: int) -> None:
    """Width and height are those of the window."""
    screen = Screen(terminal, XTERM)

    assert (screen.width, screen.height) == (100, 30)


def test_a_terminal_without_a_size_is_an_ordinary_one(terminal: int) -> None:
    """A serial line says 0 by 0."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
    screen = Screen(terminal, XTERM)

    assert (screen.width, screen.height) == (80, 24)


def test_what_is_no_terminal_has_an_ordinary_size(pipe: int) -> None:
    """COLUMNS of the shell that started us is not ours."""
    screen = Screen(pipe, {**XTERM, "COLUMNS": "7", "LINES": "7"})

    assert (screen.width, screen.height) == (80, 24)


@pytest.mark.parametrize(
    ("environment", "dumb", "colours"),
    [
        ({"TERM": "xterm"}, False, True),
        ({"TERM": "linux"}, False, True),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "unknown"}, True, False),
        ({"TERM": ""}, True, False),
        ({}, True, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, False, False),
        ({"TERM": "xterm", "FORCE_COLOR": "0"}, False, True),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
        ({"TERM": "dumb", "FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colours_on_a_terminal(
    terminal: int, environment: dict[str, str], dumb: bool, colours: bool
) -> None:
    """A terminal has colours unless it cannot, or its user does not want them."""
    screen = Screen(terminal, environment)

    assert (screen.dumb, screen.colours) == (dumb, colours)


@pytest.mark.parametrize(
    ("environment", "colours"),
    [
        ({"TERM": "xterm"}, False),
        ({"TERM": "xterm", "FORCE_COLOR": ""}, False),
        ({"TERM": "xterm", "FORCE_COLOR": "0"}, False),
        ({"TERM": "xterm", "FORCE_COLOR": "1"}, True),
        ({"TERM": "xterm", "FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_on_a_pipe(pipe: int, environment: dict[str, str], colours: bool) -> None:
    """What is no terminal has none, unless they are forced."""
    assert Screen(pipe, environment).colours is colours


@pytest.mark.parametrize(
    ("value", "truecolour"),
    [("truecolor", True), ("24bit", True), ("", False), ("yes", False)],
)
def test_true_colours(pipe: int, value: str, truecolour: bool) -> None:
    """COLORTERM says whether there are more than 256."""
    assert Screen(pipe, {"COLORTERM": value}).truecolour is truecolour


@pytest.mark.parametrize(
    ("environment", "unicode"),
    [
        ({}, True),
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8", "LC_ALL": "POSIX"}, False),
        ({"LANG": "C.UTF-8", "LC_ALL": ""}, True),
    ],
)
def test_the_locale_says_whether_there_is_unicode(
    pipe: int, environment: dict[str, str], unicode: bool
) -> None:
    """LC_ALL comes before LC_CTYPE, and that before LANG."""
    assert Screen(pipe, environment).unicode is unicode
