"""Devices: mice, balloon, iothreads and the QOM tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from completions.qom import QOM_PATH
from hmp.authoring import (
    CommandFailedError,
    Monitor,
    QDict,
    QMPError,
    info,
    size_text,
    views,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import TypedDict

    from rich.console import RenderableType
    from rich.tree import Tree

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import (
        BalloonInfo,
        IOThreadInfo,
        MouseInfo,
        ObjectPropertyInfo,
    )

    class QomNode(TypedDict):
        """An object of the QOM tree."""

        name: str
        type: str
        children: list[QomNode]

    _Level = list[tuple[QomNode, str, list[ObjectPropertyInfo]]]
    """Objects of the same depth: each with its path and members."""


CATEGORY = "Devices"

mice: Declaration[list[MouseInfo]] = info.direct(
    "mice", "query-mice", help="show the mice, the one in use marked with *"
)


@mice.text
def mice_text(value: list[MouseInfo]) -> Iterator[str]:
    """Yield a line per mouse."""
    if not value:
        yield "No mouse devices connected"
    for mouse in value:
        mark = "*" if mouse["current"] else " "
        absolute = " (absolute)" if mouse["absolute"] else ""
        yield f"{mark} Mouse #{mouse['index']}: {mouse['name']}{absolute}"


@mice.view
def mice_view(value: list[MouseInfo]) -> RenderableType:
    """Show a table of the mice."""
    return views.table(
        ">index",
        "mouse",
        "coordinates",
        "in use",
        rows=(
            (
                mouse["index"],
                mouse["name"],
                "absolute" if mouse["absolute"] else "relative",
                views.state("yes", True) if mouse["current"] else None,
            )
            for mouse in value
        ),
    )


balloon: Declaration[BalloonInfo] = info.direct(
    "balloon",
    "query-balloon",
    help="show how much memory the balloon leaves to the guest",
    words="memory, ram, memory size",
)


@balloon.text
def balloon_text(value: BalloonInfo) -> Iterator[str]:
    """Yield the size in MiB."""
    yield f"balloon: actual={value['actual'] >> 20}"


@balloon.view
def balloon_view(value: BalloonInfo) -> RenderableType:
    """Show the size with its unit."""
    return views.facts([("the guest has", size_text(value["actual"]))])


iothreads: Declaration[list[IOThreadInfo]] = info.direct(
    "iothreads", "query-iothreads", help="show the I/O threads"
)


_IOTHREAD_KEYS = (
    "thread-id",
    "poll-max-ns",
    "poll-grow",
    "poll-shrink",
    "poll-weight",
    "aio-max-batch",
)


@iothreads.text
def iothreads_text(value: list[IOThreadInfo]) -> Iterator[str]:
    """Yield the id of each thread and those of its settings that the release has."""
    for thread in value:
        yield f"{thread['id']}:"
        settings: Mapping[str, object] = thread
        for key in _IOTHREAD_KEYS:
            if key in settings:
                # the only member that QEMU spells with an underscore here
                label = "thread_id" if key == "thread-id" else key
                yield f"  {label}={settings[key]}"


@iothreads.view
def iothreads_view(value: list[IOThreadInfo]) -> RenderableType:
    """Show a table of the threads."""
    if not value:
        return views.text("no I/O thread", "hmp.detail")
    return views.table(
        "iothread",
        ">thread",
        ">poll max ns",
        ">grow",
        ">shrink",
        ">batch",
        rows=(
            (
                thread["id"],
                thread["thread-id"],
                thread["poll-max-ns"],
                thread["poll-grow"],
                thread["poll-shrink"],
                thread.get("aio-max-batch"),
            )
            for thread in value
        ),
    )


@info(
    "qom-tree",
    args_type="path:s?",
    help="show the tree of QOM objects below a path (by default /machine)",
    arguments={"path": "where the tree begins; by default /machine"},
    words="objects",
    qmp=["qom-list", "qom-get"],
    kinds={"path": QOM_PATH},
    example="info qom-tree /objects",
    failure=r"\APath '.*' could not be resolved\.\n",
)
async def qom_tree(mon: Monitor, args: QDict) -> QomNode:
    """Return the tree: name, type and children of each object.

    Raises CommandFailedError if the path does not exist.
    """
    path = args.get("path", "/machine")
    parent, _, last = path.rstrip("/").rpartition("/")
    first = mon.qmp.together()
    members = first.execute("qom-list", path=path)
    kind = first.execute("qom-get", path=path, property="type")
    own = None
    if last and path.startswith("/"):
        own = first.execute("qom-get", path=parent or "/", property=last)
    try:
        # the object's own name is the last part of its canonical path, not of a link's
        name = last if own is None else str(await own).rpartition("/")[2]
        tree: QomNode = {"name": name, "type": await kind, "children": []}
        level = [(tree, path, await members)]
    except QMPError as error:
        text = f"Path '{path}' could not be resolved.\n"
        raise CommandFailedError(text, text.rstrip()) from error
    while level:
        level = await _qom_children(mon, level)
    return tree


def _bytes(member: ObjectPropertyInfo) -> bytes:
    """Return the sort key of a member: as in QEMU, the bytes of its name."""
    # names may hold bytes that are not UTF-8, which come as surrogates
    return member["name"].encode(errors="surrogatepass")


async def _qom_children(mon: Monitor, level: _Level) -> _Level:
    """Add the children of a level's nodes to them; return the next level.

    One round trip, however many nodes there are. ``qom-list-get`` would not save any: it
    does not descend either, and reads all values.
    """
    together = mon.qmp.together()
    found: list[tuple[QomNode, str, Awaitable[list[ObjectPropertyInfo]]]] = []
    for node, path, members in level:
        for member in sorted(members, key=_bytes):
            if not member["type"].startswith("child<"):
                continue
            below = f"{path.rstrip('/')}/{member['name']}"
            kind = member["type"][6:-1]  # the part in "child<...>"
            child: QomNode = {"name": member["name"], "type": kind, "children": []}
            node["children"].append(child)
            found.append((child, below, together.execute("qom-list", path=below)))
    return [(child, below, await listed) for child, below, listed in found]


@qom_tree.text
def qom_tree_text(node: QomNode) -> Iterator[str]:
    """Yield a line per object, indented by two blanks per level."""
    return _qom_lines(node, 0)


def _qom_lines(node: QomNode, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}/{node['name']} ({node['type']})"
    for child in node["children"]:
        yield from _qom_lines(child, depth + 1)


@qom_tree.view
def qom_tree_view(node: QomNode) -> RenderableType:
    """Show the objects as a tree."""
    root = views.tree(f"/{node['name']}", node["type"])
    _qom_branches(root, node)
    return root


def _qom_branches(parent: Tree, node: QomNode) -> None:
    for child in node["children"]:
        _qom_branches(parent.add(views.branch(child["name"], child["type"])), child)


PASSTHROUGHS = (
    info.passthrough(
        "via",
        help="show the state of the guest's VIA chips",
        failure=r"\AMOS6522 VIA is not available",
    ),
)
