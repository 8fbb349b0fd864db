"""What QEMU 10.2 asks of the look of documentation, and no earlier edition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qapi import CURRENT, STRICT
from hmp.qapi.doc_style import find_mistake
from tests.qapi.helpers import accepted, doc, refused

COMMAND = "{ 'command': 'foo' }"
FULL = "x" * 68
"""The longest line, with the `# ` before it."""
EXAMPLE = ".. qmp-example::"


def schema(*lines: str) -> str:
    """Return a schema with this documentation of a command."""
    return doc("@foo:", "", *lines) + COMMAND


@pytest.mark.parametrize(
    ("lines", "line", "column"),
    [
        ([f"{FULL}x"], 4, 1),
        (["", f"  {FULL}"], 5, 1),
        ([f"https://{FULL} x"], 4, 1),
        ([f"see https://{FULL}"], 4, 1),
        (["Do this. Then that."], 4, 11),
        (["Why? (Nobody knows.)"], 4, 7),
        (["Since: 1.0", "", "Go!  Stop! 3 times"], 6, 13),
        (["Ask e.g. Ann. She knows."], 4, 16),
        (["   1. One.  Two. Three"], 4, 19),
        (["x::", "", "  Do this. Then that."], 6, 13),
        ([EXAMPLE, "", "  A. B", "C. D"], 7, 5),
        (["::", "    A. B", "  C. D"], 6, 7),
        ([f" {EXAMPLE}", "  A. B"], 5, 7),
    ],
)
def test_mistakes(lines: list[str], line: int, column: int) -> None:
    """Each is told with its place; the edition before accepts it."""
    error = refused(schema(*lines), STRICT)

    assert (error.line, error.column) == (line, column)
    accepted(schema(*lines), CURRENT)


@pytest.mark.parametrize(
    "lines",
    [
        [FULL, f"{FULL}   "],
        [f"https://{FULL}", f"   ftp://{FULL}"],
        ["Do this.  Then that. and so on."],
        ["Take e.g. FLAT, or i.e. nothing."],
        ["1. One", "  2. Two", "Version 1.2 or 3. x"],
        ["::", "", "  A. B", "", f"  {FULL}"],
        [EXAMPLE, "", f"    {FULL}", "", "    A. B", "      C! D"],
        ["..   qmp-example::", "  A. B"],
        ["  ::", "    A. B"],
    ],
)
def test_what_looks_as_it_should(lines: list[str]) -> None:
    """Addresses alone, lists, abbreviations, and whatever stands in examples."""
    accepted(schema(*lines), STRICT)


def test_free_form_text_is_looked_at_too() -> None:
    """And each comment is one of its own: an example ends with it."""
    good = doc("Text.", "", "::", "  A. B")

    accepted(good + schema("Text."), STRICT)
    assert refused(good + schema("A. B"), STRICT).line == 10


def test_what_is_wrong_before_comes_first() -> None:
    """Of two mistakes in a comment the first is told, whichever kind it is."""
    assert "second" in refused(schema("Since: 1", "Since: 2", "A. B"), STRICT).message
    assert "spaces" in refused(schema("A. B", "Since: 1", "Since: 2"), STRICT).message
    unfinished = "##\n# @foo:\n# A. B\n"
    assert refused(unfinished, STRICT).line == 3
    assert refused(unfinished, CURRENT).line == 3


@given(st.lists(st.text(st.sampled_from("aA1.!?( :eg\t"), max_size=75), max_size=6))
def test_the_mistake_is_where_it_says(lines: list[str]) -> None:
    """A single space behind a full stop stands at the column; all before is good."""
    found = find_mistake(lines)
    if found is None:
        return
    index, column, _ = found
    assert find_mistake(lines[:index]) is None
    if column == 1:
        assert len(lines[index].rstrip()) > 68
    else:
        assert lines[index][column - 4] in ".!?"
        assert lines[index][column - 3] == " "
