"""Snapshots of the machine: which can be loaded, and which are on some disks only."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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

CATEGORY = "Snapshots"

_NONE = "There is no snapshot available."
_NOWHERE = "no block device can store vmstate for snapshot"


@info(
    "snapshots",
    help="show the snapshots that can be loaded",
    qmp=["query-block", "query-named-block-nodes", "x-debug-query-block-graph"],
)
async def snapshots(mon: Monitor, args: QDict) -> Any:
    """Return the writable disks with their snapshots."""
    disks = await snapshot_disks(mon.qmp)
    if not any(disk["snapshots-supported"] for disk in disks):
        prefix = "" if mon.qmp.version < releases.DRIVE_ERRORS else "Error: "
        raise CommandFailedError(f"{prefix}{_NOWHERE}\n", _NOWHERE)
    return disks


def _loadable(disks: Any) -> list[Any]:
    """Return the snapshots of the disk with the machine's state that all disks have."""
    first = next(disk for disk in disks if disk["snapshots-supported"])
    tags = [{snapshot["name"] for snapshot in disk["snapshots"]} for disk in disks]
    return [s for s in first["snapshots"] if all(s["name"] in known for known in tags)]


def _partial(disks: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield the disks that have snapshots which not all have, with these."""
    loadable = {snapshot["name"] for snapshot in _loadable(disks)}
    for disk in disks:
        rest = [s for s in disk["snapshots"] if s["name"] not in loadable]
        if rest:
            yield disk["device"], rest


@snapshots.text
def snapshots_text(disks: Any, call: Call) -> Iterator[str]:
    """Yield what can be loaded, then what is only on each of the disks."""
    if not any(disk["snapshots"] for disk in disks):
        yield _NONE
        return
    yield "List of snapshots present on all disks:"
    loadable = _loadable(disks)
    if loadable:
        # their ids may differ from disk to disk
        yield from _table([{**found, "id": "--"} for found in loadable], call)
    else:
        yield "None"
    for device, rest in _partial(disks):
        yield ""
        yield f"List of partial (non-loadable) snapshots on '{device}':"
        yield from _table(rest, call)


def _table(found: list[Any], call: Call) -> Iterator[str]:
    yield snapshot_heading(call.version)
    for snapshot in found:
        yield snapshot_line(snapshot, call.version)


@snapshots.view
def snapshots_view(disks: Any) -> "RenderableType":
    """Show a table: first what can be loaded, then what cannot, and where it is."""
    rows = [_row(found, views.state("all disks", True)) for found in _loadable(disks)]
    for device, rest in _partial(disks):
        where = views.state(f"only {device or 'a node'}", False)
        rows += [_row(found, where) for found in rest]
    if not rows:
        return views.text(_NONE)
    return views.table("tag", "on", ">state", "date", ">VM clock", rows=rows)


def _row(found: Any, where: Any) -> tuple[Any, ...]:
    date = date_text(found["date-sec"], "%Y-%m-%d %H:%M")
    size = size_text(found["vm-state-size"]) if found["vm-state-size"] else None
    return found["name"], where, size, date, clock(found, 2).partition(".")[0]
