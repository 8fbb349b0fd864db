from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qmp.qjson.printing import compact, pretty

# as QEMU 7.2, 10.0 and 11.1 write them
CASES: list[tuple[Any, str, str]] = [
    ({}, "{}", "{\n}"),
    ([], "[]", "[\n]"),
    ((), "[]", "[\n]"),
    (None, "null", "null"),
    (True, "true", "true"),
    ({"a": 1}, '{"a": 1}', '{\n    "a": 1\n}'),
    ([1, "b"], '[1, "b"]', '[\n    1,\n    "b"\n]'),
    ({"a": [{}, []]}, '{"a": [{}, []]}', """{
    "a": [
        {
        },
        [
        ]
    ]
}"""),
    ("é€😀", r'"\u00E9\u20AC\uD83D\uDE00"', r'"\u00E9\u20AC\uD83D\uDE00"'),
    ("\x00\x1b\x7f\x80", r'"\u0000\u001B\u007F\u0080"', r'"\u0000\u001B\u007F\u0080"'),
    ("\b\f\n\r\t\\\"/'", r'"\b\f\n\r\t\\\"/' + "'\"", r'"\b\f\n\r\t\\\"/' + "'\""),
    ("\\u00e9", r'"\\u00e9"', r'"\\u00e9"'),
    ((1 << 64) - 1, "18446744073709551615", "18446744073709551615"),
    (0.1, "0.10000000000000001", "0.10000000000000001"),
    (1e5, "100000", "100000"),
    (1e22, "1e+22", "1e+22"),
    (-0.0, "-0", "-0"),
    (5e-324, "4.9406564584124654e-324", "4.9406564584124654e-324"),
    (math.inf, "inf", "inf"),
    ([1.0, -2.5, "a"], '[1, -2.5, "a"]', '[\n    1,\n    -2.5,\n    "a"\n]'),
    # what only looks like floating point
    ("a 1.5 [2e5", '"a 1.5 [2e5"', '"a 1.5 [2e5"'),
]  # fmt: skip


@pytest.mark.parametrize(("value", "line", "lines"), CASES)
def test_values_are_written_as_qemu_does(value: Any, line: str, lines: str) -> None:
    """On one line, and over many."""
    assert compact(value) == line
    assert pretty(value) == lines


def test_a_value_can_stand_deeper() -> None:
    """As part of something that is pretty already."""
    assert pretty({"a": 1}, 1) == '{\n        "a": 1\n    }'


def test_depth_has_no_limit() -> None:
    """None that Python's stack would set."""
    deep: Any = []
    for _ in range(2_000):
        deep = [deep]

    assert compact(deep) == "[" * 2_001 + "]" * 2_001
    assert pretty(deep, 0).count("[") == 2_001


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_what_is_written_reads_back(value: Any) -> None:
    """By any parser, the same value; ASCII, and without lines unless pretty."""
    for text in (line := compact(value), pretty(value)):
        if "inf" not in text:
            assert json.loads(text) == value
        assert text.isascii()
    assert line.isprintable()


def test_a_long_value_is_written_whole() -> None:
    """In several batches."""
    value = {"a": [{"b": n, "c": []} for n in range(5000)]}

    assert pretty(value).replace("[\n            ]", "[]") == json.dumps(value, indent=4)
