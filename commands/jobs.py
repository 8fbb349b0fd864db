"""Block jobs: streams, mirrors and backups that run in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from commands._images import opening
from commands._refusals import refuse_unknown
from completions.block import BACKING_FILE, BLOCK_DEVICE, BLOCK_DEVICE_OR_NODE, WRITABLE
from completions.file import FILE
from completions.format import BLOCK_FORMAT
from completions.job import BLOCK_JOB
from hmp.authoring import (
    DESTRUCTIVE,
    Call,
    CommandFailedError,
    Limit,
    Monitor,
    QDict,
    QMPError,
    command,
    refuse_fatal,
    run_job,
    views,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Empty
    from hmp.qmp.reply_types import BlockJobInfo

    JSON = dict[str, object]
    Starts = Literal["block-stream", "drive-mirror", "drive-backup"]


CATEGORY = "Block jobs"

# what waiting for a job needs, besides the command that starts it
_JOB = ("query-jobs", "job-dismiss")
_COPY = {"device": BLOCK_DEVICE, "format": BLOCK_FORMAT, "target": FILE}


@command(
    "block_stream",
    args_type="device:B,speed:o?,base:s?",
    params="device [speed [base]]",
    help="copy the data of backing images into a device's own image",
    arguments={
        "speed": "the maximum per second, in MiB or with a suffix such as K",
        "base": "stop above this backing image; by default copy all",
    },
    about="The job runs in the background; 'info block-jobs' shows its progress.",
    words="flatten, merge backing file, pull",
    qmp=["block-stream", *_JOB],
    kinds={"device": BLOCK_DEVICE_OR_NODE, "base": BACKING_FILE},
    example="block_stream {device} 50M",
    samples={"device": WRITABLE},
)
async def block_stream(mon: Monitor, args: QDict) -> Empty:
    """Start the job, whose id is the name of its device."""
    members = {key: args.get(key) for key in ("device", "speed", "base")}
    return await _run(
        mon,
        "block-stream",
        {**members, "job-id": args["device"], "on-error": "report"},
    )


@command(
    "drive_mirror",
    args_type="reuse:-n,full:-f,device:B,target:s,format:s?",
    params="[-n] [-f] device target [format]",
    help="copy a drive to a new image and keep them in sync (-n: use an existing image,"
    " -f: include the backing images)",
    arguments={
        "target": "the new image, or the existing one with -n",
        "format": "the image format of the new image; by default that of the drive",
    },
    about=(
        "The copy is complete when the job is ready ('info block-jobs'). From then "
        "on each write goes to both. 'block_job_complete' then moves the machine "
        "to the copy; 'block_job_cancel' stays with the drive and leaves a copy of "
        "this moment.\n\n"
        "Without -f only the topmost image is copied, and the target needs the "
        "same backing image."
    ),
    words="clone disk, copy disk, migrate storage, replicate",
    qmp=["drive-mirror", *_JOB, "query-commands"],
    kinds=_COPY,
    checks=True,
    example="drive_mirror -f {device} /tmp/copy.qcow2 qcow2",
    samples={"device": WRITABLE},
    after_preconfig=True,
)
async def drive_mirror(mon: Monitor, args: QDict) -> Empty:
    """Start the job; a session waits until the images are in sync."""
    # as QEMU's monitor always asks for
    members = {**await _copy(mon, args), "unmap": True}
    value = await _run(mon, "drive-mirror", members, until_ready=True)
    return {"ready": True} if mon.front.interactive else value


@drive_mirror.view
def drive_mirror_view(value: Empty, call: Call) -> RenderableType | None:
    """Suggest the next commands, if the command waited for the mirror."""
    if "ready" not in value:
        return None
    device, target = call.args["device"], call.args["target"]
    return views.lines(
        f"{target} is in sync with {device}, and is kept in sync.\n"
        f"'block_job_complete {device}' switches over to it,\n"
        f"'block_job_cancel {device}' leaves it as a copy."
    )


@command(
    "drive_backup",
    args_type="reuse:-n,full:-f,compress:-c,device:B,target:s,format:s?",
    params="[-n] [-f] [-c] device target [format]",
    help="copy the present contents of a drive to a new image (-n: use an existing image,"
    " -f: include the backing images, -c: compress)",
    arguments={
        "target": "the new image, or the existing one with -n",
        "format": "the image format of the new image; by default that of the drive",
    },
    about=(
        "The backup shows the drive as it was when the command began, whatever the "
        "guest writes meanwhile. The job runs in the background; 'wait job ID' "
        "waits for its end."
    ),
    words="backup, copy disk, clone disk",
    qmp=["drive-backup", *_JOB, "query-commands", "query-block-jobs", "query-block"],
    kinds=_COPY,
    checks=True,
    example="drive_backup {device} /tmp/backup.qcow2 qcow2",
    samples={"device": WRITABLE},
    after_preconfig=True,
)
async def drive_backup(mon: Monitor, args: QDict) -> Empty:
    """Start the job, once no other job uses the drive."""
    copy = await _copy(mon, args)
    await _until_free(mon, args["device"])
    members = {**copy, "compress": args.get("compress")}
    return await _run(mon, "drive-backup", members)


_ENDING = 1.0
"""Seconds to wait for another job of the drive to end."""


async def _until_free(mon: Monitor, device: str) -> None:
    """Wait briefly for the end of a job that uses a drive.

    QEMU refuses a second job, and crashes if the first one ends at that moment. Raises
    CommandFailedError.
    """
    limit = Limit(mon, _ENDING)
    while job := await _job_of(mon, device):
        if limit.over:
            why = f"block device is in use by block job: {job['type']}"
            raise CommandFailedError(f"Error: Node '{device}' is busy: {why}\n")
        await limit.pause(_ENDING / 10)


async def _job_of(mon: Monitor, device: str) -> BlockJobInfo | None:
    """Return the job of a drive, or a job that may be its if the drive is a node."""
    jobs = await mon.qmp.execute("query-block-jobs")
    known = [job for job in jobs if job["device"] == device]
    if known or not jobs:
        return known[0] if known else None
    try:
        drives = {info["device"] for info in await mon.qmp.execute("query-block")}
    except QMPError:
        return None  # a storage daemon, whose job ids are node names
    return None if device in drives else jobs[0]


async def _copy(mon: Monitor, args: QDict) -> JSON:
    """Return the arguments that a mirror and a backup have in common, checked."""
    await refuse_fatal(mon, "drive-mirror", args)
    # a storage daemon has no devices from which a job could get its id
    named = await mon.supports("human-monitor-command")
    return {
        "job-id": None if named else args["device"],
        "device": args["device"],
        "target": args["target"],
        "format": args.get("format"),
        "sync": "full" if args.get("full") else "top",
        "mode": "existing" if args.get("reuse") else "absolute-paths",
    }


async def _run(
    mon: Monitor, name: Starts, members: JSON, *, until_ready: bool = False
) -> Empty:
    """Start a block job, whose id is the name of its device.

    A session waits for its end and shows a progress bar. In a script the command returns
    at once, as in QEMU.
    """
    device = str(members["device"])
    with opening(str(members.get("target", ""))):
        if not mon.front.interactive:
            return await mon.qmp.execute(name, members)
        value = await run_job(
            mon,
            device,
            lambda: mon.qmp.execute(name, members),
            f"{name.replace('-', '_')} {device}",
            f"block_job_cancel {device}",
            until_ready=until_ready,
        )
        return cast("Empty", value)  # run_job returns the reply to the start


block_job_set_speed = command.direct(
    "block_job_set_speed",
    "block-job-set-speed",
    args_type="device:B,speed:o",
    help="limit the speed of a block job, per second (MiB unless a suffix is given)",
    arguments={
        "speed": "the maximum per second, in MiB or with a suffix such as K; 0: no limit"
    },
    words="throttle job",
    kinds={"device": BLOCK_JOB},
    example="block_job_set_speed {device} 10M",
)


block_job_cancel = command.direct(
    "block_job_cancel",
    "block-job-cancel",
    args_type="force:-f,device:B",
    help="cancel a block job (-f: immediately, even if it is ready or paused)",
    words="abort job, stop job",
    example="block_job_cancel {device}",
    effect=DESTRUCTIVE,
    outcome="this ends the job",
    kinds={"device": BLOCK_JOB},
)


async def _job_names(mon: Monitor) -> list[str]:
    return [job["device"] for job in await mon.qmp.execute("query-block-jobs")]


refuse_unknown(block_job_cancel, "device", _job_names, "Block job '{}' not found")


_DEVICE = {"device": BLOCK_JOB}

CONTROLS = (
    command.direct(
        "block_job_complete",
        "block-job-complete",
        help="complete a ready block job",
        words="finish job, pivot",
        args_type="device:B",
        kinds=_DEVICE,
    ),
    command.direct(
        "block_job_pause",
        "block-job-pause",
        help="pause a block job",
        example="block_job_pause {device}",
        args_type="device:B",
        kinds=_DEVICE,
    ),
    command.direct(
        "block_job_resume",
        "block-job-resume",
        help="resume a paused block job",
        words="continue job",
        args_type="device:B",
        kinds=_DEVICE,
    ),
)
