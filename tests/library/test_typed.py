"""What QMP values become in typed programs, and back."""

from __future__ import annotations

from enum import StrEnum
from types import NoneType
from typing import Any

import pytest

from hmp.library.typed import NULL, Null, decode, encode


class Colour(StrEnum):
    """An enum of a schema."""

    RED = "red"


@pytest.mark.parametrize(
    ("hint", "value", "decoded"),
    [
        (NoneType, {}, None),
        (int, 1, 1),
        (float, 1, 1.0),
        (str, "x", "x"),
        (Any, {"a": [1]}, {"a": [1]}),
        (list[float], [1, 2.5], [1.0, 2.5]),
        (list[list[Colour]], [["red"], []], [[Colour.RED], []]),
        (Colour, "red", Colour.RED),
        (Colour, "a new one", "a new one"),
        (int | None, None, None),
        (int | None, 3, 3),
        (Null | str, None, NULL),
        (Null | Colour | list[float], "red", Colour.RED),
        (Null | Colour | list[float], [1], [1.0]),
        (Null | Colour | list[float], 1, 1),
        (int | str, 1, 1),
        (float | str, 1, 1.0),
    ],
)
def test_values_have_the_types_of_their_annotations(
    hint: Any, value: Any, decoded: Any
) -> None:
    """What a newer machine has beyond them stays as it is."""
    found = decode(hint, value)

    assert found == decoded
    assert type(found) is type(decoded)
    if isinstance(decoded, list):
        assert [type(item) for item in found] == [type(item) for item in decoded]
    # whatever None was read from, it is sent as null
    assert encode(found) == (None if decoded is None else value)


def test_values_of_programs() -> None:
    """Lists and dicts of them, too."""
    value = {"a": (Colour.RED, NULL), "b": [1, {"c": Colour.RED}], "d": None}

    assert encode(value) == {"a": ["red", None], "b": [1, {"c": "red"}], "d": None}
    assert type(encode(Colour.RED)) is str
