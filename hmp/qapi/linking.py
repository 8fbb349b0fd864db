"""The third stage: definitions to entities that refer to each other.

Takes the well-formed definitions of `hmp.qapi.expressions` and makes types, commands and
events of them. Guarantees what only shows when definitions meet: names are defined once,
types exist and fit where they are used, objects don't contain themselves, members and
branches can be told apart. `hmp.qapi.doc_check` is next.
"""

from __future__ import annotations

from hmp.qapi.clashes import alternate_kinds, reject_same_members, reject_same_names
from hmp.qapi.entities import (
    BUILTIN_JSON_TYPES,
    QTYPE_VALUES,
    SPECIAL_FEATURES,
    AlternateType,
    ArrayType,
    Branch,
    BuiltinType,
    Command,
    Declared,
    Entity,
    EnumType,
    EnumValue,
    Event,
    Feature,
    Member,
    ObjectType,
    Type,
)
from hmp.qapi.error import Place, QAPIError
from hmp.qapi.expressions import Definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from hmp.qapi.edition import Edition
    from hmp.qapi.pragmas import Pragmas


class Linker:
    """Makes the entities of one schema; `entities` has them in the schema's order."""

    def __init__(self, pragmas: Pragmas, edition: Edition) -> None:
        self.pragmas = pragmas
        self.edition = edition
        self.entities: dict[str, Entity] = {}
        self.types: dict[str, Type] = {
            name: BuiltinType(name) for name in BUILTIN_JSON_TYPES
        }
        qtype = self.types["QType"] = EnumType("QType")
        qtype.values = [EnumValue(name) for name in QTYPE_VALUES]
        self.empty = ObjectType("q_empty", implicit=True)
        self._arrays: dict[str, ArrayType] = {}
        self._features: dict[str, Place] = {}  # where each is first declared
        self._definitions: dict[str, Definition] = {}
        self._objects: dict[str, bool] = {}  # False while being completed

    def link(self, definitions: Iterable[Definition]) -> None:
        """Make and check the entities that `definitions` define.

        Raises QAPIError for the first that is wrong.
        """
        # in two passes, since a definition may use types that come after it
        for definition in definitions:
            self._declare(definition)
        for entity in self.entities.values():
            self._complete(entity)

    def _declare(self, definition: Definition) -> None:
        """Make the entity, as yet without the types it refers to."""
        name, place = definition.name, definition.place
        if name in self.types and name not in self.entities:
            raise QAPIError(place, f"'{name}' is the name of a built-in type")
        if name in self.entities:
            raise QAPIError(
                place, f"'{name}' is defined twice, first at {self.entities[name].place}"
            )
        entity = self._make(definition)
        entity.place = place
        entity.doc = definition.doc
        entity.condition = definition.data.get("if")
        self.entities[name] = entity
        self._definitions[name] = definition
        if isinstance(entity, Type):
            self.types[name] = entity

    def _make(self, definition: Definition) -> Entity:
        kind, name = definition.kind, definition.name
        if kind in ("struct", "union"):
            return ObjectType(name, kind)
        if kind == "command":
            return Command(name, self.empty)
        if kind == "event":
            return Event(name, self.empty)
        if kind == "alternate":
            return AlternateType(name)
        enum = EnumType(name)
        enum.prefix = definition.data.get("prefix")
        enum.values = [EnumValue(item["name"]) for item in definition.data["data"]]
        return enum

    def _fill(
        self,
        target: Declared,
        data: dict[str, Any],
        place: Place,
        *,
        distinct: bool = True,
    ) -> None:
        """Set condition and features from a JSON object in normal form."""
        target.condition = data.get("if")
        for item in data.get("features", ()):
            feature = Feature(item["name"], item.get("if"))
            self._features.setdefault(feature.name, place)
            target.features.append(feature)
        if distinct and len(target.features) > 1:
            reject_same_names(target.features, "features", place)

    def _fill_type(self, type_: Type, data: dict[str, Any], place: Place) -> None:
        """Set condition and features of a type, to which some features cannot apply."""
        self._fill(type_, data, place)
        for feature in type_.features:
            if feature.name in SPECIAL_FEATURES:
                raise QAPIError(
                    place, f"the feature '{feature.name}' is not for types, see its users"
                )

    def check_feature_count(self) -> None:
        """Raise QAPIError if the schema has more features than the edition allows."""
        limit = self.edition.max_features
        others = [name for name in self._features if name not in SPECIAL_FEATURES]
        if len(others) + len(SPECIAL_FEATURES) > limit:
            raise QAPIError(
                self._features[others[limit - len(SPECIAL_FEATURES)]],
                f"a schema can't have more than {limit} different features",
            )

    # Completing entities: looking up types, and checking that they fit

    def _complete(self, entity: Entity) -> None:
        data = self._definitions[entity.name].data
        place = _place(entity)
        if isinstance(entity, ObjectType):
            self._complete_object(entity)
        elif isinstance(entity, EnumType):
            self._complete_enum(entity, data, place)
        elif isinstance(entity, AlternateType):
            self._complete_alternate(entity, data, place)
        elif isinstance(entity, Command):
            self._complete_command(entity, data, place)
        elif isinstance(entity, Event):
            self._fill(entity, data, place)
            entity.boxed = "boxed" in data
            entity.arguments = self._arguments(entity, data, place)

    def _complete_enum(self, enum: EnumType, data: dict[str, Any], place: Place) -> None:
        self._fill_type(enum, data, place)
        for value, item in zip(enum.values, data["data"], strict=True):
            # QEMU's compiler doesn't mind a feature that a value has twice.
            self._fill(value, item, place, distinct=False)
        reject_same_names(enum.values, "values", place)

    def _look_up(self, reference: str | list[str], place: Place, what: str) -> Type:
        """Return the type that `what` refers to; arrays are made on demand."""
        name = reference if isinstance(reference, str) else reference[0]
        type_ = self.types.get(name)
        if type_ is None:
            raise QAPIError(place, f"{what} uses the unknown type '{name}'")
        if isinstance(reference, str):
            return type_
        # one object per array type, so that types can be compared by identity
        if name not in self._arrays:
            self._arrays[name] = ArrayType(type_)
        return self._arrays[name]

    def _members(self, data: dict[str, Any], place: Place) -> list[Member]:
        """Return the members that an object in normal form declares."""
        members: list[Member] = []
        for key, item in data.items():
            name = key.removeprefix("*")
            type_ = self._look_up(item["type"], place, f"the member '{name}'")
            member = Member(name, type_, optional=name != key)
            self._fill(member, item, place)
            members.append(member)
        return members

    def _implicit(self, name: str, data: dict[str, Any], owner: Entity) -> ObjectType:
        """Return the implicit type of members declared in place."""
        if not data:
            return self.empty
        type_ = ObjectType(name, implicit=True)
        type_.place = place = _place(owner)
        type_.condition = owner.condition
        type_.local_members = type_.members = self._members(data, place)
        reject_same_members(type_, place)
        return type_

    def _complete_object(self, object_: ObjectType) -> None:
        done = self._objects.get(object_.name)
        if done or object_.implicit:
            return
        place = _place(object_)
        if done is not None:
            raise QAPIError(place, f"the {object_.kind} '{object_.name}' contains itself")
        # an object that is met again before it is complete contains itself
        self._objects[object_.name] = False
        data = self._definitions[object_.name].data
        self._fill_type(object_, data, place)
        if "base" in data:
            self._complete_base(object_, data["base"], place)
        if object_.kind == "union":
            self._complete_union(object_, data, place)
        else:
            object_.local_members = self._members(data["data"], place)
            # a new list: the old one is the base's own
            object_.members = object_.members + object_.local_members
            reject_same_members(object_, place)
        self._objects[object_.name] = True

    def _complete_base(
        self, object_: ObjectType, base: str | dict[str, Any], place: Place
    ) -> None:
        if isinstance(base, dict):
            object_.base = self._implicit(f"q_obj_{object_.name}-base", base, object_)
        else:
            type_ = self._look_up(base, place, "'base'")
            if not isinstance(type_, ObjectType) or type_.kind != "struct":
                raise QAPIError(place, f"'base' must be a struct, not the {type_.title}")
            self._complete_object(type_)
            object_.base = type_
        object_.members = object_.base.members

    def _complete_union(
        self, union: ObjectType, data: dict[str, Any], place: Place
    ) -> None:
        values = self._discriminator(union, data["discriminator"], place)
        for name, item in data["data"].items():
            if name not in values:
                raise QAPIError(
                    place, f"the branch '{name}' is not a value of the discriminator"
                )
            type_ = self._look_up(item["type"], place, f"the branch '{name}'")
            nested = type_.kind == "union" and not self.edition.nested_unions
            if not isinstance(type_, ObjectType) or nested:
                raise QAPIError(
                    place, f"the branch '{name}' must be a struct, not the {type_.title}"
                )
            self._complete_object(type_)
            branch = Branch(name, type_)
            self._fill(branch, item, place)
            union.branches.append(branch)
        reject_same_members(union, place)

    def _discriminator(self, union: ObjectType, name: str, place: Place) -> list[str]:
        """Set the discriminator and return its values."""
        member = union.find(name)
        if member is None:
            raise QAPIError(place, f"the discriminator '{name}' is not a member of 'base'")
        if not isinstance(member.type, EnumType):
            raise QAPIError(
                place,
                f"the discriminator '{name}' must be an enum, not the {member.type.title}",
            )
        if member.optional:
            raise QAPIError(place, f"the discriminator '{name}' must not be optional")
        if member.condition is not None:
            raise QAPIError(place, f"the discriminator '{name}' must not have an 'if'")
        if not member.type.values:
            raise QAPIError(place, "the discriminator's enum must have values")
        union.discriminator = member
        return member.type.value_names()

    def _complete_alternate(
        self, alternate: AlternateType, data: dict[str, Any], place: Place
    ) -> None:
        self._fill_type(alternate, data, place)
        taken: dict[str, str] = {}
        for name, item in data["data"].items():
            type_ = self._look_up(item["type"], place, f"the branch '{name}'")
            kinds = alternate_kinds(type_)
            if not kinds:
                raise QAPIError(place, f"the branch '{name}' can't be the {type_.title}")
            for kind in kinds:
                other = taken.setdefault(kind, name)
                if other != name:
                    raise QAPIError(
                        place, f"values of the branches '{other}' and '{name}' look alike"
                    )
            branch = Branch(name, type_)
            self._fill(branch, item, place)
            alternate.branches.append(branch)
        reject_same_names(alternate.branches, "branches", place)

    def _arguments(
        self, user: Command | Event, data: dict[str, Any], place: Place
    ) -> ObjectType:
        """Return the type of 'data' of a command or an event."""
        value = data.get("data")
        if value is None:
            return self.empty
        if isinstance(value, dict):
            arguments = self._implicit(f"q_obj_{user.name}-arg", value, user)
        else:
            type_ = self._look_up(value, place, "'data'")
            if not isinstance(type_, ObjectType):
                raise QAPIError(place, f"'data' must be an object, not the {type_.title}")
            if type_.kind == "union" and not user.boxed:
                raise QAPIError(place, f"the {type_.title} as 'data' needs 'boxed': true")
            arguments = type_
        if not self.edition.conditional_arguments:
            self._complete_object(arguments)
            if not user.boxed and any(member.condition for member in arguments.members):
                raise QAPIError(place, "arguments with an 'if' need 'boxed': true")
        return arguments

    def _complete_command(
        self, command: Command, data: dict[str, Any], place: Place
    ) -> None:
        self._fill(command, data, place)
        command.boxed = "boxed" in data
        command.gen = "gen" not in data
        command.success_response = "success-response" not in data
        command.allow_oob = "allow-oob" in data
        command.allow_preconfig = "allow-preconfig" in data
        command.coroutine = "coroutine" in data
        command.arguments = self._arguments(command, data, place)
        if "returns" in data:
            command.returns = returns = self._look_up(data["returns"], place, "'returns'")
            self._check_returns(command.name, returns, place)

    def _check_returns(self, name: str, returns: Type, place: Place) -> None:
        if name in self.pragmas.command_returns_exceptions:
            return
        value = returns.element if isinstance(returns, ArrayType) else returns
        if not isinstance(value, ObjectType):
            raise QAPIError(
                place,
                f"'returns' must be an object or an array of objects, not the "
                f"{returns.title}",
            )


def _place(entity: Entity) -> Place:
    """Return the place of an entity that has a definition."""
    assert entity.place is not None
    return entity.place
