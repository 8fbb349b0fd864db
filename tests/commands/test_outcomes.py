"""What a user is asked before something is lost, and what is refused without a question."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import pytest

from hmp.monitor.frontend import FrontEnd
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, tables

GIB = 1 << 30
SNAPSHOT = {"id": "1", "name": "old", "date-sec": 1764239400}
IMAGE = {"virtual-size": 2 * GIB, "snapshots": [SNAPSHOT]}
OVERLAY = {"file": "top", "backing_file": "base", "image": {"virtual-size": GIB}}
BLOCK = [
    {"device": "hd1", "removable": False, "inserted": {"file": "one", "image": IMAGE}},
    {"device": "cd0", "removable": True},
    {"device": "cd1", "removable": True, "inserted": {"file": "x.iso"}},
]
LOCKED = {"device": "cd2", "removable": True, "locked": True, "inserted": {"file": "x"}}
SECOND = {"device": "disk 2", "inserted": {"image": {"virtual-size": 3 * GIB // 2}}}
NODES = [{"node-name": "n1", "image": {"virtual-size": 2 * GIB}}]
SIZES = {"query-block": [*BLOCK, SECOND], "query-named-block-nodes": NODES}
JOB = {"device": "hd1", "type": "mirror", "status": "running"}


def block_graph(edges: dict[str, str]) -> dict[str, Any]:
    """Return a block graph: of drives (hd1), a job, and nodes (one letter each)."""
    names = dict.fromkeys([*edges, *edges.values()])
    numbers = {name: number for number, name in enumerate(names)}

    def kind(name: str) -> str:
        if name == "job":
            return "block-job"
        return "block-driver" if len(name) == 1 else "block-backend"

    return {
        "nodes": [{"id": numbers[n], "name": n, "type": kind(n)} for n in names],
        "edges": [
            {"parent": numbers[p], "child": numbers[c], "name": "root", "perm": []}
            | {"shared-perm": []}
            for p, c in edges.items()
        ],
    }


GONE = QMPError("Device 'd1' not found", "DeviceNotFound")


class User(FrontEnd):
    """A user who says no to all, and remembers the questions."""

    interactive = True

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[str] = []

    async def confirm(self, question: str) -> bool:
        """Say no."""
        self.questions.append(question)
        return False


def asked(
    line: str, answers: Mapping[str, Any], read_only: bool = False
) -> tuple[str, str]:
    """Return the question for a line, and what is printed."""
    session = FakeSession(answers)
    session.monitor = Monitor(session.machine, tables(), read_only=read_only)
    session.monitor.initialised = True
    user = session.monitor.front = User()
    printed = session.prints(line)
    changes = [
        name
        for name, _ in session.calls
        if not name.startswith(("query", "qom-get", "qom-list", "human-monitor"))
    ]
    assert changes in ([], ["x-debug-query-block-graph"] * len(changes))
    return "".join(user.questions), printed


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("block_resize hd1 1G", "2 GiB → 1 GiB, data beyond is lost"),
        ("block_resize hd1 20G", "2 GiB → 20 GiB"),
        ('block_resize "disk 2" 2G', "1.5 GiB → 2 GiB"),
    ],
)
def test_a_resize_names_both_sizes(line: str, question: str) -> None:
    """And says that data is lost, if it is."""
    assert asked(line, SIZES) == (f"{line}: {question}. Continue?", "cancelled\n")


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("block_resize hd1 +1G", "For 3 GiB, type 'block_resize hd1 3G'"),
        ("block_resize hd1 -1G", "For 1 GiB, type 'block_resize hd1 1G'"),
        ("block_resize hd1 -5G", "block_resize takes the new size, and 'hd1' has 2 GiB"),
        ("block_resize hd1 +512", "For 2.5 GiB, type 'block_resize hd1 2560M'"),
        ("block_resize hd1 +1K", "type 'block_resize hd1 2147484672B'"),
        ('block_resize "disk 2" +1G', "type 'block_resize \"disk 2\" 2560M'"),
    ],
)
def test_a_difference_is_refused_with_the_size_to_type(line: str, advice: str) -> None:
    """qemu-img resizes by differences; the monitor would take +1G for 1G."""
    question, printed = asked(line, SIZES)

    assert question == ""
    assert advice in printed


@pytest.mark.parametrize(
    ("line", "answers", "refusal"),
    [
        (
            "block_resize hd9 1G",
            SIZES,
            "Error: Cannot find device='hd9' nor node-name=''\n",
        ),
        ("block_resize n1 1G", SIZES, "Error: Cannot find device='n1' nor node-name=''\n"),
        ("device_del d1", {"qom-get": GONE}, "Error: Device 'd1' not found\n"),
        (
            "pcie_aer_inject_error d1 DLP",
            {"qom-get": GONE},
            "Error: Device 'd1' not found\n",
        ),
        (
            'qemu-io -d d1 "write 0 512"',
            {"qom-get": GONE},
            "Error: Device 'd1' not found\n",
        ),
        (
            "netdev_del x",
            {"human-monitor-command": "net0: index=0,type=user,net=10.0.2.0\r\n"},
            "Error: Device 'x' not found\n",
        ),
        (
            "block-export-del x",
            {"query-block-exports": []},
            "Error: Export 'x' is not found\n",
        ),
        ("eject x", SIZES, "Error: Device 'x' not found\n"),
        ("drive_del x", SIZES, "Error: Device 'x' not found\n"),
        ("commit x", SIZES, "Error: Device 'x' not found\n"),
    ],
)
def test_what_would_fail_is_refused_without_a_question(
    line: str, answers: dict[str, Any], refusal: str
) -> None:
    """In QEMU's words."""
    assert asked(line, answers) == ("", refusal)


NBD = {"id": "hd1", "type": "nbd", "node-name": "n", "shutting-down": False}
CPU = {"cpu-index": 0}
CHARDEV = {"label": "rb", "filename": "ringbuf", "frontend-open": False}
IN_USE = {"label": "rb", "filename": "ringbuf", "frontend-open": True}
IOTHREAD = {"name": "io1", "type": "child<iothread>"}
_DELETE = "blockdev-snapshot-delete-internal-sync"


@pytest.mark.parametrize(
    ("line", "answers", "question"),
    [
        ("nbd_server_stop", {"query-block-exports": [NBD]}, "clients lose the exports hd1"),
        ("eject cd1", SIZES, "the drive loses x.iso"),
        ("eject -f cd2", {"query-block": [LOCKED]}, "the drive loses x"),
        (
            "eject cd2",
            {"query-block": [{**LOCKED, "tray_open": True}]},
            "the drive loses x",
        ),
        (
            "replay_seek 1",
            {"query-replay": {"mode": "play"}},
            "this restores a snapshot and replays from there",
        ),
        (
            "commit all",
            {"query-block": [*BLOCK, {"device": "hd2", "inserted": OVERLAY}]},
            "this writes top into base",
        ),
        ("mce 0 1 1 1 1 1", {"query-cpus-fast": [CPU]}, "the guest may crash"),
        (
            'qemu-io hd1 "write 0 512"',
            SIZES,
            "this may change the disk that the guest uses",
        ),
        ("qemu-io hd1 abort", SIZES, "this ends QEMU"),
        (
            "drive_del hd1",
            {**SIZES, "x-debug-query-block-graph": block_graph({"hd1": "n", "n": "f"})},
            "the guest gets I/O errors from its disk",
        ),
        (
            "drive_del hd1",
            {
                **SIZES,
                "x-debug-query-block-graph": block_graph(
                    {"hd1": "n", "hd2": "m", "job": "m"}
                ),
            },
            "the guest gets I/O errors from its disk",
        ),
        ("qemu-io hd1 reads", SIZES, "this may change the disk that the guest uses"),
        (
            "pcie_aer_inject_error d1 DLP",
            {"qom-get": "e1000e"},
            "the guest may reset the device (e1000e)",
        ),
        (
            "chardev-remove rb",
            {"query-chardev": [CHARDEV]},
            "the text in this ring buffer is lost",
        ),
        (
            "object_del m1",
            {"qom-list": [{"name": "m1", "type": "child<monitor-qmp>"}]},
            "this closes the monitor and disconnects its client",
        ),
        ("quit", {}, "this ends the machine without asking the guest"),
        (
            "quit",
            {"query-status": {"status": "postmigrate"}},
            "the guest has moved; this ends the QEMU that it has left",
        ),
    ],
)
def test_the_question_names_what_is_lost(
    line: str, answers: dict[str, Any], question: str
) -> None:
    """Files, exports, devices."""
    assert asked(line, answers) == (f"{line}: {question}. Continue?", "cancelled\n")


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("nbd_server_stop", {"query-block-exports": [], "nbd-server-stop": {}}),
        ("block_resize cd0 1G", {**SIZES, "block_resize": {}}),
        ("eject hd1", {**SIZES, "eject": {}}),
        ("commit cd0", {**SIZES, "human-monitor-command": ""}),
        ("commit hd1", {**SIZES, "human-monitor-command": ""}),
        ('qemu-io x "write 0 512"', {**SIZES, "human-monitor-command": ""}),
        ("snapshot_delete_blkdev_internal x old", {**SIZES, _DELETE: SNAPSHOT}),
        ("snapshot_delete_blkdev_internal cd0 old", {**SIZES, _DELETE: SNAPSHOT}),
        ("snapshot_delete_blkdev_internal hd1 new", {**SIZES, _DELETE: SNAPSHOT}),
        ("snapshot_delete_blkdev_internal hd1 old 2", {**SIZES, _DELETE: SNAPSHOT}),
        ("replay_seek 1", {"query-replay": {"mode": "none"}, "replay-seek": {}}),
        ("eject cd0", {**SIZES, "eject": {}}),
        ("eject cd2", {"query-block": [LOCKED], "eject": {}}),
        (
            "migrate -d tcp:x:1",
            {
                "query-status": {"status": "running"},
                "query-migrate": {"blocked-reasons": ["a device"]},
                "migrate": {},
            },
        ),
        ('block_resize "disk 2" 1536', {**SIZES, "block_resize": {}}),
        ("commit all", {**SIZES, "human-monitor-command": ""}),
        ("mce 9 1 1 1 1 1", {"query-cpus-fast": [CPU], "human-monitor-command": ""}),
        ('qemu-io hd1 "read 0 512"', {"human-monitor-command": ""}),
        ("qemu-io hd1 map", {"human-monitor-command": ""}),
        (
            "migrate -d tcp:x:1",
            {"query-status": {"status": "inmigrate"}, "query-migrate": {}, "migrate": {}},
        ),
        (
            "migrate -d tcp:x:1",
            {
                "query-status": {"status": "running"},
                "query-migrate": {"status": "active"},
                "migrate": {},
            },
        ),
        ("chardev-remove rb", {"query-chardev": [IN_USE], "chardev-remove": {}}),
        (
            "drive_del hd1",
            {
                **SIZES,
                "x-debug-query-block-graph": block_graph({"hd1": "n", "job": "n"}),
                "human-monitor-command": "",
            },
        ),
        ("object_del io1", {"qom-list": [IOTHREAD], "object-del": {}}),
    ],
)
def test_what_loses_nothing_needs_no_answer(line: str, answers: dict[str, Any]) -> None:
    """It runs at once."""
    session = FakeSession(answers)
    session.monitor.initialised = True
    user = session.monitor.front = User()

    assert session.prints(line) == ""
    assert user.questions == []
    assert session.calls[-1][0] in answers


def graph(*names: str) -> dict[str, Any]:
    """Return the replies of a machine with a disk that has snapshots of an hour ago."""
    snapshots = [{"name": name, "date-sec": 1764239400} for name in names]
    node = {"node-name": "n0", "drv": "qcow2", "image": {"snapshots": snapshots}}
    return {
        "x-debug-query-block-graph": {
            "nodes": [{"id": 1, "type": "block-driver", "name": "n0"}],
            "edges": [],
        },
        "query-named-block-nodes": [node],
        "query-block": [],
    }


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("loadvm first", "all that the guest has done since 2025-11-27 10:30 is lost"),
        ("delvm first", "the snapshot of 2025-11-27 10:30 is lost"),
        ("savevm first", "this replaces the snapshot of 2025-11-27 10:30"),
        (
            "snapshot_delete_blkdev_internal hd1 old",
            "the snapshot of 2025-11-27 10:30 is lost",
        ),
    ],
)
def test_a_snapshot_is_named_by_its_time(
    line: str, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how much is lost."""
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()

    answers = {**graph("first"), "query-block": BLOCK}
    assert asked(line, answers)[0] == f"{line}: {question}. Continue?"


@pytest.mark.parametrize("line", ["loadvm none", "delvm none"])
def test_a_snapshot_that_does_not_exist_is_refused(line: str) -> None:
    """Nothing is asked."""
    question, printed = asked(line, graph("first"))

    assert question == ""
    assert printed == "Error: Snapshot 'none' does not exist in one or more devices\n"


def test_a_machine_that_has_moved_is_resumed_only_after_a_question() -> None:
    """Two machines would write to one disk."""
    moved = {"query-status": {"status": "postmigrate"}}
    question, _ = asked("cont", {**moved, "query-migrate": {"status": "completed"}})

    assert "destroys the data on its disks. Continue?" in question


@pytest.mark.parametrize("status", ["paused", "postmigrate"])
def test_other_machines_are_resumed_at_once(status: str) -> None:
    """One whose migration was to a file, too."""
    answers = {"query-status": {"status": status}, "query-migrate": {}, "cont": {}}
    session = FakeSession(answers)
    user = session.monitor.front = User()

    assert session.prints("c") == ""
    assert user.questions == []


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("migrate -d tcp:h:1", "this stops the machine here and moves the guest there"),
        ("quit", "this ends the machine without asking the guest"),
        ("system_reset", "this resets the machine without asking the guest"),
    ],
)
def test_what_happens_is_said(line: str, question: str) -> None:
    """Before it happens."""
    assert asked(line, {}) == (f"{line}: {question}. Continue?", "cancelled\n")


def test_every_destructive_command_says_what_it_does() -> None:
    """The question has more than the line."""
    table = FakeSession().monitor.commands
    silent = [e.name for e in table if e.effect == "destructive" and not e.outcome]

    assert silent == []


@pytest.mark.parametrize("rest", ["", " hd1", " hd1 lots", " -x", " hd1 1 2 3"])
def test_a_line_that_does_not_parse_is_refused_for_that(rest: str) -> None:
    """Whatever arguments it lacks."""
    foreseen = [e for e in FakeSession().monitor.commands if e.foreseen is not None]
    for entry in foreseen:
        line = f"{entry.names[0]}{rest}"
        if FakeSession().monitor.parse(line).error is not None:
            question, printed = asked(line, {**SIZES, "qom-get": GONE})
            assert question == "", line
            assert "bug in" not in printed, line


def test_a_read_only_session_asks_nothing() -> None:
    """It refuses; the question would be idle."""
    question, printed = asked("system_reset", {}, read_only=True)

    assert question == ""
    assert printed == "Error: 'system_reset' is refused: this session is read-only\n"


def test_a_script_is_asked_nothing() -> None:
    """It makes no requests for a question either."""
    session = FakeSession({**SIZES, "block_resize": {}})

    assert session.prints("block_resize hd1 +1G") == ""
    assert session.calls == [("block_resize", {"device": "hd1", "size": GIB})]


@pytest.mark.parametrize(
    ("has_hmp", "names"), [(False, ["human-monitor-command"]), (True, [])]
)
@pytest.mark.parametrize("line", ["block_resize hd1 1G", "system_reset"])
def test_what_the_machine_lacks_is_not_asked_about(
    line: str, has_hmp: bool, names: list[str]
) -> None:
    """The demonstration machine and a storage daemon fail such a line at once."""
    there = [{"name": name} for name in ("query-status", *names)]
    session = FakeSession({"query-commands": there}, has_hmp=has_hmp)
    user = session.monitor.front = User()
    command = line.split()[0]

    assert session.prints(line) == (
        f"Error: this machine has no QMP command '{command}', which this needs\n"
    )
    assert user.questions == []
