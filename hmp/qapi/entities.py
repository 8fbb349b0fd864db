"""The parts of a schema: types, commands and events, linked to each other.

These classes only hold the declarations; `hmp.qapi.linking` creates them from definitions
and checks them. Users of a `Schema` may rely on them being complete and consistent, and
must not change them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qapi.conditions import Condition
    from hmp.qapi.doc import Doc
    from hmp.qapi.error import Place

# The built-in types and their JSON types; the enumeration QType is added to them.
BUILTIN_JSON_TYPES = {
    "str": "string",
    "number": "number",
    "int": "int",
    "int8": "int",
    "int16": "int",
    "int32": "int",
    "int64": "int",
    "uint8": "int",
    "uint16": "int",
    "uint32": "int",
    "uint64": "int",
    "size": "int",
    "bool": "boolean",
    "any": "value",
    "null": "null",
}
# QEMU's built-in enumeration QType
QTYPE_VALUES = ("none", "qnull", "qnum", "qstring", "qdict", "qlist", "qbool")

# Features that QEMU itself understands; types can't have them.
SPECIAL_FEATURES = ("deprecated", "unstable")


class Feature:
    """A feature string, with its condition."""

    __slots__ = ("condition", "name")

    def __init__(self, name: str, condition: Condition = None) -> None:
        self.name = name
        self.condition = condition


class Declared:
    """Whatever has a name, perhaps a condition and perhaps features."""

    __slots__ = ("condition", "features", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.condition: Condition = None
        self.features: list[Feature] = []

    def has_feature(self, name: str) -> bool:
        """Tell whether it is declared with the feature, such as "deprecated"."""
        return any(feature.name == name for feature in self.features)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class EnumValue(Declared):
    """A value of an enumeration."""

    __slots__ = ()


class Member(Declared):
    """A member of an object: of a struct, of a union's base, or an argument."""

    __slots__ = ("optional", "type")

    def __init__(self, name: str, type_: Type, optional: bool = False) -> None:
        super().__init__(name)
        self.type = type_
        self.optional = optional


class Branch(Declared):
    """A branch of a union or an alternate; it has no features."""

    __slots__ = ("type",)

    def __init__(self, name: str, type_: Type) -> None:
        super().__init__(name)
        self.type = type_


class Entity(Declared):
    """The common base of types, commands and events.

    `kind` is the word that the schema uses ("command", "struct"...). `place` is None for
    built-in types, `doc` without a comment.
    """

    __slots__ = ("doc", "place")

    kind = "entity"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.place: Place | None = None
        self.doc: Doc | None = None


class Type(Entity):
    """A type; `json_type` is the kind of its values in JSON.

    That is one of "string", "number", "int", "boolean", "null", "object", "array" and
    "value" for any of them.
    """

    __slots__ = ()

    kind = "type"
    json_type = "value"

    @property
    def title(self) -> str:
        """The type in words for messages: "struct type 'Foo'"."""
        return f"{self.kind} type '{self.name}'"

    @property
    def spelling(self) -> str:
        """The type as one would write it for a reader: `Foo`, or `[Foo]`."""
        return self.name


class BuiltinType(Type):
    """A type that every schema has, such as `str` or `uint8`."""

    __slots__ = ("json_type",)

    kind = "built-in"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.json_type = BUILTIN_JSON_TYPES[name]


class EnumType(Type):
    """An enumeration: strings out of a list."""

    __slots__ = ("prefix", "values")

    kind = "enum"
    json_type = "string"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.values: list[EnumValue] = []
        self.prefix: str | None = None

    def value_names(self) -> list[str]:
        """Return the values as strings, in the schema's order."""
        return [value.name for value in self.values]


class ArrayType(Type):
    """An array; it exists as soon as something refers to it."""

    __slots__ = ("element",)

    kind = "array"
    json_type = "array"

    def __init__(self, element: Type) -> None:
        # its name in C
        super().__init__(f"{element.name}List")
        self.element = element
        self.condition = element.condition

    @property
    def title(self) -> str:
        """The type in words for messages: "array type ['Foo']"."""
        return f"array type ['{self.element.name}']"

    @property
    def spelling(self) -> str:
        """The type as one would write it for a reader."""
        return f"[{self.element.spelling}]"


class ObjectType(Type):
    """A struct, a union, or the implicit type of a command's or event's members.

    `local_members` are its own, `members` all of them, the base's first. A union has a
    `discriminator`, one of `members`, and `branches`; a value without a branch has no
    further members. `implicit` types have no definition of their own.
    """

    __slots__ = (
        "base", "branches", "discriminator", "implicit", "kind", "local_members",
        "members",
    )  # fmt: skip

    json_type = "object"

    def __init__(self, name: str, kind: str = "struct", implicit: bool = False) -> None:
        super().__init__(name)
        self.kind = kind
        self.implicit = implicit
        self.base: ObjectType | None = None
        self.local_members: list[Member] = []
        self.members: list[Member] = []
        self.discriminator: Member | None = None
        self.branches: list[Branch] = []

    @property
    def is_empty(self) -> bool:
        """True if no value of the type has any member."""
        return not self.members and not self.branches

    def find(self, name: str) -> Member | None:
        """Return the member `name`, a union's branches left out, or None."""
        for member in self.members:
            if member.name == name:
                return member
        return None

    def branch_type(self, value: str) -> ObjectType | None:
        """Return the type of the branch that a discriminator's value selects, if any."""
        for branch in self.branches:
            if branch.name == value:
                assert isinstance(branch.type, ObjectType)
                return branch.type
        return None


class AlternateType(Type):
    """A choice of types that differ in JSON, so that no discriminator is needed."""

    __slots__ = ("branches",)

    kind = "alternate"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.branches: list[Branch] = []


class Command(Entity):
    """A command. Without 'data' its `arguments` have no members."""

    __slots__ = (
        "allow_oob", "allow_preconfig", "arguments", "boxed", "coroutine", "gen",
        "returns", "success_response",
    )  # fmt: skip

    kind = "command"

    def __init__(self, name: str, arguments: ObjectType) -> None:
        super().__init__(name)
        self.arguments = arguments
        self.returns: Type | None = None
        self.boxed = False
        self.gen = True
        self.success_response = True
        self.allow_oob = False
        self.allow_preconfig = False
        self.coroutine = False


class Event(Entity):
    """An event. Without 'data' its `arguments` have no members."""

    __slots__ = ("arguments", "boxed")

    kind = "event"

    def __init__(self, name: str, arguments: ObjectType) -> None:
        super().__init__(name)
        self.arguments = arguments
        self.boxed = False
