"""Block jobs: streams, mirrors and backups that run beside the guest."""

from completions.block import BLOCK_DEVICE, BLOCK_DEVICE_OR_NODE
from completions.format import BLOCK_FORMAT
from completions.job import BLOCK_JOB
from hmp.authoring import DESTRUCTIVE, command

CATEGORY = "Block jobs"

_JOB = {"device": BLOCK_JOB}
_COPY = {"device": BLOCK_DEVICE, "format": BLOCK_FORMAT}

PASSTHROUGHS = (
    command.passthrough(
        "block_stream",
        args_type="device:B,speed:o?,base:s?",
        params="device [speed [base]]",
        help="copy the data of backing images into a device's own image",
        kinds={"device": BLOCK_DEVICE_OR_NODE},
        example="block_stream drive0 50M",
    ),
    command.passthrough(
        "block_job_set_speed",
        args_type="device:B,speed:o",
        help="limit the speed of a block job, in bytes a second",
        kinds=_JOB,
        example="block_job_set_speed drive0 10M",
    ),
    command.passthrough(
        "block_job_cancel",
        args_type="force:-f,device:B",
        help="cancel a block job (-f: at once, also one that is ready or paused)",
        effect=DESTRUCTIVE,
        kinds=_JOB,
    ),
    command.passthrough(
        "block_job_complete",
        args_type="device:B",
        help="let a job that is ready come to its end",
        kinds=_JOB,
    ),
    command.passthrough(
        "block_job_pause", args_type="device:B", help="pause a block job", kinds=_JOB
    ),
    command.passthrough(
        "block_job_resume",
        args_type="device:B",
        help="let a paused block job go on",
        kinds=_JOB,
    ),
    command.passthrough(
        "drive_mirror",
        args_type="reuse:-n,full:-f,device:B,target:s,format:s?",
        params="[-n] [-f] device target [format]",
        help="copy a drive to a new image and keep both the same (-n: into an image that"
        " is there, -f: with the backing images)",
        kinds=_COPY,
        example="drive_mirror -f drive0 /tmp/copy.qcow2 qcow2",
    ),
    command.passthrough(
        "drive_backup",
        args_type="reuse:-n,full:-f,compress:-c,device:B,target:s,format:s?",
        params="[-n] [-f] [-c] device target [format]",
        help="copy a drive as it is now to a new image (-n: into an image that is there,"
        " -f: with the backing images, -c: compressed)",
        kinds=_COPY,
        example="drive_backup drive0 /tmp/backup.qcow2 qcow2",
    ),
)
