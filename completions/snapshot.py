"""Snapshots by their tag."""

from hmp.authoring import Connection, Kind, Word

SNAPSHOT = Kind("snapshot tag")


@SNAPSHOT.fetcher
async def snapshots(qmp: Connection, context: str) -> list[Word]:
    """Return the snapshots in all images, each tag once."""
    found: dict[str, str] = {}
    for node in await qmp.execute("query-named-block-nodes"):
        for snapshot in node["image"].get("snapshots", ()):
            found.setdefault(snapshot["name"], f"in {node['node-name']}")
    return list(found.items())
