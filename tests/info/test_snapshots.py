from __future__ import annotations

import time
from typing import Any

import pytest

from tests.commands.test_snapshots import disks, node
from tests.fakes import Message, joined

HEADING = "ID      TAG               VM_SIZE                DATE        VM_CLOCK     ICOUNT"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the time zone to UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def snapshot(tag: str, number: str = "1") -> Message:
    """Return a snapshot."""
    return {
        "id": number,
        "name": tag,
        "vm-state-size": 1 << 20,
        "date-sec": 0,
        "date-nsec": 0,
        "vm-clock-sec": 3661,
        "vm-clock-nsec": 5_000_000,
    }


def with_snapshots(name: str, *tags: str, driver: str = "qcow2") -> Message:
    """Return a node with snapshots."""
    return {
        **node(name, driver),
        "image": {"snapshots": [snapshot(tag) for tag in tags]},
    }


def row(number: str, tag: str) -> str:
    """Return the row of a snapshot."""
    start = f"{number:<7} {tag:<16}    1 MiB"
    return f"{start} 1970-01-01 00:00:00  0001:01:01.005         --"


def test_tags_are_padded_by_their_bytes() -> None:
    """QEMU's printf counts bytes, not columns of the terminal."""
    session = disks(with_snapshots("n0", "é€"), with_snapshots("n1", "é€"))

    # three bytes more than characters
    assert row("--", "é€").replace("€   ", "€") in session.prints("info snapshots")


def test_what_can_be_loaded_and_what_not() -> None:
    """Ids differ between disks; partial snapshots are listed apart."""
    session = disks(with_snapshots("n0", "a", "b"), with_snapshots("n1", "a"))

    assert session.prints("info snapshots") == joined(
        [
            "List of snapshots present on all disks:",
            HEADING,
            row("--", "a"),
            "",
            "List of partial (non-loadable) snapshots on 'd0':",
            HEADING,
            row("1", "b"),
        ]
    )
    looks = session.looks("info snapshots").splitlines()
    assert looks[2].startswith("a     ● all disks")
    assert looks[3].startswith("b     ○ only d0")


def test_nothing_that_can_be_loaded() -> None:
    """The list has a sentence in its place."""
    session = disks(with_snapshots("n0", "a"), with_snapshots("n1"))

    assert session.prints("info snapshots").startswith(
        "List of snapshots present on all disks:\nNone\n\nList of partial"
    )


def test_no_snapshots() -> None:
    """Without disks for them, newer releases report an error."""
    assert disks(with_snapshots("n0")).prints("info snapshots") == (
        "There is no snapshot available.\n"
    )
    raw = disks(with_snapshots("n0", driver="raw"))
    assert raw.prints("info snapshots") == (
        "Error: no block device can store vmstate for snapshot\n"
    )
    raw.machine.version = (10, 0, 0)
    raw.monitor.attach(raw.machine)
    assert raw.prints("info snapshots") == (
        "no block device can store vmstate for snapshot\n"
    )
