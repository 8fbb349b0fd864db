"""Block jobs: streams, mirrors and backups that run beside the guest."""

from typing import TYPE_CHECKING, Any

from commands._images import opening
from completions.block import BACKING_FILE, BLOCK_DEVICE, BLOCK_DEVICE_OR_NODE
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
    run_job,
    views,
)

if TYPE_CHECKING:
    from rich.console import RenderableType


CATEGORY = "Block jobs"

_JOB = ("query-jobs", "job-dismiss")
_COPY = {"device": BLOCK_DEVICE, "format": BLOCK_FORMAT, "target": FILE}


@command(
    "block_stream",
    args_type="device:B,speed:o?,base:s?",
    params="device [speed [base]]",
    help="copy the data of backing images into a device's own image",
    qmp=["block-stream", *_JOB],
    kinds={"device": BLOCK_DEVICE_OR_NODE, "base": BACKING_FILE},
    example="block_stream drive0 50M",
)
async def block_stream(mon: Monitor, args: QDict) -> Any:
    """Start the job; it is called like its device."""
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
    help="copy a drive to a new image and keep both the same (-n: into an image that"
    " is there, -f: with the backing images)",
    qmp=["drive-mirror", *_JOB, "query-commands"],
    kinds=_COPY,
    example="drive_mirror -f drive0 /tmp/copy.qcow2 qcow2",
)
async def drive_mirror(mon: Monitor, args: QDict) -> Any:
    """Start the job; a session waits until both images are the same."""
    members = {**await _copy(mon, args), "unmap": True}
    value = await _run(mon, "drive-mirror", members, until_ready=True)
    return {"ready": True} if mon.front.interactive else value


@drive_mirror.view
def drive_mirror_view(value: Any, call: Call) -> "RenderableType | None":
    """Say what there is to do now, where that was waited for."""
    if "ready" not in value:
        return None
    device, target = call.args["device"], call.args["target"]
    return views.lines(
        f"{target} is the same as {device} now, and stays so.\n"
        f"'block_job_complete {device}' switches over to it,\n"
        f"'block_job_cancel {device}' leaves it as a copy."
    )


@command(
    "drive_backup",
    args_type="reuse:-n,full:-f,compress:-c,device:B,target:s,format:s?",
    params="[-n] [-f] [-c] device target [format]",
    help="copy a drive as it is now to a new image (-n: into an image that is there,"
    " -f: with the backing images, -c: compressed)",
    qmp=["drive-backup", *_JOB, "query-commands", "query-block-jobs", "query-block"],
    kinds=_COPY,
    example="drive_backup drive0 /tmp/backup.qcow2 qcow2",
)
async def drive_backup(mon: Monitor, args: QDict) -> Any:
    """Start the job, once no other one has to do with the drive."""
    await _until_free(mon, args["device"])
    members = {**await _copy(mon, args), "compress": args.get("compress")}
    return await _run(mon, "drive-backup", members)


_ENDING = 1.0
"""Seconds in which a job may come to its end."""


async def _until_free(mon: Monitor, device: str) -> None:
    """Wait a moment for the end of a job that a drive has; QEMU refuses a second one.

    It dies of it when the first one ends just then. Raises CommandFailedError.
    """
    limit = Limit(mon, _ENDING)
    while job := await _job_of(mon, device):
        if limit.over:
            why = f"block device is in use by block job: {job['type']}"
            raise CommandFailedError(f"Error: Node '{device}' is busy: {why}\n")
        await limit.pause(_ENDING / 10)


async def _job_of(mon: Monitor, device: str) -> Any:
    """Return a job that a drive has, or may have where it is called by its node."""
    jobs = await mon.qmp.execute("query-block-jobs")
    known = [job for job in jobs if job["device"] == device]
    if known or not jobs:
        return known[0] if known else None
    try:
        drives = {info["device"] for info in await mon.qmp.execute("query-block")}
    except QMPError:
        return None  # a storage daemon, whose jobs are called like their nodes
    return None if device in drives else jobs[0]


async def _copy(mon: Monitor, args: QDict) -> dict[str, Any]:
    """Return what a mirror and a backup are told alike."""
    # a storage daemon has no devices to call jobs after
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
    mon: Monitor, name: str, members: dict[str, Any], *, until_ready: bool = False
) -> Any:
    """Start a block job, which is called like its device.

    A session waits for its end, with a bar; a script goes on at once, as QEMU does.
    """
    device = members["device"]
    with opening(members.get("target", "")):
        if not mon.front.interactive:
            return await mon.qmp.execute(name, members)
        return await run_job(
            mon,
            device,
            lambda: mon.qmp.execute(name, members),
            f"{name.replace('-', '_')} {device}",
            f"block_job_cancel {device}",
            until_ready=until_ready,
        )


block_job_set_speed = command.direct(
    "block_job_set_speed",
    "block-job-set-speed",
    args_type="device:B,speed:o",
    help="limit the speed of a block job, in bytes a second",
    kinds={"device": BLOCK_JOB},
    example="block_job_set_speed drive0 10M",
)


block_job_cancel = command.direct(
    "block_job_cancel",
    "block-job-cancel",
    args_type="force:-f,device:B",
    help="cancel a block job (-f: at once, also one that is ready or paused)",
    effect=DESTRUCTIVE,
    kinds={"device": BLOCK_JOB},
)


_DEVICE = {"device": BLOCK_JOB}

CONTROLS = (
    command.direct(
        "block_job_complete",
        "block-job-complete",
        help="let a job that is ready come to its end",
        args_type="device:B",
        kinds=_DEVICE,
    ),
    command.direct(
        "block_job_pause",
        "block-job-pause",
        help="pause a block job",
        args_type="device:B",
        kinds=_DEVICE,
    ),
    command.direct(
        "block_job_resume",
        "block-job-resume",
        help="let a paused block job go on",
        args_type="device:B",
        kinds=_DEVICE,
    ),
)
