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
        {"device": "d0", "removable": False},
        {"device": "cd0", "removable": True},
    ]


def test_devices_of_virtio() -> None:
    """Their paths and names; other lines are none."""
    text = "/machine/a/virtio-backend [virtio-net]\n/machine/b [virtio-blk (vhost)]\nx\n"

    assert read("x-query-virtio", "info virtio", text) == [
        {"path": "/machine/a/virtio-backend", "name": "virtio-net"},
        {"path": "/machine/b", "name": "virtio-blk (vhost)"},
    ]


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
