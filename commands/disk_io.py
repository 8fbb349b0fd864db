"""Reads and writes on block devices, as qemu-io does them for tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from commands._refusals import block_devices, device_type, node_names
from completions.block import BLOCK_DEVICE_OR_NODE, WRITABLE
from completions.free_text import QEMU_IO
from hmp.authoring import DESTRUCTIVE, Monitor, QDict, command, forward_line, refusal

if TYPE_CHECKING:
    from hmp.authoring import Text
    from hmp.qmp.reply_types import BlockInfo

CATEGORY = "Block devices"

_READS = re.compile(
    r"\s*(?:read|r|readv|rv|aio_read|map|alloc|length|l|info|i|help|\?)(?!\S)"
)
"""Commands of qemu-io that leave the disk as it is."""
_NEEDS_MEDIUM = re.compile(r"\s*(?:alloc|info|i|reopen)(?!\S)")
"""Commands that crash QEMU, all releases, if the drive is empty."""
_ENDS = re.compile(r"\s*(?:abort|sigraise)(?!\S)")


@command(
    "qemu-io",
    args_type="qdev:-d,device:B,command:s",
    params='[-d] [device] "[command]"',
    help="run a qemu-io command on a block device (-d: DEVICE is a device id)",
    arguments={
        "-d": "DEVICE is the id of a device, not of a drive",
        "[command]": "a qemu-io command in quotes",
    },
    words="read sector, write sector, test io",
    effect=DESTRUCTIVE,
    outcome="this may change the disk that the guest uses",
    qmp=["human-monitor-command", "query-block"],
    kinds={"device": BLOCK_DEVICE_OR_NODE, "command": QEMU_IO},
    checks=True,
    example='qemu-io {device} "read 0 512"',
    samples={"device": WRITABLE},
)
async def qemu_io(mon: Monitor, args: QDict) -> Text:
    """Run it in QEMU's monitor. Raises CommandFailedError where QEMU would crash."""
    if _NEEDS_MEDIUM.match(args["command"]):
        drive = await _drive(mon, args)
        if drive is not None and "inserted" not in drive:
            raise refusal("the drive is empty, and QEMU would crash; nothing was sent")
    return await forward_line(mon)


async def _drive(mon: Monitor, args: QDict) -> BlockInfo | None:
    """Return the drive that a line names; None for a node, and for what is unknown."""
    name, drives = args["device"], await block_devices(mon)
    if not args.get("qdev"):
        return drives.get(name)
    # the drive of a virtio disk belongs to a device inside it, .../virtio-backend
    inner = f"/machine/peripheral/{name}/"
    for drive in drives.values():
        device = drive.get("qdev", "")
        if device == name or device.startswith(inner):
            return drive
    return None


@qemu_io.foresee
async def qemu_io_outcome(mon: Monitor, args: QDict) -> str:
    """Return an empty text if nothing is written, or to nothing that exists."""
    name = args["device"]
    if _READS.match(args["command"]):
        return ""
    if args.get("qdev"):
        await device_type(mon, name)
    elif name not in [*await block_devices(mon), *await node_names(mon)]:
        return ""
    return "this ends QEMU" if _ENDS.match(args["command"]) else qemu_io.outcome
