"""Kinds whose words are one list of the machine's."""

from __future__ import annotations

from typing import Any

import pytest

from completions.job import BLOCK_JOB
from completions.nbd import EXPORT
from completions.snapshot import SNAPSHOT
from completions.trace import TRACE_EVENT
from completions.virtio import VIRTIO_PATH
from hmp.monitor.kinds import Kind
from tests.completions.helpers import words


@pytest.mark.parametrize(
    ("kind", "command", "answer", "found"),
    [
        (
            BLOCK_JOB,
            "query-block-jobs",
            [{"device": "d0", "type": "stream", "offset": 1, "len": 9}],
            [("d0", "stream, 1 of 9")],
        ),
        (
            EXPORT,
            "query-block-exports",
            [
                {"id": "e0", "type": "nbd", "node-name": "n0"},
                {"id": "e1", "type": "fuse", "node-name": "n1"},
            ],
            [("e0", "n0")],
        ),
        (
            SNAPSHOT,
            "query-named-block-nodes",
            [
                {"node-name": "a", "image": {"snapshots": [{"name": "s"}, {"name": "t"}]}},
                {"node-name": "b", "image": {"snapshots": [{"name": "s"}]}},
                {"node-name": "c", "image": {}},
            ],
            [("s", "in a"), ("t", "in a")],
        ),
        (
            TRACE_EVENT,
            "trace-event-get-state",
            [{"name": "b", "state": "enabled"}, {"name": "a", "state": "disabled"}],
            [("a", "disabled"), ("b", "enabled")],
        ),
        (
            VIRTIO_PATH,
            "x-query-virtio",
            [{"path": "/machine/x/virtio-backend", "name": "virtio-net"}],
            [("/machine/x/virtio-backend", "virtio-net")],
        ),
    ],
)
def test_a_list_of_the_machines(
    kind: Kind, command: str, answer: list[Any], found: list[tuple[str, str]]
) -> None:
    """Names with what they are; an empty list has none."""
    assert words(kind, {command: answer}) == found
    assert words(kind, {command: []}) == []
