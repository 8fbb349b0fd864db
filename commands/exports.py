"""Exports of block nodes, over NBD, vhost-user, vduse or FUSE."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from commands._refusals import refuse_unknown
from completions.nbd import ANY_EXPORT, EXPORT_OPTIONS
from hmp.authoring import (
    DESTRUCTIVE,
    CommandFailedError,
    Monitor,
    OptionsError,
    QDict,
    command,
    execute_coerced,
    parse_keyval,
)

if TYPE_CHECKING:
    from hmp.authoring import Empty

CATEGORY = "NBD server"


@command(
    "block-export-add",
    args_type="export:S",
    params="type,id=str,node-name=str[,prop=value][,...]",
    help="export a block node",
    arguments={
        "type": "how it is exported: nbd, vhost-user-blk, vduse-blk or fuse",
        "id=str": "the export's id",
        "node-name=str": "the block node",
        "prop=value": "a property of the type, such as writable=on",
        "[,...]": "further properties, after commas",
    },
    words="export disk, share disk, network block device",
    qmp=["block-export-add"],
    needs="qmp",
    kinds={"export": EXPORT_OPTIONS},
)
async def block_export_add(mon: Monitor, args: QDict) -> Empty:
    """Add an export from key=value options, as a storage daemon's --export takes them."""
    try:
        members, _ = parse_keyval(args["export"], "type")
    except OptionsError as error:
        raise CommandFailedError(f"Error: {error}\n") from error
    value = await execute_coerced(mon, "block-export-add", members)
    return cast("Empty", value)  # execute_coerced is not typed per command


@command(
    "block-export-del",
    args_type="force:-f,id:s",
    params="[-f] id",
    help="stop an export (-f: even with clients connected)",
    effect=DESTRUCTIVE,
    outcome="clients lose the export",
    qmp=["block-export-del"],
    needs="qmp",
    kinds={"id": ANY_EXPORT},
)
async def block_export_del(mon: Monitor, args: QDict) -> Empty:
    """Stop an export; one in use only with -f."""
    mode = "hard" if args.get("force") else None
    return await mon.qmp.execute("block-export-del", id=args["id"], mode=mode)


async def _export_ids(mon: Monitor) -> list[str]:
    return [export["id"] for export in await mon.qmp.execute("query-block-exports")]


refuse_unknown(block_export_del, "id", _export_ids, "Export '{}' is not found")
