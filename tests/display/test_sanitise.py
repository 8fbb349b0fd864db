from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.display.sanitise import one_line, sanitise

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MARKS = {"\u200e", "\u200f", "\u061c"}


def live(char: str) -> bool:
    """Whether a character drives a terminal instead of standing on it."""
    return (
        (unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in "\n\t")
        or unicodedata.bidirectional(char) in BIDI
        or char in MARKS
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain [b]text[/b] :smile: \\x1b", "plain [b]text[/b] :smile: \\x1b"),
        ("lines\nand\ttabs", "lines\nand\ttabs"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\r\b\x00\x7f", "\\x0d\\x08\\x00\\x7f"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("\u200e\u200f\u061c\u2028\u2029", "\\u200e\\u200f\\u061c\\u2028\\u2029"),
        ("\udc80", "\\udc80"),
        ("é€😀\u0301 אב", "é€😀\u0301 אב"),
    ],
)
def test_what_drives_a_terminal_is_shown_as_escapes(text: str, shown: str) -> None:
    """Nothing is removed, and the rest stays as it is."""
    assert sanitise(text) == shown


ANY = st.text(st.characters(codec=None) | st.sampled_from("\x1b\x07\x9b\u202e\r\n\t[]"))


@given(text=ANY)
def test_no_live_character_survives(text: str) -> None:
    """Whatever a machine sends, a terminal only shows it."""
    assert not any(map(live, sanitise(text)))


@given(text=ANY)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    """Also what was made harmless once."""
    harmless = "".join(char for char in text if not live(char))

    assert sanitise(harmless) == harmless
    assert sanitise(sanitise(text)) == sanitise(text)


def test_every_live_character_of_unicode_is_known() -> None:
    """The list in the code is complete by the character database of this Python."""
    chars = [chr(code) for code in range(0x110000)]
    wrong = [char for char in chars if live(char) == (sanitise(char) == char)]

    assert wrong == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("é€😀\u0301 אב \u00a0x", "é€😀\u0301 אב \u00a0x"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x1b[31m\x85\u2028", "\\x1b[31m\\x85\\u2028"),
        ("a\u200bb\u2060c\ufeffd\u00ad", "a\\u200bb\\u2060c\\ufeffd\\xad"),
        ("\u202eb\u2066", "\\u202eb\\u2066"),
        ("vm\U000e0041\U000e007f", "vm\\U000e0041\\U000e007f"),
        ("\u3164\u2800\udc80", "\\u3164\\u2800\\udc80"),
    ],
)
def test_one_line_is_one_in_which_all_is_seen(text: str, shown: str) -> None:
    """Line ends, tabs, and what cannot be seen stand there as escapes."""
    assert one_line(text) == shown


@given(text=ANY)
def test_a_name_cannot_begin_a_line_nor_hide_anything(text: str) -> None:
    """Whatever it holds; and what is one line stays as it is."""
    shown = one_line(text)

    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert one_line(shown) == shown == sanitise(shown)


def test_no_invisible_character_of_unicode_is_missing() -> None:
    """By the character database of this Python; number signs of Arabic are visible."""
    visible = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    chars = map(chr, set(range(0x110000)) - visible)

    assert [c for c in chars if unicodedata.category(c) == "Cf" and one_line(c) == c] == []
