"""Readings as a table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.display.sanitise import one_line
from hmp.fleet.sample import unanswered
from hmp.fleet.top_table import (
    SORTS,
    counted,
    fitting,
    header,
    matching,
    plain,
    row,
    short_size,
    work,
)
from hmp.monitor.kinds import natural_key

Reading = dict[str, Any]
GIB = 1 << 30
BUSY: Reading = {
    "target": "vm1",
    "state": "running",
    "cpus": 2,
    "cpu": 157.4,
    "memory": 4 * GIB,
    "balloon": 3 * GIB,
    "resident": GIB,
    "read": 1.5 * (1 << 20),
    "written": 0.0,
    "received": 100.0,
    "sent": 999.0,
    "exits": 1234.0,
    "jobs": [{"id": "j", "type": "mirror", "status": "running", "done": 0.5}] * 2,
    "migration": {"status": "active", "done": 0.25},
}
IDLE: Reading = {"target": "vm2", "state": "paused", "memory": GIB, "jobs": []}
HUNG = unanswered("vm10", "no answer within 1 s")


def drawn(readings: list[Reading], width: int) -> list[str]:
    """Return the lines of a table."""
    columns = fitting(readings, width)
    lines = [header(columns), *(row(each, columns) for each in readings)]
    return ["".join(text for text, _ in line) for line in lines]


def test_all_that_is_known() -> None:
    """Without a screen."""
    assert plain([BUSY, IDLE, HUNG]).splitlines() == [
        "MACHINE STATE     CPU% MEMORY BALLOON USED READ/s WRITE/s IN/s OUT/s EXITS/s WORK",
        "vm1     running    157     4G      3G   1G   1.5M       0  100   999    1234"
        " migration 25%, mirror 50%, 1 more",
        "vm2     paused       -     1G                   -       -",
        "vm10    no answer    -      -                   -       -",
    ]


def test_what_goes_first() -> None:
    """Of a screen that becomes narrower; the name and the state remain."""
    gone: dict[int, set[str]] = {}
    shown = {column.heading for column, _ in fitting([BUSY], 96)}
    for width in range(95, 0, -1):
        now = {column.heading for column, _ in fitting([BUSY], width)}
        if now != shown:
            gone[width] = shown - now
        shown = now

    assert gone == {
        95: {"EXITS/s"},
        87: {"BALLOON"},
        79: {"USED"},
        73: {"IN/s", "OUT/s"},
        61: {"WORK"},
        46: {"READ/s", "WRITE/s"},
        31: {"MEMORY"},
        24: {"CPU%"},
    }


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        ({}, ""),
        ({"jobs": []}, ""),
        ({"migration": {"done": 0.0}}, "migration 0%"),
        ({"migration": {"done": 1.0}}, "migration 100%"),
        ({"jobs": [{"type": "commit", "done": 0.506}]}, "commit 51%"),
        ({"jobs": [{"type": "a\nb", "done": 0.5}] * 2}, "a\\nb 50%, 1 more"),
    ],
)
def test_work(reading: Reading, text: str) -> None:
    """The migration and the first job, each with its part in percent."""
    assert work(reading) == text


def test_80_columns() -> None:
    """The least important go first."""
    assert drawn([BUSY, IDLE], 80) == [
        "MACHINE STATE        CPU% MEMORY  USED READ/s WRITE/s  IN/s OUT/s WORK",
        "vm1     running       157     4G    1G   1.5M       0   100   999 migration 25%…",
        "vm2     paused          -     1G            -       -                           ",
    ]


def test_50_columns() -> None:
    """And what most want to see remains."""
    assert drawn([BUSY, HUNG], 50) == [
        "MACHINE STATE        CPU% MEMORY READ/s WRITE/s",
        "vm1     running       157     4G   1.5M       0",
        "vm10    no answer       -      -      -       -",
    ]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("name", ["vm1", "vm2", "vm10"]),
        ("state", ["vm10", "vm2", "vm1"]),
        ("cpu", ["vm1", "vm2", "vm10"]),
        ("memory", ["vm1", "vm2", "vm10"]),
        ("disk", ["vm1", "vm2", "vm10"]),
        ("network", ["vm1", "vm2", "vm10"]),
        ("work", ["vm1", "vm2", "vm10"]),
    ],
)
def test_orders(order: str, names: list[str]) -> None:
    """The busiest first, and names as people count."""
    found = sorted([IDLE, BUSY, HUNG], key=SORTS[order])

    assert [each["target"] for each in found] == names


A: Reading = {"target": "a", "cpu": 0.0, "memory": 7, "read": 0.0, "written": 3.0}
B: Reading = {"target": "b", "cpu": 9.0, "memory": 0, "read": 2.5}
C: Reading = {"target": "c", "received": 5.5, "state": "x"}
D: Reading = {"target": "d", "received": 0.0, "sent": 6.0, "state": "w"}
E: Reading = {"target": "e", "jobs": [{"id": "j", "type": "x", "done": 0.5}]}


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("name", "abcde"),
        ("state", "abedc"),
        ("cpu", "bacde"),
        ("memory", "abcde"),
        ("disk", "abcde"),
        ("network", "dcabe"),
        ("work", "eabcd"),
    ],
)
def test_each_order_looks_at_its_own_numbers(order: str, names: str) -> None:
    """Zero comes before what is not known, and equal ones stay as they are."""
    found = sorted([A, B, C, D, E], key=SORTS[order])

    assert "".join(each["target"] for each in found) == names


def test_styles() -> None:
    """Names, states by what they mean, and nothing else."""
    columns = fitting([BUSY], 50)
    styles = [style for _, style in row({**BUSY, "state": "io-error"}, columns)]

    assert header(columns)[0][1] == "hmp.heading"
    assert styles == ["hmp.name", "", "hmp.changed", *[""] * (len(styles) - 3)]
    states = ("running", "paused", "no answer", "")
    assert [row({**BUSY, "state": state}, columns)[2][1] for state in states] == [
        "hmp.good",
        "hmp.idle",
        "hmp.bad",
        "hmp.changed",
    ]


@pytest.mark.parametrize(
    ("target", "width", "shown"),
    [
        ("a", 50, "a      "),
        ("a" * 15, 50, "a" * 15),
        ("a" * 25, 50, "a" * 25),
        ("a" * 26, 50, "a" * 24 + "…"),
        ("/run/" + "a" * 24, 50, "…" + "a" * 24),
        ("/run/" + "a" * 20, 20, "…" + "a" * 7),
        ("a\nb", 50, "a\\nb   "),
    ],
)
def test_names_that_are_long(target: str, width: int, shown: str) -> None:
    """They are cut to the rest of the screen; a path keeps its end, as it differs there."""
    reading = {**IDLE, "target": target}

    assert row(reading, fitting([reading], width))[0][0] == shown


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["vm1", "vm2", "vm10"]),
        ("PAUSED", ["vm2"]),
        ("vm1 mirror", ["vm1"]),
        ("no answer", ["vm10"]),
        ("x", []),
    ],
)
def test_filters(text: str, names: list[str]) -> None:
    """Words of name, state and work, in any order."""
    found = matching([BUSY, IDLE, HUNG], text)

    assert [each["target"] for each in found] == names


def test_counts() -> None:
    """By state."""
    assert counted([BUSY, IDLE, HUNG]) == "3 machines: 1 no answer, 1 paused, 1 running"
    assert counted([]) == "0 machines"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.4, "0"), (999.0, "999"), (1000, "0.977K"), (1 << 20, "1M")],
)
def test_short_sizes(value: float, text: str) -> None:
    """A number, and at most a letter."""
    assert short_size(value) == text


NUMBERS = st.floats(0, 1e18)
READINGS = st.fixed_dictionaries(
    {"target": st.text()},
    optional={
        "state": st.text(),
        "jobs": st.lists(
            st.fixed_dictionaries({"type": st.text(), "done": st.floats(0, 1)}), max_size=2
        ),
        **dict.fromkeys(("cpu", "memory", "balloon", "resident", "read"), NUMBERS),
        **dict.fromkeys(("written", "received", "sent", "exits"), NUMBERS),
    },
)


@given(st.lists(READINGS, max_size=4), st.integers(1, 200))
def test_no_reading_breaks_the_table(readings: list[dict[str, Any]], width: int) -> None:
    """Whatever names and numbers are: lines stay lines, and within the screen."""
    assert plain(readings).count("\n") == len(readings) + 1
    assert all(one_line(line) == line for line in plain(readings).split("\n"))
    if width >= 50:
        assert all(len(line) <= width for line in drawn(readings, width))
    for order in SORTS.values():
        sorted(readings, key=order)
    assert matching(readings, "") == readings


@given(st.text(), st.text())
def test_any_names_can_be_sorted(first: str, second: str) -> None:
    """Digits of any script, and of any length."""
    ours, theirs = natural_key(first), natural_key(second)
    assert [ours < theirs, ours == theirs, ours > theirs].count(True) == 1
