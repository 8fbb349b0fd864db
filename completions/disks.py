"""The disks that snapshots of the machine include, and whether each supports them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hmp.authoring import Connection

if TYPE_CHECKING:
    from typing import TypedDict

    from hmp.qmp.reply_types import BlockDeviceInfo, SnapshotInfo, XDbgBlockGraph

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
"""Drivers that store snapshots; others support them if their only child does."""

_PRIMARY = ("file", "image")
"""The names of a node's edge to the child that holds its data."""


async def snapshot_disks(qmp: Connection) -> list[SnapshotDisk]:
    """Return the writable disks that a snapshot of the machine includes.

    ``device`` is the name of the backend, empty if it has none. The order is QEMU's: the
    first disk that supports snapshots stores the state of the machine. Raises QMPError.
    """
    together = qmp.together()
    edges = together.execute("x-debug-query-block-graph")
    named = together.execute("query-named-block-nodes", flat=True)
    block = together.execute("query-block")
    drives = await block  # first: its name says most where a machine has none of the three
    nodes = {node["node-name"]: node for node in await named if "node-name" in node}
    graph = _Graph(await edges)
    devices = {
        info["inserted"].get("node-name", ""): info["device"]
        # reversed, so that the first of several backends of a node remains
        for info in reversed(drives)
        if "inserted" in info
    }
    # nodes without a backend come in the order of their creation
    names = [*graph.backend_roots(), *graph.loose(reversed(nodes))]
    return [
        {
            "device": devices.get(name, ""),
            "node-name": name,
            # after a migration, the destination owns the images
            "snapshots-supported": nodes[name].get("active", True)
            and graph.can_snapshot(name, nodes),
            "snapshots": nodes[name]["image"].get("snapshots", []),
        }
        for name in dict.fromkeys(names)
        if name in nodes and not nodes[name]["ro"]
    ]


class _Graph:
    """The edges between block backends, jobs and nodes."""

    def __init__(self, graph: XDbgBlockGraph) -> None:
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
                # the other children count, too: only a node with a single child passes
                # snapshots on
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
        """Return the user-named nodes among these that have no parent."""
        return [
            name for name in names if name not in self.used and name[:1] not in ("", "#")
        ]

    def can_snapshot(self, name: str, nodes: dict[str, BlockDeviceInfo]) -> bool:
        """Return whether a node stores snapshots, or its only child does."""
        while name in nodes and nodes[name]["drv"] not in _FORMATS:
            below = self.children.get(name, [])
            if len(below) != 1:
                return False
            name = below[0]
        return name in nodes
