"""The integers of raw QMP requests, compared with QEMU's schemas."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hmp.monitor.integers import CoercionError, check_integer, read_member
from hmp.qapi import load_schema
from hmp.qapi.entities import (
    AlternateType,
    ArrayType,
    BuiltinType,
    ObjectType,
    Type,
)
from tests.qapi.qemu_sources import QEMUSource, sources

_SIGNED_AT_FIRST = "val"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("size", "5k", 5120),
        ("size", "18446744073709551615", 2**64 - 1),
        ("poll-max-ns", "-1", -1),
        ("poll-max-ns", "0x10", 16),
        ("len", "18446744073709551615", 2**64 - 1),
    ],
)
def test_what_a_member_takes(name: str, text: str, value: int) -> None:
    """A unit in a size only."""
    assert read_member(name, text) == value
    check_integer(name, value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("size", text) for text in ("-1", "18446744073709551616", "1_0", "", "5 k")),
        *(("poll-max-ns", text) for text in ("5k", "1e3", "", "1_0", "true", "\u0663")),
    ],
)
def test_what_a_member_refuses(name: str, text: str) -> None:
    """It would be sent as something else than what was typed."""
    with pytest.raises(CoercionError):
        read_member(name, text)


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", -1), ("len", -1), ("poll-max-ns", 2**64), ("poll-max-ns", -(2**63) - 1)],
)
def test_numbers_out_of_range(name: str, value: int) -> None:
    """Those of JSON are checked as well."""
    with pytest.raises(CoercionError):
        check_integer(name, value)


def _unsigned(type_: Type, name: str, above: frozenset[str]) -> Iterator[str]:
    """Yield the names of members that are sizes or unsigned, of 64 bits."""
    if isinstance(type_, BuiltinType) and type_.name in ("size", "uint64"):
        yield name
    if isinstance(type_, ArrayType):
        yield from _unsigned(type_.element, name, above)
    if isinstance(type_, ObjectType | AlternateType) and type_.name not in above:
        above |= {type_.name}
        for branch in type_.branches:
            yield from _unsigned(branch.type, name, above)
        for member in type_.members if isinstance(type_, ObjectType) else ():
            yield from _unsigned(member.type, member.name, above)


@pytest.mark.qemu
@pytest.mark.parametrize("source", sources(), ids=str)
def test_each_unsigned_member_is_known(source: QEMUSource) -> None:
    """Introspection does not tell them."""
    schema = load_schema(str(source.path / "qapi" / "qapi-schema.json"))
    found = {
        name
        for command in schema.commands.values()
        for name in _unsigned(command.arguments, "", frozenset())
    } - {_SIGNED_AT_FIRST}

    assert found
    for name in found:
        with pytest.raises(CoercionError):
            check_integer(name, -1)
