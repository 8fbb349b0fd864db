from __future__ import annotations

from math import nan

from hypothesis import given
from hypothesis import strategies as st

from hmp.display.plot import plot, plots, written
from hmp.display.screen import Screen


def test_numbers_over_time() -> None:
    """The newest at the right, with the scale of what is shown at the left."""
    assert plot([0, 1, 2, 3], "x", 20, 2, True) == [
        "x = 3   (from 0 to 3)",
        "3 |  ▃█",
        "0 |▁▆██",
    ]


def test_a_flat_line_is_seen() -> None:
    """At the bottom, with its number once."""
    assert plot([5, 5], "x", 20, 2, True) == ["x = 5   (from 5 to 5)", "  |  ", "5 |▁▁"]


def test_ascii() -> None:
    """Where the terminal has no more."""
    assert plot([0, 2], "x", 20, 2, False) == ["x = 2   (from 0 to 2)", "2 | #", "0 |##"]


def test_only_the_newest_fit() -> None:
    """Old numbers leave at the left, and the scale follows."""
    lines = plot([100, 1, 2, 3], "x", 10, 1, True)

    assert lines[0] == "x = 3   (from 1 to 3)"
    assert lines[1] == "  3 |▁▅█"


def test_few_columns() -> None:
    """The newest number remains, however narrow the screen is."""
    screen = Screen(1, {})
    screen.width, screen.unicode = 4, False

    assert plot([1, 2, 3], "x", 4, 1, False) == ["x = 3   (from 3 to 3)", "3 |#"]
    assert plots({"vm1": [1.5, 2], "v": [0.25, 3]}, "n", screen) == [
        "n   (from 2 to 3)",
        "vm1            2 |#",
        "v              3 |#",
    ]


def test_halves_of_the_scale() -> None:
    """Each number is rounded to the nearest of eight steps in each row."""
    assert plot([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "x", 40, 2, True)[1:] == [
        "10 |     ▁▂▃▅▇█",
        " 0 |▁▃▄▅▇██████",
    ]


def test_nothing_to_draw() -> None:
    """No numbers, no lines."""
    assert plot([], "x", 20, 2, True) == []


def test_counters_have_all_their_digits() -> None:
    """Six of them would hide what changes; fractions have six."""
    assert plot([85983232, 85983744], "x", 30, 2, True)[0] == (
        "x = 85983744   (from 85983232 to 85983744)"
    )
    assert written(1 / 3) == "0.333333"
    assert written(10**15) == "1e+15"
    assert written(float("inf")) == "inf"


@given(
    st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1),
    st.integers(1, 200),
    st.integers(1, 30),
    st.booleans(),
)
def test_any_numbers(numbers: list[float], width: int, height: int, uni: bool) -> None:
    """As many lines as asked for, and no column without a mark at the bottom."""
    lines = plot(numbers, "x", width, height, uni)

    assert len(lines) == height + 1
    assert " " not in lines[-1].partition("|")[2]


def test_several_machines_have_a_line_each() -> None:
    """With one scale, and the newest number."""
    screen = Screen(1, {})
    screen.width, screen.unicode = 40, True

    assert plots({"vm1": [0, 7], "vm20": [7, 7]}, "n", screen) == [
        "n   (from 0 to 7)",
        "vm1             7 |▁█",
        "vm20            7 |██",
    ]
    assert plots({"": [1, 2]}, "n", screen) == plot([1, 2], "n", 40, 10, True)


def test_machines_have_one_scale() -> None:
    """From the least to the most of all; equal numbers are seen as well."""
    screen = Screen(1, {})
    screen.width, screen.unicode = 40, True

    assert plots({"a": [10, 11, 12], "b": [13, 17]}, "n", screen) == [
        "n   (from 10 to 17)",
        "a           12 |▁▂▃",
        "b           17 |▄█",
    ]
    screen.unicode = False
    assert plots({"a": [7, 7], "b": [7]}, "n", screen) == [
        "n   (from 7 to 7)",
        "a            7 |##",
        "b            7 |#",
    ]
    gaps = {"a": [7, nan, 8], "b": [7, nan], "c": [nan]}
    assert plots(gaps, "n", screen) == [
        "n   (from 7 to 8)",
        "a            8 |# #",
        "b            - |#",
        "c            - |",
    ]
    assert plots({"a": [nan], "b": [nan]}, "n", screen)[0] == "n   (from 0 to 0)"
