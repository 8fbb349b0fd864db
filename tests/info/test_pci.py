from __future__ import annotations

from typing import Any

from tests.fakes import FakeSession

UNMAPPED = (1 << 64) - 1


def device(slot: int, **more: Any) -> dict[str, Any]:
    """Return a PCI device."""
    return {
        "bus": 0,
        "slot": slot,
        "function": 0,
        "qdev_id": "",
        "regions": [],
        "class_info": {"class": 0x0200, "desc": "Ethernet controller"},
        "id": {"vendor": 0x1AF4, "device": 0x1000},
        **more,
    }


def test_devices_with_what_they_map() -> None:
    """The id comes first if the device has one; the bus of a bridge is below it."""
    regions = [
        {"bar": 0, "type": "io", "address": 0xC000, "size": 128},
        {
            "bar": 4,
            "type": "memory",
            "address": UNMAPPED,
            "size": 16384,
            "prefetch": True,
            "mem_type_64": True,
        },
    ]
    card = device(3, qdev_id="nic0", irq=11, irq_pin=1, regions=regions)
    bus = {"number": 0, "secondary": 1, "subordinate": 2}
    bridge = device(
        4,
        class_info={"class": 0x0604},
        pci_bridge={"bus": bus, "devices": [device(0x1F, bus=1)]},
    )
    buses = [{"bus": 0, "devices": [card, bridge]}]

    assert FakeSession({"query-pci": buses}).looks("info pci") == (
        "PCI\n"
        "└── bus 0\n"
        "    ├── 03.0 nic0 Ethernet controller 1af4:1000\n"
        "    │   IRQ 11, pin A\n"
        "    │   BAR0 0x0000c000      128 B I/O\n"
        "    │   BAR4 not mapped     16 KiB prefetchable\n"
        "    └── 04.0 Class 1540 1af4:1000\n"
        "        to bus 1, up to 2\n"
        "        └── 1f.0 Ethernet controller 1af4:1000\n"
    )


def test_a_bridge_without_limit_shows_the_last_address_of_all() -> None:
    """QMP sends the largest unsigned number as -1, for instance on powernv."""
    spans = {
        name: {"base": base, "limit": limit}
        for name, base, limit in (
            ("io_range", 0xF000, 0xFFF),
            ("memory_range", 0xFFF00000, 0xFFFFF),
            ("prefetchable_range", -(1 << 20), -1),
        )
    }
    bus = {"number": 0, "secondary": 1, "subordinate": 1, **spans}
    buses = [{"bus": 0, "devices": [device(0, pci_bridge={"bus": bus})]}]

    text = FakeSession({"query-pci": buses}).prints("info pci")

    assert "prefetchable memory range [0xfffffffffff00000, 0xffffffffffffffff]" in text
