"""Snapshots of disks, and of the machine with them."""

from __future__ import annotations

from time import strftime
from typing import TYPE_CHECKING, Any

from commands._images import opening
from completions.block import BLOCK_DEVICE
from completions.disks import snapshot_disks
from completions.file import FILE
from completions.format import BLOCK_FORMAT
from completions.free import NAME
from completions.snapshot import SNAPSHOT, SNAPSHOT_ID
from hmp.authoring import (
    DESTRUCTIVE,
    CommandFailedError,
    JobError,
    Monitor,
    QDict,
    command,
    name_of_ours,
    run_job,
)

if TYPE_CHECKING:
    from completions.disks import SnapshotDisk
    from hmp.authoring import Empty, Entry
    from hmp.qmp.reply_types import SnapshotInfo

CATEGORY = "Snapshots"

_TAG = {"name": SNAPSHOT}
_DEVICE = {"device": BLOCK_DEVICE}
_JOB = (
    "query-block",
    "query-named-block-nodes",
    "x-debug-query-block-graph",
    "query-jobs",
    "job-dismiss",
)


@command(
    "savevm",
    args_type="name:s?",
    params="tag",
    help="save the machine's state and its disks' as a snapshot",
    qmp=["snapshot-save", "snapshot-delete", "query-migrate", *_JOB],
    kinds=_TAG,
    example="savevm before-update",
)
async def savevm(mon: Monitor, args: QDict) -> Any:
    """Save a snapshot; one with the same tag goes, as soon as nothing else is wrong."""
    tag = args.get("name", strftime("vm-%Y%m%d%H%M%S"))
    disks = await _disks(mon, saving=True)
    if await _is_in_the_way(mon, tag, disks):
        await _run(mon, "snapshot-delete", tag, disks)
    try:
        return await _run(mon, "snapshot-save", tag, disks)
    except JobError as error:
        if "already exists" not in error.desc:
            raise
    await _run(mon, "snapshot-delete", tag, disks)
    return await _run(mon, "snapshot-save", tag, disks)


async def _is_in_the_way(mon: Monitor, tag: str, disks: list[SnapshotDisk]) -> bool:
    """Return whether some disks have the tag, which QEMU tells only where all have it.

    Where the machine cannot be saved anyway, nothing shall be deleted.
    """
    found = [any(s["name"] == tag for s in disk["snapshots"]) for disk in disks]
    if all(found) or not any(found):
        return False
    return "blocked-reasons" not in await mon.qmp.execute("query-migrate")


@command(
    "loadvm",
    args_type="name:s",
    params="tag",
    help="go back to a snapshot of the machine",
    effect=DESTRUCTIVE,
    qmp=["snapshot-load", *_JOB],
    kinds=_TAG,
)
async def loadvm(mon: Monitor, args: QDict) -> Any:
    """Load a snapshot."""
    return await _run(mon, "snapshot-load", args["name"], await _disks(mon))


@command(
    "delvm",
    args_type="name:s",
    params="tag",
    help="delete a snapshot of the machine",
    effect=DESTRUCTIVE,
    qmp=["snapshot-delete", *_JOB],
    kinds=_TAG,
)
async def delvm(mon: Monitor, args: QDict) -> Any:
    """Delete a snapshot from all disks; where there are none, all is done."""
    disks = await snapshot_disks(mon.qmp)
    return await _run(mon, "snapshot-delete", args["name"], disks) if disks else {}


async def _disks(mon: Monitor, saving: bool = False) -> list[SnapshotDisk]:
    """Return the disks of a snapshot; whether they are fit for it the job will tell.

    saving: whether there may be something that keeps the machine from being saved at
    all. Raises CommandFailedError where there are no disks, and so no job.
    """
    disks = await snapshot_disks(mon.qmp)
    if not disks:
        blocker = await _blocker(mon) if saving else ""
        reason = blocker or "no block device can store vmstate for snapshot"
        raise CommandFailedError(f"Error: {reason}\n", reason)
    return disks


async def _blocker(mon: Monitor) -> str:
    """Return what keeps the machine from being saved, or nothing."""
    reasons = (await mon.qmp.execute("query-migrate")).get("blocked-reasons")
    return reasons[0] if reasons else ""


_WHAT = {
    "snapshot-save": "savevm",
    "snapshot-load": "loadvm",
    "snapshot-delete": "delvm",
}


async def _run(mon: Monitor, name: str, tag: str, disks: list[SnapshotDisk]) -> Any:
    """Run one of the snapshot jobs, which nothing can end before its time."""
    job = await name_of_ours(mon)
    nodes = [disk["node-name"] for disk in disks]
    able = [disk["node-name"] for disk in disks if disk["snapshots-supported"]]
    members = {
        "job-id": job,
        "tag": tag,
        "devices": nodes,
        "vmstate": (able or nodes)[0] if name != "snapshot-delete" else None,
    }
    return await run_job(
        mon, job, lambda: mon.qmp.execute(name, members), f"{_WHAT[name]} {tag}", ""
    )


@command(
    "snapshot_blkdev",
    args_type="reuse:-n,device:B,snapshot-file:s?,format:s?",
    params="[-n] device [new-image-file] [format]",
    help="put an overlay over a device's image (-n: an image that is there)",
    qmp=["blockdev-snapshot-sync"],
    kinds={**_DEVICE, "format": BLOCK_FORMAT, "snapshot-file": FILE},
    example="snapshot_blkdev drive0 /tmp/overlay.qcow2 qcow2",
)
async def snapshot_blkdev(mon: Monitor, args: QDict) -> Empty:
    """Put an overlay over an image; the file may be left out in the table only."""
    if "snapshot-file" not in args:
        raise CommandFailedError("Error: Parameter 'snapshot-file' is missing\n")
    members = {key: args.get(key) for key in ("device", "snapshot-file", "format")}
    mode = "existing" if args.get("reuse") else "absolute-paths"
    with opening(args["snapshot-file"]):
        return await mon.qmp.execute("blockdev-snapshot-sync", members, mode=mode)


snapshot_blkdev_internal = command.direct(
    "snapshot_blkdev_internal",
    "blockdev-snapshot-internal-sync",
    args_type="device:B,name:s",
    help="make a snapshot inside a device's image",
    kinds={**_DEVICE, "name": NAME},
)

snapshot_delete_blkdev_internal: Entry[SnapshotInfo] = command.direct(
    "snapshot_delete_blkdev_internal",
    "blockdev-snapshot-delete-internal-sync",
    args_type="device:B,name:s,id:s?",
    help="delete a snapshot inside a device's image",
    effect=DESTRUCTIVE,
    kinds={**_DEVICE, "name": SNAPSHOT, "id": SNAPSHOT_ID},
)
