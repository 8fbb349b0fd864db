from __future__ import annotations

from hmp.qapi.entities import AlternateType, EnumType, ObjectType
from tests.qapi.helpers import accepted

SCHEMA = accepted(
    """
    { 'enum': 'Num', 'prefix': 'NUM', 'data': [ 'a', 'b' ] }
    { 'struct': 'Foo', 'data': { 'list': [ 'Num' ] } }
    { 'alternate': 'Alt', 'data': { 'foo': 'Foo', 'n': 'uint8' } }
    """
)


def test_types_in_words() -> None:
    """Types in words."""
    foo = SCHEMA.types["Foo"]
    assert isinstance(foo, ObjectType)
    assert [SCHEMA.types[name].title for name in ("Num", "Foo", "Alt", "str")] == [
        "enum type 'Num'",
        "struct type 'Foo'",
        "alternate type 'Alt'",
        "built-in type 'str'",
    ]
    assert foo.members[0].type.title == "array type ['Num']"
    assert foo.members[0].type.spelling == "[Num]"
    assert repr(foo) == "ObjectType('Foo')"


def test_what_values_are_in_json() -> None:
    """What values are in JSON."""
    types = {name: type_.json_type for name, type_ in SCHEMA.types.items()}
    assert types == {
        "str": "string",
        "number": "number",
        **dict.fromkeys(("int", "int8", "int16", "int32", "int64", "size"), "int"),
        **dict.fromkeys(("uint8", "uint16", "uint32", "uint64"), "int"),
        "bool": "boolean",
        "any": "value",
        "null": "null",
        "QType": "string",
        "Num": "string",
        "Foo": "object",
        "Alt": "value",
    }


def test_values_of_enums() -> None:
    """Values of enums."""
    num, qtype = SCHEMA.types["Num"], SCHEMA.types["QType"]
    assert isinstance(num, EnumType)
    assert isinstance(qtype, EnumType)
    assert (num.prefix, num.value_names()) == ("NUM", ["a", "b"])
    assert "qnull" in qtype.value_names()


def test_an_object_finds_its_members() -> None:
    """An object finds its members."""
    foo, alt = SCHEMA.types["Foo"], SCHEMA.types["Alt"]
    assert isinstance(foo, ObjectType)
    assert isinstance(alt, AlternateType)
    assert foo.find("list") is foo.members[0]
    assert foo.find("no-such") is None
    assert (foo.is_empty, SCHEMA.empty.is_empty) == (False, True)
    assert [branch.name for branch in alt.branches] == ["foo", "n"]
