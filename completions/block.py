"""Block devices (backends) and block nodes."""

from typing import TYPE_CHECKING

from hmp.authoring import Connection, Kind, QDict, Word, natural

if TYPE_CHECKING:
    from hmp.qmp.reply_types import BlockDeviceInfo, BlockInfo

BLOCK_DEVICE = Kind("block device", closed=True)
REMOVABLE = Kind("removable block device", closed=True)
REMOVABLE_OR_VNC = Kind(
    "removable block device, or vnc",
    [("vnc", "the address or password of VNC")],
    closed=True,
)
COMMITTED = Kind("block device", [("all", "all block devices")], closed=True)
WRITABLE = Kind("writable block device")
BLOCK_DEVICE_OR_NODE = Kind("block device or node", closed=True)


def _device(typed: str, args: QDict) -> tuple[int, str]:
    """Complete an argument that belongs to the device named before it."""
    return 0, str(args.get("device", ""))


BACKING_FILE = Kind("file name of one of the device's backing images", place=_device)


@BLOCK_DEVICE.fetcher
@COMMITTED.fetcher
async def block_devices(qmp: Connection, context: str) -> list[Word]:
    """Return the devices, each with its medium."""
    return _listed(await qmp.execute("query-block"))


def _listed(devices: "list[BlockInfo]") -> list[Word]:
    found = ((d["device"], _about(d.get("inserted"))) for d in devices)
    return natural(word for word in found if word[0])


@REMOVABLE.fetcher
@REMOVABLE_OR_VNC.fetcher
async def removable_devices(qmp: Connection, context: str) -> list[Word]:
    """Return the devices whose medium can be changed, each with its medium."""
    return _listed([d for d in await qmp.execute("query-block") if d["removable"]])


@WRITABLE.fetcher
async def writable(qmp: Connection, context: str) -> list[Word]:
    """Return the devices with a writable medium."""
    devices = await qmp.execute("query-block")
    found = [d for d in devices if "inserted" in d and not d["inserted"]["ro"]]
    return [(d["device"], _about(d["inserted"])) for d in found if d["device"]]


@BLOCK_DEVICE_OR_NODE.fetcher
async def devices_and_nodes(qmp: Connection, context: str) -> list[Word]:
    """Return the devices, then the nodes that a user has named."""
    both = qmp.together()
    nodes = both.execute("query-named-block-nodes")
    devices = both.execute("query-block")
    named = [(n.get("node-name", ""), n) for n in await nodes]
    # QEMU names nodes "#block123" where the user names none
    found = [(name, f"node, {_about(n)}") for name, n in named if name[:1] not in ("", "#")]
    return _listed(await devices) + natural(found)


def _about(inserted: "BlockDeviceInfo | None") -> str:
    return f"{inserted['drv']}: {inserted['file']}" if inserted else "no medium"


@BACKING_FILE.fetcher
async def backing_files(qmp: Connection, context: str) -> list[Word]:
    """Return the backing images of a device or node, topmost first."""
    both = qmp.together()
    nodes = both.execute("query-named-block-nodes")
    devices = both.execute("query-block")
    for node in await nodes:
        name = node.get("node-name", "")
        if context in (name, _device_of(await devices, name)):
            found, image = [], node["image"].get("backing-image")
            while image:
                found.append((image["filename"], f"backing image, {image['format']}"))
                image = image.get("backing-image")
            return found
    return []


def _device_of(devices: "list[BlockInfo]", node: str) -> str:
    for device in devices:
        if device.get("inserted", {}).get("node-name") == node:
            return str(device["device"])
    return ""
