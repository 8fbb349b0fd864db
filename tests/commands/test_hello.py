from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, qmp_calls


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("hello-world", {}),
        ("hello-world hi", {"message": "hi"}),
        ('hello-world "We come in peace"', {"message": "We come in peace"}),
        ('hello-world ""', {"message": ""}),
    ],
)
def test_the_message_is_the_machines_to_print(line: str, arguments: dict[str, Any]) -> None:
    """Without one the member is absent, and the monitor itself prints nothing."""
    assert qmp_calls(line) == [("hello-world", arguments)]
    assert FakeSession({"hello-world": {}}).prints(line) == ""


def test_an_error_is_the_machines() -> None:
    """Its description is printed."""
    error = QMPError("the word 'love' is not allowed")

    assert FakeSession({"hello-world": error}).prints("hello-world love") == (
        "Error: the word 'love' is not allowed\n"
    )
