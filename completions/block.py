"""Block devices (backends) and block nodes."""

from hmp.authoring import Connection, Kind, Word

BLOCK_DEVICE = Kind("block device")
BLOCK_DEVICE_OR_NODE = Kind("block device or node")


@BLOCK_DEVICE.fetcher
async def block_devices(qmp: Connection, context: str) -> list[Word]:
    """Return the devices, with what is in them."""
    devices = await qmp.execute("query-block")
    return [(d["device"], _about(d.get("inserted"))) for d in devices if d["device"]]


@BLOCK_DEVICE_OR_NODE.fetcher
async def devices_and_nodes(qmp: Connection, context: str) -> list[Word]:
    """Return the devices, then the nodes that have a name of their user."""
    nodes = await qmp.execute("query-named-block-nodes")
    named = [n for n in nodes if not n["node-name"].startswith("#")]
    found = [(n["node-name"], f"node, {_about(n)}") for n in named]
    return await block_devices(qmp, context) + found


def _about(inserted: dict[str, str] | None) -> str:
    return f"{inserted['drv']}: {inserted['file']}" if inserted else "no medium"
