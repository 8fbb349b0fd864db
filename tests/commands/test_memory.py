from __future__ import annotations

import pytest

from tests.fakes import FakeSession, qmp_calls


@pytest.mark.parametrize(
    ("line", "value"),
    [("balloon 512", 512 << 20), ("balloon 1+1", 2 << 20), ("balloon 0", 0)],
)
def test_balloon_is_in_mib(line: str, value: int) -> None:
    """QMP takes bytes."""
    assert qmp_calls(line) == [("balloon", {"value": value})]


def test_balloon_below_nothing() -> None:
    """It is refused here, as by QEMU."""
    session = FakeSession({"balloon": {}})

    assert session.prints("balloon -1").startswith("enter a positive value\n")
    assert session.calls == []
