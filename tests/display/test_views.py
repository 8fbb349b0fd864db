from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from hmp.display import views
from hmp.display.richtext import render
from hmp.display.screen import Screen

WIDTHS = [40, 80, 120]
NASTY = [
    "[raw]",
    "[/]",
    "[bold]x[/bold]",
    "[link=https://example.org]x[/link]",
    ":cd:",
    ":smile:",
    "52:54:00:12:34:56",
    "\\[x]",
    "a\x1b[31mb",
    "\u202eabc",
    "中文",
    "tab\there",
    "two\nlines",
    "",
]


def screen(width: int = 80, unicode: bool = True) -> Screen:
    """Return a screen that is not there."""
    made = Screen(-1, {"LANG": "C.UTF-8" if unicode else "C"})
    made.width = width
    return made


def shown(renderable: Any, width: int = 80, unicode: bool = True) -> str:
    """Return what a view looks like, without blanks at the ends of lines."""
    text = render(renderable, screen(width, unicode))
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        ("[b]x[/b] :cd:", "[b]x[/b] :cd:"),
        ("\x1b[31m\x07", "\\x1b[31m\\x07"),
        (7, "7"),
        (1.5, "1.5"),
        (0, "0"),
        (False, "False"),
        (None, ""),
    ],
)
def test_text_is_nothing_but_text(value: Any, text: str) -> None:
    """No markup, no emoji, no control characters."""
    assert views.text(value).plain == text


def test_text_that_is_made_already_stays_as_it_is() -> None:
    """A view may style its cells."""
    styled = Text("x", "hmp.bad")

    assert views.text(styled) is styled


@pytest.mark.parametrize(
    ("word", "good", "text", "style"),
    [
        ("running", None, "● running", "hmp.good"),
        ("io-error", None, "✖ io-error", "hmp.bad"),
        ("paused", None, "○ paused", "hmp.idle"),
        ("[odd]\x1b", None, "○ [odd]\\x1b", "hmp.idle"),
        ("running", False, "○ running", "hmp.idle"),
        ("yes", True, "● yes", "hmp.good"),
    ],
)
def test_states_are_told_apart_without_colour(
    word: str, good: bool | None, text: str, style: str
) -> None:
    """By a mark."""
    state = views.state(word, good)

    assert (state.plain, state.style) == (text, style)


def test_a_table() -> None:
    """Numbers to the right, a line below the headings."""
    table = views.table(
        "name", ">size", "state", rows=[("a", 1, None), ("bcd", 1000, "on")], title="T"
    )

    assert shown(table) == (
        "T\nname   size   state\n───────────────────\na         1\nbcd    1000   on\n"
    )


def test_a_screen_without_unicode() -> None:
    """Lines, branches and marks are of ASCII, other characters are escapes."""
    root = views.tree("é")
    root.add(views.branch("a"))

    assert shown(root, unicode=False) == "\\xe9\n`-- a\n"
    assert shown(views.state("running"), unicode=False) == "* running\n"
    assert shown(views.table("a", rows=[("x",)]), unicode=False) == "a\n-\nx\n"


def test_columns_without_anything_are_left_out() -> None:
    """What no row has, is not there."""
    rows = [("a", None, ""), ("b", "", None)]

    assert shown(views.table("name", ">size", "state", rows=rows)) == "name\n────\na\nb\n"


def test_an_empty_table_has_its_headings() -> None:
    """So that nothing is told from no answer."""
    assert shown(views.table("name", rows=[])).startswith("name\n")


@pytest.mark.parametrize("rows", [[], [(" " * 30, "a", "b", "c", "d")]])
def test_a_wide_table_with_nothing_in_a_column(rows: list[tuple[str, ...]]) -> None:
    """Neither a heading nor a word to measure."""
    table = views.table("channel", ">id", "client", ">session", "", rows=rows)

    assert render(table, Screen(-1, {"COLUMNS": "60"}))


def test_facts() -> None:
    """Names and values in two columns; what is None is left out."""
    facts = views.facts([("name", "vm"), ("gone", None), ("version", 7), ("empty", "")])

    assert shown(facts) == "name     vm\nversion  7\nempty\n"
    assert shown(views.facts([("a", 1)], indent=2)) == "  a  1\n"


def test_a_tree() -> None:
    """Branches with details behind them."""
    root = views.tree("/machine", "q35")
    branch = root.add(views.branch("peripheral", "container"))
    branch.add(views.branch("disk1"))
    root.add(views.branch("unattached"))

    assert shown(root) == (
        "/machine q35\n├── peripheral container\n│   └── disk1\n└── unattached\n"
    )


def test_columns() -> None:
    """As many side by side as fit."""
    words = views.columns(["one", "two", "three", "four"])

    assert len(shown(words, 80).splitlines()) == 1
    assert len(shown(words, 8).splitlines()) == 4


def made(text: str) -> dict[str, Any]:
    """Return a view of each kind with a text in it."""
    return {
        "text": views.text(text),
        "state": views.state(text),
        "table": views.table("x", "y", rows=[(text, 1)], title=text),
        "facts": views.facts([(text, text)]),
        "tree": views.tree(text, text),
        "columns": views.columns([text]),
    }


@pytest.mark.parametrize("kind", made(""))
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", NASTY)
def test_strings_of_a_machine_appear_as_they_are(text: str, width: int, kind: str) -> None:
    """To the letter, or as escapes; wrapped where it must be, never cut."""
    found = shown(made(text)[kind], width)
    expected = views.text(text).plain

    squeezed = "".join(found.split())
    assert "".join(expected.split()) in squeezed
    assert "\x1b" not in found


@settings(max_examples=40, deadline=None)
@given(text=st.text(), width=st.sampled_from(WIDTHS), kind=st.sampled_from(list(made(""))))
def test_any_string_makes_a_view_that_fits(text: str, width: int, kind: str) -> None:
    """No line is wider than the screen, and nothing drives the terminal."""
    found = render(made(text)[kind], screen(width))

    assert max(map(cell_len, found.splitlines()), default=0) <= width
    assert all(char.isprintable() or char in " \n\t" or ord(char) > 127 for char in found)


PATH = "/a-folder/with-a-long-name/and-another-one-below-it/the-file.img"


@pytest.mark.parametrize("width", [120, 80, 59])
def test_paths_give_way_before_names_do(width: int) -> None:
    """They are cut in their middles, and no other column wraps for them."""
    rows = [("a-name-of-thirty-characters-it", 1024, views.path(PATH))]
    line = shown(views.table("name", ">bytes", "path", rows=rows), width).splitlines()[2]
    before = "a-name-of-thirty-characters-it    1024   "

    assert line.startswith(f"{before}/a-")
    assert line.endswith("file.img")
    assert len(line) == min(width, len(before + PATH))


def test_paths_on_a_very_narrow_screen() -> None:
    """All columns give way then; nothing is wider than the screen."""
    rows = [("a-name-of-thirty-characters-it", 1024, views.path(PATH))]
    lines = shown(views.table("name", ">bytes", "path", rows=rows), 30).splitlines()

    assert max(map(cell_len, lines)) <= 30
    assert "…" in "".join(lines)


def test_a_heading_of_numbers_is_never_squeezed() -> None:
    """It has one line, so each row becomes a list where it has no room."""
    headings = ("iothread", ">thread", ">poll max ns", ">grow", ">shrink", ">batch")
    screen = Screen(-1, {})
    screen.width = 50
    grid = views.table(*headings, rows=[("io0", 26661, 32768, 0, 0, 0)])

    assert "poll max ns  32768" in render(grid, screen)
