"""Exports of the NBD server."""

from hmp.authoring import Connection, Kind, Word

EXPORT = Kind("export name", closed=True)


@EXPORT.fetcher
async def exports(qmp: Connection, context: str) -> list[Word]:
    """Return the NBD exports, each with its block node."""
    found = await qmp.execute("query-block-exports")
    return [(e["id"], e["node-name"]) for e in found if e["type"] == "nbd"]
