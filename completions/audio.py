"""Sound backends by their id."""

from hmp.authoring import Connection, Kind, Word, natural

AUDIODEV = Kind("sound backend id")


@AUDIODEV.fetcher
async def audiodevs(qmp: Connection, context: str) -> list[Word]:
    """Return the backends. Raises QMPError before QEMU 8.1, which cannot list them."""
    found = await qmp.execute("query-audiodevs")
    return natural((device["id"], device["driver"]) for device in found)
