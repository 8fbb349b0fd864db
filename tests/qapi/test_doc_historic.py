from __future__ import annotations

import pytest

from hmp.qapi import HISTORIC
from hmp.qapi.doc import Doc
from tests.qapi.helpers import accepted, doc, refused

DEFINITION = (
    "{ 'command': 'foo', 'data': { 'a': 'int', '*b': 'int' }, 'features': [ 'f' ] }"
)
FEATURE = ["", "Features:", "@f: x"]


def read(*lines: str) -> Doc:
    """Return the documentation in a comment on 'foo' with these lines."""
    return accepted(doc("@foo:", *lines) + DEFINITION, HISTORIC).docs[0]


def texts(found: Doc) -> list[tuple[str, str]]:
    """Return kinds and texts of the sections."""
    return [(section.kind, section.text) for section in found.sections]


def test_members_may_be_left_out_and_follow_text_directly() -> None:
    """Members may be left out and follow text directly."""
    found = read("Text.", "@a: one", *FEATURE)
    assert found.body.text == "Text."
    assert {name: s.text for name, s in found.members.items()} == {"a": "one"}


def test_text_below_is_indented_like_the_first_or_not_at_all() -> None:
    """Text below is indented like the first or not at all."""
    found = read("@a: one", "    two", "     three", "@b:", "four", "", " five", *FEATURE)
    assert {name: s.text for name, s in found.members.items()} == {
        "a": "one\ntwo\n three",
        "b": "four\n\n five",
    }


def test_the_older_sections() -> None:
    """The older sections."""
    found = read(
        *FEATURE,
        "Returns: one",
        "Note: two",
        "      three",
        "Notes:",
        "",
        "- four",
        "",
        "five",
        "Example:",
        "-> six",
        "Examples: seven",
        "TODO: eight",
        "Since: nine",
    )
    assert texts(found) == [
        ("Returns", "one"),
        ("Note", "two\nthree"),
        ("Notes", "- four\n\nfive"),
        ("Example", "-> six"),
        ("Examples", "seven"),
        ("TODO", "eight"),
        ("Since", "nine"),
    ]


def test_unindented_text_after_a_blank_line_ends_members_and_features() -> None:
    """Unindented text after a blank line ends members and features."""
    found = read("@a: one", *FEATURE, "", "Plain.", "", "More.")
    assert texts(found) == [("Plain", "Plain.\n\nMore.")]


def test_features_may_begin_right_after_the_symbol_or_after_a_blank_line() -> None:
    """Features may begin right after the symbol or after a blank line."""
    assert list(read("Features:", "@f: x").features) == ["f"]
    assert list(read("text", "Features:", "@f: x").features) == ["f"]
    assert list(read("@a: x", "", "Features:", "@f: x").features) == ["f"]


def test_trailing_blanks_make_a_difference() -> None:
    """Trailing blanks make a difference."""
    command = "{ 'command': 'foo', 'data': {'a': 'int'} }"
    text = f"##\n# @foo:\n# Features: \n# @a: text\n##\n{command}"
    assert list(accepted(text, HISTORIC).docs[0].members) == ["a"]


def test_tags_of_later_editions_are_text() -> None:
    """Tags of later editions are text."""
    found = read("Errors: one", *FEATURE)
    assert found.body.text == "Errors: one"


def test_a_heading_begins_a_comment_of_its_own() -> None:
    """A heading begins a comment of its own."""
    schema = accepted(doc("Text.", "= One", "== Two", "more"), HISTORIC)
    assert [found.body.text for found in schema.docs] == ["Text.", "= One", "== Two\nmore"]


WRONG = [
    # lines after "@foo:", which is line 2; the error's line and words
    (["@a: one", "two"], 4, "unexpected de-indent, expected at least 4 spaces"),
    (["Returns: one", "   two"], 4, "unexpected de-indent, expected at least 9 spaces"),
    (["Returns: one", "", "two"], 5, "unexpected de-indent, expected at least 9 spaces"),
    (["@a: one", "@a: two"], 4, "'a' is described twice, first at line 3"),
    (["@: one"], 3, "a name is required after '@'"),
    (["@a:", "@b: x"], 4, "the section 'a' has no text"),
    (["@a:"], 4, "the section 'a' has no text"),
    (["Note:", "", "Since: 1"], 5, "the section 'Note' has no text"),
    (["Since: 1", "Since: 2"], 4, "a second 'Since:' section"),
    (["Returns: 1", "Returns: 2"], 4, "a second 'Returns:' section"),
    (
        ["Since: 1", "@a: one"],
        4,
        "'@a:' can't follow a 'Since' section; describe members first",
    ),
    (
        ["@a: one", "", "text", "@b: two"],
        6,
        "'@b:' can't follow a 'Plain' section; describe members first",
    ),
    (
        ["@a:one"],
        3,
        "'@a:' describes a member, but this comment is free-form; begin it"
        " with a line '@NAME:' to document a definition",
    ),
    (
        ["text", "= title"],
        4,
        "a heading ('=') has its own comment, it can't be in the documentation"
        " of a definition",
    ),
]


@pytest.mark.parametrize(("lines", "line", "words"), WRONG)
def test_a_comment_that_breaks_the_rules(lines: list[str], line: int, words: str) -> None:
    """A comment that breaks the rules."""
    error = refused(doc("@foo:", *lines) + DEFINITION, HISTORIC)
    assert (error.line, error.column) == (line, 1)
    assert error.message == words


def test_free_form_text_has_no_members() -> None:
    """Free form text has no members."""
    assert refused(doc("text", "@a: b"), HISTORIC).line == 3


def test_what_does_not_fit_is_reported_at_the_first_line_of_the_comment() -> None:
    """What does not fit is reported at the first line of the comment."""
    assert refused("\n" + doc("@foo:", "@c: x", *FEATURE) + DEFINITION, HISTORIC).line == 2
    event = doc("@FOO:", "", "Returns: x") + "{ 'event': 'FOO' }"
    assert refused("\n" + event, HISTORIC).line == 2


def test_a_command_that_returns_nothing_may_say_so() -> None:
    """A command that returns nothing may say so."""
    found = read(*FEATURE, "Returns: nothing")
    assert texts(found) == [("Returns", "nothing")]
