from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.language.words import (
    BLANKS,
    WordError,
    as_argument,
    read_word,
    skip_blanks,
    typed_word,
)

NAMES = st.text(st.characters(codec=None) | st.sampled_from(" \"'\\\\|>;!#$,=\n\r-/"))
STARTING = st.text(min_size=1).filter(lambda text: text[0] not in BLANKS)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("", 0, 0),
        ("a", 0, 0),
        ("  a", 0, 2),
        ("a \t\n\v\f\rb", 1, 7),
        ("a  ", 1, 3),
        ("ab", 2, 2),
        ("\xa0a", 0, 0),
        ("\u2003a", 0, 0),
    ],
)
def test_blanks_are_those_of_c(text: str, start: int, end: int) -> None:
    """Only the six blanks of C's isspace are stepped over."""
    assert skip_blanks(text, start) == end


@pytest.mark.parametrize(
    ("text", "word", "end"),
    [
        ("a", "a", 1),
        ("ab c", "ab", 2),
        ("ab\tc", "ab", 2),
        ('a"b c', 'a"b', 3),
        ("a\\nb", "a\\nb", 4),
        ("'a b'", "'a", 2),
        ('""', "", 2),
        ('"a b"', "a b", 5),
        ('"a"b', "a", 3),
        (r'"\n\r\\\'\""', "\n\r\\'\"", 12),
        ('"tab\there"', "tab\there", 10),
        ("a\xa0b c", "a\xa0b", 3),
        ("é€😀 x", "é€😀", 3),
    ],
)
def test_a_word_ends_where_qemu_ends_it(text: str, word: str, end: int) -> None:
    """A plain word ends at a blank, a quoted one at its closing quote."""
    assert read_word(text, 0) == (word, end)


@pytest.mark.parametrize(
    ("text", "start", "reason", "column"),
    [
        ("", 0, "", 0),
        ("a ", 2, "", 2),
        ('"', 0, "the string is not terminated", 0),
        ('x "ab', 2, "the string is not terminated", 2),
        ('"a\\"', 0, "the string is not terminated", 0),
        (r'"a\x"', 0, "unknown escape sequence in the string", 2),
        (r'"a\t"', 0, "unknown escape sequence in the string", 2),
        ('"a\\', 0, "unknown escape sequence in the string", 2),
    ],
)
def test_a_bad_word_is_refused_where_it_is_bad(
    text: str, start: int, reason: str, column: int
) -> None:
    """The error tells what is wrong, and at which column."""
    with pytest.raises(WordError) as caught:
        read_word(text, start)

    assert (caught.value.reason, caught.value.column) == (reason, column)


@pytest.mark.parametrize(
    ("word", "length"),
    [
        ("a" * 1023, 1023),
        ("a" * 1024, 1023),
        ("a" * 5000, 1023),
        ("é" * 511, 511),
        ("é" * 512, 511),
        ("€" * 341, 341),
        ("€" * 342, 341),
        ("😀" * 255, 255),
        ("😀" * 256, 255),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_word_is_cut_at_1023_bytes(word: str, length: int, quote: str) -> None:
    """QEMU keeps 1023 bytes of a word; no character is cut in two."""
    value, end = read_word(f"{quote}{word}{quote} rest", 0)

    assert value == word[:length]
    assert end == len(word) + 2 * len(quote)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a", "a"),
        ("drive0", "drive0"),
        ("/tmp/x.img", "/tmp/x.img"),
        ("é", "é"),
        ("device[0]", "device[0]"),
        ("a-b_c:d@e%f", "a-b_c:d@e%f"),
        ("#b", '"#b"'),
        ("", '""'),
        ("a b", '"a b"'),
        ("-f", '"-f"'),
        ("a\xa0b", '"a\xa0b"'),
        ("a'b", '"a\'b"'),
        ('"', '"\\""'),
        ("a\\", '"a\\\\"'),
        ("!x", '"!x"'),
        ("a|b", '"a|b"'),
        (">f", '">f"'),
        ("a;b", '"a;b"'),
        ("a$1", '"a$1"'),
        ("a\nb\r", '"a\\nb\\r"'),
        ("[x", '"[x"'),
        ("+1", '"+1"'),
        ("*", '"*"'),
        ("a\tb", None),
        ("a\x1bb", None),
        ("a\u200bb", None),
        ("a\udc80", None),
        ("a\x85b", None),
        ("é" * 512, None),
        ("é" * 511, "é" * 511),
    ],
)
def test_a_name_is_one_argument(name: str, written: str | None) -> None:
    """Bare where all of it is plain, else quoted; what no line can hold is not written."""
    assert as_argument(name) == written


@given(name=NAMES, quoted=st.booleans(), after_number=st.booleans())
def test_an_argument_reads_back(name: str, quoted: bool, after_number: bool) -> None:
    """Whatever is written means the name, and holds no control character."""
    written = as_argument(name, quoted=quoted, after_number=after_number)

    if written is not None:
        assert read_word(f"{written} x", 0) == (name, len(written))
        assert typed_word(written) == name
        assert written.isprintable() or "\xa0" in name or not name.isascii()
        assert not after_number or written[0] in '"_' or written[0].isalnum()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a", "a"),
        ('"', ""),
        ('"a b', "a b"),
        ('"a b"', "a b"),
        ('"a"b', None),
        ('"a\\"', 'a"'),
        ('"a\\', "a"),
        ('"a\\\\', "a\\"),
        ('"a\\x', None),
        ("", ""),
    ],
)
def test_what_is_typed_of_a_word(typed: str, meant: str | None) -> None:
    """With its quote open or closed, also in the midst of an escape."""
    assert typed_word(typed) == meant


@given(text=STARTING, start=st.integers(0, 3))
def test_any_text_is_a_word_or_a_word_error(text: str, start: int) -> None:
    """Nothing else is raised, and the reader moves on within the text."""
    start = skip_blanks(text, min(start, len(text)))
    try:
        _, place = read_word(text, start)
    except WordError as error:
        place = error.column + 1

    assert start < place <= len(text) + 1
