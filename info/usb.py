"""USB: the guest's devices, and those of the host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.authoring import Text, info, views

if TYPE_CHECKING:
    from rich.console import RenderableType

CATEGORY = "Devices"

# a line: Device 0.1, Port 1, Speed 12 Mb/s, Product QEMU USB Tablet, ID: tab
_DEVICE = re.compile(
    r"  Device (\S+), Port (\S*), Speed (.+), Product (.*?)(?:, ID: (.*))?"
)


usb = info.report(
    "usb",
    "x-query-usb",
    help="show the guest's USB devices",
    words="list usb devices, lsusb",
)


@usb.view
def usb_view(value: Text) -> RenderableType | None:
    """Show a table of the devices."""
    found = [_DEVICE.fullmatch(line) for line in value.splitlines()]
    rows = [
        (device[5], device[4], device[2], device[3], device[1])
        for device in found
        if device is not None
    ]
    # an unknown layout is shown as QEMU printed it
    if len(rows) < len(found):
        return None
    return views.table("id", "product", ">port", ">speed", ">address", rows=rows)


PASSTHROUGHS = (info.passthrough("usbhost", help="show the host's USB devices"),)
