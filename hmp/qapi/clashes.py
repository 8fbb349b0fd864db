"""What can't coexist: names that are the same in C, values that look alike.

`hmp.qapi.linking` asks these questions about the entities it has just made.
"""

from __future__ import annotations

from hmp.qapi.entities import Declared, EnumType, Feature, ObjectType, Type
from hmp.qapi.error import Place, QAPIError
from hmp.qapi.names import c_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# What an alternate sees of a value: these kinds, and that is all it can decide by.
_ALTERNATE_KINDS = {
    "null": "null",
    "string": "string",
    "number": "number",
    "int": "number",
    "boolean": "boolean",
    "object": "object",
    "array": "array",
}


def reject_same_names(items: Iterable[Declared | Feature], what: str, place: Place) -> None:
    """Raise QAPIError if two of the `items`, which are `what`, have one name in C."""
    seen: dict[str, str] = {}
    for item in items:
        name = c_name(item.name)
        if name in seen:
            raise QAPIError(place, f"the {what} '{seen[name]}' and '{item.name}' collide")
        seen[name] = item.name


def reject_same_members(object_: ObjectType, place: Place) -> None:
    """Raise QAPIError if two members of an object have one name in C.

    Branches of a union exclude each other: each has to differ from the common members.
    """
    _add_members(object_, {}, object_, place)


def _add_members(
    object_: ObjectType, seen: dict[str, str], owner: ObjectType, place: Place
) -> None:
    """Add an object's members to those `seen`, which map C names to words."""
    for member in object_.members:
        name = c_name(member.name)
        words = f"'{member.name}'"
        if object_ is not owner:
            words += f" of the {object_.title}"
        if name in seen:
            raise QAPIError(place, f"the members {seen[name]} and {words} collide")
        seen[name] = words
    for branch in object_.branches:
        assert isinstance(branch.type, ObjectType)
        # a copy for each branch, since only one of them is ever there
        _add_members(branch.type, dict(seen), owner, place)


def alternate_kinds(type_: Type) -> list[str]:
    """Return the kinds of values that a branch of this type takes from an alternate.

    None at all if an alternate can't have such a branch. A value that comes from a
    command line is a string whatever it means, so that a `str` takes everything scalar,
    and an enum what its values look like.
    """
    kind = _ALTERNATE_KINDS.get(type_.json_type)
    if kind is None:
        return []
    if kind != "string":
        return [kind]
    if not isinstance(type_, EnumType):
        return ["string", "number", "boolean"]
    values = type_.value_names()
    kinds = ["string"]
    # as a command line's "on" could be this word or a boolean
    if any(value in ("on", "off") for value in values):
        kinds.append("boolean")
    if any(value[0] in "-+.0123456789" for value in values):
        kinds.append("number")
    return kinds
