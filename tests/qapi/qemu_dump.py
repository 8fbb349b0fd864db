"""A schema written down in the form of the `.out` files of QEMU's test cases.

That form is QEMU's; what is written here is made of our entities, so that comparing the
two compares what was understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.qapi.doc_check import described_parts
from hmp.qapi.entities import (
    AlternateType,
    Command,
    Declared,
    Entity,
    EnumType,
    Event,
    Member,
    ObjectType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.qapi import Schema
    from hmp.qapi.doc import Doc


def blocks(text: str) -> list[str]:
    """Return the definitions in an `.out` file, without arrays and what is built in."""
    found: list[str] = []
    for line in text.partition("\ndoc ")[0].splitlines():
        if line.startswith(" "):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    builtin = ("module ", "include ", "array ", "enum QType", "object q_empty")
    return sorted(block for block in found if not block.startswith(builtin))


def docs(text: str) -> str:
    """Return the documentation in an `.out` file."""
    return "".join(text.partition("\ndoc ")[1:])[1:]


def dump_blocks(schema: Schema) -> list[str]:
    """Return the definitions of a schema in the same form."""
    found = []
    for entity in schema.entities.values():
        found.append("\n".join(_entity(entity)))
        implicit = getattr(entity, "arguments", None) or getattr(entity, "base", None)
        if implicit is not None and implicit.implicit and not implicit.is_empty:
            found.append("\n".join(_entity(implicit)))
    return sorted(found)


def _entity(entity: Entity) -> list[str]:
    if isinstance(entity, ObjectType):
        lines = _object(entity)
    elif isinstance(entity, EnumType):
        lines = [f"enum {entity.name}"]
        lines += [f"    prefix {entity.prefix}"] if entity.prefix else []
        for value in entity.values:
            lines += [f"    member {value.name}", *_details(value, 8)]
    elif isinstance(entity, AlternateType):
        lines = [f"alternate {entity.name}", "    tag type", *_cases(entity.branches)]
    elif isinstance(entity, Command):
        lines = _command(entity)
    else:
        assert isinstance(entity, Event)
        lines = [f"event {entity.name} {_arguments(entity)}"]
        lines.append(f"    boxed={entity.boxed}")
    # Implicit types are what their owners are, conditions included, but don't say so.
    if isinstance(entity, ObjectType) and entity.implicit:
        return [*lines, *_condition(entity, 4)]
    return [*lines, *_details(entity, 4)]


def _object(object_: ObjectType) -> list[str]:
    lines = [f"object {object_.name}"]
    if object_.base is not None:
        lines.append(f"    base {object_.base.name}")
    for member in object_.local_members:
        lines.append(f"    {_member(member)}")
        lines += _details(member, 8)
    if object_.discriminator is not None:
        lines += [f"    tag {object_.discriminator.name}", *_cases(object_.branches)]
        assert isinstance(object_.discriminator.type, EnumType)
        for value in object_.discriminator.type.values:
            if object_.branch_type(value.name) is None:
                lines += [f"    case {value.name}: q_empty", *_condition(value, 8)]
    return lines


def _member(member: Member) -> str:
    return f"member {member.name}: {member.type.name} optional={member.optional}"


def _cases(branches: Iterable[Member | Declared]) -> list[str]:
    lines = []
    for branch in branches:
        type_ = branch.type  # type: ignore[union-attr]
        lines += [f"    case {branch.name}: {type_.name}", *_condition(branch, 8)]
    return lines


def _arguments(user: Command | Event) -> str:
    # An empty object that is written out is no arguments.
    return "None" if user.arguments.name == "q_empty" else user.arguments.name


def _command(command: Command) -> list[str]:
    returns = command.returns.name if command.returns else "None"
    flags = (
        f"    gen={command.gen} success_response={command.success_response} "
        f"boxed={command.boxed} oob={command.allow_oob} preconfig={command.allow_preconfig}"
    )
    flags += " coroutine=True" if command.coroutine else ""
    return [f"command {command.name} {_arguments(command)} -> {returns}", flags]


def _condition(declared: Declared, indent: int) -> list[str]:
    if declared.condition is None:
        return []
    return [f"{' ' * indent}if {declared.condition}"]


def _details(declared: Declared, indent: int) -> list[str]:
    lines = _condition(declared, indent)
    for feature in declared.features:
        lines.append(f"{' ' * indent}feature {feature.name}")
        if feature.condition is not None:
            lines.append(f"{' ' * (indent + 4)}if {feature.condition}")
    return lines


def dump_docs(schema: Schema, plain: str) -> str:
    """Return the documentation of a schema in the same form.

    `plain` is what plain sections are called: editions differ in it.
    """
    return "".join(_doc(doc, schema, plain) for doc in schema.docs)


def _doc(doc: Doc, schema: Schema, plain: str) -> str:
    if doc.symbol is None:
        return f"doc freeform\n    body=\n{doc.body.text}\n"
    text = f"doc symbol={doc.symbol}\n    body=\n{doc.body.text}\n"
    members = {name: section.text for name, section in doc.members.items()}
    for part in described_parts(schema.entities[doc.symbol])[1]:
        members.setdefault(part.name, "")  # listed, if only to show that nothing is said
    for name, words in members.items():
        text += f"    arg={name}\n{words}\n"
    for name, section in doc.features.items():
        text += f"    feature={name}\n{section.text}\n"
    for section in doc.sections:
        kind = {"Plain": plain}.get(section.kind, section.kind)
        text += f"    section={kind}\n{section.text}\n"
    return text
