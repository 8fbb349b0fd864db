"""Exports of block nodes."""

from completions.device import variant_words
from hmp.authoring import Connection, Kind, Word, natural, option_part

EXPORT = Kind("export name", closed=True)
ANY_EXPORT = Kind("export id", closed=True)
EXPORT_OPTIONS = Kind("export type and its options", place=option_part)


@EXPORT.fetcher
async def exports(qmp: Connection, context: str) -> list[Word]:
    """Return the NBD exports, each with its block node."""
    found = await qmp.execute("query-block-exports")
    return natural((e["id"], e["node-name"]) for e in found if e["type"] == "nbd")


@ANY_EXPORT.fetcher
async def all_exports(qmp: Connection, context: str) -> list[Word]:
    """Return all exports, each with its type and block node."""
    found = await qmp.execute("query-block-exports")
    return natural((e["id"], f"{e['type']}: {e['node-name']}") for e in found)


@EXPORT_OPTIONS.fetcher
async def export_options(qmp: Connection, context: str) -> list[Word]:
    """Return the types, the options of one, or the values of an option."""
    if context.endswith(",node-name"):
        nodes = await qmp.execute("query-named-block-nodes", flat=True)
        return natural((n["node-name"], n["drv"]) for n in nodes if "node-name" in n)
    return variant_words(await qmp.schema(), "block-export-add", "type", context)
