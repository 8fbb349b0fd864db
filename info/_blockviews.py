"""The views of block devices: one row each, or all details of each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from hmp.authoring import size_text, views
from info._image import dump_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, NotRequired, TypedDict

    from rich.console import RenderableType

    from hmp.display.views import Cell
    from hmp.qmp.reply_types import BlockDeviceInfo, BlockDeviceStats, BlockStats, ImageInfo

    # a node is shown like a device that is not attached to anything
    BlockEntry = TypedDict(
        "BlockEntry",
        {
            "device": NotRequired[str],
            "qdev": NotRequired[str],
            "removable": NotRequired[bool],
            "locked": NotRequired[bool],
            "inserted": NotRequired[BlockDeviceInfo],
            "tray_open": NotRequired[bool],
            "io-status": NotRequired[str],
        },
    )
    """A device as BlockInfo has it, or a named node in its ``inserted``."""

    _Counter = Literal["rd_bytes", "rd_operations", "wr_bytes", "wr_operations"]


def device_table(devices: Iterable[BlockEntry]) -> RenderableType:
    """Return a table of the devices or nodes; nodes are not attached to anything."""
    devices = list(devices)
    headings = ["device", "medium", "format", ">size", "state", "more", "attached to"]
    if not any("qdev" in device for device in devices):
        headings.pop()
    rows = (_row(device)[: len(headings)] for device in devices)
    return views.table(*headings, rows=rows)


def _row(device: BlockEntry) -> tuple[Cell, ...]:
    inserted = device.get("inserted")
    attached = views.path(_attached(device) or "")
    if inserted is None:
        medium = views.text("no medium", "hmp.detail")
        return _name(device), medium, *[None] * 3, ", ".join(_drive(device)), attached
    return (
        _name(device),
        views.path(inserted["file"]),
        inserted["drv"],
        size_text(inserted["image"]["virtual-size"]),
        _state(device, inserted),
        ", ".join([*_drive(device), *_unusual(inserted)]),
        attached,
    )


def _drive(device: BlockEntry) -> Iterator[str]:
    """Yield the state of a removable device's tray and lock."""
    if device.get("removable"):
        if device.get("locked"):
            yield "locked"
        if device.get("tray_open"):
            yield "tray open"


def _unusual(inserted: BlockDeviceInfo) -> Iterator[str]:
    """Yield the settings of a medium that differ from the defaults."""
    # QEMU's default is writeback, and not direct
    if inserted["cache"]["direct"] or not inserted["cache"]["writeback"]:
        yield f"cache {_cache(inserted)}"
    elif inserted["cache"]["no-flush"]:
        yield "ignores flushes"
    if "backing_file" in inserted:
        depth = inserted["backing_file_depth"]
        chain = f" and {depth - 1} more" if depth > 1 else ""
        # the backing file is mostly in the same folder, and then its name is enough
        folder = f"{os.path.dirname(inserted['file'])}/"
        yield f"backed by {inserted['backing_file'].removeprefix(folder)}{chain}"
    if inserted["detect_zeroes"] != "off":
        yield f"detects zeroes ({inserted['detect_zeroes']})"
    if limits := _limits(inserted):
        yield f"limits {limits}"


def _cache(inserted: BlockDeviceInfo) -> str:
    cache = inserted["cache"]
    words = ["writeback" if cache["writeback"] else "writethrough"]
    words += ["direct"] if cache["direct"] else []
    words += ["ignore flushes"] if cache["no-flush"] else []
    return ", ".join(words)


def _name(device: BlockEntry) -> str:
    node = device["inserted"].get("node-name") if "inserted" in device else None
    return device.get("device") or node or "-"


def _attached(device: BlockEntry | BlockStats) -> str | None:
    """Return the path of the guest's device, without the parts that all paths share."""
    path = device.get("qdev")
    if path is None:
        return None
    for start in ("peripheral", "peripheral-anon", "unattached"):
        path = path.removeprefix(f"/machine/{start}/")
    return path.removesuffix("/virtio-backend")


def _state(device: BlockEntry, inserted: BlockDeviceInfo) -> Cell:
    """Return the device's error if it has one, or else how it can be accessed."""
    status = device.get("io-status", "ok")
    if status != "ok":
        return views.state(status)
    # the image belongs to another machine, such as the target of a migration
    if inserted.get("active") is False:
        return views.state("inactive", False)
    word = "read-only" if inserted["ro"] else "writable"
    return views.state(f"{word}, encrypted" if inserted.get("encrypted") else word, True)


def device_pages(devices: Iterable[BlockEntry]) -> RenderableType:
    """Return all details of each device and its images."""
    from rich.console import Group

    return Group(*_pages(devices))


def _pages(devices: Iterable[BlockEntry]) -> Iterator[RenderableType]:
    for index, device in enumerate(devices):
        if index:
            yield ""
        yield views.branch(_name(device), _attached(device))
        if "inserted" not in device:
            facts = [("medium", views.text("none", "hmp.detail")), *_tray_facts(device)]
            yield views.facts(facts, indent=2)
            continue
        inserted = device["inserted"]
        pairs = [*_device_facts(device, inserted), *_image_facts(inserted["image"])]
        yield views.facts(pairs, indent=2)


def _device_facts(
    device: BlockEntry, inserted: BlockDeviceInfo
) -> Iterator[tuple[str, Cell]]:
    yield "state", _state(device, inserted)
    yield "node", inserted.get("node-name")
    yield from _tray_facts(device)
    yield "cache", _cache(inserted)
    if inserted["detect_zeroes"] != "off":
        yield "zeroes", f"detected ({inserted['detect_zeroes']})"
    yield "limits", _limits(inserted) or None


def _tray_facts(device: BlockEntry) -> Iterator[tuple[str, Cell]]:
    """Yield the state of the tray; fixed disks have none that a guest could lock."""
    if device.get("removable"):
        yield "lock", "locked" if device.get("locked") else None
        yield "tray", "open" if device.get("tray_open") else "closed"


def _limits(inserted: BlockDeviceInfo) -> str:
    """Return the limits that are set: bytes with units, operations as plain numbers."""
    return ", ".join(
        f"{key} {size_text(value)}/s" if key.startswith("bps") else f"{key} {value}/s"
        for key, value in inserted.items()
        # QEMU leaves a limit at 0 where none is set; iops_size only says how requests are
        # counted
        if isinstance(value, int) and value
        if key.startswith(("bps", "iops")) and key != "iops_size"
    )


def _image_facts(image: ImageInfo) -> Iterator[tuple[str, Cell]]:
    """Yield the properties of an image, then its backing images, the nearest first."""
    yield "image", views.path(image["filename"])
    yield "format", _format(image)
    if image.get("dirty-flag"):
        yield "damage", views.state("not cleanly shut down", False)
    tags = (snapshot["name"] for snapshot in image.get("snapshots", ()))
    yield "snapshots", ", ".join(tags) or None
    specific = image.get("format-specific")
    details = dump_lines(specific.get("data"), 0) if specific else ()
    yield "details", ", ".join(line.strip() for line in details) or None
    backing = image.get("backing-image")
    while backing is not None:
        yield "backed by", views.path(backing["filename"])
        yield "", _format(backing)
        backing = backing.get("backing-image")


def _format(image: ImageInfo) -> str:
    actual = image.get("actual-size")
    parts = [image["format"], size_text(image["virtual-size"])]
    parts += [f"{size_text(actual)} on disk"] if actual is not None else []
    if "cluster-size" in image:
        parts.append(f"clusters of {size_text(image['cluster-size'])}")
    if image.get("encrypted"):
        parts.append("encrypted")
    return ", ".join(parts)


def stats_table(
    devices: Iterable[BlockStats], before: Iterable[BlockStats] | None, seconds: float
) -> RenderableType:
    """Return a table of the totals, or of the rates per second since an earlier reply.

    before: the earlier reply, or None for totals. seconds: how long ago that came.
    """
    # QEMU's text leaves out entries without a device, too
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


def _stats_name(device: BlockStats) -> str:
    """Return the name of a device, of the guest's device that uses it, or of its node."""
    return device.get("device") or _attached(device) or device.get("node-name") or "-"


def _total_row(device: BlockStats) -> tuple[Cell, ...]:
    stats = device["stats"]
    return (
        views.path(_stats_name(device)),
        size_text(stats["rd_bytes"]),
        stats["rd_operations"],
        size_text(stats["wr_bytes"]),
        stats["wr_operations"],
        stats["flush_operations"],
    )


def _rate_row(
    device: BlockStats, old: BlockDeviceStats | None, seconds: float
) -> tuple[Cell, ...]:
    stats = device["stats"]

    def rate(key: _Counter) -> float | None:
        moved = stats[key] - old[key] if old is not None else -1
        # a counter that shrank belongs to another device, or to another run
        return moved / seconds if moved >= 0 else None

    def show(key: _Counter, form: Callable[[float], str]) -> Cell:
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
