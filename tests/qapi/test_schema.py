from __future__ import annotations

import os
from pathlib import Path

import pytest

from hmp.qapi import CURRENT, HISTORIC, QAPIError, load_schema, parse_schema
from tests.qapi.helpers import doc, refused

TEXT = """\
{ 'command': 'stop', 'returns': 'Foo' }
{ 'struct': 'Foo', 'data': {} }
{ 'event': 'STOPPED' }
"""


def test_a_schema_has_what_its_file_defines(tmp_path: Path) -> None:
    """A schema has what its file defines."""
    path = os.fspath(tmp_path / "a.json")
    (tmp_path / "a.json").write_text(TEXT)
    schema = load_schema(path)
    assert list(schema.entities) == ["stop", "Foo", "STOPPED"]
    assert (list(schema.commands), list(schema.events)) == (["stop"], ["STOPPED"])
    assert "str" in schema.types
    assert (schema.files, schema.edition) == ([path], CURRENT)
    place = schema.commands["stop"].place
    assert place is not None
    assert (place.file, place.line) == (path, 1)


def test_a_text_finds_its_includes_beside_its_name(tmp_path: Path) -> None:
    """A text finds its includes beside its name."""
    (tmp_path / "b.json").write_text(TEXT)
    schema = parse_schema("{ 'include': 'b.json' }", os.fspath(tmp_path / "a.json"))
    assert "stop" in schema.commands


def test_files_with_windows_line_ends(tmp_path: Path) -> None:
    """Files with windows line ends."""
    text = doc("@stop:") + TEXT.replace("{}", "{ 'a': 'NoSuch' }")
    (tmp_path / "a.json").write_bytes(text.replace("\n", "\r\n").encode())
    with pytest.raises(QAPIError, match="NoSuch") as caught:
        load_schema(os.fspath(tmp_path / "a.json"))
    assert caught.value.line == 5


def test_types_nested_beyond_reason_are_an_error() -> None:
    """Types nested beyond reason are an error."""
    text = "{ 'struct': 'S%dx', 'base': 'S%dx', 'data': {} }\n"
    many = "".join(text % (number, number + 1) for number in range(2000))
    error = refused(many + "{ 'struct': 'S2000x', 'data': {} }")
    assert "nested too deeply" in error.message


def test_a_historic_schema_with_another_error_is_judged_by_the_older_rules() -> None:
    """A historic schema with another error is judged by the older rules."""
    text = "\n" + doc("@foo:", "Note: x", "", "@bar: y") + "{ 'command': 'foo' }"
    assert refused(text, None).line == refused(text, HISTORIC).line == 6
    assert refused(text, CURRENT).line == 4
