"""Block devices, their media, and their limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from commands._images import opening
from commands._nodes import DriveError, add_node, check_drive
from commands._refusals import block_devices, node_names
from commands._vnc import set_vnc_password
from completions.block import (
    BLOCK_DEVICE,
    BLOCK_DEVICE_OR_NODE,
    COMMITTED,
    REMOVABLE,
    REMOVABLE_OR_VNC,
    WRITABLE,
)
from completions.drive import DRIVE_OPTIONS
from completions.format import BLOCK_FORMAT, READ_ONLY_MODE
from completions.free_text import PCI_ADDRESS
from hmp.authoring import (
    DESTRUCTIVE,
    Call,
    CommandFailedError,
    Monitor,
    QDict,
    QMPError,
    SizeError,
    as_argument,
    command,
    forward_line,
    known_word,
    parse_options,
    read_size,
    refusal,
    refuse_fatal,
    releases,
    run_blocking,
    size_text,
)

if TYPE_CHECKING:
    from hmp.authoring import Empty, Text
    from hmp.qmp.reply_types import XDbgBlockGraph

CATEGORY = "Block devices"

_DEVICE = {"device": BLOCK_DEVICE}


block_resize = command.direct(
    "block_resize",
    args_type="device:B,size:o",
    help="change the size of a block device",
    arguments={"size": "the new size, in MiB or with a suffix such as G"},
    about=(
        "The size is absolute: '+1G' is not understood. The guest sees the new "
        "size at once, but its partitions and file systems stay as they are. Data "
        "beyond a smaller size is lost."
    ),
    words="resize disk, grow disk, shrink disk, enlarge disk, make disk bigger, extend",
    effect=DESTRUCTIVE,
    outcome="data beyond a smaller size is lost",
    kinds=_DEVICE,
    example="block_resize {device} 20G",
    samples={"device": WRITABLE},
)


@block_resize.foresee
async def block_resize_outcome(mon: Monitor, args: QDict) -> str:
    """Compare the sizes. Refuse a size that looks like a difference."""
    name = args["device"]
    # one size or none
    for size in await _sizes(mon, name):
        # the text, since "+1G" is read as 1G, and so would make the disk small
        words = mon.line.text.split()
        if words[-1][0] in "+-":
            raise CommandFailedError(_absolute(name, size, words[-1]))
        if not size or args.get("size", size) == size:
            return ""
        loss = ", data beyond is lost" if args["size"] < size else ""
        return f"{size_text(size)} → {size_text(args['size'])}{loss}"
    if "size" not in args:
        return ""
    raise refusal(f"Cannot find device='{name}' nor node-name=''")


async def _sizes(mon: Monitor, name: str) -> list[int]:
    """Return the size in bytes of the block device with a name, if it exists."""
    device = (await block_devices(mon)).get(name)
    if device is None:
        return []
    inserted = device.get("inserted")
    return [inserted["image"]["virtual-size"]] if inserted else [0]


def _absolute(name: str, size: int, change: str) -> str:
    """Return the error for a size that was given as a difference."""
    try:
        by, _ = read_size(change, 1, "M")
    except SizeError:
        by = 0
    wanted = size + by if change[0] == "+" else size - by
    start = f"Error: '{change}' is not a size: block_resize takes the new size"
    if wanted <= 0:
        return f"{start}, and '{name}' has {size_text(size)}\n"
    units = ("G", 30), ("M", 20), ("B", 0)
    unit, bits = next(each for each in units if not wanted % (1 << each[1]))
    line = f"block_resize {as_argument(name)} {wanted >> bits}{unit}"
    return f"{start}, not the difference. For {size_text(wanted)}, type '{line}'\n"


eject = command.direct(
    "eject",
    args_type="force:-f,device:B",
    help="take the medium out of a removable device (-f: even if it is in use)",
    about=(
        "A guest may lock its drive; -f opens it anyway. The error 'is not "
        "removable' means that the device is a disk: unplug it with device_del "
        "instead."
    ),
    words="remove cd, take out cd, unload medium, cdrom",
    effect=DESTRUCTIVE,
    outcome="the drive loses its medium",
    kinds={"device": REMOVABLE},
    example="eject {device}",
    after_preconfig=True,
)


@eject.foresee
async def eject_outcome(mon: Monitor, args: QDict) -> str:
    """Say which image is taken out, if any. Refuse an unknown device.

    From a drive that the guest has locked, QEMU takes nothing without -f.
    """
    name = args["device"]
    drive = (await block_devices(mon)).get(name)
    if drive is None:
        raise refusal(f"Device '{name}' not found")
    if drive["locked"] and not drive.get("tray_open") and not args.get("force"):
        return ""
    medium = drive.get("inserted") if drive["removable"] else None
    return f"the drive loses {medium['file']}" if medium is not None else ""


@command(
    "change",
    args_type="device:B,force:-f,target:F,arg:s?,read-only-mode:s?",
    params="device [-f] filename [format [read-only-mode]]",
    help="put a medium into a removable device, or set the VNC password",
    arguments={
        "device": "a removable block device, or vnc",
        "-f": "open the drive even if the guest has locked it",
        "filename": "an image or device of QEMU's host; for vnc, the word password",
        "format": "the image's format; by default QEMU guesses it",
        "read-only-mode": "retain (the mode that the drive has), read-only or read-write",
    },
    about="'change ide1-cd0 /tmp/some.iso' puts an image into the drive called ide1-cd0."
    " 'change vnc password' asks for a new VNC password.",
    words="insert cd, swap cd, iso, mount iso, cdrom, new medium",
    qmp=["blockdev-change-medium", "change-vnc-password", "query-vnc-servers"],
    kinds={
        "device": REMOVABLE_OR_VNC,
        "arg": BLOCK_FORMAT,
        "read-only-mode": READ_ONLY_MODE,
    },
    # before 8.0 these have no "Error: "
    failure=r"\A(Expected 'password' after|Parameter 'read-only-mode' is invalid)",
    asks=r"change\s+vnc\s+passw(or)?d",
    checks=True,
    after_preconfig=True,
)
async def change(mon: Monitor, args: QDict) -> Empty:
    """Change a medium, or for the device ``vnc`` the password."""
    if args["device"] == "vnc":
        return await _change_vnc(mon, args)
    mode = args.get("read-only-mode")
    members = {
        "device": args["device"],
        "filename": args["target"],
        "format": args.get("arg"),
    }
    await refuse_fatal(mon, "blockdev-change-medium", members)
    with known_word(str(mode)), opening(args["target"]):
        return await mon.qmp.execute(
            "blockdev-change-medium",
            {**members, "read-only-mode": mode},
            force=args.get("force", False),
        )


async def _change_vnc(mon: Monitor, args: QDict) -> Empty:
    """Set the VNC password; ask for it if the line has none."""
    prefix = "" if mon.qmp.version < releases.VNC_ERRORS else "Error: "
    if "read-only-mode" in args:
        raise CommandFailedError(f"{prefix}Parameter 'read-only-mode' is invalid for VNC\n")
    if args["target"] not in ("passwd", "password"):
        raise CommandFailedError(f"{prefix}Expected 'password' after 'vnc'\n")
    password = args["arg"] if "arg" in args else await mon.ask_secret("Password: ")
    return await set_vnc_password(mon, "change-vnc-password", {"password": password})


@command(
    "drive_add",
    args_type="node:-n,pci_addr:s,opts:s",
    kinds={"pci_addr": PCI_ADDRESS, "opts": DRIVE_OPTIONS},
    params="[-n] [[<domain>:]<bus>:]<slot>\n"
    "[file=file][,if=type][,bus=n]\n"
    "[,unit=m][,media=d][,index=i]\n"
    "[,snapshot=on|off][,cache=on|off]\n"
    "[,readonly=on|off][,copy-on-read=on|off]",
    help="add a drive (-n: a block node without a device)",
    arguments={
        "[[<domain>:]<bus>:]<slot>": "unused in current QEMU; type 0 or dummy",
        "file=file": "the image",
        "if=type": "the interface; a hot-plugged drive has none",
        "bus=n": "ignored with if=none",
        "unit=m": "ignored with if=none",
        "media=d": "disk or cdrom",
        "index=i": "ignored with if=none",
        "snapshot=on|off": "write to a temporary overlay, and leave the image as it is",
        "cache=on|off": "how the host caches the image, such as none or writeback",
        "readonly=on|off": "refuse writes",
        "copy-on-read=on|off": "copy what is read from a backing image",
    },
    about=(
        "'drive_add 0 if=none,id=d1,file=disk.qcow2' adds an image. It gets no device:"
        " plug one in with device_add, and name the drive's id there. drive_del removes"
        " the drive again."
    ),
    words="attach disk, add disk, new disk",
    qmp=["blockdev-add", "human-monitor-command"],
    checks=True,
    # QEMU prints OK for a drive that it has added, and warnings about the syntax
    failure=r"(?m)^(?!OK$|warning: |Please use ).",
    after_preconfig=True,
)
async def drive_add(mon: Monitor, args: QDict) -> Empty | Text:
    """Add a block node over QMP, or a drive through QEMU's monitor."""
    if not args.get("node"):
        await check_drive(mon, args["opts"])
        return await forward_line(mon)
    return await add_node(mon, args["opts"])


@drive_add.text
def drive_add_text(value: Empty | Text, call: Call) -> Iterator[str]:
    """Yield QEMU's warnings about the syntax of the options."""
    yield from parse_options(call.args["opts"], None).warnings()


@command(
    "drive_del",
    args_type="id:B",
    params="device",
    help="remove the backend of a drive; its device stays, without a medium",
    arguments={"device": "block device or node"},
    about=(
        "The guest then gets I/O errors from the device. Unplug the device with "
        "device_del first, if the guest releases it."
    ),
    words="detach disk, remove disk",
    example="drive_del {id}",
    effect=DESTRUCTIVE,
    outcome="the guest gets I/O errors from its disk",
    qmp=[
        "blockdev-del",
        "query-named-block-nodes",
        "x-debug-query-block-graph",
        "query-commands",
        "human-monitor-command",
    ],
    kinds={"id": BLOCK_DEVICE_OR_NODE},
    failure=r"\A.",
    after_preconfig=True,
)
async def drive_del(mon: Monitor, args: QDict) -> Empty | Text:
    """Delete a block node over QMP, or a drive's backend through QEMU's monitor."""
    name = args["id"]
    nodes = await mon.qmp.execute("query-named-block-nodes", flat=True)
    # QEMU's own drive_del looks for a node first as well
    if any(node.get("node-name") == name for node in nodes):
        try:
            return await mon.qmp.execute("blockdev-del", {"node-name": name})
        except QMPError as error:
            raise DriveError(mon, error.desc) from error
    if not await mon.supports("human-monitor-command"):
        # a storage daemon has nodes only, and no monitor to forward to
        raise QMPError(f"Node '{name}' not found")
    return await forward_line(mon)


async def _drive_and_node_names(mon: Monitor) -> list[str]:
    return [*await block_devices(mon), *await node_names(mon)]


@drive_del.foresee
async def drive_del_outcome(mon: Monitor, args: QDict) -> str:
    """Return an empty text if QEMU refuses, since a job uses it. Refuse an unknown one."""
    name = args["id"]
    if name not in await _drive_and_node_names(mon):
        raise refusal(f"Device '{name}' not found")
    graph = await mon.qmp.execute("x-debug-query-block-graph")
    return "" if _is_busy(name, graph) else drive_del.outcome


def _is_busy(name: str, graph: XDbgBlockGraph) -> bool:
    """Return whether a job uses the root of a drive, or anything the node of that name."""
    types = {node["id"]: node["type"] for node in graph["nodes"]}
    named = {node["id"] for node in graph["nodes"] if node["name"] == name}
    # a job's id may be the name of its drive
    own = {each for each in named if types[each] == "block-driver"}
    drives = {each for each in named if types[each] == "block-backend"}
    roots = {edge["child"] for edge in graph["edges"] if edge["parent"] in drives}
    return any(
        edge["child"] in own
        or (edge["child"] in roots and types.get(edge["parent"]) == "block-job")
        for edge in graph["edges"]
    )


_LIMITS = ("bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr")


@command(
    "block_set_io_throttle",
    args_type="device:B,bps:l,bps_rd:l,bps_wr:l,iops:l,iops_rd:l,iops_wr:l",
    help="limit the throughput of a block device (0: no limit)",
    arguments={
        "bps": "bytes per second, read and written; 0: no limit",
        "bps_rd": "bytes read per second; 0: no limit",
        "bps_wr": "bytes written per second; 0: no limit",
        "iops": "operations per second; 0: no limit",
        "iops_rd": "read operations per second; 0: no limit",
        "iops_wr": "write operations per second; 0: no limit",
    },
    about="A total excludes its parts: give bps, or bps_rd and bps_wr.",
    words="limit disk speed, slow down disk, throttle, iops limit, bandwidth limit",
    qmp=["block_set_io_throttle", "query-block"],
    kinds=_DEVICE,
    example="block_set_io_throttle {device} 0 0 0 100 0 0",
    samples={"device": WRITABLE},
)
async def block_set_io_throttle(mon: Monitor, args: QDict) -> Empty:
    """Set the limits of a block device, named by itself or by the guest device using it."""
    name = args["device"]
    found = any(
        info["device"] == name != "" for info in await mon.qmp.execute("query-block")
    )
    # QMP has a member for each kind of name; the monitor takes either
    limits = {limit: args[limit] for limit in _LIMITS}
    return await mon.qmp.execute(
        "block_set_io_throttle", {"device" if found else "id": name, **limits}
    )


@command(
    "commit",
    args_type="device:B",
    params="device|all",
    help="write the changes of an overlay into its backing image",
    arguments={"device|all": "a block device, or 'all' of them"},
    about="The image must be an overlay, which has a backing image: 'info block' shows it.",
    words="merge overlay, flatten",
    effect=DESTRUCTIVE,
    outcome="this writes the overlay's data into its backing image",
    qmp=["human-monitor-command"],
    kinds={"device": COMMITTED},
    failure=r"\A(Device '.*' |'commit' error )",
    after_preconfig=True,
)
async def commit(mon: Monitor, args: QDict) -> Text:
    """Commit in QEMU's monitor, which stops the whole machine until it has finished."""
    what = f"commit {args['device']}"
    # run_blocking returns the value of the function that it is given
    return cast("Text", await run_blocking(mon, lambda: forward_line(mon), what))


@commit.foresee
async def commit_outcome(mon: Monitor, args: QDict) -> str:
    """Name the images, if any is an overlay. Refuse an unknown device."""
    name = args["device"]
    drives = await block_devices(mon)
    if name not in ("all", *drives):
        raise refusal(f"Device '{name}' not found")
    if name != "all":
        drives = {name: drives[name]}
    images = [drive.get("inserted", {}) for drive in drives.values()]
    # an image without a backing file has nothing to write back
    pairs = [f"{i['file']} into {i['backing_file']}" for i in images if "backing_file" in i]
    return f"this writes {' and '.join(pairs)}" if pairs else ""
