"""Queries that are answered from texts; `tests.qemu.test_human_monitor` has real ones."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.frontends.script import drive
from hmp.monitor.from_text import _QUERIES, asked
from hmp.qmp.errors import QMPError
from tests.fakes import FakeConnection

KVM = {"enabled": True, "present": True}
RUNNING = {"status": "running", "running": True}


class Lines(FakeConnection):
    """A machine that takes only lines."""

    takes_qmp = False
    sends_events = False


def read(command: str, line: str, text: str, **arguments: Any) -> Any:
    """Return what a query answers where a line prints this text."""
    connection = Lines(lines={line: text})
    return drive(asked(connection).execute(command, arguments))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("VM status: running", "running"),
        ("VM status: paused", "paused"),
        ("VM status: paused (prelaunch)", "prelaunch"),
        ("VM status: paused (io-error)", "io-error"),
        ("VM status: running (single step mode)", None),
        ("VM", None),
        ("", None),
    ],
)
def test_the_state(text: str, status: str | None) -> None:
    """The reason in parentheses is what QMP calls the state."""
    if status is None:
        with pytest.raises(QMPError, match="printed something else"):
            read("query-status", "info status", text)
    else:
        assert read("query-status", "info status", f"{text}\r\n")["status"] == status


def test_block_devices() -> None:
    """The first word of each paragraph; devices without a name have a path there."""
    text = (
        "d0 (#block123): disk.qcow2 (qcow2)\n    Attached to: x\n\n"
        "cd0: [not inserted]\n    Removable device: not locked, tray closed\n\n"
        "/machine/peripheral/sd1: raw.img (raw)\n\nn1: raw.img (raw)\n\n"
    )
    assert read("query-block", "info block", text.replace("\n", "\r\n")) == [
        {
            "device": "d0",
            "removable": False,
            "inserted": {"file": "disk.qcow2", "drv": "qcow2", "ro": False},
        },
        {"device": "cd0", "removable": True},
    ]


TABLE = [
    ("qom-get", {"path": "/a", "property": "b"}, "qom-get /a b", '{"c": 1}', {"c": 1}),
    (
        "qom-list",
        {"path": "/machine"},
        "qom-list /machine",
        "type (string)\nq35 (child<pc-q35>)\nx\n",
        [
            {"name": "type", "type": "string"},
            {"name": "q35", "type": "child<pc-q35>"},
        ],
    ),
    (
        "query-block-jobs",
        {},
        "info block-jobs",
        "Streaming device d0: Completed 1 of 2 bytes, speed limit 0 bytes/s\n"
        "Type mirror, device d1: Completed 3 of 4 bytes, speed limit 0 bytes/s\n",
        [
            {"type": "", "device": "d0", "offset": "1", "len": "2"},
            {"type": "mirror", "device": "d1", "offset": "3", "len": "4"},
        ],
    ),
    (
        "query-chardev",
        {},
        "info chardev",
        "c0: filename=disconnected:tcp:h:1\nserial0: filename=null\n",
        [
            {"label": "c0", "filename": "disconnected:tcp:h:1"},
            {"label": "serial0", "filename": "null"},
        ],
    ),
    (
        "query-cpus-fast",
        {},
        "info cpus",
        "* CPU #0: thread_id=7\n  CPU #12: thread_id=8\nCPU #3:\n",
        [{"cpu-index": 0, "qom-path": ""}, {"cpu-index": 12, "qom-path": ""}],
    ),
    ("query-kvm", {}, "info kvm", "kvm support: enabled\n", KVM),
    ("query-kvm", {}, "info kvm", "kvm support: disabled\n", {**KVM, "enabled": False}),
    (
        "query-mice",
        {},
        "info mice",
        "* Mouse #2: QEMU HID Tablet (absolute)\n  Mouse #3: PS/2\n",
        [{"index": "2", "name": "QEMU HID Tablet"}, {"index": "3", "name": "PS/2"}],
    ),
    (
        "query-migrate-capabilities",
        {},
        "info migrate_capabilities",
        "xbzrle: off\nx-colo: on\nother: maybe\n",
        [
            {"capability": "xbzrle", "state": False},
            {"capability": "x-colo", "state": True},
        ],
    ),
    ("query-name", {}, "info name", "vm 1\n", {"name": "vm 1"}),
    ("query-name", {}, "info name", "\n", {}),
    ("query-named-block-nodes", {}, "info name", "vm\n", []),
    ("query-status", {}, "info status", "VM status: running\n", RUNNING),
    (
        "trace-event-get-state",
        {"name": "*"},
        "info trace-events",
        "vm_stop : state 1\nvm_start : state 0\nx\n",
        [{"name": "vm_stop", "state": "1"}, {"name": "vm_start", "state": "0"}],
    ),
    (
        "x-query-virtio",
        {},
        "info virtio",
        "/machine/a/virtio-backend [virtio-net]\n/machine/b [virtio-blk (vhost)]\nx\n",
        [
            {"path": "/machine/a/virtio-backend", "name": "virtio-net"},
            {"path": "/machine/b", "name": "virtio-blk (vhost)"},
        ],
    ),
]


@pytest.mark.parametrize(("command", "arguments", "line", "text", "answer"), TABLE)
def test_queries(
    command: str, arguments: dict[str, str], line: str, text: str, answer: object
) -> None:
    """Each is answered by one line, and what is not of its form is left out."""
    assert read(command, line, text.replace("\n", "\r\n"), **arguments) == answer


def test_the_table_is_complete() -> None:
    """A new query needs a row, or a test of its own."""
    assert {row[0] for row in TABLE} | {"query-block"} == _QUERIES.keys()


def test_what_is_none_of_these_is_passed_on() -> None:
    """With its arguments, whether given as a mapping or by name; a None is left out."""
    connection = Lines({"query-version": {}, "x": {}})
    both = asked(connection)

    drive(both.execute("query-version"))
    drive(both.execute("x", {"a": 1}, b=2, c=None))

    assert connection.calls == [("query-version", {}), ("x", {"a": 1, "b": 2})]


def test_a_path_that_is_no_word_is_not_asked_for() -> None:
    """Nothing is smuggled into a line."""
    with pytest.raises(QMPError, match="must be simple"):
        read("qom-list", "", "", path='/machine"; quit')
    with pytest.raises(QMPError, match="must be simple"):
        read("qom-list", "", "", path="/machine quit")


def test_other_connections_are_left_alone() -> None:
    """One that takes QMP is asked over QMP."""
    connection = FakeConnection({"query-name": {"name": "vm"}})
    assert asked(connection) is connection


@given(st.sampled_from(sorted(_QUERIES)), st.text())
def test_any_text(command: str, text: str) -> None:
    """It is read, or refused."""
    _, reader = _QUERIES[command]
    with suppress(ValueError, RecursionError):
        reader(text)
