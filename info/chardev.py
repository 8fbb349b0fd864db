"""Character devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import info, views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Entry
    from hmp.qmp.reply_types import ChardevInfo

CATEGORY = "Character devices"


chardev: Entry[list[ChardevInfo]] = info.direct(
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


@chardev.view
def chardev_view(value: list[ChardevInfo]) -> RenderableType:
    """Show a table of the devices with their state and backend."""
    return views.table(
        "chardev",
        "state",
        "backend",
        rows=(
            (
                device["label"],
                views.state(*_state(device)),
                views.path(device["filename"].removeprefix(_DISCONNECTED)),
            )
            # QEMU keeps them in a hash table, so its order says nothing
            for device in sorted(value, key=lambda device: str(device["label"]))
        ),
    )


def _state(device: ChardevInfo) -> tuple[str, bool]:
    """Return which end is not connected, and whether both are."""
    if device["filename"].startswith(_DISCONNECTED):
        return "not connected", False
    if not device["frontend-open"]:
        return "not in use", False
    return "open", True
