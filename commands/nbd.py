"""The NBD server inside QEMU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands._address import parse_address
from commands._refusals import refuse_unknown
from completions.block import BLOCK_DEVICE_OR_NODE
from completions.free_text import ADDRESS, EXPORT_NAME
from completions.nbd import EXPORT
from hmp.authoring import DESTRUCTIVE, CommandFailedError, Monitor, QDict, QMPError, command

if TYPE_CHECKING:
    from hmp.authoring import Empty

CATEGORY = "NBD server"


@command(
    "nbd_server_start",
    args_type="all:-a,writable:-w,uri:s",
    kinds={"uri": ADDRESS},
    params="nbd_server_start [-a] [-w] host:port",
    help="start an NBD server (-a: export all block devices, -w: allow writing)",
    arguments={"host:port": "where to listen, or unix: and the path of a socket"},
    about=(
        "'nbd_server_add' exports a disk; clients then find it at nbd://HOST:PORT/NAME."
        " Whoever reaches the port can read it, and write to it with -w."
    ),
    words="export disk, share disk, network block device",
    qmp=["nbd-server-start", "query-block", "nbd-server-add", "nbd-server-stop"],
    example="nbd_server_start localhost:10809",
)
async def nbd_server_start(mon: Monitor, args: QDict) -> Empty:
    """Start the server; stop it again if any device cannot be exported."""
    writable = args.get("writable", False)
    if writable and not args.get("all"):
        raise CommandFailedError("Error: -w only valid together with -a\n")
    address = parse_address(args["uri"], mon.qmp.version)
    value = await mon.qmp.execute("nbd-server-start", addr=address)
    if args.get("all"):
        # as in QEMU's monitor, all devices are exported or none
        try:
            await _export_all(mon, writable)
        except QMPError:
            await mon.qmp.execute("nbd-server-stop")
            raise
    return value


async def _export_all(mon: Monitor, writable: bool) -> None:
    for info in await mon.qmp.execute("query-block"):
        # a drive without a medium has nothing to export, as in QEMU
        if "inserted" in info:
            await mon.qmp.execute(
                "nbd-server-add", device=info["device"], writable=writable
            )


nbd_server_add = command.direct(
    "nbd_server_add",
    "nbd-server-add",
    args_type="writable:-w,device:B,name:s?",
    params="nbd_server_add [-w] device [name]",
    help="export a block device (-w: allow writing)",
    arguments={"name": "the name of the export; by default that of the device"},
    words="export disk, share disk, network block device",
    kinds={"device": BLOCK_DEVICE_OR_NODE, "name": EXPORT_NAME},
)


@command(
    "nbd_server_remove",
    args_type="force:-f,name:s",
    params="nbd_server_remove [-f] name",
    help="stop an export (-f: even with clients connected)",
    effect=DESTRUCTIVE,
    outcome="clients lose the export",
    qmp=["nbd-server-remove"],
    kinds={"name": EXPORT},
)
async def nbd_server_remove(mon: Monitor, args: QDict) -> Empty:
    """Stop an export; one in use only with -f."""
    mode = "hard" if args.get("force") else None
    return await mon.qmp.execute("nbd-server-remove", name=args["name"], mode=mode)


async def _export_names(mon: Monitor) -> list[str]:
    return [export["id"] for export in await mon.qmp.execute("query-block-exports")]


refuse_unknown(nbd_server_remove, "name", _export_names, "Export '{}' is not found")


nbd_server_stop = command.direct(
    "nbd_server_stop",
    "nbd-server-stop",
    params="nbd_server_stop",
    help="stop the NBD server",
    effect=DESTRUCTIVE,
    outcome="clients lose all exports",
)


@nbd_server_stop.foresee
async def nbd_server_stop_outcome(mon: Monitor, args: QDict) -> str:
    """Name the exports; without any, nothing is lost."""
    exports = await mon.qmp.execute("query-block-exports")
    names = ", ".join(export["id"] for export in exports if export["type"] == "nbd")
    return f"clients lose the exports {names}" if names else ""
