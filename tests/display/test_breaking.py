"""Where words that are wider than their column break."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from hmp.display import views


def drawn(text: str, width: int) -> list[str]:
    """Return the rows of a text in a column of that width."""
    console = Console(file=StringIO(), width=width, color_system=None, _environ={})
    return [row.plain.rstrip() for row in views.text(text).wrap(console, width)]


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        (
            "/machine/peripheral/scsi0/virtio-backend",
            36,
            ["/machine/peripheral/scsi0/", "virtio-backend"],
        ),
        (
            "a virtio-pci-bus-master-bug-migration=false b",
            40,
            ["a virtio-pci-bus-master-bug-migration=", "false b"],
        ),
        ("one two three", 8, ["one two", "three"]),
        (
            "x=1 max-write-zeroes-sectors y=2",
            20,
            ["x=1", "max-write-zeroes-", "sectors y=2"],
        ),
        ("a/bcdefghijkl", 8, ["a/bcdefg", "hijkl"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("字字字字/字", 6, ["字字字", "字/字"]),
        ("", 4, [""]),
    ],
)
def test_a_long_word(text: str, width: int, rows: list[str]) -> None:
    """It breaks after the last slash or comma that fits, else a dash, else anywhere."""
    assert drawn(text, width) == rows


@given(st.text("ab/-=. 字", max_size=60), st.integers(2, 30))
def test_any_text(text: str, width: int) -> None:
    """Nothing is lost but blanks, and nothing is wider than the column."""
    rows = drawn(text, width)

    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(views.text(row).cell_len <= width for row in rows)
