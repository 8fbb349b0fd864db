"""Texts that are cut to a width in cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Group

from hmp.display import views
from hmp.display.elide import elide_middle, end_cut
from hmp.display.richtext import render
from hmp.display.screen import Screen


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("", 0, ""),
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "ab…efg"),
        ("/long/path/to/a/file.img", 12, "/lon…ile.img"),
        ("ab cdefgh", 6, "ab…fgh"),
        ("abc", 1, "…"),
        ("abc", 2, "a…"),
        ("字字字字", 6, "字…字"),
        ("字字字字", 8, "字字字字"),
    ],
)
def test_a_middle_is_cut(text: str, width: int, cut: str) -> None:
    """The end, where a path has its file name, keeps two thirds."""
    assert elide_middle(text, width) == cut


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde>"),
        ("abc", 1, ">"),
        ("字字", 3, "字>"),
        ("abc", 0, ">"),
    ],
)
def test_an_end_is_cut(text: str, width: int, cut: str) -> None:
    """A sign shows it."""
    assert end_cut(text, width, ">") == cut


@given(st.text("a字é/ ", max_size=12), st.integers(1, 12))
def test_what_is_cut_fits(text: str, width: int) -> None:
    """Whatever the width of its characters."""
    assert cell_len(elide_middle(text, width)) <= width


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (40, ["add [one|two|three],id=str[,prop=value]"]),
        (30, ["add [one|two|three],id=str", "[,prop=value]"]),
        (14, ["add [one|two|", "three],id=str", "[,prop=value]"]),
    ],
)
def test_a_usage_line_is_folded_between_its_parts(width: int, lines: list[str]) -> None:
    """Not within a word."""
    screen = Screen(-1, {})
    screen.width = width
    text = render(Group(views.usage("add [one|two|three],id=str[,prop=value]")), screen)

    assert [line.rstrip() for line in text.splitlines()] == lines
