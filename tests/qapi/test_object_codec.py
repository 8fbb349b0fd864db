from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from hmp.qapi import NULL, Codecs, RejectedValueError, generate_types
from tests.qapi.helpers import accepted

SCHEMA = accepted(
    """
    { 'enum': 'Num', 'data': [ 'one', 'two-three' ] }
    { 'struct': 'Base', 'data': { '*a-b': 'Num', 'class': 'int' } }
    { 'struct': 'Foo', 'base': 'Base', 'data': { '*next': 'Foo', '*alt': 'OrNull' } }
    { 'union': 'Uni', 'base': { 'kind': 'Num' }, 'discriminator': 'kind',
      'data': { 'one': 'Foo' } }
    { 'alternate': 'OrNull', 'data': { 'base': 'Base', 'none': 'null' } }
    { 'struct': 'Anything', 'data': { '*any': 'any', '*null': 'null', 'plain': 'null' } }
    { 'command': 'go', 'data': { '*alt': 'OrNull', '*foos': [ 'Foo' ], '*any': 'any' } }
    """
)


@pytest.fixture(scope="module")
def types() -> Any:
    """Return the generated module of the schema's types."""
    module = ModuleType("generated_types")
    sys.modules[module.__name__] = module
    exec(generate_types(SCHEMA), module.__dict__)
    yield module
    del sys.modules[module.__name__]


def decode(types: Any, name: str, wire: Any) -> Any:
    """Return the Python value of type `name` for a wire value."""
    return Codecs(types).decoder(SCHEMA.types[name])(wire)


def encode(types: Any, name: str, value: Any) -> Any:
    """Return the wire value for a Python value of type `name`."""
    return Codecs(types).encoder(SCHEMA.types[name])(value)


def test_objects_are_instances_of_the_generated_classes(types: Any) -> None:
    """Objects are instances of the generated classes."""
    wire = {"a-b": "two-three", "class": 1, "next": {"class": 2}}
    value = types.Foo(a_b=types.Num.TWO_THREE, class_=1, next=types.Foo(class_=2))
    assert decode(types, "Foo", wire) == value
    assert encode(types, "Foo", value) == wire
    assert type(decode(types, "Num", "one")) is types.Num
    assert type(encode(types, "Num", types.Num.ONE)) is str


def test_the_branch_of_a_union_is_an_object_of_its_own(types: Any) -> None:
    """The branch of a union is an object of its own."""
    wire = {"kind": "one", "class": 1}
    value = types.Uni(kind=types.Num.ONE, u=types.Foo(class_=1))
    assert decode(types, "Uni", wire) == value
    assert encode(types, "Uni", value) == wire
    bare = types.Uni(kind=types.Num.TWO_THREE)
    assert decode(types, "Uni", {"kind": "two-three"}) == bare
    assert encode(types, "Uni", bare) == {"kind": "two-three"}


def test_where_none_means_absent_null_is_a_value_of_its_own(types: Any) -> None:
    """Where none means absent null is a value of its own."""
    cases: list[tuple[dict[str, object], object]] = [
        ({"class": 1}, None),
        ({"class": 1, "alt": None}, NULL),
        ({"class": 1, "alt": {"class": 2}}, types.Base(class_=2)),
    ]
    for wire, alt in cases:
        value = types.Foo(class_=1, alt=alt)
        assert decode(types, "Foo", wire) == value
        assert encode(types, "Foo", value) == wire
    wire = {"any": None, "null": None, "plain": None}
    value = decode(types, "Anything", wire)
    assert (value.any, value.null, value.plain) == (NULL, NULL, None)
    assert encode(types, "Anything", value) == wire


def test_arguments_distinguish_null_and_absence_in_either_form(types: Any) -> None:
    """Arguments distinguish null and absence in either form."""
    for module in (types, None):
        go = Codecs(module).arguments(SCHEMA.commands["go"])
        assert go({}) == [None, None, None]
        assert go({"alt": None, "any": None}) == [NULL, None, NULL]


def test_errors_have_the_wires_names(types: Any) -> None:
    """Errors have the wire's names."""
    with pytest.raises(RejectedValueError) as caught:
        decode(types, "Foo", {"class": 1, "next": {"class": 1, "a-b": "three"}})
    assert caught.value.desc == "Parameter 'a-b' does not accept value 'three'"
    with pytest.raises(RejectedValueError) as caught:
        decode(types, "Foo", {"class": 1, "next": {"class_": 1}})
    assert caught.value.desc == "Parameter 'next.class' is missing"


@pytest.mark.parametrize(
    ("name", "make", "desc"),
    [
        ("Foo", lambda t: t.Base(class_=1), "'null', expected: Foo"),
        ("Foo", lambda t: {"class": 1}, "'null', expected: Foo"),
        ("Foo", lambda t: t.Foo(class_=1, next=t.Base(class_=1)), "'next', expected: Foo"),
        ("Foo", lambda t: t.Foo(class_="x"), "'class', expected: integer"),
        ("Foo", lambda t: t.Foo(class_=None), "'class', expected: integer"),
        ("Uni", lambda t: t.Uni(kind="one"), "'u', expected: Foo"),
        (
            "Uni",
            lambda t: t.Uni(kind="two-three", u=t.Foo(class_=1)),
            "'u', expected: null",
        ),
        (
            "Uni",
            lambda t: t.Uni(kind="one", u=t.Foo(class_="x")),
            "'class', expected: integer",
        ),
    ],
)
def test_results_that_do_not_fit(types: Any, name: str, make: Any, desc: str) -> None:
    """Results that do not fit."""
    with pytest.raises(RejectedValueError) as caught:
        encode(types, name, make(types))
    assert caught.value.desc == f"Invalid parameter type for {desc}"


def test_a_derived_struct_can_stand_for_its_base(types: Any) -> None:
    """A derived struct can stand for its base."""
    value = types.Foo(class_=1, next=types.Foo(class_=2))
    assert encode(types, "Base", value) == {"class": 1}
