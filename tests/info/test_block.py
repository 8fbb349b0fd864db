from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import NEWEST, FakeSession, joined, qmp_calls

Device = dict[str, Any]
CACHE = {"writeback": True, "direct": False, "no-flush": False}
IMAGE = {"filename": "a.img", "format": "raw", "virtual-size": 1 << 20}


def inserted(**members: Any) -> dict[str, Any]:
    """Return a medium with the members that the schema requires."""
    return {
        "file": "a.img",
        "drv": "raw",
        "ro": False,
        "encrypted": False,
        "cache": CACHE,
        "detect_zeroes": "off",
        "node-name": "#block1",
        "image": IMAGE,
        "bps": 0,
        "bps_rd": 0,
        "bps_wr": 0,
        "iops": 0,
        "iops_rd": 0,
        "iops_wr": 0,
        **{name.replace("__", "-"): value for name, value in members.items()},
    }


def device(name: str = "d0", medium: Any = None, **members: Any) -> Device:
    """Return an entry of query-block."""
    found: Device = {"device": name, "locked": False, "removable": False, **members}
    return {**found, "inserted": medium} if medium is not None else found


def block(
    *devices: Device,
    line: str = "info block",
    nodes: list[Any] | None = None,
    version: tuple[int, int, int] = NEWEST,
) -> str:
    """Return what ``info block`` prints."""
    answers = {"query-block": list(devices), "query-named-block-nodes": nodes or []}
    return FakeSession(answers, version=version).prints(line)


CACHED = "    Cache mode:       writeback"


@pytest.mark.parametrize(
    ("entry", "lines"),
    [
        (device(), ["d0: [not inserted]"]),
        (device(medium=inserted()), ["d0 (#block1): a.img (raw)", CACHED]),
        (
            device(medium=inserted(ro=True, encrypted=True, active=False)),
            ["d0 (#block1): a.img (raw, read-only, encrypted, inactive)", CACHED],
        ),
        (
            device(medium=inserted(active=True)),
            ["d0 (#block1): a.img (raw)", CACHED],
        ),
        (
            device("", medium=inserted(), qdev="disk1"),
            ["#block1: a.img (raw)", "    Attached to:      disk1", CACHED],
        ),
        (
            device("", qdev="disk1"),
            ["disk1: [not inserted]", "    Attached to:      disk1"],
        ),
        (device(""), ["<anonymous>: [not inserted]"]),
        (
            device(medium=inserted(), **{"io-status": "nospace"}),
            [
                "d0 (#block1): a.img (raw)",
                "    I/O status:       nospace",
                CACHED,
            ],
        ),
        (
            device(medium=inserted(), **{"io-status": "ok"}),
            ["d0 (#block1): a.img (raw)", CACHED],
        ),
        (
            device(removable=True, tray_open=True),
            ["d0: [not inserted]", "    Removable device: not locked, tray open"],
        ),
        (
            device(removable=True, locked=True, tray_open=False),
            ["d0: [not inserted]", "    Removable device: locked, tray closed"],
        ),
        (
            device(removable=True),
            ["d0: [not inserted]", "    Removable device: not locked, tray closed"],
        ),
        (
            device(
                medium=inserted(
                    cache={"writeback": False, "direct": True, "no-flush": True}
                )
            ),
            [
                "d0 (#block1): a.img (raw)",
                "    Cache mode:       writethrough, direct, ignore flushes",
            ],
        ),
        (
            device(medium=inserted(backing_file="base.img", backing_file_depth=2)),
            [
                "d0 (#block1): a.img (raw)",
                CACHED,
                "    Backing file:     base.img (chain depth: 2)",
            ],
        ),
        (
            device(medium=inserted(detect_zeroes="unmap")),
            ["d0 (#block1): a.img (raw)", CACHED, "    Detect zeroes:    unmap"],
        ),
        (
            device(medium=inserted(bps=1000000, iops_wr_max=7, iops_size=512, group="g")),
            [
                "d0 (#block1): a.img (raw)",
                CACHED,
                "    I/O throttling:   bps=1000000 bps_rd=0 bps_wr=0 bps_max=0 bps_rd_max=0"
                " bps_wr_max=0 iops=0 iops_rd=0 iops_wr=0 iops_max=0 iops_rd_max=0"
                " iops_wr_max=7 iops_size=512 group=g",
            ],
        ),
        (
            device(medium=inserted(iops_rd=1, group="d0")),
            [
                "d0 (#block1): a.img (raw)",
                CACHED,
                "    I/O throttling:   bps=0 bps_rd=0 bps_wr=0 bps_max=0 bps_rd_max=0"
                " bps_wr_max=0 iops=0 iops_rd=1 iops_wr=0 iops_max=0 iops_rd_max=0"
                " iops_wr_max=0 iops_size=0 group=d0",
            ],
        ),
        (
            device(medium=inserted(iops_max=9)),
            ["d0 (#block1): a.img (raw)", CACHED],
        ),
    ],
)
def test_one_device(entry: Device, lines: list[str]) -> None:
    """The lines show attachment, medium, cache, backing file and limits."""
    assert block(entry) == joined(lines)


def test_an_empty_line_parts_devices() -> None:
    """Every device has one before it except the first, even if that is not shown."""
    devices = [device(name) for name in ("a", "b", "c")]

    assert block(*devices) == (
        "a: [not inserted]\n\nb: [not inserted]\n\nc: [not inserted]\n"
    )
    assert block(*devices, line="info block a") == "a: [not inserted]\n"
    assert block(*devices, line="info block c") == "\nc: [not inserted]\n"


def test_nothing_there_prints_nothing() -> None:
    """The machine has no devices, no nodes, or none of the name."""
    for line in ("info block", "info block -n", "info block nope", "info block -v"):
        assert block(line=line) == ""


NODES = [inserted(), inserted(node__name="n1", file="b.img", ro=True)]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "info block -n",
            f"#block1: a.img (raw)\n{CACHED}\n\nn1: b.img (raw, read-only)\n{CACHED}\n",
        ),
        ("info block -n n1", f"\nn1: b.img (raw, read-only)\n{CACHED}\n"),
        ("info block n1", f"\nn1: b.img (raw, read-only)\n{CACHED}\n"),
        ("info block -n d0", ""),
        ("info block d0", "d0: [not inserted]\n"),
    ],
)
def test_nodes(line: str, text: str) -> None:
    """All nodes are shown, or one by its name; device names take precedence."""
    assert block(device(), line=line, nodes=NODES) == text


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        ("info block", ["query-block"]),
        ("info block -v", ["query-block"]),
        ("info block d0", ["query-block"]),
        ("info block n1", ["query-block", "query-named-block-nodes"]),
        ("info block -n", ["query-named-block-nodes"]),
        ("info block -n -v n1", ["query-named-block-nodes"]),
    ],
)
def test_only_what_is_needed_is_asked_for(line: str, calls: list[str]) -> None:
    """Nodes are queried only if no device has the name."""
    answers = {"query-block": [device()], "query-named-block-nodes": NODES}

    assert qmp_calls(line, answers) == [(command, {}) for command in calls]


def test_images_follow_their_device() -> None:
    """With -v, each device is followed by its image and the backing images."""
    image = {**IMAGE, "backing-image": {**IMAGE, "filename": "base.img"}}
    text = block(device(medium=inserted(image=image)), device("cd0"), line="info block -v")

    assert text == joined(
        [
            "d0 (#block1): a.img (raw)",
            CACHED,
            "",
            "Images:",
            "image: a.img",
            "file format: raw",
            "virtual size: 1 MiB (1048576 bytes)",
            "disk size: unavailable",
            "image: base.img",
            "file format: raw",
            "virtual size: 1 MiB (1048576 bytes)",
            "disk size: unavailable",
            "",
            "cd0: [not inserted]",
        ]
    )


STATS = {
    "rd_bytes": 1,
    "wr_bytes": 2,
    "rd_operations": 3,
    "wr_operations": 4,
    "flush_operations": 5,
    "wr_total_time_ns": 6,
    "rd_total_time_ns": 7,
    "flush_total_time_ns": 8,
    "rd_merged": 9,
    "wr_merged": 10,
}
DEVICES = [
    {"device": "d0", "stats": {**STATS, "idle_time_ns": 11}},
    {"node-name": "only a node", "stats": STATS},
    {"device": "", "stats": STATS},
]


@pytest.mark.parametrize("version", [(7, 2, 22), (10, 0, 0), (10, 2, 2)])
def test_blockstats_in_lines(version: tuple[int, int, int]) -> None:
    """One line per device; other entries are left out, missing members count as 0."""
    session = FakeSession({"query-blockstats": DEVICES}, version=version)
    numbers = (
        "rd_bytes=1 wr_bytes=2 rd_operations=3 wr_operations=4 flush_operations=5"
        " wr_total_time_ns=6 rd_total_time_ns=7 flush_total_time_ns=8 rd_merged=9"
        " wr_merged=10 idle_time_ns="
    )

    assert session.prints("info blockstats") == f"d0: {numbers}11\n: {numbers}0\n"
    assert session.calls == [("query-blockstats", {})]


def test_blockstats_in_blocks() -> None:
    """From QEMU 11 on, blocks are separated by empty lines."""
    session = FakeSession({"query-blockstats": DEVICES}, version=(11, 1, 3))
    # widths of 24, 16, 24 and 10 cells
    table = [
        f"       {'bytes':>24} {'operations':>16} {'total_time_ns':>24} {'merged':>10}",
        f"Read:  {1:24d} {3:16d} {7:24d} {9:10d}",
        f"Write: {2:24d} {4:16d} {6:24d} {10:10d}",
        f"Flush: {'':24s} {5:16d} {8:24d}",
    ]

    assert session.prints("info blockstats") == joined(
        ["d0: idle_time_ns=11", *table, "", ": idle_time_ns=0", *table]
    )


def test_a_name_that_nothing_has_is_called_that() -> None:
    """On a screen, with the names that there are; the text stays QEMU's, empty."""
    answers = {
        "query-block": [device("d0"), device("")],
        "query-named-block-nodes": [
            inserted(**{"node-name": name}) for name in ("n1", "#b1")
        ],
    }
    session = FakeSession(answers)

    assert session.prints("info block nosuch") == ""
    assert session.looks("info block nosuch") == (
        "No block device or node is named 'nosuch'; this machine has d0, n1\n"
    )
    assert session.looks("info block -n nosuch").endswith("this machine has n1\n")
