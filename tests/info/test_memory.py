from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import FakeSession, joined

BACKEND = {
    "id": "m0",
    "size": 64 << 20,
    "merge": True,
    "dump": True,
    "prealloc": False,
    "share": False,
    "reserve": True,
    "policy": "bind",
    "host-nodes": [0, 1, 3],
}


def test_memdev() -> None:
    """One paragraph per backend, then an empty line; old machines lack "reserve"."""
    old = {key: value for key, value in BACKEND.items() if key != "reserve"}
    session = FakeSession({"query-memdev": [BACKEND, {**old, "host-nodes": []}]})

    assert session.prints("info memdev") == joined(
        [
            "memory backend: m0",
            "  size:  67108864",
            "  merge: true",
            "  dump: true",
            "  prealloc: false",
            "  share: false",
            "  reserve: true",
            "  policy: bind",
            "  host nodes: 0-1,3",
            "memory backend: m0",
            "  size:  67108864",
            "  merge: true",
            "  dump: true",
            "  prealloc: false",
            "  share: false",
            "  policy: bind",
            "  host nodes: ",
            "",
        ]
    )
    assert "m0        64 MiB   merge, dump, reserve   bind     0-1,3" in session.looks(
        "info memdev"
    )


DIMM = {
    "id": "dm0",
    "addr": 0x100000000,
    "size": 1 << 30,
    "slot": 0,
    "node": 1,
    "memdev": "/objects/m1",
    "hotplugged": False,
    "hotpluggable": True,
}
VIRTIO_MEM = {
    "id": "vm0",
    "memaddr": 0x140000000,
    "requested-size": 4096,
    "size": 2048,
    "max-size": 8192,
    "block-size": 1024,
    "node": 0,
    "memdev": "/objects/m2",
}


@pytest.mark.parametrize(
    ("kind", "data", "lines"),
    [
        (
            "dimm",
            DIMM,
            [
                'Memory device [dimm]: "dm0"',
                "  addr: 0x100000000",
                "  slot: 0",
                "  node: 1",
                "  size: 1073741824",
                "  memdev: /objects/m1",
                "  hotplugged: false",
                "  hotpluggable: true",
            ],
        ),
        (
            "nvdimm",
            {key: value for key, value in DIMM.items() if key != "id"},
            [
                'Memory device [nvdimm]: ""',
                "  addr: 0x100000000",
                "  slot: 0",
                "  node: 1",
                "  size: 1073741824",
                "  memdev: /objects/m1",
                "  hotplugged: false",
                "  hotpluggable: true",
            ],
        ),
        (
            "virtio-pmem",
            {"id": "p", "memaddr": 16, "size": 1, "memdev": "/m"},
            [
                'Memory device [virtio-pmem]: "p"',
                "  memaddr: 0x10",
                "  size: 1",
                "  memdev: /m",
            ],
        ),
        (
            "virtio-mem",
            VIRTIO_MEM,
            [
                'Memory device [virtio-mem]: "vm0"',
                "  memaddr: 0x140000000",
                "  node: 0",
                "  requested-size: 4096",
                "  size: 2048",
                "  max-size: 8192",
                "  block-size: 1024",
                "  memdev: /objects/m2",
            ],
        ),
        (
            "sgx-epc",
            {"memaddr": 1, "size": 2, "node": 0, "memdev": "/m"},
            [
                'Memory device [sgx-epc]: ""',
                "  memaddr: 0x1",
                "  size: 2",
                "  node: 0",
                "  memdev: /m",
            ],
        ),
        (
            "hv-balloon",
            {"id": "b", "max-size": 3},
            ['Memory device [hv-balloon]: "b"', "  max-size: 3"],
        ),
        (
            "sp-mem",
            {"addr": 1, "size": 2, "node": 0, "memdev": "/m"},
            [
                'Memory device [sp-mem]: ""',
                "  addr: 0x1",
                "  node: 0",
                "  size: 2",
                "  memdev: /m",
            ],
        ),
        ("newest", {"id": "n"}, ['Memory device [newest]: "n"']),
    ],
)
def test_memory_devices(kind: str, data: dict[str, Any], lines: list[str]) -> None:
    """Each kind has its lines; missing members are left out."""
    session = FakeSession({"query-memory-devices": [{"type": kind, "data": data}]})

    assert session.prints("info memory-devices") == joined(lines)
    assert kind in session.looks("info memory-devices")


def test_memory_devices_stand_by_their_addresses() -> None:
    """A device that can grow shows its maximum size."""
    devices = [
        {"type": "virtio-mem", "data": VIRTIO_MEM},
        {"type": "dimm", "data": DIMM},
    ]

    looks = FakeSession({"query-memory-devices": devices}).looks("info memory-devices")

    assert [line.split() for line in looks.splitlines()[2:]] == [
        ["dm0", "dimm", "1", "GiB", "0x100000000", "0", "1", "m1"],
        ["vm0", "virtio-mem", "2", "KiB", "of", "8", "KiB", "0x140000000", "0", "m2"],
    ]


@pytest.mark.parametrize(
    ("value", "text", "view"),
    [
        (
            {"base-memory": 1 << 30, "plugged-memory": 0},
            "base memory: 1073741824\nplugged memory: 0\n",
            "base     1 GiB\nplugged  0 B\n",
        ),
        ({"base-memory": 1}, "base memory: 1\n", "base  1 B\n"),
    ],
)
def test_memory_size_summary(value: dict[str, int], text: str, view: str) -> None:
    """A machine that cannot be extended sends only the base size."""
    session = FakeSession({"query-memory-size-summary": value})

    assert session.prints("info memory_size_summary") == text
    assert session.looks("info memory_size_summary") == view


@pytest.mark.parametrize(
    ("status", "text", "view"),
    [
        ("none", "Status: none\n", "○ none\n"),
        ("active", "Status: active\nFinished: 25.00 %\n", "25% of 4 KiB"),
        ("completed", "Status: completed\n", "● completed"),
        ("failed", "Status: failed\n", "✖ failed"),
    ],
)
def test_dump(status: str, text: str, view: str) -> None:
    """The progress is shown only during a dump."""
    value = {"status": status, "completed": 1024, "total": 4096}
    session = FakeSession({"query-dump": value})

    assert session.prints("info dump") == text
    assert view in session.looks("info dump")


RAMBLOCK = """\
              Block Name    PSize              Offset               Used              Total
                 pc.bios    4 KiB  0x0000000008000000 0x0000000000040000 0x0000000000040000
                      m0    2 MiB  0x0000000000000000 0x0000000004000000 0x0000000008000000
"""


@pytest.mark.parametrize("more", ["", " 0x00007fd5e7e00000  ro"])
def test_ramblock(more: str) -> None:
    """The largest comes first; newer machines send address and access, too."""
    heading, *lines = RAMBLOCK.splitlines()
    text = joined([heading, *(line + more for line in lines)])
    session = FakeSession({"x-query-ramblock": {"human-readable-text": text}})

    assert session.prints("info ramblock") == text
    looks = session.looks("info ramblock").splitlines()
    assert looks[2].split()[:6] == ["m0", "64", "MiB", "128", "MiB", "2"]
    assert looks[3].split()[:3] == ["pc.bios", "256", "KiB"]
    assert looks[3].endswith("ro") == bool(more)


def test_a_ramblock_without_a_name() -> None:
    """It has a row like the others."""
    line = " " * 28 + "4 KiB  0x0000000000000000 0x0000000004000000 0x0000000004000000"
    text = f"{RAMBLOCK.splitlines()[0]}\n{line}\n"
    session = FakeSession({"x-query-ramblock": {"human-readable-text": text}})

    assert session.looks("info ramblock").splitlines()[2].startswith("(no name)   64 MiB")


def test_ramblock_in_other_words() -> None:
    """It is shown unchanged."""
    session = FakeSession({"x-query-ramblock": {"human-readable-text": "new words\n"}})

    assert session.looks("info ramblock") == "new words\n"
