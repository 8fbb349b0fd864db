"""Snapshots, by tag or by id."""

from hmp.authoring import Connection, Kind, Word

SNAPSHOT = Kind("snapshot tag", closed=True)


SNAPSHOT_ID = Kind("snapshot id")


@SNAPSHOT.fetcher
async def snapshots(qmp: Connection, context: str) -> list[Word]:
    """Return the snapshots in all images, each tag once."""
    found: dict[str, str] = {}
    for node in await qmp.execute("query-named-block-nodes"):
        for snapshot in node["image"].get("snapshots", ()):
            found.setdefault(snapshot["name"], f"in {node.get('node-name', 'a node')}")
    return list(found.items())


@SNAPSHOT_ID.fetcher
async def snapshot_ids(qmp: Connection, context: str) -> list[Word]:
    """Return the ids of the snapshots in all images, and their tags."""
    found: dict[str, str] = {}
    for node in await qmp.execute("query-named-block-nodes"):
        for snapshot in node["image"].get("snapshots", ()):
            found.setdefault(snapshot["id"], snapshot["name"])
    return list(found.items())
