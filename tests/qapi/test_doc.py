from __future__ import annotations

import pytest

from hmp.qapi.doc import ERRORS, RETURNS, SINCE, TODO, Doc
from tests.qapi.helpers import accepted, doc, refused

COMMAND = "{ 'command': 'foo' }"
ARGUMENTS = "{ 'command': 'foo', 'data': { 'a': 'int', '*b': 'int' } }"
FEATURES = "{ 'command': 'foo', 'features': [ 'f', 'g' ] }"
RETURNING = "{ 'command': 'foo', 'returns': 'Foo' }\n{ 'struct': 'Foo', 'data': {} }"


def read(*lines: str, definition: str = COMMAND) -> Doc:
    """Return the documentation in a comment on 'foo' with these lines."""
    return accepted(doc("@foo:", *lines) + definition).docs[0]


def texts(read: Doc) -> list[tuple[str, str]]:
    """Return kinds and texts of the sections."""
    return [(section.kind, section.text) for section in read.sections]


def test_the_body_is_what_stands_before_all_else() -> None:
    """The body is what stands before all else."""
    found = read("", "One", "two.", "", "  Three.", "")
    assert (found.symbol, found.body.text) == ("foo", "One\ntwo.\n\n  Three.")
    assert not found.members
    assert not found.sections


def test_members_have_text_on_their_line_and_indented_below() -> None:
    """Members have text on their line and indented below."""
    found = read(
        "@a: one",
        "    two",
        "",
        "      three",
        "@b:",
        "",
        "  on a new line",
        definition=ARGUMENTS,
    )
    members = {name: section.text for name, section in found.members.items()}
    assert members == {"a": "one\n    two\n\n      three", "b": "  on a new line"}
    assert [section.line for section in found.members.values()] == [3, 7]


def test_the_mark_optional_is_not_part_of_the_text() -> None:
    """The mark optional is not part of the text."""
    found = read("@a: #optional one", "@b: two #optional", definition=ARGUMENTS)
    assert [section.text for section in found.members.values()] == ["one", "two #optional"]


def test_features_are_under_their_heading() -> None:
    """Features are under their heading."""
    found = read(
        "", "Features:", "", "@f: one", "@g: two", "", "More.", definition=FEATURES
    )
    assert {name: s.text for name, s in found.features.items()} == {"f": "one", "g": "two"}
    assert texts(found) == [("Plain", "More.")]


def test_tagged_sections_and_plain_text_between_them_keep_their_order() -> None:
    """Tagged sections and plain text between them keep their order."""
    found = read(
        "",
        "Returns: a",
        "    thing",
        "",
        "Errors:",
        "    - some",
        "",
        "TODO: one",
        "",
        "TODO: two",
        "Plain",
        "text.",
        "",
        "More.",
        "",
        "Since:1.0",
        definition=RETURNING,
    )
    assert texts(found) == [
        (RETURNS, "a\n    thing"),
        (ERRORS, "    - some"),
        (TODO, "one"),
        (TODO, "two"),
        ("Plain", "Plain\ntext.\n\nMore."),
        (SINCE, "1.0"),
    ]
    since = found.find(SINCE)
    assert since is not None
    assert since.line == 18


@pytest.mark.parametrize(
    "line", ["Returns x", " Returns: x", "returns: x", "Returns : x", "Returns::"]
)
def test_what_only_looks_like_a_tag_is_text(line: str) -> None:
    """What only looks like a tag is text."""
    assert read("", line).body.text == line


def test_a_tag_in_the_middle_of_a_paragraph_is_text() -> None:
    """A tag in the middle of a paragraph is text."""
    assert read("", "One", "Returns: two", "@a: three").body.text.count("\n") == 2


def test_less_indentation_ends_a_section_but_not_right_after_its_first_line() -> None:
    """Less indentation ends a section but not right after its first line."""
    found = read("", "TODO: one", "    two", "      three", "  four")
    assert texts(found) == [("TODO", "one\n    two\n      three"), ("Plain", "  four")]


def test_free_form_comments_are_kept_as_they_are() -> None:
    """Free form comments are kept as they are."""
    schema = accepted(doc("= Title", "", "Text.", "  @a: b") + doc("More", "Since: 1"))
    assert [found.symbol for found in schema.docs] == [None, None]
    assert schema.docs[0].body.text == "= Title\n\nText.\n  @a: b"


OLDER = "is the older spelling; write"
LATE = "comes too late: members go before features, tagged sections and further text"


WRONG = [
    # lines after "@foo:", which is line 2; the error's line and words
    (["@a: x", "@a: y"], 4, "'a' is described twice, first at line 3"),
    (["@: x"], 3, "a name is required after '@'"),
    (["@a:"], 3, "text is required after '@a:'"),
    (["@a:", "unindented"], 3, "text is required after '@a:'"),
    (["", "Returns:"], 4, "text is required after 'Returns:'"),
    (["", "Features:", "@f:"], 5, "text is required after '@f:'"),
    (
        ["", "Returns: x", "", "Returns: y"],
        6,
        "a second 'Returns:' section, the first is at line 4",
    ),
    (
        ["", "Since: x", "", "Since: y"],
        6,
        "a second 'Since:' section, the first is at line 4",
    ),
    (
        ["", "Errors: x", "", "Errors: y"],
        6,
        "a second 'Errors:' section, the first is at line 4",
    ),
    (
        ["", "Features:", "@f: x", "", "Features:", "@g: x"],
        7,
        "a second 'Features:' line; list all features under one",
    ),
    (
        ["", "Features:", "", "text"],
        6,
        "descriptions '@feature: text' must follow 'Features:'",
    ),
    (["", "Features:"], 5, "descriptions '@feature: text' must follow 'Features:'"),
    (["", "Since: x", "", "@a: y"], 6, f"the description of '@a:' {LATE}"),
    (["@a: x", "", "text", "", "@b: y"], 7, f"the description of '@b:' {LATE}"),
    (["@a: x", "    y", "  z"], 5, "unexpected de-indent, expected at least 4 spaces"),
    (["@a: x", "    y", "z"], 5, "unexpected de-indent, expected at least 4 spaces"),
    (
        ["= title"],
        3,
        "a heading ('=') has its own comment, it can't be in the documentation"
        " of a definition",
    ),
    (
        ["", "text", "", "== title"],
        6,
        "a heading ('=') has its own comment, it can't be in the documentation"
        " of a definition",
    ),
    (["", "Note: x"], 4, f"'Note:' {OLDER} '.. note::'"),
    (["", "Notes:", "x"], 4, f"'Notes:' {OLDER} '.. note::'"),
    (["", "Example: x"], 4, f"'Example:' {OLDER} '.. qmp-example::'"),
    (["Examples:"], 3, f"'Examples:' {OLDER} '.. qmp-example::'"),
]


@pytest.mark.parametrize(("lines", "line", "words"), WRONG)
def test_a_comment_that_breaks_the_rules(lines: list[str], line: int, words: str) -> None:
    """A comment that breaks the rules."""
    error = refused(doc("@foo:", *lines) + ARGUMENTS)
    assert error.line == line
    assert error.message == words


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["@foo"], 2),
        (["@foo: text"], 2),
        (["@:"], 2),
        (["text", "@a: b"], 3),
        (["", "@foo:"], 3),
        (["text", "", "= title"], 4),
    ],
)
def test_a_comment_names_what_it_documents_in_its_first_line(
    lines: list[str], line: int
) -> None:
    """A comment names what it documents in its first line."""
    error = refused(doc(*lines))
    assert (error.line, error.column) == (line, 1)


def test_the_first_empty_section_is_reported() -> None:
    """The first empty section is reported."""
    assert refused(doc("@foo:", "", "TODO:", "Features:", "@f:") + FEATURES).line == 4
