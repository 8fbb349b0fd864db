"""Character devices."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hmp.authoring import info, views

if TYPE_CHECKING:
    from rich.console import RenderableType

CATEGORY = "Character devices"


chardev = info.direct("chardev", "query-chardev", help="show the character devices")


@chardev.text
def chardev_text(value: Any) -> Iterator[str]:
    """Yield a line a device."""
    for device in value:
        yield f"{device['label']}: filename={device['filename']}"


@chardev.view
def chardev_view(value: Any) -> "RenderableType":
    """Show a table of the devices and whether their front end is open."""
    return views.table(
        *("chardev", "backend", "front end"),
        rows=(
            (
                device["label"],
                device["filename"],
                views.state("open" if device["frontend-open"] else "closed"),
            )
            for device in value
        ),
    )
