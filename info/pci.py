"""PCI: the buses, the devices on them, and their memory and I/O regions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import (
    Call,
    CommandFailedError,
    Monitor,
    QDict,
    QMPError,
    info,
    releases,
    size_text,
    views,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

    from hmp.qmp.reply_types import PciBusInfo, PciDeviceInfo, PciInfo, PciMemoryRegion

CATEGORY = "Devices"

# the address of a BAR that the guest has not mapped
_UNMAPPED = (1 << 64) - 1


@info(
    "pci",
    help="show the PCI devices and their regions",
    words="devices, lspci, hardware",
    qmp=["query-pci"],
    failure=r"\APCI devices not supported\n",
    after_preconfig=True,
)
async def pci(mon: Monitor, args: QDict) -> list[PciInfo]:
    """Return a list of PciInfo, one per bus. Raises CommandFailedError without PCI."""
    try:
        return await mon.qmp.execute("query-pci")
    except QMPError as error:
        # newer releases print nothing for a machine without PCI
        text = (
            "PCI devices not supported\n" if mon.qmp.version < releases.PCI_SILENT else ""
        )
        raise CommandFailedError(text, error.desc) from error


@pci.text
def pci_text(buses: list[PciInfo], call: Call) -> Iterator[str]:
    """Yield the lines of each device, and after a bridge those of its bus."""
    for bus in buses:
        for device in bus["devices"]:
            yield from _pci_lines(device, call.version < releases.PCI_BARS)


def _pci_lines(device: PciDeviceInfo, old: bool) -> Iterator[str]:
    yield (
        f"  Bus {device['bus']:2}, device {device['slot']:3}, function"
        f" {device['function']}:"
    )
    identity = device["id"]
    yield (
        f"    {_pci_class(device)}: PCI device"
        f" {identity['vendor']:04x}:{identity['device']:04x}"
    )
    if "subsystem-vendor" in identity and "subsystem" in identity:
        yield (
            f"      PCI subsystem {identity['subsystem-vendor']:04x}:"
            f"{identity['subsystem']:04x}"
        )
    if "irq" in device:
        yield f"      IRQ {device['irq']}, pin {_pin(device)}"
    bridge = device.get("pci_bridge")
    if bridge:
        yield from _bridge_lines(bridge["bus"])
    for region in device["regions"]:
        yield f"      BAR{region['bar']}: {_region(region, old)}"
    yield f'      id "{device["qdev_id"]}"'
    for child in bridge.get("devices", ()) if bridge else ():
        yield from _pci_lines(child, old)


def _pin(device: PciDeviceInfo) -> str:
    # as QEMU's C code does, whatever number the device has
    return chr((ord("A") + device.get("irq_pin", 1) - 1) & 0x7F)


def _pci_class(device: PciDeviceInfo) -> str:
    described = device["class_info"]
    # in decimal, as QEMU writes a class that it has no name for
    return described.get("desc") or f"Class {described['class']:04}"


def _bridge_lines(bus: PciBusInfo) -> Iterator[str]:
    yield f"      BUS {bus['number']}."
    yield f"      secondary bus {bus['secondary']}."
    yield f"      subordinate bus {bus['subordinate']}."
    for label, limits, width in (
        ("IO range", bus["io_range"], 4),
        ("memory range", bus["memory_range"], 8),
        ("prefetchable memory range", bus["prefetchable_range"], 8),
    ):
        low, high = _unsigned(limits["base"]), _unsigned(limits["limit"])
        yield f"      {label} [0x{low:0{width}x}, 0x{high:0{width}x}]"


def _unsigned(number: int) -> int:
    """Return an address as an unsigned number; in QMP it has a sign and 64 bits."""
    return number & _UNMAPPED


def _region(region: PciMemoryRegion, old: bool) -> str:
    """Return the text of a BAR.

    old: use the layout of QEMU 7, which prints an address for an unmapped BAR, too.
    """
    address = _unsigned(region["address"])
    # QEMU's mark for a BAR that the guest has not enabled: all bits set
    unmapped = address == _UNMAPPED and not old
    last = _unsigned(address + region["size"] - 1)
    if region["type"] == "io":
        if unmapped:
            return "I/O (not mapped)"
        return f"I/O at 0x{address:04x} [0x{last:04x}]" + ("." if old else "")
    bits = 64 if region.get("mem_type_64") else 32
    kind = f"{bits} bit{' prefetchable' if region.get('prefetch') else ''} memory"
    if unmapped:
        return f"{kind} (not mapped)"
    return f"{kind} at 0x{address:08x} [0x{last:08x}]" + ("." if old else "")


@pci.view
def pci_view(buses: list[PciInfo]) -> RenderableType:
    """Show a tree of the buses and their devices, each with its regions."""
    root = views.tree("PCI")
    for bus in buses:
        branch = root.add(views.branch(f"bus {bus['bus']}"))
        for device in bus["devices"]:
            _pci_branch(branch, device)
    return root


def _pci_branch(parent: Tree, device: PciDeviceInfo) -> None:
    identity = device["id"]
    label = views.text(f"{device['slot']:02x}.{device['function']} ", "hmp.label")
    name = device["qdev_id"] or _pci_class(device)
    label.append_text(views.text(name, "hmp.name"))
    if device["qdev_id"]:
        label.append_text(views.text(f" {_pci_class(device)}"))
    numbers = f" {identity['vendor']:04x}:{identity['device']:04x}"
    label.append_text(views.text(numbers, "hmp.detail"))
    for line in _mapped(device):
        label.append("\n").append_text(views.text(line, "hmp.detail"))
    branch = parent.add(label)
    bridge = device.get("pci_bridge")
    for child in bridge.get("devices", ()) if bridge else ():
        _pci_branch(branch, child)


def _mapped(device: PciDeviceInfo) -> Iterator[str]:
    """Yield the interrupt, the bus of a bridge, and the address and size of each BAR."""
    if "irq" in device:
        yield f"IRQ {device['irq']}, pin {_pin(device)}"
    if "pci_bridge" in device:
        bus = device["pci_bridge"]["bus"]
        yield f"to bus {bus['secondary']}, up to {bus['subordinate']}"
    for region in device["regions"]:
        address = _unsigned(region["address"])
        kind = "I/O" if region["type"] == "io" else "memory"
        if region.get("prefetch"):
            kind = "prefetchable"
        where = "not mapped" if address == _UNMAPPED else f"0x{address:08x}"
        yield f"BAR{region['bar']} {where:12} {size_text(region['size']):>8} {kind}"
