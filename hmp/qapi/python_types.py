"""The Python types of QAPI types, for all of this package.

`hmp.qapi.generate` writes classes by these rules, `hmp.qapi.conversion` makes values by
them, and `hmp.qapi.binding` holds the annotations of functions against them.
"""

from __future__ import annotations

from hmp.qapi.entities import AlternateType, ArrayType, EnumType, Member, ObjectType, Type
from hmp.qapi.names import class_name

# The attribute of a union's class that has the selected branch. C has it under the same
# name, which is why no member can be called so.
UNION_BRANCH = "u"

_BUILTINS = {
    "str": "str",
    "number": "float",
    "bool": "bool",
    "null": "None",
    "any": "object",
}


def python_type(type_: Type, typed: bool) -> str:
    """Return the annotation for values of a type.

    `typed` tells whether generated classes are used; without, objects are dicts and
    enumerations strings.
    """
    if type_.json_type == "int":
        return "int"
    if type_.kind == "built-in":
        return _BUILTINS[type_.name]
    if isinstance(type_, ArrayType):
        return f"list[{python_type(type_.element, typed)}]"
    if typed:
        return class_name(type_.name)
    if isinstance(type_, ObjectType):
        return "dict[str, object]"
    if isinstance(type_, EnumType):
        return "str"
    assert isinstance(type_, AlternateType)
    return " | ".join(
        dict.fromkeys(python_type(branch.type, typed) for branch in type_.branches)
    )


def member_type(member: Member, typed: bool) -> str:
    """Return the annotation of a member: with None for absence where it is optional."""
    annotation = python_type(member.type, typed)
    if not member.optional or annotation == "object":
        return annotation
    if not is_nullable(member.type):
        return f"{annotation} | None"
    parts = [part for part in annotation.split(" | ") if part != "None"]
    return " | ".join([*parts, "Null", "None"])


def is_nullable(type_: Type) -> bool:
    """Tell whether JSON's null is a value of the type."""
    if isinstance(type_, AlternateType):
        return any(branch.type.name == "null" for branch in type_.branches)
    return type_.name in ("null", "any")
