"""Introspection: the answer to `query-qmp-schema` for a schema.

Takes a checked `hmp.qapi.schema.Schema`, returns the array of SchemaInfo objects which
docs/devel/qapi-code-gen.rst, "Client JSON Protocol introspection", describes: commands
and events file by file, then the types they use in the order of first use.
Compared with what QEMU 7.2 and 10.0 answer, names of types included.
"""

from __future__ import annotations

from hmp.qapi.conditions import holds
from hmp.qapi.entities import (
    AlternateType,
    ArrayType,
    Command,
    Declared,
    Entity,
    EnumType,
    Event,
    ObjectType,
    Type,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from hmp.qapi.conditions import Condition
    from hmp.qapi.entities import Member
    from hmp.qapi.schema import Schema


def introspect(
    schema: Schema, *, masked: bool = True, conditions: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Return the SchemaInfo objects of a schema.

    Names of types are numbers, as they are not part of the interface, unless `masked` is
    False. `conditions` are the names that count as defined: parts with an 'if' that
    doesn't hold are left out. None keeps everything.
    """
    return _Introspection(schema, masked, conditions).infos()


class _Introspection:
    def __init__(
        self, schema: Schema, masked: bool, conditions: Collection[str] | None
    ) -> None:
        self.schema = schema
        self.masked = masked
        self.conditions = conditions
        self.used: list[Type] = []  # in order of first use
        self.used_names: set[str] = set()
        self.numbers: dict[str, str] = {}

    def infos(self) -> list[dict[str, Any]]:
        entries: list[tuple[Declared, dict[str, Any]]] = []
        for entity in self.by_file():
            if isinstance(entity, Command):
                entries.append((entity, self.command(entity)))
            elif isinstance(entity, Event):
                entries.append((entity, self.event(entity)))
        for type_ in self.used:  # it grows as the types' infos name further types
            entries.append((type_, self.type_info(type_)))
        return [info for entity, info in entries if self.present(entity.condition)]

    def by_file(self) -> list[Entity]:
        """Return the entities file by file: what includes first, then the included."""
        ranks = {file: rank for rank, file in enumerate(self.schema.files)}
        return sorted(
            self.schema.entities.values(),
            key=lambda entity: ranks[entity.place.file] if entity.place else 0,
        )

    def present(self, condition: Condition) -> bool:
        return self.conditions is None or holds(condition, self.conditions)

    # Names

    def use(self, type_: Type) -> str:
        """Return the name of a type, and remember that it is needed."""
        # as QEMU's introspection: sizes and widths of integers are not part of the
        # interface
        if type_.json_type == "int":
            type_ = self.schema.types["int"]
        # nor their arrays
        if isinstance(type_, ArrayType) and type_.element.json_type == "int":
            type_ = ArrayType(self.schema.types["int"])
        if type_.name not in self.used_names:
            self.used_names.add(type_.name)
            self.used.append(type_)
        return self.name(type_)

    def name(self, type_: Type) -> str:
        if isinstance(type_, ArrayType):
            return f"[{self.use(type_.element)}]"
        if type_.kind == "built-in" or not self.masked:
            return type_.name
        # numbered in the order of first use, as QEMU does
        return self.numbers.setdefault(type_.name, str(len(self.numbers)))

    # Infos

    def info(self, name: str, meta_type: str, entity: Declared) -> dict[str, Any]:
        return {"name": name, "meta-type": meta_type, **self.features(entity)}

    def features(self, declared: Declared) -> dict[str, list[str]]:
        names = [
            feature.name for feature in declared.features if self.present(feature.condition)
        ]
        return {"features": names} if names else {}

    def command(self, command: Command) -> dict[str, Any]:
        info = self.info(command.name, "command", command)
        info["arg-type"] = self.use(command.arguments)
        info["ret-type"] = self.use(command.returns or self.schema.empty)
        if command.allow_oob:
            info["allow-oob"] = True
        return info

    def event(self, event: Event) -> dict[str, Any]:
        info = self.info(event.name, "event", event)
        info["arg-type"] = self.use(event.arguments)
        return info

    def type_info(self, type_: Type) -> dict[str, Any]:
        name = self.name(type_)
        if isinstance(type_, ObjectType):
            return self.object(name, type_)
        if isinstance(type_, EnumType):
            return self.enum(name, type_)
        if isinstance(type_, ArrayType):
            element = self.use(type_.element)
            return {"name": name, "meta-type": "array", "element-type": element}
        if isinstance(type_, AlternateType):
            info = self.info(name, "alternate", type_)
            branches = [
                (branch, {"type": self.use(branch.type)}) for branch in type_.branches
            ]
            info["members"] = self.filtered(branches)
            return info
        return {"name": name, "meta-type": "builtin", "json-type": type_.json_type}

    def enum(self, name: str, enum: EnumType) -> dict[str, Any]:
        info = self.info(name, "enum", enum)
        values = [
            (value, {"name": value.name, **self.features(value)}) for value in enum.values
        ]
        info["members"] = self.filtered(values)
        # The older form of the same, for clients that don't know the newer.
        info["values"] = [member["name"] for member in info["members"]]
        return info

    def object(self, name: str, object_: ObjectType) -> dict[str, Any]:
        info = self.info(name, "object", object_)
        members: list[tuple[Member, dict[str, Any]]] = []
        for member in object_.members:
            entry: dict[str, Any] = {"name": member.name, "type": self.use(member.type)}
            if member.optional:
                entry["default"] = None
            members.append((member, {**entry, **self.features(member)}))
        info["members"] = self.filtered(members)
        if object_.discriminator is not None:
            info["tag"] = object_.discriminator.name
            info["variants"] = self.variants(object_, object_.discriminator.type)
        return info

    def variants(self, union: ObjectType, values: Type) -> list[dict[str, Any]]:
        """Return the branches, those without members for the remaining values last."""
        variants: list[tuple[Declared, dict[str, Any]]] = []
        for branch in union.branches:
            entry = {"case": branch.name, "type": self.use(branch.type)}
            variants.append((branch, entry))
        assert isinstance(values, EnumType)
        for value in values.values:
            if union.branch_type(value.name) is None:
                entry = {"case": value.name, "type": self.use(self.schema.empty)}
                variants.append((value, entry))
        return self.filtered(variants)

    def filtered(
        self, entries: Iterable[tuple[Declared, dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        """Return the entries of the parts that are present."""
        return [entry for declared, entry in entries if self.present(declared.condition)]
