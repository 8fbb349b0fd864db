from __future__ import annotations

import os
from pathlib import Path

import pytest

from hmp.qapi import HISTORIC, QAPIError, load_schema
from hmp.qapi.edition import CURRENT
from hmp.qapi.parser import Source, parse_text
from tests.qapi.helpers import accepted, doc, refused


def parsed(text: str) -> list[object]:
    """Return the JSON objects of the definitions in `text`."""
    source = Source(CURRENT)
    parse_text(text, "t.json", source)
    return [expression.data for expression in source.expressions]


def test_objects_arrays_strings_and_booleans() -> None:
    """Objects arrays strings and booleans."""
    text = "{ 'a': [ 'b', true, false, [], {} ], # comment\n 'c': 'back\\\\slash' }"
    assert parsed(text) == [{"a": ["b", True, False, [], {}], "c": "back\\slash"}]


def test_white_space_and_comments_may_stand_anywhere() -> None:
    """White space and comments may stand anywhere."""
    text = "# one\n\n{#two\n\t'a'# three ' { \n:\n'b'}# four\n{'c':'d'}"
    assert parsed(text) == [{"a": "b"}, {"c": "d"}]


@pytest.mark.parametrize("text", ["", "\n", "#", "# only\n#comments"])
def test_a_file_may_define_nothing(text: str) -> None:
    """A file may define nothing."""
    assert parsed(text) == []


SYNTAX = {
    # text: line, column, words of the message
    "{ 'a' 'b' }": (1, 7, "expected ':'"),
    "{ 'a': 'b'\n  'c': 'd' }": (2, 3, "expected ',' or '}'"),
    "{ , 'a': 'b' }": (1, 3, "expected a string or '}'"),
    "{ 'a': 'b', }": (1, 13, "expected a string"),
    "{ 'a': [ , 'b' ] }": (1, 10, "expected '{', '[', a string, true or false"),
    "{ 'a': [ 'b' 'c' ] }": (1, 14, "expected ',' or ']'"),
    "{ 'a': [ 'b', ] }": (1, 15, "expected '{', '[', a string, true or false"),
    "{ 'a': [ 'b' }": (1, 14, "expected ',' or ']'"),
    "{ 'a': [ 'b' ]": (1, 15, "expected ',' or '}'"),
    "{ 'a':\n": (1, 7, "expected '{', '[', a string, true or false"),
    "{ a: 'b' }": (1, 3, "stray 'a'"),
    "{ 'a': 12 }": (1, 8, "stray '12'"),
    "{ 'a': null }": (1, 8, "stray 'null'"),
    '{ "a": true }': (1, 3, "stray '\"a\"'"),
    "{ 'a': 'b' ]": (1, 12, "expected ',' or '}'"),
    "{ 'a': truely }": (1, 12, "stray 'ly'"),
    "{ 'a': 'b'; }": (1, 11, "stray ';'"),
    "{ 'a': 'b\n' }": (1, 8, 'the closing "\'" of the string is missing'),
    "{ 'a': 'b": (1, 8, 'the closing "\'" of the string is missing'),
    "{ 'a': 'b\\": (1, 8, 'the closing "\'" of the string is missing'),
    "{ 'a': '\\u006f' }": (1, 8, "unknown escape \\u, only \\\\ is known"),
    "{ 'a': '\x7f' }": (1, 8, "only printable ASCII characters may stand in a string"),
    "{ 'a': 'ö' }": (1, 8, "only printable ASCII characters may stand in a string"),
    "{ 'a': 'b', 'a': 'c' }": (1, 18, "the key 'a' is here twice"),
    "}": (1, 1, "expected '{', '[', a string, true or false"),
    "{ 'a': 'b' },": (1, 13, "expected '{', '[', a string, true or false"),
    "{ 'a':\n ## doc\n 'b' }": (2, 2, "expected '{', '[', a string, true or false"),
    "[ 'a', '": (1, 8, 'the closing "\'" of the string is missing'),
    "[" * 200: (1, 101, "more than 100 levels deep"),
}


@pytest.mark.parametrize("text", SYNTAX)
def test_a_syntax_error_has_line_and_column(text: str) -> None:
    """A syntax error has line and column."""
    error = refused(text)
    line, column, words = SYNTAX[text]
    assert (error.line, error.column) == (line, column)
    assert error.message == words


@pytest.mark.parametrize("text", ["'string'\n[ ]", "[ ]", "true"])
def test_only_objects_at_the_top_level(text: str) -> None:
    """Only objects at the top level."""
    error = refused(text)
    assert (error.line, error.column) == (1, None)


def test_what_is_no_token_comes_before_what_is_wrong_in_the_object_before_it() -> None:
    """What is no token comes before what is wrong in the object before it."""
    assert refused("{ 'pragma': [] }\n?").line == 2


# Documentation comments


def test_comments_may_be_indented_and_have_blank_lines_in_them() -> None:
    """Comments may be indented and have blank lines in them."""
    schema = accepted(" ##\n # one\n\n#\n #   two  \n  ##\n")
    assert schema.docs[0].body.lines == ["one", "", "  two"]


COMMENTS = {
    "## junk\n##\n": (1, 1),
    "\n##\n# a\n## junk\n": (4, 1),
    "##\n# a\n##  \n": (3, 1),
    "### \n##\n": (1, 1),
    "##\n#a\n##\n": (2, 1),
    "##\n#\ta\n##\n": (2, 1),
    "##\n# a\n{ 'command': 'foo' }\n": (3, 1),
    "##\n# a\n": (2, 4),
    "##": (1, 3),
}


@pytest.mark.parametrize("text", COMMENTS)
@pytest.mark.parametrize("edition", [CURRENT, HISTORIC])
def test_a_comment_has_its_form(text: str, edition: object) -> None:
    """A comment has its form."""
    error = refused(text, edition)  # type: ignore[arg-type]
    assert (error.line, error.column) == COMMENTS[text]


@pytest.mark.parametrize("edition", [CURRENT, HISTORIC])
def test_what_is_wrong_in_a_comment_comes_before_what_is_wrong_at_its_end(
    edition: object,
) -> None:
    """What is wrong in a comment comes before what is wrong at its end."""
    error = refused("##\n# @foo:\n#\n# @: x\n#bad\n##\n", edition)  # type: ignore[arg-type]
    assert error.line == 4


def test_documentation_belongs_to_the_definition_right_after_it() -> None:
    """Documentation belongs to the definition right after it."""
    text = doc("@foo:") + "# a comment\n\n{ 'command': 'foo' }\n{ 'command': 'bar' }"
    schema = accepted(text)
    assert schema.commands["foo"].doc is schema.docs[0]
    assert schema.commands["bar"].doc is None


@pytest.mark.parametrize(
    "after", ["", "{ 'pragma': {} }", doc("more"), "{ 'include': 't.json', 'x': true }"]
)
def test_documentation_of_a_definition_needs_one(after: str) -> None:
    """Documentation of a definition needs one."""
    error = refused("\n" + doc("@foo:") + after)
    assert (error.line, error.column) == (2, None)
    assert "'foo'" in error.message


def test_free_form_documentation_right_before_a_definition_is_a_mistake() -> None:
    """Free form documentation right before a definition is a mistake."""
    text = doc("free") + "{ 'pragma': {} }\n" + doc("free") + "{ 'command': 'foo' }"
    assert refused(text).line == 5


# Includes


def write(folder: Path, **files: str) -> str:
    """Write schema files, and return the path of the one called main."""
    for name, text in files.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return os.fspath(folder / "main.json")


def test_includes_are_relative_to_the_file_and_read_once(tmp_path: Path) -> None:
    """Includes are relative to the file and read once."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.json").write_text(
        "{ 'include': '../b.json' }\n{ 'command': 'in-a' }"
    )
    main = write(
        tmp_path,
        main="{ 'include': 'sub/a.json' }\n{ 'include': 'b.json' }\n{ 'command': 'c' }",
        b="{ 'command': 'in-b' }",
    )
    schema = load_schema(main)
    assert list(schema.commands) == ["in-b", "in-a", "c"]
    assert [os.path.basename(file) for file in schema.files] == [
        "main.json",
        "a.json",
        "b.json",
    ]


def test_an_error_in_an_included_file_tells_the_way_there(tmp_path: Path) -> None:
    """An error in an included file tells the way there."""
    main = write(tmp_path, main="\n{ 'include': 'b.json' }", b="{ 'a' 'b' }")
    with pytest.raises(QAPIError) as caught:
        load_schema(main)
    assert str(caught.value).splitlines() == [
        f"In file included from {main}:2:",
        f"{tmp_path}/b.json:1:7: expected ':'",
    ]


@pytest.mark.parametrize("loop", ["main", "b", "c"])
def test_an_inclusion_loop_is_found(tmp_path: Path, loop: str) -> None:
    """An inclusion loop is found."""
    main = write(
        tmp_path,
        main="{ 'include': 'b.json' }",
        b="{ 'include': 'c.json' }",
        c=f"{{ 'include': '{loop}.json' }}",
    )
    with pytest.raises(QAPIError, match="loop") as caught:
        load_schema(main)
    assert caught.value.file.endswith("c.json")


@pytest.mark.parametrize("name", ["no-such.json", ".", "binary.json"])
def test_a_file_that_cant_be_read_is_an_error_at_the_include(
    tmp_path: Path, name: str
) -> None:
    """A file that can't be read is an error at the include."""
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe")
    main = write(tmp_path, main=f"\n\n{{ 'include': '{name}' }}")
    with pytest.raises(QAPIError, match="can't read") as caught:
        load_schema(main)
    assert (caught.value.file, caught.value.line) == (main, 3)


@pytest.mark.parametrize("name", ["no-such.json", "nul\0byte"])
def test_a_schema_that_cant_be_read_is_an_error(tmp_path: Path, name: str) -> None:
    """A schema that can't be read is an error."""
    with pytest.raises(QAPIError, match="can't read") as caught:
        load_schema(os.fspath(tmp_path / name))
    assert caught.value.line is None


def test_includes_nested_beyond_reason_are_an_error(tmp_path: Path) -> None:
    """Includes nested beyond reason are an error."""
    for number in range(1500):
        text = f"{{ 'include': '{number + 1}.json' }}"
        (tmp_path / f"{number}.json").write_text(text)
    with pytest.raises(QAPIError, match="nested too deeply"):
        load_schema(os.fspath(tmp_path / "0.json"))


@pytest.mark.parametrize(
    "text", ["{ 'include': {} }", "{ 'include': 'a.json', 'command': 'foo' }"]
)
def test_an_include_directive_is_a_file_name_alone(text: str) -> None:
    """An include directive is a file name alone."""
    assert refused(text).line == 1


def test_a_file_that_never_ends(tmp_path: Path) -> None:
    """Such as a device; the error names it and the line that includes it."""
    main = write(tmp_path, main="{ 'include': '/dev/zero' }")

    with pytest.raises(QAPIError, match=r"main\.json:1: .*'/dev/zero': it has more than"):
        load_schema(main)
    with pytest.raises(QAPIError, match=r"^/dev/zero: can't read the schema file: it has"):
        load_schema("/dev/zero")
