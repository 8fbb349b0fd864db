"""Lines of raw QMP that give odd values to each member of a schema that is not a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from hmp.qmp.introspected import Introspected

VALUES = (
    "-1",
    "18446744073709551616",
    "5k",
    "1e3",
    "",
    "true",
    "0x10",
    "1_0",
    "1e999",
    "x",
)
_KINDS = ("int", "number", "boolean")
_DEPTH = 3


class Member(NamedTuple):
    """A member: its command, the words of what it needs, its path and kind.

    kind: a JSON type, or ``enum``.
    """

    command: str
    needs: list[str]
    path: str
    kind: str

    def line(self, value: str) -> str:
        """Return the line that sets it."""
        return " ".join([self.command, *self.needs, f"{self.path}={value}"])


def members(schema: Introspected) -> Iterator[Member]:
    """Yield the members of all commands, each once for each branch of a union."""
    for command in schema.commands():
        yield from _below(schema, command, schema.entries[command]["arg-type"], "", [], 0)


def value_at(arguments: Any, path: str) -> Any:
    """Return the value at a path."""
    for step in path.split("."):
        arguments = arguments[int(step) if isinstance(arguments, list) else step]
    return arguments


def _below(
    schema: Introspected, command: str, name: str, path: str, needs: list[str], depth: int
) -> Iterator[Member]:
    entry = schema.entries[name]
    meta = entry["meta-type"]
    if entry.get("json-type") in _KINDS or meta == "enum":
        yield Member(command, needs, path, entry.get("json-type") or meta)
    if meta == "array":
        below = f"{path}.0"
        yield from _below(schema, command, entry["element-type"], below, needs, depth)
    if meta != "object" or depth == _DEPTH:
        return
    tag = entry.get("tag", "")
    for branch in entry.get("variants") or [None]:
        case = {tag: branch["case"]} if branch else {}
        found = schema.members_for(name, case)
        given = [*needs, *_required(schema, found, path, case)]
        for member in found:
            if member["name"] == tag:
                continue
            below = f"{path}.{member['name']}".lstrip(".")
            others = [word for word in given if not _within(word, below)]
            yield from _below(schema, command, member["type"], below, others, depth + 1)


def _within(word: str, path: str) -> bool:
    return word.startswith((f"{path}=", f"{path}."))


def _required(
    schema: Introspected, found: list[dict[str, Any]], path: str, case: dict[str, str]
) -> Iterator[str]:
    """Yield words for members that cannot be left out."""
    for member in found:
        name, below = member["name"], f"{path}.{member['name']}".lstrip(".")
        if name in case:
            yield f"{below}={case[name]}"
        elif "default" not in member:
            yield from _plausible(schema, member["type"], below)


def _plausible(schema: Introspected, name: str, path: str, depth: int = 0) -> Iterator[str]:
    entry = schema.entries[name]
    kind, meta = entry.get("json-type"), entry["meta-type"]
    if meta == "enum":
        yield f"{path}={schema.values(entry)[0]}"
    elif meta == "array":
        yield f"{path}=[]"
    elif meta == "object" and depth < _DEPTH:
        tag = entry.get("tag", "")
        case = {tag: entry["variants"][0]["case"]} if tag else {}
        for member in schema.members_for(name, case):
            below = f"{path}.{member['name']}"
            if member["name"] in case:
                yield f"{below}={case[member['name']]}"
            elif "default" not in member:
                yield from _plausible(schema, member["type"], below, depth + 1)
    else:
        yield f"{path}={'on' if kind == 'boolean' else 1 if kind == 'int' else 'x9'}"


def lines(schema: Introspected, all_values: bool) -> Iterator[tuple[Member, str]]:
    """Yield each member with each value, or with one of them in turn."""
    for number, member in enumerate(members(schema)):
        for value in VALUES if all_values else [VALUES[number % len(VALUES)]]:
            yield member, value
