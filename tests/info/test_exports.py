from __future__ import annotations

import pytest

from tests.fakes import FakeSession

EXPORTS = [
    {"id": "e1", "type": "fuse", "node-name": "n1", "shutting-down": True},
    {"id": "e0", "type": "nbd", "node-name": "n0", "shutting-down": False},
]


@pytest.mark.parametrize(
    ("exports", "text"),
    [
        ([], "No exports\n"),
        (EXPORTS, "e1: fuse, node n1, shutting down\ne0: nbd, node n0\n"),
    ],
)
def test_text(exports: list[dict[str, object]], text: str) -> None:
    """A line each."""
    assert FakeSession({"query-block-exports": exports}).prints("info exports") == text


def test_view() -> None:
    """A table, with the state of each."""
    shown = FakeSession({"query-block-exports": EXPORTS}).looks("info exports")

    assert "shutting down" in shown
    assert [line.split()[:3] for line in shown.splitlines()[-2:]] == [
        ["e1", "fuse", "n1"],
        ["e0", "nbd", "n0"],
    ]
