"""Block devices: their attachments, their images and their statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from completions.block import BLOCK_DEVICE_OR_NODE
from hmp.authoring import Call, Monitor, QDict, QMPError, info, releases, views
from info._blockviews import device_pages, device_table, stats_table
from info._image import image_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import RenderableType

    from hmp.qmp.reply_types import (
        BlockdevCacheInfo,
        BlockDeviceInfo,
        BlockStats,
        ImageInfo,
    )
    from info._blockviews import BlockEntry

CATEGORY = "Block devices"

_LIMITS = ("bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr")
# in the order of QEMU's line
_THROTTLE = (
    "bps",
    "bps_rd",
    "bps_wr",
    "bps_max",
    "bps_rd_max",
    "bps_wr_max",
    "iops",
    "iops_rd",
    "iops_wr",
    "iops_max",
    "iops_rd_max",
    "iops_wr_max",
    "iops_size",
)


class Selection(list["BlockEntry"]):
    """The entries of a list that were chosen by name.

    skipped: how many entries came before the first of them. names: what could be chosen.
    """

    skipped = 0
    names: tuple[str, ...] = ()


@info(
    "block",
    args_type="nodes:-n,verbose:-v,device:B?",
    help="show block devices (-n: all named nodes, -v: with their images)",
    words="disk, disks, drives, images, storage",
    qmp=["query-block", "query-named-block-nodes", "query-commands"],
    kinds={"device": BLOCK_DEVICE_OR_NODE},
    example="info block -v",
    after_preconfig=True,
)
async def block(mon: Monitor, args: QDict) -> Selection:
    """Return BlockInfo of the devices asked for, or the nodes if no device matches."""
    device = args.get("device")
    names: tuple[str, ...] = ()
    if not args.get("nodes"):
        # every member that BlockInfo requires is optional in BlockEntry
        devices = cast("list[BlockEntry]", await mon.qmp.execute("query-block"))
        found = _select(devices, device, lambda entry: entry.get("device"))
        # as in QEMU, a name that no device has may be the name of a node; a storage
        # daemon has nodes only
        if found or (device is None and not await _has_only_nodes(mon)):
            return found
        names = found.names
    nodes: list[BlockEntry] = [
        {"inserted": node} for node in await mon.qmp.execute("query-named-block-nodes")
    ]
    chosen = _select(nodes, device, lambda entry: entry["inserted"].get("node-name"))
    chosen.names = names + chosen.names
    return chosen


async def _has_only_nodes(mon: Monitor) -> bool:
    """Return whether the machine is a storage daemon, which has no guest."""
    try:
        known = await mon.supported_commands()
    except QMPError:
        return False
    return "query-named-block-nodes" in known and "query-status" not in known


def _select(
    entries: list[BlockEntry], name: str | None, name_of: Callable[[BlockEntry], str | None]
) -> Selection:
    if name is None:
        return Selection(entries)
    chosen = Selection(entry for entry in entries if name_of(entry) == name)
    if chosen:
        chosen.skipped = entries.index(chosen[0])
    # QEMU names nodes that have no name of their own "#block123"
    chosen.names = tuple(
        found for entry in entries if (found := name_of(entry)) and found[0] != "#"
    )
    return chosen


@block.text
def block_text(devices: Selection, call: Call) -> Iterator[str]:
    """Yield the lines of each device, with an empty line before all but the first.

    As in QEMU that is the first of the whole list, even when it was not chosen.
    """
    for index, device in enumerate(devices):
        if index or devices.skipped:
            yield ""
        inserted = device.get("inserted")
        yield _heading(device, inserted)
        yield from _attachment_lines(device)
        if inserted is not None:
            yield from _medium_lines(inserted)
            if call.args.get("verbose"):
                yield from _image_chain(inserted["image"], call)


def _heading(device: BlockEntry, inserted: BlockDeviceInfo | None) -> str:
    name = device.get("device")
    node = inserted.get("node-name") if inserted is not None else None
    if name:
        head = f"{name} ({node})" if node is not None else name
    else:
        # the order of QEMU's print_block_info
        head = node or device.get("qdev") or "<anonymous>"
    if inserted is None:
        return f"{head}: [not inserted]"
    marks = (", read-only" if inserted["ro"] else "") + (
        ", encrypted" if inserted["encrypted"] else ""
    )
    if inserted.get("active") is False:
        marks += ", inactive"
    return f"{head}: {inserted['file']} ({inserted['drv']}{marks})"


def _attachment_lines(device: BlockEntry) -> Iterator[str]:
    if "qdev" in device:
        yield f"    Attached to:      {device['qdev']}"
    if device.get("io-status", "ok") != "ok":
        yield f"    I/O status:       {device['io-status']}"
    if device.get("removable"):
        lock = "" if device.get("locked") else "not "
        tray = "open" if device.get("tray_open") else "closed"
        yield f"    Removable device: {lock}locked, tray {tray}"


def _medium_lines(inserted: BlockDeviceInfo) -> Iterator[str]:
    yield f"    Cache mode:       {_cache_mode(inserted['cache'])}"
    if "backing_file" in inserted:
        depth = inserted["backing_file_depth"]
        yield f"    Backing file:     {inserted['backing_file']} (chain depth: {depth})"
    if inserted["detect_zeroes"] != "off":
        yield f"    Detect zeroes:    {inserted['detect_zeroes']}"
    limits: Mapping[str, object] = inserted
    # QEMU prints all thirteen values as soon as one of these six is set
    if any(limits.get(limit) for limit in _LIMITS):
        values = " ".join(f"{key}={limits.get(key, 0)}" for key in _THROTTLE)
        yield f"    I/O throttling:   {values} group={inserted.get('group')}"


def _cache_mode(cache: BlockdevCacheInfo) -> str:
    mode = "writeback" if cache["writeback"] else "writethrough"
    direct = ", direct" if cache["direct"] else ""
    return f"{mode}{direct}{', ignore flushes' if cache['no-flush'] else ''}"


def _image_chain(image: ImageInfo, call: Call) -> Iterator[str]:
    yield ""
    yield "Images:"
    shown: ImageInfo | None = image
    while shown is not None:
        yield from image_lines(shown, call.version)
        shown = shown.get("backing-image")


@block.view
def block_view(devices: Selection, call: Call) -> RenderableType:
    """Show a table of the devices, or all details of each with -v."""
    # QEMU prints nothing for a name that no device and no node has
    if not devices and (wanted := call.args.get("device")) and devices.names:
        return views.text(
            f"No block device or node is named '{wanted}'; this machine has"
            f" {', '.join(devices.names)}"
        )
    if not devices:
        return views.text("No block devices.")
    return device_pages(devices) if call.args.get("verbose") else device_table(devices)


@info(
    "blockstats",
    help="show how much the block devices have read and written",
    words="disk statistics, disk io, throughput",
    qmp=["query-blockstats"],
    after_preconfig=True,
)
async def blockstats(mon: Monitor, args: QDict) -> list[BlockStats]:
    """Return a list of BlockStats."""
    return mon.look(await mon.qmp.execute("query-blockstats"))


@blockstats.text
def blockstats_text(devices: list[BlockStats], call: Call) -> Iterator[str]:
    """Yield a line per device, or a block of lines for QEMU 11 and later."""
    # QEMU leaves out entries without a device, too
    named = [device for device in devices if "device" in device]
    for index, device in enumerate(named):
        if call.version < releases.STATS_TABLE:
            yield _stats_line(device["device"], device["stats"])
        else:
            if index:
                yield ""
            yield from _stats_block(device["device"], device["stats"])


def _stats_line(name: str, stats: Mapping[str, object]) -> str:
    keys = (
        "rd_bytes",
        "wr_bytes",
        "rd_operations",
        "wr_operations",
        "flush_operations",
        "wr_total_time_ns",
        "rd_total_time_ns",
        "flush_total_time_ns",
        "rd_merged",
        "wr_merged",
        "idle_time_ns",
    )
    return f"{name}: " + " ".join(f"{key}={stats.get(key, 0)}" for key in keys)


def _stats_block(name: str, stats: Mapping[str, object]) -> Iterator[str]:
    yield f"{name}: idle_time_ns={stats.get('idle_time_ns', 0)}"
    yield (f"       {'bytes':>24} {'operations':>16} {'total_time_ns':>24} {'merged':>10}")
    for label, kind in (("Read: ", "rd"), ("Write:", "wr")):
        yield (
            f"{label} {stats[f'{kind}_bytes']:>24} {stats[f'{kind}_operations']:>16}"
            f" {stats[f'{kind}_total_time_ns']:>24} {stats[f'{kind}_merged']:>10}"
        )
    yield (
        f"Flush: {'':>24} {stats['flush_operations']:>16}"
        f" {stats['flush_total_time_ns']:>24}"
    )


@blockstats.view
def blockstats_view(devices: list[BlockStats], call: Call) -> RenderableType:
    """Show the totals, or from the second look on the rates per second."""
    before = call.before
    if before is None:
        return stats_table(devices, None, 0)
    return stats_table(devices, before.value, before.seconds)
