"""Devices: buses, PCI, USB, mice, balloon, iothreads and the QOM tree."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from completions.qom import QOM_PATH
from hmp.authoring import Call, CommandFailed, Monitor, QDict, QMPError, info, views

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

CATEGORY = "Devices"

_UNMAPPED = (1 << 64) - 1


mice = info.direct("mice", "query-mice", help="show the mice, * before the one in use")


@mice.text
def mice_text(value: Any) -> Iterator[str]:
    """Yield a line a mouse."""
    if not value:
        yield "No mouse devices connected"
    for mouse in value:
        mark = "*" if mouse["current"] else " "
        absolute = " (absolute)" if mouse["absolute"] else ""
        yield f"{mark} Mouse #{mouse['index']}: {mouse['name']}{absolute}"


@mice.view
def mice_view(value: Any) -> "RenderableType":
    """Show a table of the mice."""
    return views.table(
        *(">index", "mouse", "coordinates", "in use"),
        rows=(
            (
                mouse["index"],
                mouse["name"],
                "absolute" if mouse["absolute"] else "relative",
                views.state("yes", True) if mouse["current"] else None,
            )
            for mouse in value
        ),
    )


balloon = info.direct(
    "balloon", "query-balloon", help="show how much memory the balloon leaves to the guest"
)


@balloon.text
def balloon_text(value: Any) -> Iterator[str]:
    """Yield the size in MiB."""
    yield f"balloon: actual={value['actual'] >> 20}"


iothreads = info.direct("iothreads", "query-iothreads", help="show the I/O threads")


_IOTHREAD_KEYS = (
    *("thread-id", "poll-max-ns", "poll-grow", "poll-shrink"),
    *("poll-weight", "aio-max-batch"),
)


@iothreads.text
def iothreads_text(value: Any) -> Iterator[str]:
    """Yield the thread's id and its settings, those that the machine knows."""
    for thread in value:
        yield f"{thread['id']}:"
        for key in _IOTHREAD_KEYS:
            if key in thread:
                label = "thread_id" if key == "thread-id" else key
                yield f"  {label}={thread[key]}"


@iothreads.view
def iothreads_view(value: Any) -> "RenderableType":
    """Show a table of the threads."""
    return views.table(
        *("iothread", ">thread", ">poll max ns", ">grow", ">shrink", ">batch"),
        rows=(
            (
                thread["id"],
                thread["thread-id"],
                thread["poll-max-ns"],
                thread["poll-grow"],
                thread["poll-shrink"],
                thread["aio-max-batch"],
            )
            for thread in value
        ),
    )


@info("pci", help="show the PCI devices and what they map", qmp=["query-pci"])
async def pci(mon: Monitor, args: QDict) -> Any:
    """Return a list of PciInfo, one a bus."""
    try:
        return await mon.qmp.execute("query-pci")
    except QMPError as error:
        # a machine without PCI; newer releases say nothing at all
        text = "PCI devices not supported\n" if mon.qmp.version < (8, 0) else ""
        raise CommandFailed(text, error.desc) from error


@pci.text
def pci_text(buses: Any, call: Call) -> Iterator[str]:
    """Yield the lines of each device, and behind a bridge those of its bus."""
    for bus in buses:
        for device in bus["devices"]:
            yield from _pci_lines(device, call.version < (8, 0))


def _pci_lines(device: Any, old: bool) -> Iterator[str]:
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
        yield f"      IRQ {device['irq']}, pin {chr(ord('A') + device['irq_pin'] - 1)}"
    bridge = device.get("pci_bridge")
    if bridge:
        yield from _bridge_lines(bridge["bus"])
    for region in device["regions"]:
        yield f"      BAR{region['bar']}: {_region(region, old)}"
    yield f'      id "{device["qdev_id"]}"'
    for child in (bridge or {}).get("devices", ()):
        yield from _pci_lines(child, old)


def _pci_class(device: Any) -> str:
    described = device["class_info"]
    return described.get("desc") or f"Class {described['class']:04}"


def _bridge_lines(bus: Any) -> Iterator[str]:
    yield f"      BUS {bus['number']}."
    yield f"      secondary bus {bus['secondary']}."
    yield f"      subordinate bus {bus['subordinate']}."
    for label, key, width in (
        ("IO range", "io_range", 4),
        ("memory range", "memory_range", 8),
        ("prefetchable memory range", "prefetchable_range", 8),
    ):
        low, high = bus[key]["base"], bus[key]["limit"]
        yield f"      {label} [0x{low:0{width}x}, 0x{high:0{width}x}]"


def _region(region: Any, old: bool) -> str:
    """Describe a BAR; QEMU 7 has no word for one that is not mapped."""
    address = region["address"] & _UNMAPPED
    unmapped = address == _UNMAPPED and not old
    last = (address + region["size"] - 1) & _UNMAPPED
    if region["type"] == "io":
        if unmapped:
            return "I/O (not mapped)"
        return f"I/O at 0x{address:04x} [0x{last:04x}]" + ("." if old else "")
    bits = 64 if region["mem_type_64"] else 32
    kind = f"{bits} bit{' prefetchable' if region['prefetch'] else ''} memory"
    if unmapped:
        return f"{kind} (not mapped)"
    return f"{kind} at 0x{address:08x} [0x{last:08x}]" + ("." if old else "")


@pci.view
def pci_view(buses: Any, call: Call) -> "RenderableType":
    """Show the buses as a tree, a device a branch."""
    root = views.tree("PCI")
    for bus in buses:
        branch = root.add(views.branch(f"bus {bus['bus']}"))
        for device in bus["devices"]:
            _pci_branch(branch, device)
    return root


def _pci_branch(parent: "Tree", device: Any) -> None:
    identity = device["id"]
    address = f"{device['slot']:02x}.{device['function']}"
    name = f"  {device['qdev_id']}" if device["qdev_id"] else ""
    branch = parent.add(
        views.branch(
            f"{address}  {_pci_class(device)}{name}",
            f"{identity['vendor']:04x}:{identity['device']:04x}",
        )
    )
    for child in device.get("pci_bridge", {}).get("devices", ()):
        _pci_branch(branch, child)


@info(
    "qom-tree",
    args_type="path:s?",
    help="show the tree of QOM objects below a path (/machine when there is none)",
    qmp=["qom-list", "qom-get"],
    kinds={"path": QOM_PATH},
    example="info qom-tree /objects",
)
async def qom_tree(mon: Monitor, args: QDict) -> Any:
    """Return the tree: name, type and children of each object."""
    path = args.get("path", "/machine")
    try:
        members = await mon.qmp.execute("qom-list", path=path)
        kind = await mon.qmp.execute("qom-get", path=path, property="type")
        name = await _canonical_name(mon, path)
    except QMPError as error:
        text = f"Path '{path}' could not be resolved.\n"
        raise CommandFailed(text, text.rstrip()) from error
    return await _qom_node(mon, path, name, kind, members)


async def _canonical_name(mon: Monitor, path: str) -> str:
    """Return the last part of an object's own path; a link leads somewhere else."""
    parent, _, last = path.rstrip("/").rpartition("/")
    if not last or not path.startswith("/"):
        return last
    own = await mon.qmp.execute("qom-get", path=parent or "/", property=last)
    return str(own).rpartition("/")[2]


async def _qom_node(
    mon: Monitor, path: str, name: str, kind: str, members: Any
) -> dict[str, Any]:
    children = []
    for member in sorted(members, key=lambda member: member["name"].encode()):
        if not member["type"].startswith("child<"):
            continue
        below = f"{path.rstrip('/')}/{member['name']}"
        listed = await mon.qmp.execute("qom-list", path=below)
        child_kind = member["type"][6:-1]
        children.append(await _qom_node(mon, below, member["name"], child_kind, listed))
    return {"name": name, "type": kind, "children": children}


@qom_tree.text
def qom_tree_text(node: Any) -> Iterator[str]:
    """Yield a line an object, indented by two blanks a level."""
    return _qom_lines(node, 0)


def _qom_lines(node: Any, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}/{node['name']} ({node['type']})"
    for child in node["children"]:
        yield from _qom_lines(child, depth + 1)


@qom_tree.view
def qom_tree_view(node: Any) -> "RenderableType":
    """Show the objects as a tree."""
    root = views.tree(f"/{node['name']}", node["type"])
    _qom_branches(root, node)
    return root


def _qom_branches(parent: "Tree", node: Any) -> None:
    for child in node["children"]:
        _qom_branches(parent.add(views.branch(child["name"], child["type"])), child)


PASSTHROUGHS = (info.passthrough("via", help="show the state of the guest's VIA chips"),)
