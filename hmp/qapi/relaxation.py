"""Compares a machine's own schema with a table of shapes, or adds to the table."""

from __future__ import annotations

import re

from hmp.qapi.replies import ANY, NOTHING, Shape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.qapi.replies import Info, Replies

_BUILTINS = {
    "string": "str",
    "int": "int",
    "number": "number",
    "boolean": "bool",
    "null": "null",
}


def relax(replies: Replies, infos: Iterable[Info]) -> None:
    """Make optional everything that a machine lacks: `infos` are its SchemaInfos.

    Commands and events that no schema has are added from there.
    """
    Relaxation(replies, {info["name"]: info for info in infos}).run()


class Relaxation:
    """Walks over our types and a machine's side by side.

    The names of types in a machine's answer are only numbers, so a type that no schema has
    is named after the command and the member that use it.
    """

    def __init__(self, replies: Replies, infos: dict[str, Info]) -> None:
        self.replies = replies
        self.infos = infos
        self.seen: set[tuple[str, str]] = set()
        self.names: dict[str, str] = {}  # of the new types

    def run(self) -> None:
        """Drop promises that the machine does not keep; add new commands and events."""
        self.entries(self.replies.commands, "command", "ret-type")
        self.entries(self.replies.events, "event", "arg-type")

    def entries(self, mine: dict[str, str], kind: str, member: str) -> None:
        """Relax the types of commands or events, and add those that only they have."""
        for name, type_ in mine.items():
            info = self.infos.get(name)
            if info is not None:
                mine[name] = self.common(type_, info[member])
        for name, info in self.infos.items():
            if info["meta-type"] == kind and name not in mine:
                mine[name] = self.adopted(info[member], name)

    def common(self, mine: str, theirs: str) -> str:
        """Return the part of a type of ours that the machine's type has as well."""
        info = self.infos[theirs]
        kind = info["meta-type"]
        if mine.startswith("[") and kind == "array":
            return f"[{self.common(mine[1:-1], info['element-type'])}]"
        shape = self.replies.shapes.get(mine)
        if shape is None:
            return mine if _fits(mine, info) else ANY
        if kind != ("object" if shape.choices is None else "alternate"):
            return ANY
        # a type may contain itself
        if (mine, theirs) not in self.seen:
            self.seen.add((mine, theirs))
            self.visit(shape, info)
        return mine

    def visit(self, shape: Shape, info: Info) -> None:
        """Relax a shape of ours by the machine's description of the same type."""
        theirs = {member.get("name"): member for member in info.get("members", ())}
        if "variants" not in info:
            self.replies.flatten(shape)
        for name, (type_, optional) in shape.members.items():
            member = theirs.get(name)
            if member is not None:
                type_ = self.common(type_, member["type"])
            lacking = optional or member is None or "default" in member
            shape.members[name] = type_, lacking
        for variant in info.get("variants", ()):
            case = variant["case"]
            if case in shape.cases:
                shape.cases[case] = self.common(shape.cases[case], variant["type"])

    # New commands and types

    def adopted(self, theirs: str, path: str) -> str:
        """Return our spelling of a type of theirs; `path` leads to its use."""
        info = self.infos[theirs]
        kind = info["meta-type"]
        if kind == "array":
            return f"[{self.adopted(info['element-type'], path)}]"
        if kind == "enum":
            return "str"
        if kind == "builtin":
            return _BUILTINS.get(info["json-type"], ANY)
        if kind == "object" and not info["members"]:
            return NOTHING
        if theirs not in self.names:
            name = "".join(part.capitalize() for part in re.split(r"[-_.]", path))
            self.names[theirs] = name
            self.replies.shapes[name] = shape = Shape()
            self.fill(shape, info, path)
        return self.names[theirs]

    def fill(self, shape: Shape, info: Info, path: str) -> None:
        """Return a shape for the machine's description of a type."""
        members = info["members"]
        if info["meta-type"] == "alternate":
            types = (self.adopted(member["type"], path) for member in members)
            shape.choices = list(dict.fromkeys(types))
            return
        for member in members:
            type_ = self.adopted(member["type"], f"{path}-{member['name']}")
            shape.members[member["name"]] = type_, "default" in member
        shape.tag = info.get("tag", "")
        for variant in info.get("variants", ()):
            branch = self.adopted(variant["type"], f"{path}-{variant['case']}")
            if branch != NOTHING:
                shape.cases[variant["case"]] = branch


def _fits(mine: str, info: Info) -> bool:
    if mine == ANY:
        return True
    if mine == NOTHING or info["meta-type"] == "object":
        return mine == NOTHING and info["meta-type"] == "object"
    if info["meta-type"] not in ("builtin", "enum"):
        return False
    wanted = {"str": "string", "bool": "boolean"}.get(mine, mine)
    # an enumeration has no JSON type there: it is a string
    found: str = info.get("json-type", "string")
    return found == wanted
