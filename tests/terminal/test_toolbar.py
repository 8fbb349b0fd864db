from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.__main__ import load_tables
from hmp.completion import fixed_words
from hmp.terminal.toolbar import Bar

TABLE = load_tables()
BAR = Bar(fixed_words, {})


def bar(text: str) -> str:
    """Return the bar of a line as plain text."""
    return "".join(piece[1] for piece in BAR.describe(text, TABLE))


def bold(text: str) -> list[str]:
    """Return what the bar of a line emphasises."""
    return [piece[1] for piece in BAR.describe(text, TABLE) if piece[0] == "bold"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eject ", "eject [-f] device   device: block device"),
        (
            "block_resize d0 ",
            "block_resize device size   "
            "size: size (in MiB, or with a suffix B K M G T P E)",
        ),
        ("stop", "stop   pause the machine"),
        ("info status", "status   show whether the machine runs, and why not"),
        ("stop now", "stop|s: extraneous characters at the end of line"),
        ("nonsense ", "unknown command: 'nonsense'"),
        ("set_link n ", "set_link name up   up: on or off"),
    ],
)
def test_the_bar_says_what_is_expected(text: str, expected: str) -> None:
    """Usage, and what kind of thing comes next; or what is wrong."""
    assert bar(text) == expected


def test_what_may_come_next_is_emphasised() -> None:
    """The command, and the parameters that may stand here."""
    assert bold("eject ") == ["eject", "[-f]", "device"]
    assert bold("eject -f ") == ["eject", "device"]


def test_words_are_listed() -> None:
    """Where only some words fit, the bar has them all."""
    assert "retain|read-only|read-write" in bar("change cd0 file raw ")


@given(st.text("einfo xpsthl_/4$\"'-\\\té ", max_size=30))
def test_any_text_has_a_bar(text: str) -> None:
    """Nothing that is typed breaks the bar."""
    assert bar(text)
