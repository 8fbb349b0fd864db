"""Views of what QEMU's own monitor prints, and texts made from templates."""

from __future__ import annotations

import pytest
from rich.text import Text

from info._text import filled, sections


def test_headings_are_set_off() -> None:
    """Lines that end in a colon, but for indented ones."""
    shown = sections("Statistics:\n  part:\nTB count 3\n\nAccelerator:\n")

    assert isinstance(shown, Text)
    assert shown.plain == "Statistics:\n  part:\nTB count 3\n\nAccelerator:"
    styled = [shown.plain[each.start : each.end] for each in shown.spans if each.style]
    assert styled == ["Statistics:", "Accelerator:"]
    assert {str(each.style) for each in shown.spans if each.style} == {"hmp.heading"}


def test_nothing_has_no_view() -> None:
    """Neither has a line end, but a blank line has."""
    assert sections("") is None
    assert sections("\n") is not None


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ({"in-use": 3, "size": 4}, ["in use: 3", "3 of 4"]),
        ({"in-use": True}, ["in use: true"]),
        ({"in-use": False, "size": "Big"}, ["in use: false", "false of Big"]),
        ({"size": 4}, []),
    ],
)
def test_templates(value: dict[str, object], lines: list[str]) -> None:
    """A line is left out if one of its members is missing."""
    assert [*filled(("in use: {in-use}", "{in-use} of {size}"), value)] == lines
