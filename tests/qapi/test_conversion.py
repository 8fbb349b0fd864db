from __future__ import annotations

from typing import Any

import pytest

from hmp.qapi import Codecs, RejectedValueError
from tests.qapi.helpers import accepted

SCHEMA = accepted(
    """
    { 'enum': 'Num', 'data': [ 'one', 'two', 'three' ] }
    { 'struct': 'Foo', 'data': { 'name': 'str', '*list': [ 'uint8' ], '*next': 'Foo' } }
    { 'struct': 'Bar', 'data': { 'bar': 'Alt' } }
    { 'union': 'Uni', 'base': { 'kind': 'Num', '*size': 'size' }, 'discriminator': 'kind',
      'data': { 'one': 'Foo', 'two': 'Deep' } }
    { 'union': 'Deep', 'base': { 'inner': 'Num' }, 'discriminator': 'inner',
      'data': { 'three': 'Bar' } }
    { 'alternate': 'Alt', 'data': { 'n': 'Num', 'i': 'int', 'l': [ 'Num' ], 'o': 'Foo' } }
    { 'alternate': 'Maybe', 'data': { 'b': 'bool', 'z': 'null' } }
    { 'command': 'go', 'data': { 'a': 'str', '*n': 'Num', '*foo': 'Foo', '*alt': [ 'Alt' ],
                                 '*maybe': 'Maybe', '*any': 'any' } }
    { 'command': 'boxed', 'data': 'Uni', 'boxed': true }
    { 'command': 'raw', 'data': { 'a': 'str' }, 'gen': false }
    { 'command': 'none' }
    """
)
DECODE = {name: Codecs().arguments(command) for name, command in SCHEMA.commands.items()}
FOO = {"name": "x", "list": [1, 255], "next": {"name": "y"}}


@pytest.mark.parametrize(
    ("command", "wire", "values"),
    [
        ("go", {"a": "x"}, ["x", None, None, None, None, None]),
        ("go", {"n": "two", "a": ""}, ["", "two", None, None, None, None]),
        ("go", {"a": "", "foo": FOO}, ["", None, FOO, None, None, None]),
        ("go", {"a": "", "alt": [1, "one", ["two"], FOO]},
         ["", None, None, [1, "one", ["two"], FOO], None, None]),
        ("boxed", {"kind": "three"}, [{"kind": "three"}]),
        ("boxed", {"kind": "one", "size": 1, **FOO}, [{"kind": "one", "size": 1, **FOO}]),
        ("boxed", {"kind": "two", "inner": "one"}, [{"kind": "two", "inner": "one"}]),
        ("boxed", {"bar": 1, "inner": "three", "kind": "two"},
         [{"kind": "two", "inner": "three", "bar": 1}]),
        ("raw", {"whatever": [None]}, [{"whatever": [None]}]),
        ("none", {}, []),
    ],
)  # fmt: skip
def test_arguments_that_fit(command: str, wire: Any, values: list[Any]) -> None:
    """Arguments that fit."""
    assert DECODE[command](wire) == values


@pytest.mark.parametrize(
    ("command", "wire", "desc"),
    [
        ("go", {}, "Parameter 'a' is missing"),
        ("go", {"a": "x", "b": 1}, "Parameter 'b' is unexpected"),
        ("go", {"a": None}, "Invalid parameter type for 'a', expected: string"),
        ("go", {"a": "", "n": "four"}, "Parameter 'n' does not accept value 'four'"),
        ("go", {"a": "", "n": "{}"}, "Parameter 'n' does not accept value '{}'"),
        ("go", {"a": "", "n": 1}, "Invalid parameter type for 'n', expected: string"),
        ("go", {"a": "", "n": None}, "Invalid parameter type for 'n', expected: string"),
        ("go", {"a": "", "foo": []}, "Invalid parameter type for 'foo', expected: object"),
        ("go", {"a": "", "foo": {}}, "Parameter 'foo.name' is missing"),
        ("go", {"a": "", "foo": {"name": "", "x": 1}}, "Parameter 'foo.x' is unexpected"),
        ("go", {"a": "", "foo": {"name": "", "next": {"name": "", "list": [1, "2"]}}},
         "Parameter 'foo.next.list[1]' expects uint64"),
        ("go", {"a": "", "foo": {"name": "", "list": [256]}},
         "Parameter 'null' expects uint8_t"),
        ("go", {"a": "", "foo": {"name": "", "list": {}}},
         "Invalid parameter type for 'foo.list', expected: array"),
        ("go", {"a": "", "alt": [True]},
         "Invalid parameter type for 'null', expected: Alt"),
        ("go", {"a": "", "alt": ["x"]}, "Parameter 'null' does not accept value 'x'"),
        ("go", {"a": "", "alt": [1.5]},
         "Invalid parameter type for 'alt[0]', expected: integer"),
        ("go", {"a": "", "alt": [1, {}]}, "Parameter 'alt[1].name' is missing"),
        ("go", {"a": "", "maybe": 1},
         "Invalid parameter type for 'maybe', expected: Maybe"),
        ("go", 1, "Invalid parameter type for 'null', expected: object"),
        ("boxed", {}, "Parameter 'kind' is missing"),
        ("boxed", {"kind": "one"}, "Parameter 'name' is missing"),
        ("boxed", {"kind": "three", "name": "x"}, "Parameter 'name' is unexpected"),
        ("boxed", {"kind": "two", "inner": "three", "bar": None},
         "Invalid parameter type for 'bar', expected: Alt"),
        ("boxed", {"kind": "two", "inner": "three", "bar": 1, "size": 0, "x": 0},
         "Parameter 'x' is unexpected"),
        ("raw", [], "Invalid parameter type for 'null', expected: object"),
        ("none", {"a": 1}, "Parameter 'a' is unexpected"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit(command: str, wire: Any, desc: str) -> None:
    """Arguments that do not fit."""
    with pytest.raises(RejectedValueError) as caught:
        DECODE[command](wire)
    assert caught.value.desc == desc


def test_conversion_does_not_share_what_it_checked() -> None:
    """Conversion does not share what it checked."""
    wire = {"name": "x", "list": [1]}
    value = Codecs().decoder(SCHEMA.types["Foo"])(wire)
    assert value == wire
    value["list"].append(2)
    assert wire["list"] == [1]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("Foo", FOO),
        ("Uni", {"kind": "one", "size": 2**64 - 1, **FOO}),
        ("Uni", {"kind": "two", "inner": "three", "bar": {"name": "x"}}),
        ("Alt", ["one", "two"]),
        ("Maybe", None),
        ("Num", "one"),
        ("any", {"a": None}),
    ],
)
def test_values_come_back_as_they_were(type_: str, value: Any) -> None:
    """Values come back as they were."""
    codecs = Codecs()
    decoded = codecs.decoder(SCHEMA.types[type_])(value)
    assert codecs.encoder(SCHEMA.types[type_])(decoded) == value


@pytest.mark.parametrize(
    ("type_", "value", "desc"),
    [
        ("Foo", {"name": 1}, "Invalid parameter type for 'name', expected: string"),
        ("Foo", {}, "Parameter 'name' is missing"),
        ("Foo", [], "Invalid parameter type for 'null', expected: object"),
        ("Foo", {"name": "", "extra": 1}, "Parameter 'extra' is unexpected"),
        ("Uni", {"size": 1}, "Parameter 'kind' is missing"),
        ("Uni", {"kind": "two"}, "Parameter 'inner' is missing"),
        ("Uni", {"kind": "three", "size": -1}, "Parameter 'size' expects uint64"),
        ("Alt", object(), "Invalid parameter type for 'null', expected: Alt"),
    ],
)
def test_results_that_do_not_fit(type_: str, value: Any, desc: str) -> None:
    """Results that do not fit."""
    with pytest.raises(RejectedValueError) as caught:
        Codecs().encoder(SCHEMA.types[type_])(value)
    assert caught.value.desc == desc
