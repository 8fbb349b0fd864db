"""Exports of block nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import info, views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import BlockExportInfo

CATEGORY = "NBD server"

_NONE = "No exports"
_ENDING = "shutting down"


# ours alone: QEMU's monitor cannot show exports, so the text follows no model
exports: Declaration[list[BlockExportInfo]] = info.direct(
    "exports",
    "query-block-exports",
    help="show the exports of block nodes (NBD, vhost-user, FUSE)",
    needs="qmp",
)


@exports.text
def exports_text(found: list[BlockExportInfo]) -> Iterator[str]:
    """Yield a line per export."""
    if not found:
        yield _NONE
    for export in found:
        ending = f", {_ENDING}" if export["shutting-down"] else ""
        yield f"{export['id']}: {export['type']}, node {export['node-name']}{ending}"


@exports.view
def exports_view(found: list[BlockExportInfo]) -> RenderableType:
    """Show a table of the exports."""
    if not found:
        return views.text(_NONE)
    return views.table(
        "export",
        "type",
        "node",
        "state",
        rows=(
            (
                views.text(export["id"], "hmp.name"),
                export["type"],
                export["node-name"],
                views.state(_ENDING if export["shutting-down"] else "running"),
            )
            for export in found
        ),
    )
