from __future__ import annotations

import pytest

from completions.nbd import ANY_EXPORT
from hmp.qmp.errors import QMPError
from tests.completions.helpers import words
from tests.fakes import FakeSession, Message, qmp_calls


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        (
            "block-export-add nbd,id=e0,node-name=n0",
            [("block-export-add", {"type": "nbd", "id": "e0", "node-name": "n0"})],
        ),
        (
            "block-export-add type=vhost-user-blk,id=e0,addr.type=unix,addr.path=a,,b",
            [
                (
                    "block-export-add",
                    {
                        "type": "vhost-user-blk",
                        "id": "e0",
                        "addr": {"type": "unix", "path": "a,b"},
                    },
                )
            ],
        ),
        ("block-export-del e0", [("block-export-del", {"id": "e0"})]),
        ("block-export-del -f e0", [("block-export-del", {"id": "e0", "mode": "hard"})]),
    ],
)
def test_qmp_calls(line: str, calls: list[tuple[str, Message]]) -> None:
    """What was not typed is not sent."""
    assert qmp_calls(line) == calls


def test_texts_become_what_the_machine_expects() -> None:
    """As for other lists of options."""

    def add(arguments: Message) -> Message:
        if arguments["writable"] is not True:
            raise QMPError("Invalid parameter type for 'writable', expected: boolean")
        return {}

    session = FakeSession({"block-export-add": add})

    assert session.prints("block-export-add nbd,id=e0,node-name=n0,writable=on") == ""


def test_a_list_that_is_wrong() -> None:
    """The error is the parser's."""
    text = FakeSession({}).prints("block-export-add nbd,id")

    assert text.startswith("Error: ")


def test_exports_are_words() -> None:
    """All of them, not only those of NBD."""
    exports = [
        {"id": "e1", "type": "fuse", "node-name": "n1"},
        {"id": "e0", "type": "nbd", "node-name": "n0"},
    ]

    assert words(ANY_EXPORT, {"query-block-exports": exports}) == [
        ("e0", "nbd: n0"),
        ("e1", "fuse: n1"),
    ]
