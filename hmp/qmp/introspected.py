"""A machine's QMP schema as the machine reports it with ``query-qmp-schema``.

The reply has no documentation, but every command with its arguments and their types:
which are optional, and which are deprecated or unstable. QEMU replaces the names of
types by numbers, so types are described by their members.
"""

from __future__ import annotations

from hmp.qmp.shapes import check_reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    Entry = dict[str, Any]

_NUMBERS_DEPTH = 3
"""Levels in which numbers are looked for; some types contain themselves."""


class Introspected:
    """The entries of a ``query-qmp-schema`` reply, by name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Index the reply. Raises BadReplyError if it is malformed."""
        check_reply("query-qmp-schema", entries)
        self.entries = {entry["name"]: entry for entry in entries}

    def _named(self, name: str) -> Entry:
        """Return the entry of a name; an empty one for an unknown type."""
        return self.entries.get(name, {})

    def command(self, name: str) -> Entry | None:
        """Return the entry of a command, or None."""
        entry = self.entries.get(name)
        return entry if entry is not None and entry["meta-type"] == "command" else None

    def commands(self) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted(n for n, e in self.entries.items() if e["meta-type"] == "command")

    def members(self, name: str) -> list[Entry]:
        """Return the members of a command's arguments, or of an object type."""
        entry = self._named(name)
        if entry.get("meta-type") in ("command", "event"):
            entry = self._named(entry["arg-type"])
        return _members(entry)

    def type_text(self, name: str, noun: str = "object") -> str:
        """Describe a type in words: its values, or the names of its members.

        noun: what objects are called.
        """
        entry = self._named(name)
        meta = entry.get("meta-type")
        if meta == "array":
            items = self.type_text(entry["element-type"], "objects")
            return f"list of {items}s" if items.isalpha() else f"list of {items}"
        if meta == "enum":
            return _listed(self.values(entry), "or")
        if meta == "alternate":
            return " or ".join(self.type_text(m["type"]) for m in entry["members"])
        if meta != "object":
            return str(entry.get("json-type", name))
        optional = ["default" in member for member in entry["members"]]
        names = [member["name"] for member in entry["members"]]
        names = [f"maybe {n}" if o else n for n, o in zip(names, optional, strict=True)]
        if "variants" in entry:
            names.append(f"more by {entry['tag']}")
        return f"{noun} with {_listed(names, 'and')}" if names else noun

    def type_words(self, name: str) -> str:
        """Describe a type in few words, without the members of objects."""
        entry = self._named(name)
        meta = entry.get("meta-type")
        if meta == "array":
            items = self.type_words(entry["element-type"])
            return f"list of {items}s" if items.isalpha() else f"list of {items}"
        if meta == "alternate":
            return " or ".join(self.type_words(m["type"]) for m in entry["members"])
        if meta == "enum":
            return " | ".join(self.values(entry))
        if meta != "object":
            return self.type_text(name)
        if len(entry["members"]) != 1 or "variants" in entry:
            return "object"
        # a list of strings for a command line has objects with one member
        return str(self._named(entry["members"][0]["type"]).get("json-type", "object"))

    @staticmethod
    def values(entry: Entry) -> list[str]:
        """Return the values of an enum's entry, also in the format of older machines."""
        # QEMU before 6.2 has only `values`
        if "members" in entry:
            return [member["name"] for member in entry["members"]]
        return list(entry["values"])

    def numbers(self, command: str) -> list[str]:
        """Return the paths of the numbers in a command's reply, as in ``[0].ram.total``."""
        reply = self._named(command).get("ret-type", "")
        return list(self._numbers(self._named(reply), "", _NUMBERS_DEPTH))

    def _numbers(self, entry: Entry, path: str, depth: int) -> Iterator[str]:
        if entry.get("json-type") in ("int", "number") and path:
            yield path
        elif entry.get("meta-type") == "array" and depth:
            element = self._named(entry["element-type"])
            yield from self._numbers(element, f"{path}[0]", depth - 1)
        elif entry.get("meta-type") == "object" and depth:
            for member in entry["members"]:
                below = f"{path}.{member['name']}".removeprefix(".")
                yield from self._numbers(self._named(member["type"]), below, depth - 1)

    def enum_at(self, name: str, *path: str) -> list[str]:
        """Return the values of the enum at a path of a command's arguments.

        Steps are names of members and ``[]`` for the elements of an array; a step may
        also lead through any variant of a union. Empty if the path leads to no enum.
        """
        entry = self._named(name)
        found = [self._named(entry.get("arg-type", ""))]
        for step in path:
            found = [below for entry in found for below in self._step(entry, step)]
        return [v for e in found if e.get("meta-type") == "enum" for v in self.values(e)]

    def _step(self, entry: Entry, step: str) -> Iterator[Entry]:
        if step == "[]":
            if entry.get("meta-type") == "array":
                yield self._named(entry["element-type"])
            return
        for part in (entry, *(self._named(v["type"]) for v in entry.get("variants", ()))):
            for member in part.get("members", ()):
                if member.get("name") == step:
                    yield self._named(member["type"])

    def variant_members(self, name: str, case: str) -> list[Entry]:
        """Return the members that one variant of a command's arguments adds."""
        entry = self._named(self._named(name).get("arg-type", ""))
        # the caller has chosen the tag already
        found = [m for m in _members(entry) if m["name"] != entry.get("tag")]
        for variant in entry.get("variants", ()):
            if variant["case"] == case:
                found += _members(self._named(variant["type"]))
        return found

    def all_members(self, name: str, value: Mapping[str, Any]) -> dict[str, str]:
        """Return the types of an object type's members by name.

        value: an object of the type, whose tag says which variant's members belong.
        """
        return {m["name"]: str(m["type"]) for m in self.members_for(name, value)}

    def members_for(self, name: str, value: Mapping[str, Any]) -> list[Entry]:
        """Return the members of an object type, or of a command's arguments.

        value: an object of the type, whose tag says which variant's members belong.
        """
        entry = self._object(name)
        found: dict[str, Entry] = {m["name"]: m for m in _members(entry)}
        case = value.get(entry.get("tag", ""))
        for variant in entry.get("variants", ()):
            if variant["case"] == case:
                below = self.members_for(variant["type"], value)
                found |= {member["name"]: member for member in below}
        return list(found.values())

    def type_at(self, name: str, value: Any, path: Iterable[str]) -> tuple[str, Any]:
        """Follow a path of members and indexes; return the type there, and its value.

        value: an object of the type, as far as it is known. The type is empty if the
        path leads nowhere. An alternate counts as its object type.
        """
        for step in path:
            entry = self._named(name)
            given = value if isinstance(value, dict) else {}
            if entry.get("meta-type") == "array":
                name, value = entry["element-type"], None
            else:
                name, value = self.all_members(name, given).get(step, ""), given.get(step)
        return name, value

    def _object(self, name: str) -> Entry:
        """Return the object type of a command's arguments or of an alternate, or itself."""
        entry = self._named(name)
        if entry.get("meta-type") == "command":
            return self._named(entry["arg-type"])
        if entry.get("meta-type") == "alternate":
            types = (self._named(member["type"]) for member in entry["members"])
            return next((t for t in types if t.get("meta-type") == "object"), {})
        return entry

    def value_words(self, name: str) -> list[tuple[str, str]]:
        """Return the possible values of a type, if it has only a few."""
        entry = self._named(name)
        if entry.get("meta-type") == "enum":
            return [(value, "") for value in self.values(entry)]
        if entry.get("json-type") == "boolean":
            return [("on", ""), ("off", "")]
        return []

    def describe(self, name: str) -> str:
        """Describe a command in lines of text; empty for an unknown command."""
        entry = self.command(name)
        return "\n".join(self._lines(name, entry)) if entry is not None else ""

    def _lines(self, name: str, entry: Entry) -> Iterator[str]:
        import textwrap  # late: every start would pay for it

        value = self.type_text(entry["ret-type"])
        returns = "" if value == "object" else f" returns {_with_article(value)}"
        yield from textwrap.wrap(
            f"{name}{_features(entry)}{returns}",
            78,
            subsequent_indent="    ",
            break_on_hyphens=False,
        )
        for member in self.members(name):
            optional = ", optional" if "default" in member else ""
            text = f"{member['name']}: {self.type_text(member['type'])}{optional}"
            yield from textwrap.wrap(
                f"{text}{_features(member)}",
                78,
                initial_indent="  ",
                subsequent_indent="      ",
                break_on_hyphens=False,
            )


def _members(entry: Entry) -> list[Entry]:
    """Return the members of an object type; empty for an enum, whose members are values."""
    return entry["members"] if entry.get("meta-type") == "object" else []


def _features(entry: Entry) -> str:
    """Return the special features in parentheses: deprecated, unstable."""
    features = entry.get("features")
    return f" ({', '.join(features)})" if features else ""


def _listed(words: Sequence[str], conjunction: str) -> str:
    """Join words as in a sentence."""
    *first, last = words
    return f"{', '.join(first)} {conjunction} {last}" if first else last


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"
