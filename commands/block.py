"""Block devices and their media."""

from typing import Any

from completions.block import BLOCK_DEVICE, BLOCK_DEVICE_OR_NODE
from completions.format import BLOCK_FORMAT, READ_ONLY_MODE
from hmp.authoring import DESTRUCTIVE, Monitor, QDict, command

CATEGORY = "Block devices"

_DEVICE = {"device": BLOCK_DEVICE}
_DEVICE_OR_NODE = {"device": BLOCK_DEVICE_OR_NODE}


@command(
    "block_resize",
    args_type="device:B,size:o",
    help="change the size of a block device",
    effect=DESTRUCTIVE,
    qmp=["block_resize"],
    kinds=_DEVICE_OR_NODE,
    example="block_resize drive0 20G",
)
async def block_resize(mon: Monitor, args: QDict) -> Any:
    """Resize a device; QMP takes bytes."""
    return await mon.qmp.execute("block_resize", device=args["device"], size=args["size"])


@command(
    "eject",
    args_type="force:-f,device:B",
    help="take the medium out of a removable device (-f: even if it is in use)",
    effect=DESTRUCTIVE,
    qmp=["eject"],
    kinds=_DEVICE,
    example="eject ide1-cd0",
)
async def eject(mon: Monitor, args: QDict) -> Any:
    """Eject a medium."""
    return await mon.qmp.execute(
        "eject", device=args["device"], force=args.get("force", False)
    )


PASSTHROUGHS = (
    command.passthrough(
        "change",
        args_type="device:B,force:-f,target:F,arg:s?,read-only-mode:s?",
        params="device [-f] filename [format [read-only-mode]]",
        help="put a medium into a removable device, or set the VNC password",
        kinds={**_DEVICE, "arg": BLOCK_FORMAT, "read-only-mode": READ_ONLY_MODE},
        example="change ide1-cd0 /tmp/some.iso",
        failure=r"\A(Expected 'password' after 'vnc'|Parameter 'read-only-mode'"
        r"|terminal does not support password prompting)",
    ),
    command.passthrough(
        "commit",
        args_type="device:B",
        params="device|all",
        help="write the changes of an overlay into its backing image",
        effect=DESTRUCTIVE,
        kinds=_DEVICE,
        failure=r"\A(Device '.*' |'commit' error )",
    ),
    command.passthrough(
        "drive_add",
        args_type="node:-n,pci_addr:s,opts:s",
        params="[-n] [[<domain>:]<bus>:]<slot>\n"
        "[file=file][,if=type][,bus=n]\n"
        "[,unit=m][,media=d][,index=i]\n"
        "[,snapshot=on|off][,cache=on|off]\n"
        "[,readonly=on|off][,copy-on-read=on|off]",
        help="add a drive (-n: a block node without a device)",
        example="drive_add 0 if=none,id=d1,file=disk.qcow2",
        failure=r"(?m)^(?!OK$|warning: |Please use ).",
    ),
    command.passthrough(
        "drive_del",
        args_type="id:B",
        params="device",
        help="remove a drive's backend from under its device",
        effect=DESTRUCTIVE,
        kinds={"id": BLOCK_DEVICE_OR_NODE},
        failure=r"\A.",
    ),
    command.passthrough(
        "block_set_io_throttle",
        args_type="device:B,bps:l,bps_rd:l,bps_wr:l,iops:l,iops_rd:l,iops_wr:l",
        help="limit the throughput of a block device (0: no limit)",
        kinds=_DEVICE,
        example="block_set_io_throttle drive0 0 0 0 100 0 0",
    ),
    command.passthrough(
        "qemu-io",
        args_type="qdev:-d,device:B,command:s",
        params='[-d] [device] "[command]"',
        help="run a qemu-io command on a block device (-d: named by its device id)",
        effect=DESTRUCTIVE,
        kinds=_DEVICE_OR_NODE,
        example='qemu-io drive0 "read 0 4k"',
    ),
)
