from __future__ import annotations

import re
from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls


def node(name: str, driver: str = "qcow2", *tags: str, ro: bool = False) -> Message:
    """Return a block node with snapshots."""
    snapshots = [{"name": tag} for tag in tags]
    return {
        "node-name": name,
        "drv": driver,
        "ro": ro,
        "image": {"snapshots": snapshots} if tags else {},
    }


def disks(*nodes: Message, **more: Any) -> FakeSession:
    """Return a machine with disks d0, d1 … on some nodes; its jobs end at once."""
    block, graph_nodes, edges = [], [], []
    for number, found in enumerate(nodes):
        name = found["node-name"]
        block.append({"device": f"d{number}", "inserted": {"node-name": name}})
        graph_nodes += [
            {"id": 2 * number, "type": "block-backend", "name": f"d{number}"},
            {"id": 2 * number + 1, "type": "block-driver", "name": name},
        ]
        edges.append({"parent": 2 * number, "child": 2 * number + 1, "name": "root"})
    return FakeSession(
        {
            "query-block": block,
            "query-named-block-nodes": list(nodes),
            "x-debug-query-block-graph": {"nodes": graph_nodes, "edges": edges},
            "query-jobs": [],
            **{f"snapshot-{what}": {} for what in ("save", "load", "delete")},
            **more,
        }
    )


def jobs(session: FakeSession) -> list[tuple[str, Message]]:
    """Return the snapshot jobs that were started."""
    return [call for call in session.calls if call[0].startswith("snapshot-")]


@pytest.mark.parametrize(
    ("line", "command", "members"),
    [
        ("savevm a", "snapshot-save", {"vmstate": "n0"}),
        ("loadvm a", "snapshot-load", {"vmstate": "n0"}),
        ("delvm a", "snapshot-delete", {}),
    ],
)
def test_the_machine_with_its_disks(line: str, command: str, members: Message) -> None:
    """The first writable disk takes the machine's state; others are left alone."""
    session = disks(node("ro", ro=True), node("n0"), node("n1"))

    assert session.prints(line) == ""
    assert jobs(session) == [
        (command, {"job-id": "hmp-0", "tag": "a", "devices": ["n0", "n1"], **members})
    ]


def test_a_tag_of_ones_own() -> None:
    """Without one it is the time."""
    session = disks(node("n0"))
    session.prints("savevm")

    assert re.fullmatch(r"vm-\d{14}", jobs(session)[0][1]["tag"])


def test_a_job_that_is_called_like_ours() -> None:
    """Another name is taken."""
    session = disks(node("n0"))
    taken = {"id": "hmp-0", "status": "running", "type": "backup"}
    session.machine.answers["query-jobs"] = [taken]
    session.prints("delvm a")

    assert jobs(session)[0][1]["job-id"] == "hmp-1"


def test_a_snapshot_that_some_disks_have() -> None:
    """It goes before the new one comes, unless the machine cannot be saved anyway."""
    some = (node("n0", "qcow2", "a"), node("n1"))
    session = disks(*some, **{"query-migrate": {}})
    session.prints("savevm a")
    blocked = disks(*some, **{"query-migrate": {"blocked-reasons": ["x"]}})
    blocked.prints("savevm a")

    assert [name for name, _ in jobs(session)] == ["snapshot-delete", "snapshot-save"]
    assert [name for name, _ in jobs(blocked)] == ["snapshot-save"]


@pytest.mark.parametrize(
    ("nodes", "line", "text"),
    [
        ([], "savevm a", "Error: no block device can store vmstate for snapshot\n"),
        ([], "loadvm a", "Error: no block device can store vmstate for snapshot\n"),
        ([], "delvm a", ""),
    ],
)
def test_disks_that_do_not_take_part(nodes: list[Message], line: str, text: str) -> None:
    """Nothing is begun; where there is nothing to delete, all is done."""
    session = disks(*nodes, **{"query-migrate": {}})

    assert session.prints(line) == text
    assert jobs(session) == []


def test_a_disk_that_keeps_no_snapshots() -> None:
    """That is for QEMU to say, which looks at more, and in its own order."""
    session = disks(node("n0", "raw"), node("n1"))
    session.prints("savevm a")

    (_, members), *_ = jobs(session)
    assert members["devices"] == ["n0", "n1"]
    assert members["vmstate"] == "n1"


def test_a_machine_that_cannot_be_saved() -> None:
    """What blocks it comes before that it has no disks."""
    session = disks(**{"query-migrate": {"blocked-reasons": ["because"]}})

    assert session.prints("savevm a") == "Error: because\n"


def test_a_job_that_fails() -> None:
    """Its reason is the command's."""
    failed = {"id": "hmp-0", "status": "concluded", "type": "x", "error": "no such tag"}
    states = iter([[], [failed]])
    session = disks(node("n0"), **{"query-jobs": lambda args: next(states)})
    session.machine.answers["job-dismiss"] = {}

    assert session.prints("loadvm a") == "Error: no such tag\n"
    assert session.calls[-1] == ("job-dismiss", {"id": "hmp-0"})


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        (
            "snapshot_blkdev d0 f",
            "blockdev-snapshot-sync",
            {"device": "d0", "snapshot-file": "f", "mode": "absolute-paths"},
        ),
        (
            "snapshot_blkdev -n d0 f raw",
            "blockdev-snapshot-sync",
            {"device": "d0", "snapshot-file": "f", "format": "raw", "mode": "existing"},
        ),
        (
            "snapshot_blkdev_internal d0 a",
            "blockdev-snapshot-internal-sync",
            {"device": "d0", "name": "a"},
        ),
        (
            "snapshot_delete_blkdev_internal d0 a 1",
            "blockdev-snapshot-delete-internal-sync",
            {"device": "d0", "name": "a", "id": "1"},
        ),
    ],
)
def test_of_one_disk(line: str, command: str, arguments: Message) -> None:
    """One QMP command each."""
    assert qmp_calls(line) == [(command, arguments)]


def test_the_name_that_savevm_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user reads it; the text is QEMU's, which is empty."""
    said: list[str] = []
    session = disks(node("n0"))
    monkeypatch.setattr(session.monitor.front, "tell", said.append)

    assert session.prints("savevm mine") == ""
    assert said == []
    assert session.prints("savevm") == ""
    (tag,) = (members["tag"] for _, members in jobs(session)[1:])
    assert re.fullmatch(r"vm-\d{14}", tag)
    assert said == [f"The snapshot's name is {tag}"]


def test_a_file_that_must_be_named() -> None:
    """Though the table lets one leave it out."""
    assert FakeSession().prints("snapshot_blkdev d0") == (
        "Error: Parameter 'snapshot-file' is missing\n"
    )


def test_a_machine_that_does_not_answer() -> None:
    """Its error is the command's."""
    session = disks(node("n0"), **{"x-debug-query-block-graph": QMPError("no graph")})

    assert session.prints("savevm a") == "Error: no graph\n"
