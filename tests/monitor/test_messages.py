"""Messages as a trace shows them."""

from __future__ import annotations

import pytest

from hmp.monitor.messages import message_text
from tests.fakes import Message


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ({"execute": "stop"}, '-> {"execute": "stop"}\n'),
        ({"line": "info name"}, "-> info name\n"),
        ({"text": "a\r\nb\r\n"}, "-> a\n-> b\n"),
        ({"text": "a\n\nb"}, "-> a\n->\n-> b\n"),
        ({"text": ""}, "->\n"),
        ({"text": 1}, '-> {"text": 1}\n'),
        ({"line": "x", "id": 1}, '-> {"line": "x", "id": 1}\n'),
    ],
)
def test_messages(message: Message, shown: str) -> None:
    """A line and its text stand as they are; all else is JSON."""
    assert message_text("->", message) == shown
