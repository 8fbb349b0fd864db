from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.display.json_text import pretty


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1, "-1"),
        ((1 << 64) - 1, "18446744073709551615"),
        (1.5, "1.5"),
        (0.1, "0.10000000000000001"),
        (1e300, "1.0000000000000001e+300"),
        (2.0, "2"),
        ("", '""'),
        ("a b", '"a b"'),
        ('"\\/', '"\\"\\\\/"'),
        ("\b\f\n\r\t", '"\\b\\f\\n\\r\\t"'),
        ("\x00\x1f\x7f", '"\\u0000\\u001F\\u007F"'),
        ("é€", '"\\u00E9\\u20AC"'),
        ("😀", '"\\uD83D\\uDE00"'),
        ("\\u00e9", '"\\\\u00e9"'),
        ("\\u00eé", '"\\\\u00e\\u00E9"'),
        ([], "[\n]"),
        ({}, "{\n}"),
        ([1, "a"], '[\n    1,\n    "a"\n]'),
        ({"b": 1, "a": 2}, '{\n    "b": 1,\n    "a": 2\n}'),
        (
            {"a": [{"b": []}, {}]},
            '{\n    "a": [\n        {\n            "b": [\n            ]\n'
            "        },\n        {\n        }\n    ]\n}",
        ),
        ({"é\n": 1}, '{\n    "\\u00E9\\n": 1\n}'),
    ],
)
def test_json_in_qemus_writing(value: Any, text: str) -> None:
    """Four blanks a level, ends on lines of their own, capital digits in escapes."""
    assert pretty(value) == text


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=20,
)


@given(value=VALUES)
def test_any_value_reads_back(value: Any) -> None:
    """It is JSON of the same value, keys in their order, in printable ASCII."""
    text = pretty(value)

    assert json.loads(text) == value
    assert json.dumps(json.loads(text)) == json.dumps(value)
    assert text.replace("\n", "").isprintable()
    assert text.isascii()
