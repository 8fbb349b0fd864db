"""Kinds whose words are one list of the machine's."""

from __future__ import annotations

from typing import Any

import pytest

from completions.event import AWAITED
from completions.job import BLOCK_JOB
from completions.nbd import ANY_EXPORT, EXPORT, EXPORT_OPTIONS
from completions.snapshot import SNAPSHOT
from completions.trace import TRACE_EVENT
from completions.virtio import VIRTIO_PATH
from hmp.monitor.kinds import Kind
from tests.completions.helpers import candidates, lines, placed, words


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
            ANY_EXPORT,
            "query-block-exports",
            [{"id": "e1", "type": "fuse", "node-name": "n1"}],
            [("e1", "fuse: n1")],
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


def test_flags_of_old_releases_are_not_offered() -> None:
    """migrate still reads -b and -i, which its usage line does not show."""
    assert lines("migrate -", {}) == ["migrate -d", "migrate -r"]


def test_an_id_of_raw_qmp_is_new_only_where_something_is_added() -> None:
    """Elsewhere it is one that exists."""
    arguments = [{"name": "id", "type": "str"}]
    schema = [
        {"name": "str", "meta-type": "builtin", "json-type": "string"},
        {"name": "q", "meta-type": "object", "members": arguments},
        {"name": "x-add", "meta-type": "command", "arg-type": "q", "ret-type": "q"},
        {"name": "x-del", "meta-type": "command", "arg-type": "q", "ret-type": "q"},
    ]
    found = {
        name: [c.about for c in candidates(f"qmp {name} ", {"query-qmp-schema": schema})]
        for name in ("x-add", "x-del")
    }

    assert found["x-add"][-1].startswith("name of the new thing")
    assert found["x-del"][-1].startswith("id of one that exists")


def test_the_nodes_that_can_be_exported() -> None:
    """All that have a name."""
    nodes = [
        {"node-name": "b", "drv": "raw"},
        {"drv": "file"},
        {"node-name": "a", "drv": "x"},
    ]
    asked: list[Any] = []

    def answer(arguments: Any) -> Any:
        asked.append(arguments)
        return nodes

    found = words(EXPORT_OPTIONS, {"query-named-block-nodes": answer}, "nbd,node-name")
    assert [word for word in found if word[0]][:1] == [("a", "x")]
    assert ("b", "raw") in found
    assert asked == [{"flat": True}]


@pytest.mark.parametrize(
    ("typed", "what", "part", "context"),
    [
        ("", "", "", ""),
        ("ST", "ST", "ST", "ST"),
        ("job", "job", "job", "job"),
        ("j0", "job j0", "j0", "job id"),
        ("1", "STOP --timeout 1", "1", "STOP"),
        ("--timeout", "STOP --timeout", "--timeout", "--timeout"),
        ("id=x", "GONE id=x", "x", "GONE id"),
        ("a=b=c", "GONE a=b=c", "b=c", "GONE a"),
        ("ho", "GONE id=x ho", "ho", "GONE"),
    ],
)
def test_what_wait_awaits_here(typed: str, what: str, part: str, context: str) -> None:
    """An event or job, its id, a member of the data or its value, or the option."""
    assert placed(AWAITED, typed, what=what) == (part, context)
