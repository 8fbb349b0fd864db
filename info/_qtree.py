"""The text of ``info qtree`` as a tree of buses and devices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.authoring import views

if TYPE_CHECKING:
    from rich.tree import Tree


class Node:
    """A bus or a device.

    label: its name, or the model of a device without an id; detail: its model or type;
    facts: its properties, each as QEMU prints it; children: the nodes below it.
    """

    __slots__ = ("children", "detail", "facts", "indent", "label")

    def __init__(self, label: str, detail: str, indent: int) -> None:
        self.label = label
        self.detail = detail
        self.indent = indent
        self.facts: list[str] = []
        self.children: list[Node] = []


def parse_qtree(text: str) -> Node | None:
    """Return the root bus, or None for a text that is not such a tree."""
    path: list[Node] = []
    root: Node | None = None
    for line in text.splitlines():
        stripped = line.strip()
        node = _node(stripped, len(line) - len(line.lstrip()))
        if node is None:
            if not path:
                return None
            _add_fact(path, stripped, len(line) - len(line.lstrip()))
            continue
        # the text has no brackets: a node's indentation alone says which node it belongs to
        while path and path[-1].indent >= node.indent:
            path.pop()
        if path:
            path[-1].children.append(node)
        elif root is not None:
            return None
        root = root or node
        path.append(node)
    return root


def _node(line: str, indent: int) -> Node | None:
    if match := re.fullmatch(r'dev: (.+), id "(.*)"', line):
        model, name = match.groups()
        return Node(name or model, model if name else "", indent)
    if line.startswith("bus: "):
        return Node(line.removeprefix("bus: "), "", indent)
    return None


def _add_fact(path: list[Node], line: str, indent: int) -> None:
    """Add a line to the nearest device or bus that is indented less."""
    owner = next((node for node in reversed(path) if node.indent < indent), path[0])
    if line.startswith("type ") and not owner.detail:
        owner.detail = f"{line.removeprefix('type ').removesuffix('-bus')} bus"
    else:
        owner.facts.append(line)


def qtree_branches(parent: Tree, node: Node) -> None:
    """Add the nodes below a node to the tree, each with its facts as one paragraph."""
    for child in node.children:
        label = views.branch(child.label, child.detail or None)
        for index, fact in enumerate(sorted(child.facts, key=_is_property)):
            name, equals, value = fact.partition(" = ")
            label.append("  " if index else "\n").append_text(
                views.text(f"{name}{equals.strip()}", "hmp.detail" if equals else "")
            )
            label.append_text(views.text(value))
        qtree_branches(parent.add(label), child)


def _is_property(fact: str) -> bool:
    """Return whether a fact is a property; the few others, like addresses, come first."""
    return " = " in fact
