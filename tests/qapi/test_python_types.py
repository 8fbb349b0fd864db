from __future__ import annotations

import pytest

from hmp.qapi.entities import ObjectType
from hmp.qapi.python_types import member_type, python_type
from tests.qapi.helpers import accepted

SCHEMA = accepted(
    """
    { 'enum': '__org.example_Num', 'data': [ 'a' ] }
    { 'alternate': 'OrNull', 'data': { 's': 'str', 'z': 'null', 'l': [ 'Foo' ] } }
    { 'alternate': 'Alt', 'data': { 's': '__org.example_Num', 'i': 'uint8' } }
    { 'struct': 'Foo', 'data': {
      'str': 'str', 'number': 'number', 'int8': 'int8', 'size': 'size', 'bool': 'bool',
      'null': 'null', 'any': 'any', 'enum': '__org.example_Num', 'alt': 'Alt',
      'or-null': 'OrNull', 'foo': 'Foo', 'list': [ 'Foo' ],
      '*opt-str': 'str', '*opt-null': 'null', '*opt-any': 'any',
      '*opt-or-null': 'OrNull' } }
    """
)
FOO = SCHEMA.types["Foo"]

TYPES = {
    # member: annotation with generated types, and without where it differs
    "str": ("str", "str"),
    "number": ("float", "float"),
    "int8": ("int", "int"),
    "size": ("int", "int"),
    "bool": ("bool", "bool"),
    "null": ("None", "None"),
    "any": ("object", "object"),
    "enum": ("org_example_Num", "str"),
    "alt": ("Alt", "str | int"),
    "or-null": ("OrNull", "str | None | list[dict[str, object]]"),
    "foo": ("Foo", "dict[str, object]"),
    "list": ("list[Foo]", "list[dict[str, object]]"),
    "opt-str": ("str | None", "str | None"),
    "opt-null": ("Null | None", "Null | None"),
    "opt-any": ("object", "object"),
    "opt-or-null": ("OrNull | Null | None", "str | list[dict[str, object]] | Null | None"),
}


@pytest.mark.parametrize("name", TYPES)
def test_annotations(name: str) -> None:
    """Annotations."""
    assert isinstance(FOO, ObjectType)
    member = FOO.find(name)
    assert member is not None
    assert (member_type(member, typed=True), member_type(member, typed=False)) == TYPES[
        name
    ]


def test_every_member_is_in_the_table() -> None:
    """Every member is in the table."""
    assert isinstance(FOO, ObjectType)
    assert [member.name for member in FOO.members] == list(TYPES)
    assert python_type(FOO, typed=True) == "Foo"
