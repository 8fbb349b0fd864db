from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import FakeSession, qmp_calls


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("block_resize d0 20G", "block_resize", {"device": "d0", "size": 20 << 30}),
        ("block_resize d0 1", "block_resize", {"device": "d0", "size": 1 << 20}),
        ('block_resize "d 0" 512b', "block_resize", {"device": "d 0", "size": 512}),
        ("eject cd0", "eject", {"device": "cd0"}),
        ("eject -f cd0", "eject", {"device": "cd0", "force": True}),
    ],
)
def test_qmp_calls(line: str, command: str, arguments: dict[str, Any]) -> None:
    """Sizes are bytes; what was not typed has QEMU's default."""
    assert qmp_calls(line) == [(command, arguments)]
    assert FakeSession({command: {}}).prints(line) == ""
