"""Character devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import info, views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import ChardevInfo

CATEGORY = "Character devices"


chardev: Declaration[list[ChardevInfo]] = info.direct(
    "chardev",
    "query-chardev",
    help="show the character devices",
    words="serial ports, consoles, sockets",
)


@chardev.text
def chardev_text(value: list[ChardevInfo]) -> Iterator[str]:
    """Yield a line per device."""
    for device in value:
        yield f"{device['label']}: filename={device['filename']}"


_DISCONNECTED = "disconnected:"
"""The prefix that QEMU puts before the address of a socket without a peer."""
_SERVER = ",server=on"
"""What QEMU adds to the address of a socket that listens."""


@chardev.view
def chardev_view(value: list[ChardevInfo]) -> RenderableType:
    """Show a table of the devices with their state and backend."""
    return views.table(
        "chardev",
        "state",
        "role",
        "backend",
        rows=(
            (
                device["label"],
                views.state(*_state(device)),
                "server" if _SERVER in device["filename"] else "",
                views.path(_address(device["filename"])),
            )
            # QEMU keeps them in a hash table, so its order says nothing
            for device in sorted(value, key=lambda device: str(device["label"]))
        ),
    )


def _address(filename: str) -> str:
    """Return the address without what the other columns show; it may have to be cut."""
    return filename.removeprefix(_DISCONNECTED).replace(_SERVER, "", 1)


def _state(device: ChardevInfo) -> tuple[str, bool]:
    """Return which end is not connected, and whether both are."""
    if device["filename"].startswith(_DISCONNECTED):
        return "not connected", False
    if not device["frontend-open"]:
        return "not in use", False
    return "open", True
