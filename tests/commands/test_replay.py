from __future__ import annotations

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("replay_break 100", "replay-break", {"icount": 100}),
        ("replay_delete_break", "replay-delete-break", {}),
        ("replay_seek 5+5", "replay-seek", {"icount": 10}),
    ],
)
def test_replay(line: str, command: str, arguments: Message) -> None:
    """One QMP command each; an error stands without a word before it."""
    assert qmp_calls(line) == [(command, arguments)]
    error = QMPError("setting the breakpoint is allowed only in play mode")
    assert FakeSession({command: error}).prints(line) == f"{error.desc}\n"
