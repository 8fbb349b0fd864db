"""How block devices look to people: one a row, or all that is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from hmp.authoring import size_text, views
from info._image import dump_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

    Cell = Any


def device_table(devices: Iterable[Any]) -> RenderableType:
    """Return a table of the devices; of nodes, nothing is attached anywhere."""
    devices = list(devices)
    headings = ["device", "medium", "format", ">size", "state", "attached to"]
    if not any("qdev" in device for device in devices):
        headings.pop()
    rows = (_row(device)[: len(headings)] for device in devices)
    return views.table(*headings, rows=rows)


def _row(device: Any) -> tuple[Cell, ...]:
    inserted = device.get("inserted")
    attached = views.path(_attached(device) or "")
    if inserted is None:
        return _name(device), views.text("no medium", "hmp.detail"), *[None] * 3, attached
    size = inserted.get("image", {}).get("virtual-size")
    return (
        _name(device),
        views.path(inserted["file"]),
        inserted["drv"],
        size_text(size) if size is not None else None,
        _state(device),
        attached,
    )


def _name(device: Any) -> Cell:
    return device.get("device") or device.get("inserted", {}).get("node-name") or "-"


def _attached(device: Any) -> str | None:
    """Return the device of the guest, without what all of their paths have."""
    path: str | None = device.get("qdev")
    if path is None:
        return None
    for start in ("/machine/peripheral/", "/machine/peripheral-anon/"):
        path = path.removeprefix(start)
    return path.removesuffix("/virtio-backend")


def _state(device: Any) -> Cell:
    """Say first what is wrong, then what can be done with the device."""
    inserted = device["inserted"]
    if device.get("io-status", "ok") != "ok":
        return views.state(device["io-status"])
    if inserted.get("active") is False:
        return views.state("inactive", False)
    word = "read-only" if inserted["ro"] else "writable"
    return views.state(f"{word}, encrypted" if inserted.get("encrypted") else word, True)


def device_pages(devices: Iterable[Any]) -> RenderableType:
    """Return all that is known of each device and its images."""
    from rich.console import Group

    return Group(*_pages(devices))


def _pages(devices: Iterable[Any]) -> Iterator[RenderableType]:
    for index, device in enumerate(devices):
        if index:
            yield ""
        yield views.branch(_name(device), _attached(device))
        if "inserted" not in device:
            yield views.text("  no medium", "hmp.detail")
            continue
        inserted = device["inserted"]
        pairs = [*_device_facts(device, inserted), *_image_facts(inserted["image"])]
        yield views.facts(pairs, indent=2)


def _device_facts(device: Any, inserted: Any) -> Iterator[tuple[str, Cell]]:
    cache = inserted["cache"]
    words = ["writeback" if cache["writeback"] else "writethrough"]
    words += ["direct"] if cache["direct"] else []
    words += ["ignore flushes"] if cache["no-flush"] else []
    yield "state", _state(device)
    yield "node", inserted.get("node-name")
    if device.get("removable"):
        yield "lock", "locked" if device["locked"] else None
        yield "tray", "open" if device.get("tray_open") else "closed"
    yield "cache", ", ".join(words)
    if inserted["detect_zeroes"] != "off":
        yield "zeroes", f"detected ({inserted['detect_zeroes']})"
    yield "limits", _limits(inserted) or None


def _limits(inserted: Any) -> str:
    """Return the limits that there are: bytes with units, operations as they are."""
    return ", ".join(
        f"{key} {size_text(value)}/s" if key.startswith("bps") else f"{key} {value}/s"
        for key, value in inserted.items()
        if value and key.startswith(("bps", "iops")) and key != "iops_size"
    )


def _image_facts(image: Any) -> Iterator[tuple[str, Cell]]:
    """Yield what is known of an image, and where its backing images are."""
    yield "image", views.path(image["filename"])
    yield "format", _format(image)
    if image.get("dirty-flag"):
        yield "damage", views.state("not cleanly shut down", False)
    tags = (snapshot["name"] for snapshot in image.get("snapshots", ()))
    yield "snapshots", ", ".join(tags) or None
    specific = image.get("format-specific", {}).get("data")
    if specific:
        yield "details", ", ".join(line.strip() for line in dump_lines(specific, 0))
    backing = image.get("backing-image")
    while backing is not None:
        yield "backed by", views.path(backing["filename"])
        yield "", _format(backing)
        backing = backing.get("backing-image")


def _format(image: Any) -> str:
    actual = image.get("actual-size")
    parts = [image["format"], size_text(image["virtual-size"])]
    parts += [f"{size_text(actual)} on disk"] if actual is not None else []
    if "cluster-size" in image:
        parts.append(f"clusters of {size_text(image['cluster-size'])}")
    if image.get("encrypted"):
        parts.append("encrypted")
    return ", ".join(parts)


def stats_table(devices: Iterable[Any], before: Any, seconds: float) -> RenderableType:
    """Return what was moved in all, or since an earlier look, a second.

    before: the earlier answer, or None. seconds: how long ago that was.
    """
    named = [device for device in devices if "device" in device]
    if before is None or seconds <= 0:
        return views.table(
            "device",
            ">read",
            ">ops",
            ">written",
            ">ops",
            ">flushes",
            rows=map(_total_row, named),
        )
    old = {_stats_name(device): device["stats"] for device in before if "device" in device}
    return views.table(
        "device",
        ">read/s",
        ">ops/s",
        ">written/s",
        ">ops/s",
        ">read",
        ">written",
        rows=(_rate_row(device, old.get(_stats_name(device)), seconds) for device in named),
        title=f"in the last {seconds:.1f} s, and in all",
    )


def _stats_name(device: Any) -> str:
    """Return what a device is called: by itself, by its user or by its node."""
    return device["device"] or _attached(device) or device.get("node-name") or "-"


def _total_row(device: Any) -> tuple[Cell, ...]:
    stats = device["stats"]
    return (
        views.path(_stats_name(device)),
        size_text(stats["rd_bytes"]),
        stats["rd_operations"],
        size_text(stats["wr_bytes"]),
        stats["wr_operations"],
        stats["flush_operations"],
    )


def _rate_row(device: Any, old: Any, seconds: float) -> tuple[Cell, ...]:
    stats = device["stats"]

    def rate(key: str) -> float | None:
        moved = stats[key] - old[key] if old is not None else -1
        # less than before: it is another device, or another run of the machine
        return moved / seconds if moved >= 0 else None

    def show(key: str, form: Any) -> Cell:
        value = rate(key)
        return None if value is None else form(value)

    return (
        views.path(_stats_name(device)),
        show("rd_bytes", size_text),
        show("rd_operations", "{:.1f}".format),
        show("wr_bytes", size_text),
        show("wr_operations", "{:.1f}".format),
        size_text(stats["rd_bytes"]),
        size_text(stats["wr_bytes"]),
    )
