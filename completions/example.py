"""What an example on a help page can work with on the machine at hand.

Their words stand in for a part of the example: see ``samples`` of an entry.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from completions.device import devices
from hmp.authoring import Connection, Kind, QMPError, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hmp.qmp.reply_types import PciDeviceInfo

FREE_BUS = Kind("bus that takes a new PCI device")
UNPLUGGABLE = Kind("device that can be unplugged")
VNC_WITH_PASSWORD = Kind("VNC, where it asks for a password")

_HOTPLUG_ROOT = (0x8086, 0x1237)
"""Vendor and device of the host bridge of the pc machine, whose bus takes devices."""


@FREE_BUS.fetcher
async def free_buses(qmp: Connection, context: str) -> list[Word]:
    """Return PCI buses with room for a device that is plugged in."""
    found: list[Word] = []
    for bus in await qmp.execute("query-pci"):
        for device in bus["devices"]:
            # q35's root bus takes no device while the machine runs, so only pc's counts
            if (device["id"]["vendor"], device["id"]["device"]) == _HOTPLUG_ROOT:
                found.append(("pci.0", "the root bus"))
        found += ((name, "root port") for name in _ports(bus["devices"]))
    return found


def _ports(devices: Iterable[PciDeviceInfo]) -> Iterator[str]:
    """Yield the ids of bridges without a device below them."""
    for device in devices:
        below = device.get("pci_bridge", {}).get("devices", [])
        if "pci_bridge" in device and not below and device["qdev_id"]:
            yield device["qdev_id"]


@UNPLUGGABLE.fetcher
async def unpluggable(qmp: Connection, context: str) -> list[Word]:
    """Return the devices with an id whose bus lets them go."""
    together = qmp.together()
    asked = [
        (
            (name, about),
            together.execute(
                "qom-get", path=f"/machine/peripheral/{name}", property="hotpluggable"
            ),
        )
        for name, about in await devices(qmp, context)
    ]
    found: list[tuple[str, str]] = []
    for word, hotpluggable in asked:
        with suppress(QMPError):  # it has just been unplugged
            if await hotpluggable:
                found.append(word)
    return found


@VNC_WITH_PASSWORD.fetcher
async def vnc_with_password(qmp: Connection, context: str) -> list[Word]:
    """Return ``vnc`` if a VNC server asks its clients for a password."""
    server = await qmp.execute("query-vnc")
    return [("vnc", "")] if server.get("auth") == "vnc" else []
