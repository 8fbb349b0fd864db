from __future__ import annotations

from typing import Any

import pytest

from hmp.qapi.conditions import check_condition, describe, holds
from hmp.qapi.error import Place, QAPIError

GOOD: list[Any] = [
    "CONFIG_FOO",
    "A1",
    {"not": "A"},
    {"all": ["A"]},
    {"any": ["A", {"not": {"all": ["B", "C"]}}]},
]


@pytest.mark.parametrize("condition", GOOD)
def test_conditions_that_are_well_formed(condition: Any) -> None:
    """Conditions that are well formed."""
    check_condition(condition, Place("t.json", 1), "it")


@pytest.mark.parametrize(
    "condition",
    [
        "",
        " ",
        "foo",
        "1A",
        "_A",
        "defined(A)",
        True,
        [],
        ["A"],
        {},
        {"all": []},
        {"any": "A"},
        {"all": ["A", ""]},
        {"not": ["A"]},
        {"not": ""},
        {"value": "A"},
        {"any": ["A"], "all": ["B"]},
    ],
)
def test_conditions_that_are_not(condition: Any) -> None:
    """Conditions that are not."""
    with pytest.raises(QAPIError, match="of the struct"):
        check_condition(condition, Place("t.json", 1), "the struct")


@pytest.mark.parametrize(
    ("condition", "defined", "result"),
    [
        (None, [], True),
        ("A", ["A"], True),
        ("A", ["B"], False),
        ({"not": "A"}, ["B"], True),
        ({"not": "A"}, ["A"], False),
        ({"all": ["A", "B"]}, ["A", "B"], True),
        ({"all": ["A", "B"]}, ["A"], False),
        ({"any": ["A", "B"]}, ["B"], True),
        ({"any": ["A", "B"]}, [], False),
        ({"any": ["A", {"all": ["B", {"not": "C"}]}]}, ["B"], True),
        ({"any": ["A", {"all": ["B", {"not": "C"}]}]}, ["B", "C"], False),
    ],
)
def test_what_holds(condition: Any, defined: list[str], result: bool) -> None:
    """What holds."""
    assert holds(condition, defined) is result


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (None, ""),
        ("A", "A"),
        ({"not": {"any": ["A", "B"]}}, "not (A or B)"),
        ({"all": ["A", {"any": ["B", {"not": "C"}]}]}, "A and (B or not C)"),
        ({"all": [{"all": ["A"]}, "B"]}, "A and B"),
    ],
)
def test_conditions_in_words(condition: Any, words: str) -> None:
    """Conditions in words."""
    assert describe(condition) == words
