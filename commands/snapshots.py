"""Snapshots of the machine and of single disks."""

from __future__ import annotations

from time import localtime, strftime
from typing import TYPE_CHECKING, Literal, cast

from commands._images import opening
from commands._refusals import block_devices, node_names
from completions.block import BLOCK_DEVICE, WRITABLE
from completions.disks import snapshot_disks
from completions.file import FILE
from completions.format import BLOCK_FORMAT
from completions.free_text import NAME
from completions.snapshot import MACHINE_SNAPSHOT, SNAPSHOT, SNAPSHOT_ID, SNAPSHOT_TO_SAVE
from hmp.authoring import (
    DESTRUCTIVE,
    CommandFailedError,
    JobError,
    Monitor,
    QDict,
    command,
    name_of_ours,
    refusal,
    refuse_fatal,
    run_job,
)

if TYPE_CHECKING:
    from completions.disks import SnapshotDisk
    from hmp.authoring import Declaration, Empty
    from hmp.qmp.reply_types import SnapshotInfo

    SnapshotJob = Literal["snapshot-save", "snapshot-load", "snapshot-delete"]

CATEGORY = "Snapshots"

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
    help="save a snapshot of the machine and its disks",
    arguments={"tag": "a name for it; a snapshot that has this name is replaced"},
    about=(
        "The snapshot holds the memory and all writable disks, which must be qcow2 "
        "images. The error \"Device 'X' is writable but does not support snapshots\" "
        "names the disk that is not."
    ),
    words="snapshot, checkpoint, save state, hibernate, take snapshot",
    qmp=["snapshot-save", "snapshot-delete", "query-migrate", *_JOB],
    kinds={"name": SNAPSHOT_TO_SAVE},
    example="savevm before-update",
)
async def savevm(mon: Monitor, args: QDict) -> Empty:
    """Save a snapshot, replacing one with the same tag.

    The old one is deleted only if no other error prevents the new one.
    """
    # the name that QEMU's monitor makes
    tag = args.get("name", strftime("vm-%Y%m%d%H%M%S"))
    value = await _save(mon, tag)
    if "name" not in args:
        mon.front.tell(f"The snapshot's name is {tag}")
    return value


async def _save(mon: Monitor, tag: str) -> Empty:
    disks = await _disks(mon, saving=True)
    if await _is_in_the_way(mon, tag, disks):
        await _run(mon, "snapshot-delete", tag, disks)
    try:
        return await _run(mon, "snapshot-save", tag, disks)
    except JobError as error:
        # tried before anything is deleted: only now is it certain that nothing else
        # prevents it
        if "already exists" not in error.desc:
            raise
    await _run(mon, "snapshot-delete", tag, disks)
    return await _run(mon, "snapshot-save", tag, disks)


async def _is_in_the_way(mon: Monitor, tag: str, disks: list[SnapshotDisk]) -> bool:
    """Return whether only some disks have the tag, a case that QEMU does not report.

    If the machine cannot be saved anyway, return False, so that nothing is deleted.
    """
    found = [any(s["name"] == tag for s in disk["snapshots"]) for disk in disks]
    if all(found) or not any(found):
        return False
    return "blocked-reasons" not in await mon.qmp.execute("query-migrate")


@command(
    "loadvm",
    args_type="name:s",
    params="tag",
    help="restore a snapshot of the machine",
    arguments={"tag": "the snapshot's tag, which 'info snapshots' shows"},
    about="All changes since the snapshot are lost, those on the disks included.",
    words="snapshot, revert, restore, roll back, rollback, restore state",
    example="loadvm {name}",
    effect=DESTRUCTIVE,
    outcome="what the guest has done since is lost",
    qmp=["snapshot-load", *_JOB],
    kinds={"name": MACHINE_SNAPSHOT},
)
async def loadvm(mon: Monitor, args: QDict) -> Empty:
    """Load a snapshot."""
    return await _run(mon, "snapshot-load", args["name"], await _disks(mon))


@loadvm.foresee
async def loadvm_outcome(mon: Monitor, args: QDict) -> str:
    """Say how much is lost. Refuse a snapshot that does not exist."""
    when = await _existing(mon, args["name"])
    return f"all that the guest has done since {when} is lost"


async def _existing(mon: Monitor, tag: str) -> str:
    """Return when a snapshot was taken. Raises CommandFailedError for an unknown tag."""
    if when := await _taken(mon, tag):
        return when
    raise CommandFailedError(
        f"Error: Snapshot '{tag}' does not exist in one or more devices\n"
    )


async def _taken(mon: Monitor, tag: str) -> str:
    """Return when the newest snapshot with a tag was taken; empty without one."""
    disks = await snapshot_disks(mon.qmp)
    seconds = [
        s["date-sec"] for disk in disks for s in disk["snapshots"] if s["name"] == tag
    ]
    return _date(max(seconds)) if seconds else ""


def _date(seconds: int) -> str:
    return strftime("%Y-%m-%d %H:%M", localtime(seconds))


@savevm.foresee
async def savevm_outcome(mon: Monitor, args: QDict) -> str:
    """Warn of a snapshot that is replaced."""
    when = await _taken(mon, args["name"]) if "name" in args else ""
    return f"this replaces the snapshot of {when}" if when else ""


@command(
    "delvm",
    args_type="name:s",
    params="tag",
    help="delete a snapshot of the machine",
    arguments={"tag": "the snapshot's tag, which 'info snapshots' shows"},
    words="snapshot, remove snapshot, delete snapshot",
    example="delvm {name}",
    effect=DESTRUCTIVE,
    outcome="the snapshot is lost",
    qmp=["snapshot-delete", *_JOB],
    kinds={"name": SNAPSHOT},
    after_preconfig=True,
)
async def delvm(mon: Monitor, args: QDict) -> Empty:
    """Delete a snapshot from all disks; a machine without disks needs nothing."""
    disks = await snapshot_disks(mon.qmp)
    return await _run(mon, "snapshot-delete", args["name"], disks) if disks else {}


@delvm.foresee
async def delvm_outcome(mon: Monitor, args: QDict) -> str:
    """Say which snapshot is lost. Refuse one that does not exist."""
    when = await _existing(mon, args["name"])
    return f"the snapshot of {when} is lost"


async def _disks(mon: Monitor, saving: bool = False) -> list[SnapshotDisk]:
    """Return the disks of a snapshot; the job checks whether they support one.

    saving: without disks, report a reason that prevents saving the machine at all, if
    the machine has one. Raises CommandFailedError without disks, as no job can start.
    """
    disks = await snapshot_disks(mon.qmp)
    if not disks:
        blocker = await _blocker(mon) if saving else ""
        reason = blocker or "no block device can store vmstate for snapshot"
        raise refusal(reason)
    return disks


async def _blocker(mon: Monitor) -> str:
    """Return a reason that prevents saving the machine, or an empty string."""
    reasons = (await mon.qmp.execute("query-migrate")).get("blocked-reasons")
    return reasons[0] if reasons else ""


# what QEMU's monitor calls the jobs
_WHAT = {
    "snapshot-save": "savevm",
    "snapshot-load": "loadvm",
    "snapshot-delete": "delvm",
}


async def _run(
    mon: Monitor, name: SnapshotJob, tag: str, disks: list[SnapshotDisk]
) -> Empty:
    """Run a snapshot job, which cannot be cancelled."""
    job = await name_of_ours(mon)
    nodes = [disk["node-name"] for disk in disks]
    able = [disk["node-name"] for disk in disks if disk["snapshots-supported"]]
    members = {
        "job-id": job,
        "tag": tag,
        "devices": nodes,
        # as savevm of QEMU's monitor chooses: the first disk that can hold it; the job
        # reports the others
        "vmstate": (able or nodes)[0] if name != "snapshot-delete" else None,
    }
    value = await run_job(
        mon, job, lambda: mon.qmp.execute(name, members), f"{_WHAT[name]} {tag}", ""
    )
    return cast("Empty", value)  # run_job returns the reply to the start


@command(
    "snapshot_blkdev",
    args_type="reuse:-n,device:B,snapshot-file:s?,format:s?",
    params="[-n] device [new-image-file] [format]",
    help="make a device write to an overlay image (-n: use an existing image)",
    arguments={
        "new-image-file": "the overlay, which takes all writes from now on",
        "format": "the overlay's image format; by default qcow2",
    },
    about=(
        "The image that the device has now becomes the backing image, and keeps its present"
        " contents. 'commit' writes the overlay back into it."
    ),
    words="snapshot, external snapshot, overlay",
    qmp=["blockdev-snapshot-sync"],
    kinds={**_DEVICE, "format": BLOCK_FORMAT, "snapshot-file": FILE},
    checks=True,
    example="snapshot_blkdev {device} /tmp/overlay.qcow2 qcow2",
    samples={"device": WRITABLE},
    after_preconfig=True,
)
async def snapshot_blkdev(mon: Monitor, args: QDict) -> Empty:
    """Create an overlay. The file is optional only in the table, as in QEMU."""
    if "snapshot-file" not in args:
        raise CommandFailedError("Error: Parameter 'snapshot-file' is missing\n")
    members = {key: args.get(key) for key in ("device", "snapshot-file", "format")}
    await refuse_fatal(mon, "blockdev-snapshot-sync", members)
    mode = "existing" if args.get("reuse") else "absolute-paths"
    with opening(args["snapshot-file"]):
        return await mon.qmp.execute("blockdev-snapshot-sync", members, mode=mode)


snapshot_blkdev_internal = command.direct(
    "snapshot_blkdev_internal",
    "blockdev-snapshot-internal-sync",
    args_type="device:B,name:s",
    help="take a snapshot inside a device's image",
    arguments={"name": "the snapshot's name"},
    words="snapshot, internal snapshot",
    example="snapshot_blkdev_internal {device} before-update",
    samples={"device": WRITABLE},
    kinds={**_DEVICE, "name": NAME},
    after_preconfig=True,
)

snapshot_delete_blkdev_internal: Declaration[SnapshotInfo] = command.direct(
    "snapshot_delete_blkdev_internal",
    "blockdev-snapshot-delete-internal-sync",
    args_type="device:B,name:s,id:s?",
    help="delete a snapshot inside a device's image",
    arguments={
        "name": "the snapshot's name",
        "id": "the snapshot's id, if the name is not unique",
    },
    words="snapshot, remove snapshot",
    effect=DESTRUCTIVE,
    outcome="the snapshot is lost",
    kinds={**_DEVICE, "name": SNAPSHOT, "id": SNAPSHOT_ID},
    after_preconfig=True,
)


@snapshot_delete_blkdev_internal.foresee
async def internal_outcome(mon: Monitor, args: QDict) -> str:
    """Say which snapshot is lost, if it exists. Nodes are not looked at."""
    name, number = args["name"], args.get("id")
    drive = (await block_devices(mon)).get(args["device"])
    if drive is None:
        known = args["device"] in await node_names(mon)
        return snapshot_delete_blkdev_internal.outcome if known else ""
    for each in drive.get("inserted", {}).get("image", {}).get("snapshots", []):
        if each["name"] == name and number in (None, each["id"]):
            return f"the snapshot of {_date(each['date-sec'])} is lost"
    return ""
