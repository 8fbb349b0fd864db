"""Memory: backends, devices, and the map of regions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from hmp.authoring import Text, info, size_text, views
from info._mtree import flat_views, parse_mtree, region_tree
from info._ranges import ranges
from info._text import filled

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.display.views import Cell
    from hmp.qmp.reply_types import DumpQueryResult, Memdev, MemoryDeviceInfo, MemoryInfo

CATEGORY = "Memory"

memdev: Declaration[list[Memdev]] = info.direct(
    "memdev", "query-memdev", help="show the memory backends"
)

_BACKEND = (
    "memory backend: {id}",
    "  size:  {size}",
    "  merge: {merge}",
    "  dump: {dump}",
    "  prealloc: {prealloc}",
    "  share: {share}",
    "  reserve: {reserve}",
    "  policy: {policy}",
    "  host nodes: {host-nodes}",
)


@memdev.text
def memdev_text(value: list[Memdev]) -> Iterator[str]:
    """Yield a paragraph per backend, and an empty line after the last."""
    for backend in value:
        nodes = ranges(backend["host-nodes"])
        # a backend without an id has an empty one in QEMU's text
        yield from filled(_BACKEND, {"id": "", **backend, "host-nodes": nodes})
    yield ""


_SWITCHES = ("merge", "dump", "prealloc", "share", "reserve")


@memdev.view
def memdev_view(value: list[Memdev]) -> RenderableType:
    """Show a table of the backends with their sizes, switches and host nodes."""
    if not value:
        return views.text("no memory backend", "hmp.detail")
    return views.table(
        "backend",
        ">size",
        "on",
        "policy",
        "host nodes",
        rows=(
            (
                backend.get("id"),
                size_text(backend["size"]),
                ", ".join(name for name in _SWITCHES if backend.get(name)),
                backend["policy"],
                ranges(backend["host-nodes"]),
            )
            for backend in value
        ),
    )


memory_devices: Declaration[list[MemoryDeviceInfo]] = info.direct(
    "memory-devices", "query-memory-devices", help="show the memory devices"
)

_DIMM = (
    "  addr: 0x{addr:x}",
    "  slot: {slot}",
    "  node: {node}",
    "  size: {size}",
    "  memdev: {memdev}",
    "  hotplugged: {hotplugged}",
    "  hotpluggable: {hotpluggable}",
)
_DEVICES = {
    "dimm": _DIMM,
    "nvdimm": _DIMM,
    "virtio-pmem": (
        "  memaddr: 0x{memaddr:x}",
        "  size: {size}",
        "  memdev: {memdev}",
    ),
    "virtio-mem": (
        "  memaddr: 0x{memaddr:x}",
        "  node: {node}",
        "  requested-size: {requested-size}",
        "  size: {size}",
        "  max-size: {max-size}",
        "  block-size: {block-size}",
        "  memdev: {memdev}",
    ),
    "sgx-epc": (
        "  memaddr: 0x{memaddr:x}",
        "  size: {size}",
        "  node: {node}",
        "  memdev: {memdev}",
    ),
    "hv-balloon": (
        "  memaddr: 0x{memaddr:x}",
        "  max-size: {max-size}",
        "  memdev: {memdev}",
    ),
    "sp-mem": (
        "  addr: 0x{addr:x}",
        "  node: {node}",
        "  size: {size}",
        "  memdev: {memdev}",
    ),
}
"""The lines of each kind of device; a line is left out without its member."""


@memory_devices.text
def memory_devices_text(value: list[MemoryDeviceInfo]) -> Iterator[str]:
    """Yield a paragraph per device, only its heading if the kind is unknown."""
    for device in value:
        data = _data(device)
        yield f'Memory device [{device["type"]}]: "{data.get("id", "")}"'
        yield from filled(_DEVICES.get(device["type"], ()), data)


@memory_devices.view
def memory_devices_view(value: list[MemoryDeviceInfo]) -> RenderableType:
    """Show a table of the devices in the order of their addresses."""
    if not value:
        return views.text("no memory device", "hmp.detail")
    rows = [_device_row(device["type"], _data(device)) for device in value]
    # the addresses have leading zeros, so that they sort as text
    rows.sort(key=lambda row: str(row[3]))
    return views.table(
        "device", "kind", ">size", "address", ">slot", ">node", "backend", rows=rows
    )


def _data(device: MemoryDeviceInfo) -> Mapping[str, Any]:
    """Return the members of a device, whose types depend on its kind."""
    return cast("Mapping[str, Any]", device.get("data", {}))


def _device_row(kind: str, data: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return the cells of a device, with the maximum size if it can grow."""
    address = data.get("memaddr", data.get("addr"))
    size = size_text(data["size"]) if "size" in data else "?"
    if "max-size" in data:
        size += f" of {size_text(data['max-size'])}"
    # nine digits: devices are plugged in beyond 4 GiB
    where = None if address is None else f"0x{address:09x}"
    backend = data.get("memdev", "").rpartition("/")[2]
    return data.get("id"), kind, size, where, data.get("slot"), data.get("node"), backend


memory_size_summary: Declaration[MemoryInfo] = info.direct(
    "memory_size_summary",
    "query-memory-size-summary",
    help="show base and plugged memory in bytes",
    words="memory, ram, memory size",
)


@memory_size_summary.text
def memory_size_summary_text(value: MemoryInfo) -> Iterator[str]:
    """Yield both sizes."""
    yield f"base memory: {value['base-memory']}"
    if "plugged-memory" in value:
        yield f"plugged memory: {value['plugged-memory']}"


@memory_size_summary.view
def memory_size_summary_view(value: MemoryInfo) -> RenderableType:
    """Show both sizes with units."""
    plugged = value.get("plugged-memory")
    return views.facts(
        [
            ("base", size_text(value["base-memory"])),
            ("plugged", None if plugged is None else size_text(plugged)),
        ]
    )


dump: Declaration[DumpQueryResult] = info.direct(
    "dump", "query-dump", help="show the progress of a dump of the guest's memory"
)


@dump.text
def dump_text(value: DumpQueryResult) -> Iterator[str]:
    """Yield the state, and the progress of a running dump."""
    yield f"Status: {value['status']}"
    if value["status"] == "active":
        yield f"Finished: {100 * value['completed'] / value['total']:.2f} %"


@dump.view
def dump_view(value: DumpQueryResult) -> RenderableType:
    """Show the state and a progress bar."""
    from rich.console import Group

    status = value["status"]
    line = views.state(status, True if status == "completed" else None)
    if status == "none":
        return line
    done, total = value["completed"], value["total"]
    bar = views.bar(done, total).append(f" of {size_text(total)}")
    return Group(line, bar)


mtree = info.passthrough(
    "mtree",
    args_type="flatview:-f,dispatch_tree:-d,owner:-o,disabled:-D",
    params="[-f][-d][-o][-D]",
    help="show the memory regions (-f: flat, -d: with dispatch tree, -o: with owners,"
    " -D: with disabled ones)",
    arguments={
        "-f": "flat: each address range once, as the guest sees it",
        "-d": "with the dispatch tree, with -f",
        "-o": "with the owner of each region",
        "-D": "with regions that are disabled",
    },
    about=(
        "Each address space has a tree of regions. A region in it covers a range "
        "of addresses; where two overlap, the one with the higher priority is "
        "seen. 'i/o' regions belong to devices, 'ram' and 'rom' to memory, and an "
        "alias shows a part of another region at a second place."
    ),
    words="memory map, address space, memory layout",
    example="info mtree -f",
)


@mtree.view
def mtree_view(value: Text) -> RenderableType | None:
    """Show a tree per address space, or a map with -f."""
    if value.startswith("FlatView"):
        return flat_views(value)
    spaces = parse_mtree(value)
    return None if spaces is None else region_tree(spaces)


ramblock = info.report("ramblock", "x-query-ramblock", help="show the blocks of guest RAM")

# a line: pc.ram    4 KiB  0x0000000000000000 0x0000000008000000 0x0000000008000000
# newer releases add the address on the host, and the access
_BLOCK = re.compile(
    r" *(?P<name>\S.*?)? +(?P<page>\d\S* \S*B)  0x(?P<offset>[0-9a-f]+)"
    r" 0x(?P<used>[0-9a-f]+) 0x(?P<total>[0-9a-f]+)(?: 0x[0-9a-f]+  (?P<access>\w+))?"
)


@ramblock.view
def ramblock_view(value: Text) -> RenderableType | None:
    """Show a table of the blocks with readable sizes, the largest first."""
    heading, *lines = value.splitlines() or [""]
    blocks = [_BLOCK.fullmatch(line) for line in lines]
    found = [block for block in blocks if block is not None]
    # an unknown layout is shown as QEMU printed it
    if len(found) < len(lines) or "Block Name" not in heading:
        return None
    found.sort(key=lambda block: -int(block["used"], 16))
    return views.table(
        "block",
        ">used",
        ">of",
        ">page",
        "offset",
        "access",
        rows=(
            (
                block["name"] or views.text("(no name)", "hmp.detail"),
                size_text(int(block["used"], 16)),
                size_text(int(block["total"], 16)),
                block["page"],
                f"0x{int(block['offset'], 16):09x}",
                block["access"],
            )
            for block in found
        ),
    )


PASSTHROUGHS = (
    info.passthrough(
        "skeys",
        args_type="addr:l",
        params="address",
        help="show a storage key (s390x)",
        arguments={"address": "the page's address"},
    ),
    info.passthrough(
        "cmma",
        args_type="addr:l,count:l?",
        params="address [count]",
        help="show storage attributes of pages (s390x)",
        arguments={
            "address": "the first page",
            "count": "the number of pages; by default 1",
        },
    ),
)
