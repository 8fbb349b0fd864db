"""Block devices (backends) and block nodes."""

from typing import TYPE_CHECKING

from hmp.authoring import Connection, Kind, QDict, Word

if TYPE_CHECKING:
    from hmp.qmp.reply_types import BlockDeviceInfo

BLOCK_DEVICE = Kind("block device", closed=True)
REMOVABLE = Kind("removable block device", closed=True)
REMOVABLE_OR_VNC = Kind(
    "removable block device, or vnc",
    [("vnc", "the address or password of VNC")],
    closed=True,
)
BLOCK_DEVICE_OR_NODE = Kind("block device or node", closed=True)


def _device(typed: str, args: QDict) -> tuple[int, str]:
    """Complete an argument that belongs to the device named before it."""
    return 0, str(args.get("device", ""))


BACKING_FILE = Kind("file name of one of the device's backing images", place=_device)


@BLOCK_DEVICE.fetcher
async def block_devices(qmp: Connection, context: str) -> list[Word]:
    """Return the devices, each with its medium."""
    devices = await qmp.execute("query-block")
    return [(d["device"], _about(d.get("inserted"))) for d in devices if d["device"]]


@REMOVABLE.fetcher
@REMOVABLE_OR_VNC.fetcher
async def removable_devices(qmp: Connection, context: str) -> list[Word]:
    """Return the devices whose medium can be changed, each with its medium."""
    devices = [d for d in await qmp.execute("query-block") if d["removable"]]
    return [(d["device"], _about(d.get("inserted"))) for d in devices if d["device"]]


@BLOCK_DEVICE_OR_NODE.fetcher
async def devices_and_nodes(qmp: Connection, context: str) -> list[Word]:
    """Return the devices, then the nodes that a user has named."""
    nodes = await qmp.execute("query-named-block-nodes")
    named = ((n.get("node-name", ""), n) for n in nodes)
    found = [(name, f"node, {_about(n)}") for name, n in named if name[:1] not in ("", "#")]
    return await block_devices(qmp, context) + found


def _about(inserted: "BlockDeviceInfo | None") -> str:
    return f"{inserted['drv']}: {inserted['file']}" if inserted else "no medium"


@BACKING_FILE.fetcher
async def backing_files(qmp: Connection, context: str) -> list[Word]:
    """Return the backing images of a device or node, topmost first."""
    for node in await qmp.execute("query-named-block-nodes"):
        name = node.get("node-name", "")
        if context in (name, await _device_of(qmp, name)):
            found, image = [], node["image"].get("backing-image")
            while image:
                found.append((image["filename"], f"backing image, {image['format']}"))
                image = image.get("backing-image")
            return found
    return []


async def _device_of(qmp: Connection, node: str) -> str:
    for device in await qmp.execute("query-block"):
        if device.get("inserted", {}).get("node-name") == node:
            return str(device["device"])
    return ""
