"""Sound backends by their id."""

from hmp.authoring import Connection, Kind, Word

AUDIODEV = Kind("sound backend id")


@AUDIODEV.fetcher
async def audiodevs(qmp: Connection, context: str) -> list[Word]:
    """Return the backends. Raises QMPError before QEMU 8.1, which cannot list them."""
    return [(a["id"], a["driver"]) for a in await qmp.execute("query-audiodevs")]
