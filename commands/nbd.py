"""The NBD server inside QEMU."""

from completions.block import BLOCK_DEVICE_OR_NODE
from completions.nbd import EXPORT
from hmp.authoring import DESTRUCTIVE, command

CATEGORY = "NBD server"

PASSTHROUGHS = (
    command.passthrough(
        "nbd_server_start",
        args_type="all:-a,writable:-w,uri:s",
        params="nbd_server_start [-a] [-w] host:port",
        help="serve block devices over NBD (-a: all there are, -w: to be written, too)",
        example="nbd_server_start -a localhost:10809",
    ),
    command.passthrough(
        "nbd_server_add",
        args_type="writable:-w,device:B,name:s?",
        params="nbd_server_add [-w] device [name]",
        help="export one more block device (-w: to be written, too)",
        kinds={"device": BLOCK_DEVICE_OR_NODE},
    ),
    command.passthrough(
        "nbd_server_remove",
        args_type="force:-f,name:s",
        params="nbd_server_remove [-f] name",
        help="end an export (-f: even with clients connected)",
        effect=DESTRUCTIVE,
        kinds={"name": EXPORT},
    ),
    command.passthrough(
        "nbd_server_stop",
        params="nbd_server_stop",
        help="end the NBD server",
        effect=DESTRUCTIVE,
    ),
)
