from __future__ import annotations

import math
from typing import Any

import pytest

from hmp.qapi import NULL, RejectedValueError, Struct
from hmp.qapi.values import DECODERS, ENCODERS, wrong_type

INT64 = (-(2**63), 2**63 - 1)
RANGES = {
    "int": INT64,
    "int8": (-128, 127),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": INT64,
    "uint8": (0, 255),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "size": (0, 2**64 - 1),
}


def rejection(convert: Any, value: Any) -> str:
    """Return the description of the error for a member 'x' of an object 'o'."""
    with pytest.raises(RejectedValueError) as caught:
        convert(value)
    caught.value.path += ["x", "o"]
    return caught.value.desc


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("table", [DECODERS, ENCODERS])
def test_integers_have_their_range_to_the_bit(name: str, table: dict[str, Any]) -> None:
    """Integers have their range to the bit."""
    low, high = RANGES[name]
    convert = table[name]
    assert (convert(low), convert(high), convert(0)) == (low, high, 0)
    assert rejection(convert, high + 1)
    if name not in ("uint64", "size") or table is ENCODERS:
        assert rejection(convert, low - 1)


@pytest.mark.parametrize(
    ("name", "value", "desc"),
    [
        ("str", 1, "Invalid parameter type for 'o.x', expected: string"),
        ("bool", 1, "Invalid parameter type for 'o.x', expected: boolean"),
        ("bool", "on", "Invalid parameter type for 'o.x', expected: boolean"),
        ("null", False, "Invalid parameter type for 'o.x', expected: null"),
        ("number", "1", "Invalid parameter type for 'o.x', expected: number"),
        ("number", True, "Invalid parameter type for 'o.x', expected: number"),
        ("number", 10**400, "Invalid parameter type for 'o.x', expected: number"),
        ("int", "1", "Invalid parameter type for 'o.x', expected: integer"),
        ("int", 1.0, "Invalid parameter type for 'o.x', expected: integer"),
        ("int", True, "Invalid parameter type for 'o.x', expected: integer"),
        ("int", None, "Invalid parameter type for 'o.x', expected: integer"),
        ("int", 2**63, "Invalid parameter type for 'o.x', expected: integer"),
        ("int8", "1", "Invalid parameter type for 'o.x', expected: integer"),
        ("int8", 128, "Parameter 'x' expects int8_t"),
        ("int32", -(2**31) - 1, "Parameter 'x' expects int32_t"),
        ("uint8", "1", "Parameter 'o.x' expects uint64"),
        ("uint8", 256, "Parameter 'x' expects uint8_t"),
        ("uint16", -1, "Parameter 'x' expects uint16_t"),
        ("uint64", 1.5, "Parameter 'o.x' expects uint64"),
        ("uint64", 2**64, "Parameter 'o.x' expects uint64"),
        ("uint64", -(2**63) - 1, "Parameter 'o.x' expects uint64"),
        ("size", False, "Parameter 'o.x' expects uint64"),
    ],
)
def test_errors_have_qemus_words(name: str, value: Any, desc: str) -> None:
    """Errors have QEMU's words."""
    assert rejection(DECODERS[name], value) == desc


def test_negative_numbers_wrap_where_they_do_in_qemu() -> None:
    """Negative numbers wrap where they do in QEMU."""
    assert DECODERS["uint64"](-1) == 2**64 - 1
    assert DECODERS["size"](-(2**63)) == 2**63
    assert rejection(ENCODERS["uint64"], -1) == "Parameter 'o.x' expects uint64"


def test_numbers_are_floats() -> None:
    """Numbers are floats."""
    convert = DECODERS["number"]
    assert [convert(1), convert(1.5)] == [1.0, 1.5]
    assert isinstance(convert(1), float)
    assert math.isinf(convert(math.inf))


def test_any_is_anything() -> None:
    """Any is anything."""
    value = {"a": [None]}
    assert DECODERS["any"](value) is value


def test_a_path_is_written_as_in_the_wire_s_objects() -> None:
    """A path is written as in the wire's objects."""
    error = wrong_type("string")
    error.path += [0, 2, "b", "a"]
    assert (
        error.desc
        == str(error)
        == "Invalid parameter type for 'a.b[2][0]', expected: string"
    )
    assert RejectedValueError("'{}'").desc == "'null'"
    assert RejectedValueError("'{}'", 3, "a", whole_path=False).desc == "'null'"
    assert RejectedValueError("'{}' {}", "{}").desc == "'{}' {}"


def test_null_is_not_none_and_false() -> None:
    """Null is not none and false."""
    assert NULL is not None
    assert not NULL
    assert repr(NULL) == "NULL"


class Base(Struct):
    """A base."""

    __slots__ = ("a",)

    def __init__(self, *, a: int) -> None:
        self.a = a


class Derived(Base):
    """A struct with a base."""

    __slots__ = ("b", "c")

    def __init__(self, *, a: int, b: str | None = None, c: int | None = None) -> None:
        self.a = a
        self.b = b
        self.c = c


def test_structs_compare_and_print_by_their_members() -> None:
    """Structs compare and print by their members."""
    assert Derived(a=1, b="x") == Derived(a=1, b="x")
    assert Derived(a=1, b="x") != Derived(a=1)
    assert Derived(a=1) != Base(a=1)
    assert repr(Derived(a=1, c=2)) == "Derived(a=1, c=2)"
    with pytest.raises(TypeError):
        hash(Base(a=1))
