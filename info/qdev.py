"""Device models, and the buses and devices of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.authoring import Text, info, views
from info._qtree import parse_qtree, qtree_branches

if TYPE_CHECKING:
    import re

    from rich.console import RenderableType
    from rich.text import Text as RichText

CATEGORY = "Devices"

qtree = info.passthrough(
    "qtree",
    args_type="brief:-b",
    help="show the tree of buses and devices (-b: without properties)",
    words="devices, buses, device tree, list devices",
)


@qtree.view
def qtree_view(value: Text) -> RenderableType | None:
    """Show the buses and devices as a tree, with their properties dimmed."""
    root = parse_qtree(value)
    if root is None:
        return None
    tree = views.tree(root.label, root.detail)
    qtree_branches(tree, root)
    return tree


qdm = info.passthrough("qdm", help="show the device models")

_TROUBLE = "failed to open module: "
"""The start of a line that QEMU prints for a module it cannot load."""


@qdm.view
def qdm_view(value: Text) -> RenderableType | None:
    """Show a table per category, with the models that users cannot add dimmed."""
    from rich.console import Group

    from completions.device import MODEL

    groups: dict[str, list[re.Match[str]]] = {}
    models: list[re.Match[str]] = []
    notes: list[RichText] = []
    for line in filter(None, value.splitlines()):
        match = MODEL.fullmatch(line)
        if match is not None:
            models.append(match)
        elif line.endswith(":"):
            models = groups.setdefault(line[:-1], [])
        # modules of a QEMU that was upgraded on disk while this one runs
        elif line.startswith(_TROUBLE):
            notes.append(views.text(line, "hmp.detail"))
        else:
            return None  # an unknown layout is shown as QEMU printed it
    if not groups:
        return None
    return Group(
        *notes,
        *(
            part
            for title, found in groups.items()
            for part in (
                views.table(
                    "model", "bus", "description", rows=map(_model, found), title=title
                ),
                "",
            )
        ),
    )


def _model(match: re.Match[str]) -> tuple[RichText, ...]:
    """Return the cells of a model; its alias, the better known name, is in brackets."""
    alias = f" ({match['alias']})" if match["alias"] else ""
    notes = filter(None, (match["desc"], "not for users" if match["hidden"] else None))
    style = "hmp.detail" if match["hidden"] else ""
    cells = f"{match['name']}{alias}", match["bus"], "; ".join(notes)
    return tuple(views.text(cell, style) for cell in cells)
