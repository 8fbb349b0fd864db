"""The machine's disks as its snapshots see them: which take part, and which can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hmp.authoring import Connection

if TYPE_CHECKING:
    from typing import TypedDict

    from hmp.qmp.reply_types import BlockDeviceInfo, SnapshotInfo

    SnapshotDisk = TypedDict(
        "SnapshotDisk",
        {
            "device": str,
            "node-name": str,
            "snapshots-supported": bool,
            "snapshots": list[SnapshotInfo],
        },
    )
    """A writable disk, as `snapshot_disks` describes it."""

_FORMATS = ("qcow2", "rbd")
"""Drivers that keep snapshots; others can where what alone is below them does."""

_PRIMARY = ("file", "image")
"""What a node calls the one below it that its own data are on."""


async def snapshot_disks(qmp: Connection) -> list[SnapshotDisk]:
    """Return the writable disks that snapshots of the machine are made of.

    Each has its backend's name in ``device`` (empty when it has none), ``node-name``,
    ``snapshots-supported`` and ``snapshots``. They come in QEMU's order, in which the
    first that can takes the state of the machine. Raises QMPError.
    """
    graph = _Graph(await qmp.execute("x-debug-query-block-graph"))
    nodes = {
        node["node-name"]: node
        for node in await qmp.execute("query-named-block-nodes", flat=True)
        if "node-name" in node
    }
    devices = {
        info["inserted"].get("node-name", ""): info["device"]
        for info in reversed(await qmp.execute("query-block"))
        if "inserted" in info
    }
    # nodes without a backend come in the order that they were made in
    names = [*graph.backend_roots(), *graph.loose(reversed(nodes))]
    return [
        {
            "device": devices.get(name, ""),
            "node-name": name,
            # after a migration the other end has the images
            "snapshots-supported": nodes[name].get("active", True)
            and graph.can_snapshot(name, nodes),
            "snapshots": nodes[name]["image"].get("snapshots", []),
        }
        for name in dict.fromkeys(names)
        if name in nodes and not nodes[name]["ro"]
    ]


class _Graph:
    """Who uses whom among block backends, jobs and nodes."""

    def __init__(self, graph: Any) -> None:
        self.nodes = {node["id"]: node for node in graph["nodes"]}
        self.children: dict[str, list[str]] = {}
        self.used: set[str] = set()
        edges = [
            edge
            for edge in graph["edges"]
            if edge["parent"] in self.nodes and edge["child"] in self.nodes
        ]
        for edge in edges:
            parent, child = self.nodes[edge["parent"]], self.nodes[edge["child"]]
            self.used.add(child["name"])
            if parent["type"] == "block-driver":
                below = child["name"] if edge["name"] in _PRIMARY else ""
                self.children.setdefault(parent["name"], []).append(below)
        self._roots = {edge["parent"]: self.nodes[edge["child"]]["name"] for edge in edges}

    def backend_roots(self) -> list[str]:
        """Return the nodes that backends use, in the order of the backends."""
        return [
            self._roots[number]
            for number, node in sorted(self.nodes.items())
            if node["type"] == "block-backend" and number in self._roots
        ]

    def loose(self, names: Iterable[str]) -> list[str]:
        """Return the nodes that nothing uses, of those that users have named."""
        return [
            name for name in names if name not in self.used and name[:1] not in ("", "#")
        ]

    def can_snapshot(self, name: str, nodes: dict[str, BlockDeviceInfo]) -> bool:
        """Return whether a node keeps snapshots, or the one that is below it does."""
        while name in nodes and nodes[name]["drv"] not in _FORMATS:
            below = self.children.get(name, [])
            if len(below) != 1:
                return False
            name = below[0]
        return name in nodes
