"""Snapshots of disks, and of the machine with them."""

from completions.block import BLOCK_DEVICE
from completions.format import BLOCK_FORMAT
from completions.snapshot import SNAPSHOT
from hmp.authoring import DESTRUCTIVE, command

CATEGORY = "Snapshots"

_TAG = {"name": SNAPSHOT}
_DEVICE = {"device": BLOCK_DEVICE}

PASSTHROUGHS = (
    command.passthrough(
        "savevm",
        args_type="name:s?",
        params="tag",
        help="save the machine's state and its disks' as a snapshot",
        kinds=_TAG,
        example="savevm before-update",
    ),
    command.passthrough(
        "loadvm",
        args_type="name:s",
        params="tag",
        help="go back to a snapshot of the machine",
        effect=DESTRUCTIVE,
        kinds=_TAG,
    ),
    command.passthrough(
        "delvm",
        args_type="name:s",
        params="tag",
        help="delete a snapshot of the machine",
        effect=DESTRUCTIVE,
        kinds=_TAG,
    ),
    command.passthrough(
        "snapshot_blkdev",
        args_type="reuse:-n,device:B,snapshot-file:s?,format:s?",
        params="[-n] device [new-image-file] [format]",
        help="put an overlay over a device's image (-n: an image that is there)",
        kinds={**_DEVICE, "format": BLOCK_FORMAT},
        example="snapshot_blkdev drive0 /tmp/overlay.qcow2 qcow2",
    ),
    command.passthrough(
        "snapshot_blkdev_internal",
        args_type="device:B,name:s",
        help="make a snapshot inside a device's image",
        kinds=_DEVICE,
    ),
    command.passthrough(
        "snapshot_delete_blkdev_internal",
        args_type="device:B,name:s,id:s?",
        help="delete a snapshot inside a device's image",
        effect=DESTRUCTIVE,
        kinds={**_DEVICE, "name": SNAPSHOT},
    ),
)
