from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import NEWEST, FakeSession, Message, joined, qmp_calls

OLD = (7, 2, 22)


@pytest.mark.parametrize(
    ("line", "command", "answer"),
    [
        ("info mice", "query-mice", []),
        ("info balloon", "query-balloon", {"actual": 0}),
        ("info iothreads", "query-iothreads", []),
        ("info pci", "query-pci", []),
    ],
)
def test_each_asks_one_question(line: str, command: str, answer: Any) -> None:
    """One QMP command, without arguments."""
    assert qmp_calls(line, {command: answer}) == [(command, {})]


def mouse(index: int, name: str, current: bool, absolute: bool) -> dict[str, Any]:
    """Return a MouseInfo."""
    return {"index": index, "name": name, "current": current, "absolute": absolute}


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ([], "No mouse devices connected\n"),
        (
            [mouse(2, "QEMU PS/2 Mouse", False, False), mouse(3, "Tablet", True, True)],
            "  Mouse #2: QEMU PS/2 Mouse\n* Mouse #3: Tablet (absolute)\n",
        ),
    ],
)
def test_mice(answer: list[Any], text: str) -> None:
    """The one in use has the mark; a machine without mice has a sentence."""
    assert FakeSession({"query-mice": answer}).prints("info mice") == text


@pytest.mark.parametrize(
    ("actual", "text"),
    [
        (128 << 20, "balloon: actual=128\n"),
        ((128 << 20) - 1, "balloon: actual=127\n"),
        (0, "balloon: actual=0\n"),
    ],
)
def test_balloon(actual: int, text: str) -> None:
    """The size is in MiB, rounded down."""
    answers = {"query-balloon": {"actual": actual}}

    assert FakeSession(answers).prints("info balloon") == text


def test_balloon_without_one() -> None:
    """The error is the machine's."""
    error = QMPError("No balloon device has been activated", "DeviceNotActive")

    assert FakeSession({"query-balloon": error}).prints("info balloon") == (
        "Error: No balloon device has been activated\n"
    )


THREAD = {
    "id": "io0",
    "thread-id": 42,
    "poll-max-ns": 32768,
    "poll-grow": 0,
    "poll-shrink": 1,
    "aio-max-batch": 2,
}


@pytest.mark.parametrize(
    ("more", "lines"),
    [({}, []), ({"poll-weight": 3}, ["  poll-weight=3"])],
)
def test_iothreads(more: dict[str, int], lines: list[str]) -> None:
    """The settings are in QEMU's order; those that an older machine lacks are left out."""
    answer = [{**THREAD, **more}, {**THREAD, **more, "id": "io1"}]
    settings = [
        "  thread_id=42",
        "  poll-max-ns=32768",
        "  poll-grow=0",
        "  poll-shrink=1",
        *lines,
        "  aio-max-batch=2",
    ]

    assert FakeSession({"query-iothreads": answer}).prints("info iothreads") == joined(
        ["io0:", *settings, "io1:", *settings]
    )


def pci_device(**members: Any) -> dict[str, Any]:
    """Return a PciDeviceInfo."""
    return {
        "bus": 0,
        "slot": 1,
        "function": 0,
        "qdev_id": "",
        "regions": [],
        "class_info": {"class": 0x0200, "desc": "Ethernet controller"},
        "id": {"device": 0x100E, "vendor": 0x8086},
        **members,
    }


def pci(*devices: Any, version: tuple[int, int, int] = NEWEST) -> list[str]:
    """Return the lines that ``info pci`` prints, without the heading of a device."""
    answer = [{"bus": 0, "devices": list(devices)}]
    text = FakeSession({"query-pci": answer}, version=version).prints("info pci")
    return text.splitlines()


FIRST = "  Bus  0, device   1, function 0:"
SECOND = "    Ethernet controller: PCI device 8086:100e"
LAST = '      id ""'


@pytest.mark.parametrize(
    ("members", "lines"),
    [
        ({}, [FIRST, SECOND, LAST]),
        ({"qdev_id": "nic0"}, [FIRST, SECOND, '      id "nic0"']),
        (
            {"bus": 12, "slot": 31, "function": 7},
            ["  Bus 12, device  31, function 7:", SECOND, LAST],
        ),
        (
            {"class_info": {"class": 0x0604}},
            [FIRST, "    Class 1540: PCI device 8086:100e", LAST],
        ),
        (
            {"class_info": {"class": 5, "desc": ""}},
            [FIRST, "    Class 0005: PCI device 8086:100e", LAST],
        ),
        (
            {"id": {"vendor": 0x1B36, "device": 1, "subsystem": 2, "subsystem-vendor": 3}},
            [
                FIRST,
                "    Ethernet controller: PCI device 1b36:0001",
                "      PCI subsystem 0003:0002",
                LAST,
            ],
        ),
        (
            {"id": {"vendor": 1, "device": 1, "subsystem": 2}},
            [FIRST, "    Ethernet controller: PCI device 0001:0001", LAST],
        ),
        ({"irq": 11, "irq_pin": 1}, [FIRST, SECOND, "      IRQ 11, pin A", LAST]),
        ({"irq": 0, "irq_pin": 4}, [FIRST, SECOND, "      IRQ 0, pin D", LAST]),
    ],
)
def test_pci_devices(members: dict[str, Any], lines: list[str]) -> None:
    """The lines show place, class, subsystem, interrupt and id."""
    assert pci(pci_device(**members)) == lines


UNMAPPED = -1


def region(address: int, size: int, **members: Any) -> dict[str, Any]:
    """Return a PciMemoryRegion of memory."""
    return {
        "bar": 0,
        "type": "memory",
        "address": address,
        "size": size,
        **{"prefetch": False, "mem_type_64": False, **members},
    }


@pytest.mark.parametrize(
    ("found", "new", "old"),
    [
        (
            {"bar": 1, "type": "io", "address": 0xC000, "size": 0x40},
            "I/O at 0xc000 [0xc03f]",
            "I/O at 0xc000 [0xc03f].",
        ),
        (
            {"bar": 1, "type": "io", "address": UNMAPPED, "size": 0x40},
            "I/O (not mapped)",
            "I/O at 0xffffffffffffffff [0x003e].",
        ),
        (
            region(0xFEB00000, 0x20000, bar=1),
            "32 bit memory at 0xfeb00000 [0xfeb1ffff]",
            "32 bit memory at 0xfeb00000 [0xfeb1ffff].",
        ),
        (
            region(0x1000, 0x10, bar=1, mem_type_64=True, prefetch=True),
            "64 bit prefetchable memory at 0x00001000 [0x0000100f]",
            "64 bit prefetchable memory at 0x00001000 [0x0000100f].",
        ),
        (
            region(0x800000000, 1 << 34, bar=1, mem_type_64=True),
            "64 bit memory at 0x800000000 [0xbffffffff]",
            "64 bit memory at 0x800000000 [0xbffffffff].",
        ),
        (
            region(UNMAPPED, 0x1000, bar=1),
            "32 bit memory (not mapped)",
            "32 bit memory at 0xffffffffffffffff [0x00000ffe].",
        ),
        (
            region((1 << 64) - 1, 0x1000, bar=1, prefetch=True),
            "32 bit prefetchable memory (not mapped)",
            "32 bit prefetchable memory at 0xffffffffffffffff [0x00000ffe].",
        ),
    ],
)
def test_pci_regions(found: dict[str, Any], new: str, old: str) -> None:
    """QEMU 7 prints a full stop after each, and an address for unmapped ones."""
    device = pci_device(regions=[found])

    assert pci(device) == [FIRST, SECOND, f"      BAR1: {new}", LAST]
    assert pci(device, version=OLD) == [FIRST, SECOND, f"      BAR1: {old}", LAST]


def test_pci_bridges() -> None:
    """The ranges of a bridge are followed by the devices of its bus."""
    ranges = {
        "io_range": {"base": 0xF000, "limit": 0xFFF},
        "memory_range": {"base": 0xFE800000, "limit": 0xFE9FFFFF},
        "prefetchable_range": {"base": 0x800000000, "limit": 0x8FFFFFFFF},
    }
    bus = {"number": 0, "secondary": 1, "subordinate": 2, **ranges}
    below = pci_device(bus=1, slot=2, qdev_id="below")
    bridge = pci_device(
        pci_bridge={"bus": bus, "devices": [below]},
        irq=1,
        irq_pin=1,
        regions=[region(0, 16)],
    )

    assert pci(bridge, pci_device(slot=3)) == [
        FIRST,
        SECOND,
        "      IRQ 1, pin A",
        "      BUS 0.",
        "      secondary bus 1.",
        "      subordinate bus 2.",
        "      IO range [0xf000, 0x0fff]",
        "      memory range [0xfe800000, 0xfe9fffff]",
        "      prefetchable memory range [0x800000000, 0x8ffffffff]",
        "      BAR0: 32 bit memory at 0x00000000 [0x0000000f]",
        LAST,
        "  Bus  1, device   2, function 0:",
        SECOND,
        '      id "below"',
        "  Bus  0, device   3, function 0:",
        SECOND,
        LAST,
    ]
    del bridge["pci_bridge"]["devices"]
    assert len(pci(bridge)) == 11


@pytest.mark.parametrize(
    ("version", "text"),
    [(OLD, "PCI devices not supported\n"), (NEWEST, "")],
)
def test_pci_without_any(version: tuple[int, int, int], text: str) -> None:
    """Newer releases print nothing; the error still has the reason."""
    error = QMPError("PCI is not there")
    call = FakeSession({"query-pci": error}, version=version).call("info pci")

    assert call.error is not None
    assert (call.error_text(), call.error.desc) == (text, "PCI is not there")


TREE = {
    "/": [("machine", "child<q35-machine>"), ("objects", "child<container>")],
    "/machine": [
        ("type", "string"),
        ("b", "child<pc>"),
        ("a", "child<irq>"),
        ("A", "child<Z>"),
        ("link", "link<pc>"),
        ("a-b", "child<x>"),
    ],
    "/machine/b": [("deep", "child<leaf>")],
    "/machine/b/deep": [("value", "int")],
}
TYPES = {"/": "container", "/machine": "q35-machine", "/machine/b": "pc", "b": "pc"}


def tree_session(paths: dict[str, str] | None = None) -> FakeSession:
    """Return a session on a machine with a few objects."""

    def listed(arguments: Message) -> Any:
        path = arguments["path"]
        if path == "nope":
            return QMPError("Device 'nope' not found", "DeviceNotFound")
        found = TREE.get("/machine/b" if path == "b" else path.rstrip("/") or "/", [])
        return [{"name": name, "type": kind} for name, kind in found]

    def value(arguments: Message) -> Any:
        if arguments["path"] == "nope":
            return QMPError("Device 'nope' not found", "DeviceNotFound")
        if arguments["property"] == "type":
            return TYPES[arguments["path"].rstrip("/") or "/"]
        return (paths or {}).get(arguments["property"], f"/x/{arguments['property']}")

    return FakeSession({"qom-list": listed, "qom-get": value})


MACHINE = [
    "/machine (q35-machine)",
    "  /A (Z)",
    "  /a (irq)",
    "  /a-b (x)",
    "  /b (pc)",
    "    /deep (leaf)",
]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("info qom-tree", MACHINE),
        ("info qom-tree /machine", MACHINE),
        ("info qom-tree /machine/", MACHINE),
        ("info qom-tree /machine/b", ["/b (pc)", "  /deep (leaf)"]),
        ("info qom-tree b", ["/b (pc)", "  /deep (leaf)"]),
        (
            "info qom-tree /",
            ["/ (container)", *(f"  {line}" for line in MACHINE), "  /objects (container)"],
        ),
    ],
)
def test_qom_tree(line: str, lines: list[str]) -> None:
    """Children are in bytewise order, two blanks per level, without other properties."""
    assert tree_session().prints(line) == joined(lines)


def test_qom_tree_names_what_a_link_leads_to() -> None:
    """The name is the last part of the object's canonical path."""
    session = tree_session({"b": "/machine/unattached/device[3]"})

    assert session.prints("info qom-tree /machine/b").startswith("/device[3] (pc)\n")
    assert ("qom-get", {"path": "/machine", "property": "b"}) in session.calls


def test_qom_tree_of_what_is_not_there() -> None:
    """The error has QEMU's words."""
    assert tree_session().prints("info qom-tree nope") == (
        "Path 'nope' could not be resolved.\n"
    )


def test_qom_tree_asks_for_each_object_once() -> None:
    """One query per object, and two more for the first."""
    session = tree_session()
    session.call("info qom-tree")

    assert [arguments for command, arguments in session.calls if command == "qom-list"] == [
        {"path": path}
        for path in (
            "/machine",
            "/machine/A",
            "/machine/a",
            "/machine/a-b",
            "/machine/b",
            "/machine/b/deep",
        )
    ]
    assert len(session.calls) == 8
