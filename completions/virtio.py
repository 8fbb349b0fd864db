"""Virtio devices by their QOM path."""

from hmp.authoring import Connection, Kind, Word

VIRTIO_PATH = Kind("QOM path of a virtio device")


@VIRTIO_PATH.fetcher
async def virtio_paths(qmp: Connection, context: str) -> list[Word]:
    """Return the virtio devices."""
    devices = await qmp.execute("x-query-virtio")
    return [(device["path"], device["name"]) for device in devices]
