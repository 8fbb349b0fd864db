"""Snapshots of the machine: loadable ones, and ones that only some disks have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from completions.disks import snapshot_disks
from hmp.authoring import (
    Call,
    CommandFailedError,
    Monitor,
    QDict,
    info,
    releases,
    size_text,
    views,
)
from info._image import clock, date_text, snapshot_heading, snapshot_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from completions.disks import SnapshotDisk
    from hmp.display.views import Cell
    from hmp.qmp.reply_types import SnapshotInfo

CATEGORY = "Snapshots"

_NONE = "There is no snapshot available."
_NOWHERE = "no block device can store vmstate for snapshot"


@info(
    "snapshots",
    help="show the snapshots that can be loaded",
    words="list snapshots, checkpoints",
    qmp=["query-block", "query-named-block-nodes", "x-debug-query-block-graph"],
    failure=r"\Ano block device can store vmstate for snapshot\n",
    after_preconfig=True,
)
async def snapshots(mon: Monitor, args: QDict) -> list[SnapshotDisk]:
    """Return the writable disks with their snapshots.

    Raises CommandFailedError if none of them can keep the machine's state.
    """
    disks = await snapshot_disks(mon.qmp)
    if not any(disk["snapshots-supported"] for disk in disks):
        # older releases print this error without the usual prefix
        prefix = "" if mon.qmp.version < releases.DRIVE_ERRORS else "Error: "
        raise CommandFailedError(f"{prefix}{_NOWHERE}\n", _NOWHERE)
    return disks


def _loadable(disks: list[SnapshotDisk]) -> list[SnapshotInfo]:
    """Return the snapshots that all disks have, from the disk with the machine's state."""
    first = next(disk for disk in disks if disk["snapshots-supported"])
    tags = [{snapshot["name"] for snapshot in disk["snapshots"]} for disk in disks]
    return [s for s in first["snapshots"] if all(s["name"] in known for known in tags)]


def _partial(disks: list[SnapshotDisk]) -> Iterator[tuple[str, list[SnapshotInfo]]]:
    """Yield each disk that has snapshots which other disks lack, with those snapshots."""
    loadable = {snapshot["name"] for snapshot in _loadable(disks)}
    for disk in disks:
        rest = [s for s in disk["snapshots"] if s["name"] not in loadable]
        if rest:
            yield disk["device"], rest


@snapshots.text
def snapshots_text(disks: list[SnapshotDisk], call: Call) -> Iterator[str]:
    """Yield the loadable snapshots, then those that only some of the disks have."""
    if not any(disk["snapshots"] for disk in disks):
        yield _NONE
        return
    yield "List of snapshots present on all disks:"
    loadable = _loadable(disks)
    if loadable:
        # the same snapshot may have another id on each disk
        yield from _table([{**found, "id": "--"} for found in loadable], call)
    else:
        yield "None"
    for device, rest in _partial(disks):
        yield ""
        yield f"List of partial (non-loadable) snapshots on '{device}':"
        yield from _table(rest, call)


def _table(found: list[SnapshotInfo], call: Call) -> Iterator[str]:
    yield snapshot_heading(call.version)
    for snapshot in found:
        yield snapshot_line(snapshot, call.version)


@snapshots.view
def snapshots_view(disks: list[SnapshotDisk]) -> RenderableType:
    """Show a table of the loadable snapshots, then of those on only some disks."""
    rows = [_row(found, views.state("all disks", True)) for found in _loadable(disks)]
    for device, rest in _partial(disks):
        where = views.state(f"only {device or 'a node'}", False)
        rows += [_row(found, where) for found in rest]
    if not rows:
        return views.text(_NONE)
    return views.table("tag", "on", ">state", "date", ">VM clock", rows=rows)


def _row(found: SnapshotInfo, where: Text) -> tuple[Cell, ...]:
    date = date_text(found["date-sec"], "%Y-%m-%d %H:%M")
    size = size_text(found["vm-state-size"]) if found["vm-state-size"] else None
    return found["name"], where, size, date, clock(found, 2).partition(".")[0]
