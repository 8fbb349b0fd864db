from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.language.words import BLANKS, WordError, quote_word, read_word, skip_blanks

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
    ("word", "quoted"),
    [
        ("a", "a"),
        ("a'b\"c\\d", "a'b\"c\\d"),
        ("", '""'),
        ("a b", '"a b"'),
        ("/tmp/x", '"/tmp/x"'),
        ("-f", '"-f"'),
        ('"', '"\\""'),
        ("a\n\r\\\"' b", '"a\\n\\r\\\\\\"\' b"'),
    ],
)
def test_words_are_quoted_where_they_must_be(word: str, quoted: str) -> None:
    """A word that reads back as it is stays bare."""
    assert quote_word(word) == quoted


@given(word=st.text(max_size=250), rest=st.sampled_from(["", " ", " x", "\ty"]))
def test_a_quoted_word_reads_back(word: str, rest: str) -> None:
    """Whatever quote_word writes, read_word gives back, and stops behind it."""
    quoted = quote_word(word)

    assert read_word(quoted + rest, 0) == (word, len(quoted))


@given(text=STARTING, start=st.integers(0, 3))
def test_any_text_is_a_word_or_a_word_error(text: str, start: int) -> None:
    """Nothing else is raised, and the reader moves on within the text."""
    start = skip_blanks(text, min(start, len(text)))
    try:
        _, place = read_word(text, start)
    except WordError as error:
        place = error.column + 1

    assert start < place <= len(text) + 1
