from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import pytest

from info._image import date_text, dump_lines, image_lines, snapshot_heading, snapshot_line
from tests.fakes import NEWEST

if TYPE_CHECKING:
    from hmp.qmp.reply_types import ImageInfo, SnapshotInfo

OLD, NEW = (7, 2, 22), NEWEST
BASE = {"filename": "a.qcow2", "format": "qcow2", "virtual-size": 64 << 20}


def image_of(members: dict[str, Any]) -> ImageInfo:
    """Return an ImageInfo with these members; some are newer than the schema."""
    return cast("ImageInfo", {**BASE, **members})


FIRST = [
    "image: a.qcow2",
    "file format: qcow2",
    "virtual size: 64 MiB (67108864 bytes)",
]
HEAD = [*FIRST, "disk size: unavailable"]
SPECIFIC = "Format specific information:"


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set a fixed time zone."""
    monkeypatch.setenv("TZ", "XYZ-2")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("members", "lines"),
    [
        ({}, HEAD),
        ({"actual-size": 200704}, [*FIRST, "disk size: 196 KiB"]),
        ({"actual-size": 0}, [*FIRST, "disk size: 0 B"]),
        ({"encrypted": True}, [*HEAD, "encrypted: yes"]),
        ({"encrypted": False}, HEAD),
        ({"cluster-size": 65536}, [*HEAD, "cluster_size: 65536"]),
        ({"dirty-flag": True}, [*HEAD, "cleanly shut down: no"]),
        ({"dirty-flag": False}, HEAD),
        (
            {"backing-filename": "b", "full-backing-filename": "b"},
            [*HEAD, "backing file: b"],
        ),
        (
            {"backing-filename": "b", "full-backing-filename": "/x/b"},
            [*HEAD, "backing file: b (actual path: /x/b)"],
        ),
        (
            {"backing-filename": "b"},
            [*HEAD, "backing file: b (cannot determine actual path)"],
        ),
        (
            {
                "backing-filename": "b",
                "full-backing-filename": "b",
                "backing-filename-format": "raw",
            },
            [*HEAD, "backing file: b", "backing file format: raw"],
        ),
        ({"limits": {}}, HEAD),
        (
            {"limits": {"request-alignment": 1, "max-transfer": 2}},
            [*HEAD, "Block limits:", "    request alignment: 1", "    max transfer: 2"],
        ),
        ({"snapshots": []}, HEAD),
        (
            {"format-specific": {"type": "qcow2", "data": {"compat": "1.1"}}},
            [*HEAD, SPECIFIC, "    compat: 1.1"],
        ),
        ({"format-specific": {"type": "file", "data": {}}}, HEAD),
    ],
)
def test_an_image(members: dict[str, Any], lines: list[str]) -> None:
    """Every property has a line."""
    assert list(image_lines(image_of(members), NEW)) == lines


def test_an_old_qemu_has_a_heading_without_information() -> None:
    """Releases before 8 always print it."""
    image = image_of({"format-specific": {"type": "file", "data": {}}})

    assert list(image_lines(image, OLD)) == [*HEAD, SPECIFIC]


def test_all_of_it_comes_in_its_order() -> None:
    """The lines are in QEMU's order, not in the reply's."""
    image = {
        "format-specific": {"data": {"a": 1}},
        "limits": {"b": 2},
        "dirty-flag": True,
        "cluster-size": 3,
        "encrypted": True,
        "backing-filename": "x",
        "full-backing-filename": "x",
        "snapshots": [snapshot()],
        **BASE,
    }

    assert list(image_lines(cast("ImageInfo", image), NEW)) == [
        *HEAD,
        "encrypted: yes",
        "cluster_size: 3",
        "cleanly shut down: no",
        "backing file: x",
        "Block limits:",
        "    b: 2",
        "Snapshot list:",
        snapshot_heading(NEW),
        snapshot_line(snapshot(), NEW),
        SPECIFIC,
        "    a: 1",
    ]


def test_a_dump_follows_the_reply() -> None:
    """The reply's order, four blanks per level, blanks for dashes, any JSON inside."""
    value = {
        "lazy-refcounts": False,
        "refcount-bits": 16,
        "ratio": 0.1,
        "bitmaps": [{"name": "b-0", "flags": ["auto", "in-use"]}, []],
        "nothing": None,
    }

    assert list(dump_lines(value, 1)) == [
        "    lazy refcounts: false",
        "    refcount bits: 16",
        "    ratio: 0.10000000000000001",
        "    bitmaps:",
        "        [0]:",
        "            name: b-0",
        "            flags:",
        "                [0]: auto",
        "                [1]: in-use",
        "        [1]:",
        "    nothing: None",
    ]


def snapshot(**members: Any) -> SnapshotInfo:
    """Return a SnapshotInfo."""
    found = {
        "id": "1",
        "name": "first",
        "vm-state-size": 0,
        "date-sec": 1700000000,
        "date-nsec": 0,
        "vm-clock-sec": 0,
        "vm-clock-nsec": 0,
    }
    given = {key.replace("_", "-"): value for key, value in members.items()}
    return cast("SnapshotInfo", {**found, **given})


OLD_HEADING = "%-10s%-17s%8s%20s%13s%11s"
OLD_LINE = "%-9s %-16s %8s%20s%13s%11s"
NEW_FORMAT = "%-7s %-16s %8s %19s %15s %10s"


@pytest.mark.parametrize(
    ("version", "form", "words"),
    [
        ((7, 2, 22), OLD_HEADING, "ID,TAG,VM SIZE,DATE,VM CLOCK,ICOUNT"),
        ((8, 2, 0), OLD_HEADING, "ID,TAG,VM SIZE,DATE,VM CLOCK,ICOUNT"),
        ((9, 0, 0), NEW_FORMAT, "ID,TAG,VM_SIZE,DATE,VM_CLOCK,ICOUNT"),
        ((11, 1, 3), NEW_FORMAT, "ID,TAG,VM_SIZE,DATE,VM_CLOCK,ICOUNT"),
    ],
)
def test_the_heading_of_snapshots(
    version: tuple[int, int, int], form: str, words: str
) -> None:
    """QEMU 9 changed the columns."""
    assert snapshot_heading(version) == form % tuple(words.split(","))


DATE = "2023-11-15 00:13:20"
CLOCK = {"vm_clock_sec": 100 * 3600 + 61, "vm_clock_nsec": 9_999_999}


@pytest.mark.parametrize(
    ("members", "identity", "size", "clock", "icount"),
    [
        ({}, ("1", "first"), "0 B", ("00:00:00.000", "0000:00:00.000"), ("", "--")),
        (
            {**CLOCK, "icount": 7},
            ("1", "first"),
            "0 B",
            ("100:01:01.009", "0100:01:01.009"),
            ("7", "7"),
        ),
        (
            {"id": "--", "name": "a long name indeed", "vm_state_size": 1 << 30},
            ("--", "a long name indeed"),
            "1 GiB",
            ("00:00:00.000", "0000:00:00.000"),
            ("", "--"),
        ),
        (
            {"icount": 0, "vm_clock_sec": 86399, "vm_clock_nsec": 999_999_999},
            ("1", "first"),
            "0 B",
            ("23:59:59.999", "0023:59:59.999"),
            ("0", "0"),
        ),
    ],
)
def test_the_line_of_a_snapshot(
    members: dict[str, Any],
    identity: tuple[str, str],
    size: str,
    clock: tuple[str, str],
    icount: tuple[str, str],
) -> None:
    """The date is local, hours do not wrap, and blanks at the end are kept."""
    found = snapshot(**members)
    old = (*identity, size, DATE, clock[0], icount[0])
    new = (*identity, size, DATE, clock[1], icount[1])

    assert snapshot_line(found, OLD) == OLD_LINE % old
    assert snapshot_line(found, NEW) == NEW_FORMAT % new


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01 00:00"),
        (1_700_000_000, "2023-11-14 22:13"),
        (10**20, "100000000000000000000 s"),
        (-(10**20), "-100000000000000000000 s"),
    ],
)
def test_dates(monkeypatch: pytest.MonkeyPatch, seconds: int, text: str) -> None:
    """In local time; a guest's nonsense stays what it is."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    assert date_text(seconds, "%Y-%m-%d %H:%M") == text
