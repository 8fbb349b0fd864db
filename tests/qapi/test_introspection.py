from __future__ import annotations

from typing import Any

from hmp.qapi import introspect
from tests.qapi.helpers import accepted

TEXT = """\
{ 'command': 'one', 'returns': 'Foo', 'allow-oob': true, 'features': [ 'deprecated' ],
  'data': { '*a': 'uint8', 'b': { 'type': [ 'int16' ], 'features': [ 'unstable' ] } } }
{ 'command': 'two' }
{ 'event': 'THREE', 'data': 'Foo', 'if': { 'not': 'A' } }
{ 'struct': 'Unused', 'data': {} }
{ 'struct': 'Foo', 'data': { 'uni': 'Uni', 'alt': [ 'Alt' ], 'x': 'any', 'b': 'bool' } }
{ 'union': 'Uni', 'base': { 'kind': 'Num' }, 'discriminator': 'kind',
  'data': { 'second': { 'type': 'Foo', 'if': 'B' } }, 'features': [ 'f' ] }
{ 'enum': 'Num', 'data': [ { 'name': 'first', 'features': [ 'f' ], 'if': 'A' }, 'second' ] }
{ 'alternate': 'Alt', 'data': { 's': 'str', 'n': 'null' }, 'if': 'C' }
"""


def infos(**options: Any) -> dict[str, dict[str, Any]]:
    """Return the introspection by name."""
    return {info["name"]: info for info in introspect(accepted(TEXT), **options)}


def test_commands_and_events() -> None:
    """Commands and events."""
    found = infos(masked=False)
    assert found["one"] == {
        "name": "one",
        "meta-type": "command",
        "features": ["deprecated"],
        "arg-type": "q_obj_one-arg",
        "ret-type": "Foo",
        "allow-oob": True,
    }
    assert found["two"] == {
        "name": "two",
        "meta-type": "command",
        "arg-type": "q_empty",
        "ret-type": "q_empty",
    }
    assert found["THREE"] == {"name": "THREE", "meta-type": "event", "arg-type": "Foo"}


def test_types_that_are_used() -> None:
    """Types that are used."""
    found = infos(masked=False)
    assert found["q_obj_one-arg"]["members"] == [
        {"name": "a", "type": "int", "default": None},
        {"name": "b", "type": "[int]", "features": ["unstable"]},
    ]
    assert found["[int]"] == {"name": "[int]", "meta-type": "array", "element-type": "int"}
    assert found["int"] == {"name": "int", "meta-type": "builtin", "json-type": "int"}
    assert found["any"]["json-type"] == "value"
    assert found["bool"]["json-type"] == "boolean"
    assert found["Alt"] == {
        "name": "Alt",
        "meta-type": "alternate",
        "members": [{"type": "str"}, {"type": "null"}],
    }
    assert found["Num"] == {
        "name": "Num",
        "meta-type": "enum",
        "members": [{"name": "first", "features": ["f"]}, {"name": "second"}],
        "values": ["first", "second"],
    }
    assert found["Uni"] == {
        "name": "Uni",
        "meta-type": "object",
        "features": ["f"],
        "members": [{"name": "kind", "type": "Num"}],
        "tag": "kind",
        "variants": [
            {"case": "second", "type": "Foo"},
            {"case": "first", "type": "q_empty"},
        ],
    }
    assert "Unused" not in found


def test_names_of_types_are_numbers_in_the_order_of_first_use() -> None:
    """Names of types are numbers in the order of first use."""
    found = infos()
    assert found["one"]["arg-type"] == "0"
    assert found["one"]["ret-type"] == found["THREE"]["arg-type"] == "1"
    assert found["two"]["arg-type"] == found["two"]["ret-type"] == "2"
    assert [member["type"] for member in found["1"]["members"]] == [
        "3",
        "[4]",
        "any",
        "bool",
    ]
    assert found["[4]"]["element-type"] == "4"


def test_conditions_leave_out_what_does_not_hold_and_keep_the_numbers() -> None:
    """Conditions leave out what does not hold and keep the numbers."""
    found = infos(conditions=["A"])
    assert "THREE" not in found
    assert found["3"]["variants"] == [{"case": "first", "type": "2"}]
    assert "4" not in found
    assert "[4]" not in found
    found = infos(conditions=[])
    assert "THREE" in found
    assert found["5"]["values"] == ["second"]


def test_what_includes_comes_before_what_is_included(tmp_path: Any) -> None:
    """What includes comes before what is included."""
    from hmp.qapi import load_schema

    (tmp_path / "a.json").write_text("{ 'include': 'b.json' }\n{ 'command': 'a' }")
    (tmp_path / "b.json").write_text("{ 'command': 'b' }")
    found = introspect(load_schema(str(tmp_path / "a.json")))
    assert [info["name"] for info in found] == ["a", "b", "0"]
