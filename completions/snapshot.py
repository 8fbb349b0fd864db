"""Snapshots, by tag or by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hmp.authoring import Connection, Kind, Word, natural

if TYPE_CHECKING:
    from hmp.qmp.reply_types import SnapshotInfo

SNAPSHOT = Kind("snapshot tag", closed=True)
SNAPSHOT_TO_SAVE = Kind("snapshot tag")
MACHINE_SNAPSHOT = Kind("tag of a snapshot of the whole machine", closed=True)
SNAPSHOT_ID = Kind("snapshot id")


@SNAPSHOT_TO_SAVE.fetcher
@SNAPSHOT.fetcher
async def snapshots(qmp: Connection, context: str) -> list[Word]:
    """Return the snapshots in all images, each tag once."""
    return natural([(s["name"], where) for s, where in await _snapshots(qmp, "name")])


@MACHINE_SNAPSHOT.fetcher
async def machine_snapshots(qmp: Connection, context: str) -> list[Word]:
    """Return the snapshots that hold the machine's memory, too."""
    found = await _snapshots(qmp, "name")
    return natural((s["name"], where) for s, where in found if s["vm-state-size"])


@SNAPSHOT_ID.fetcher
async def snapshot_ids(qmp: Connection, context: str) -> list[Word]:
    """Return the ids of the snapshots in all images, and their tags."""
    return natural([(s["id"], s["name"]) for s, _ in await _snapshots(qmp, "id")])


async def _snapshots(
    qmp: Connection, key: Literal["name", "id"]
) -> list[tuple[SnapshotInfo, str]]:
    """Return the snapshots in all images, each name or id once, and where it is.

    Of several with one name, the first that holds the machine's memory counts.
    """
    found: dict[str, tuple[SnapshotInfo, str]] = {}
    for node in await qmp.execute("query-named-block-nodes"):
        for snapshot in node["image"].get("snapshots", ()):
            known = found.get(snapshot[key])
            where = f"in {node.get('node-name', 'a node')}"
            # the disk that holds the machine's state says most about a snapshot
            if known is None or known[0]["vm-state-size"] < snapshot["vm-state-size"]:
                found[snapshot[key]] = snapshot, where
    return list(found.values())
