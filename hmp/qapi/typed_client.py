"""A Python module with a typed client: a method for each command of a schema.

Takes a checked schema, returns the module's text: an enum for each enum that a command or
event needs, a dataclass for each struct, union and event, and the class `Client`, whose
methods have the commands' arguments, results and documentation. It runs on
`hmp.library.typed`, which converts the values by the annotations. The same schema always
gives the same text, which is clean for `mypy --strict`.

A member or argument that a QEMU may be built without is optional.
"""

from __future__ import annotations

import os
import re

from hmp.qapi.entities import (
    AlternateType,
    ArrayType,
    BuiltinType,
    Command,
    Entity,
    EnumType,
    Event,
    Member,
    ObjectType,
    Type,
)
from hmp.qapi.generate import aliases, bases_first, enum_class, reject_clashes
from hmp.qapi.layout import to_text
from hmp.qapi.names import class_name, python_name
from hmp.qapi.python_types import UNION_BRANCH, is_nullable, member_type, python_type
from hmp.qapi.render import Description, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hmp.qapi.schema import Schema

_HEADER = '''\
# ruff: noqa
# fmt: off
"""A client for the commands of {source}: `Client(vm)` of a machine of `hmp.client`.

Written by `python -m hmp.qapi client`; change the schema instead of this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum as _StrEnum
from typing import Any, ClassVar, TypeAlias, Union

from hmp.library.typed import (
    NULL, Null, TypedEvent, UnknownEvent,
    TypedClient as _TypedClient, TypedStruct as _Struct,
)

__all__ = ["NULL", "Client", "TypedEvent", "UnknownEvent"]
'''
# names that the module itself uses, so no type may have them
_TAKEN = (
    "Any",
    "ClassVar",
    "Client",
    "TypedEvent",
    "NULL",
    "Null",
    "TypeAlias",
    "Union",
    "UnknownEvent",
    "dataclass",
)
_NO_RETURN = "None"


def generate_client(schema: Schema) -> str:
    """Return the text of the module with the client for the commands of `schema`.

    Raises QAPIError if two names of the schema are the same in Python.
    """
    commands = list(schema.commands.values())
    events = list(schema.events.values())
    types = _needed(commands, events)
    taken = dict.fromkeys(_TAKEN, "a name that the module itself needs")
    taken |= {_event_class(event): f"the class of event '{event.name}'" for event in events}
    reject_clashes(types, taken)
    source = re.sub(r"[^\w .-]", "?", os.path.basename(schema.files[0]))
    parts = [_HEADER.format(source=source)]
    for type_ in bases_first(types):
        if isinstance(type_, EnumType):
            parts.append(enum_class(type_))
        elif isinstance(type_, ObjectType):
            parts.append("\n".join(_class(schema, type_)))
    parts.append("\n".join(aliases(t for t in types if isinstance(t, AlternateType))))
    parts += ("\n".join(_event(schema, event)) for event in events)
    parts.append("\n".join(_client(schema, commands, events)))
    return "\n\n\n".join(part.rstrip() for part in parts if part) + "\n"


def _needed(commands: Iterable[Command], events: Iterable[Event]) -> list[Type]:
    """Return the types that are needed and have a definition, in a fixed order."""
    found: dict[str, Type] = {}
    for command in commands:
        _need(command.arguments, found)
        if command.returns is not None:
            _need(command.returns, found)
    for event in events:
        _need(event.arguments, found)
    return [
        type_
        for type_ in found.values()
        if isinstance(type_, EnumType | AlternateType)
        or (isinstance(type_, ObjectType) and not type_.implicit)
    ]


def _need(type_: Type, found: dict[str, Type]) -> None:
    """Add a type, and all that it needs, to those found."""
    waiting = [type_]
    while waiting:
        type_ = waiting.pop()
        if type_.name in found or isinstance(type_, BuiltinType):
            continue
        found[type_.name] = type_
        if isinstance(type_, ArrayType):
            waiting.append(type_.element)
        elif isinstance(type_, AlternateType):
            waiting += [branch.type for branch in type_.branches]
        elif isinstance(type_, ObjectType):
            waiting += [member.type for member in type_.members]
            waiting += [branch.type for branch in type_.branches]
            if type_.base is not None:
                waiting.append(type_.base)


# Classes


def _class(schema: Schema, type_: ObjectType) -> Iterator[str]:
    """Yield the lines of a dataclass."""
    base = type_.base
    parent, local = "_Struct", type_.local_members
    if base is not None and not base.implicit:
        parent = class_name(base.name)
    elif base is not None:
        local = base.members
    yield "@dataclass(kw_only=True)"
    yield f"class {class_name(type_.name)}({parent}):"
    yield from _docstring(schema, type_, 4)
    yield from _body(type_, local)


def _event_class(event: Event) -> str:
    """Return the name of an event's class: ``BlockJobReadyEvent``."""
    words = event.name.lower().split("_")
    return f"{''.join(word.capitalize() for word in words)}Event"


def _event(schema: Schema, event: Event) -> Iterator[str]:
    """Yield the lines of an event's dataclass, whose fields are the event's data."""
    yield "@dataclass(kw_only=True)"
    yield f"class {_event_class(event)}(TypedEvent):"
    yield from _docstring(schema, event, 4)
    yield from _body(event.arguments, event.arguments.members)


def _body(type_: ObjectType, local: Iterable[Member]) -> Iterator[str]:
    """Yield the lines of a dataclass after its documentation; local: its own fields."""
    if names := _different(type_.members):
        yield f"    _names: ClassVar[dict[str, str]] = {_dict(names)}"
    if type_.discriminator is not None:
        yield f"    _tag: ClassVar[str] = {_quoted(python_name(type_.discriminator.name))}"
        branches = {branch.name: class_name(branch.type.name) for branch in type_.branches}
        yield f"    _branches: ClassVar[dict[str, str]] = {_dict(branches)}"
    for member in local:
        yield f"    {python_name(member.name)}: {_annotation(member)}"
    if type_.discriminator is not None:
        names_of = dict.fromkeys(class_name(branch.type.name) for branch in type_.branches)
        yield f"    {UNION_BRANCH}: {' | '.join([*names_of, 'None'])} = None"


def _annotation(member: Member) -> str:
    """Return the annotation of a member, with the default if it is optional."""
    annotation = member_type(member, typed=True)
    if _may_lack(member) and not member.optional and annotation != "object":
        annotation += " | None"
    return f"{annotation} = None" if _may_lack(member) else annotation


def _may_lack(member: Member) -> bool:
    """Return whether a member may be absent; in some builds of QEMU counts, too."""
    return member.optional or member.condition is not None


def _different(members: Iterable[Member]) -> dict[str, str]:
    """Return the QMP names of members by the Python names that differ from them."""
    names = {python_name(member.name): member.name for member in members}
    return {ours: theirs for ours, theirs in names.items() if ours != theirs}


def _quoted(text: str) -> str:
    return f'"{text}"'


def _dict(pairs: dict[str, str]) -> str:
    inner = ", ".join(f"{_quoted(key)}: {_quoted(value)}" for key, value in pairs.items())
    return f"{{{inner}}}"


# Methods


def _client(
    schema: Schema, commands: Iterable[Command], events: Iterable[Event]
) -> Iterator[str]:
    """Yield the lines of the class with the methods."""
    yield "class Client(_TypedClient):"
    yield '    """The commands of a machine, as methods. They raise QMPError."""'
    yield ""
    yield "    _events: ClassVar[dict[str, type[TypedEvent]]] = {"
    yield from (f"        {_quoted(e.name)}: {_event_class(e)}," for e in events)
    yield "    }"
    for command in commands:
        yield ""
        yield from _method(schema, command)


def _method(schema: Schema, command: Command) -> Iterator[str]:
    """Yield the lines of a command's method."""
    arguments = command.arguments
    # the arguments of a union depend on its tag: they are one object
    whole = bool(arguments.branches)
    yield f"    def {python_name(command.name)}("
    yield "        self,"
    if whole:
        yield f"        arguments: {python_type(arguments, typed=True)},"
    elif arguments.members:
        yield "        *,"
        ordered = sorted(arguments.members, key=_may_lack)
        yield from (f"        {python_name(m.name)}: {_annotation(m)}," for m in ordered)
    if not command.gen and not whole:
        yield "        **more: Any,"
    yield f"    ) -> {_returned(command)}:"
    yield from _docstring(schema, command, 8)
    yield from _call(command, whole)


def _call(command: Command, whole: bool) -> Iterator[str]:
    """Yield the lines of a method's work."""
    if whole:
        given = "arguments"
    else:
        pairs = (
            f"{_quoted(member.name)}: {_given(member)}"
            for member in command.arguments.members
        )
        more = [] if command.gen else ["**more"]
        given = f"{{{', '.join([*pairs, *more])}}}"
    call = f'self._call("{command.name}", {given})'
    if _returned(command) == _NO_RETURN:
        yield f"        {call}"
    else:
        yield f"        result: {_returned(command)} = {call}"
        yield "        return result"


def _given(member: Member) -> str:
    """Return the expression of an argument: None is null where it cannot mean absent."""
    name = python_name(member.name)
    nullable = is_nullable(member.type) and not _may_lack(member)
    return f"{name} if {name} is not None else NULL" if nullable else name


def _returned(command: Command) -> str:
    """Return the annotation of a command's result."""
    if command.returns is None:
        return _NO_RETURN
    return python_type(command.returns, typed=True)


def _docstring(schema: Schema, entity: Entity, indent: int) -> Iterator[str]:
    """Yield the lines of the documentation, from the schema's own comments."""
    blocks = describe(schema, entity.name).blocks
    text = to_text(Description("", "", "", blocks), 88 - indent).strip()
    text = text or f"The {entity.kind} '{entity.name}'."
    text = text.replace("\\", "\\\\").replace('"""', '\\"' * 3)
    if text.endswith('"'):
        text = f'{text[:-1]}\\"'
    first, *rest = text.split("\n")
    margin = " " * indent
    yield f'{margin}"""{first}' + ("" if rest else '"""')
    yield from (f"{margin}{line}".rstrip() for line in rest)
    if rest:
        yield f'{margin}"""'
