from __future__ import annotations

from typing import Any

import pytest

from hmp.display.fields import field_of, numbers_of
from hmp.monitor.errors import CommandFailedError

VALUE: Any = {"ram": {"total": 5, "ok": True}, "list": [{"x": 1.5}, {"x": 2}], "s": "t"}


@pytest.mark.parametrize(
    ("path", "number"),
    [("ram.total", 5), ("ram.ok", 1), ("list[0].x", 1.5), ("list[-1].x", 2)],
)
def test_numbers_by_their_path(path: str, number: float) -> None:
    """Through objects and lists; a switch is 1 or 0."""
    assert field_of(VALUE, path) == number


def test_the_numbers_of_a_value() -> None:
    """The shortest paths first; each leads to its number."""
    found = numbers_of(VALUE)

    assert found == [("ram.total", 5), ("list[0].x", 1.5), ("list[1].x", 2)]
    assert [field_of(VALUE, path) for path, _ in found] == [number for _, number in found]
    assert len(numbers_of([0] * 10**5)) <= 1000
    assert numbers_of(7) == []


@pytest.mark.parametrize(
    ("value", "path", "complaint"),
    [
        (
            VALUE,
            "ram.free",
            "Error: 'ram.free': no 'free' (it has total, ok); numbers: ram.total,"
            " list[0].x, list[1].x\n",
        ),
        (
            VALUE,
            "list[9].x",
            "Error: 'list[9].x': no '9' (it has 2 items); numbers: ram.total,"
            " list[0].x, list[1].x\n",
        ),
        (
            VALUE,
            "s.x",
            "Error: 's.x': no 'x' (it has no members); numbers: ram.total,"
            " list[0].x, list[1].x\n",
        ),
        (
            VALUE,
            "x",
            "Error: no 'x' (it has ram, list, s); numbers: list[0].x,"
            " list[1].x, ram.total\n",
        ),
        (
            VALUE,
            "s",
            "Error: 's' is not a number; numbers: ram.total, list[0].x, list[1].x\n",
        ),
        (
            VALUE,
            "ram",
            "Error: 'ram' is not a number; numbers: ram.total, list[0].x, list[1].x\n",
        ),
        ({}, "ram", "Error: no 'ram' (it is empty); the value has no numbers\n"),
    ],
)
def test_paths_that_lead_nowhere(value: Any, path: str, complaint: str) -> None:
    """What there is instead is told."""
    with pytest.raises(CommandFailedError) as caught:
        field_of(value, path)

    assert caught.value.text == complaint
