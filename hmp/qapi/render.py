"""Documentation of a schema's definitions, made from its comments and its entries.

Takes a checked schema and the name of a command, event or type; `describe` returns a
`Description`, a list of the blocks of `hmp.qapi.markup` that any front end can lay out.
`to_text` and `to_markdown` lay it out as plain text and as Markdown.
"""

from __future__ import annotations

from hmp.qapi import conditions
from hmp.qapi.doc import ERRORS, HEADING_LINE, PLAIN, RETURNS, SINCE, TODO, Doc, Section
from hmp.qapi.doc_check import described_features
from hmp.qapi.entities import (
    AlternateType,
    Command,
    Declared,
    Entity,
    EnumType,
    Event,
    Member,
    ObjectType,
    Type,
)
from hmp.qapi.markup import (
    CODE,
    ENTRY,
    HEADING,
    ITEM,
    NOTE,
    PARAGRAPH,
    Block,
    parse_markup,
    plain,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.qapi.schema import Schema

_WIDTH = 78
_NOT_DOCUMENTED = "Not documented."


class Description:
    """The documentation of one definition, or a piece of free-form text.

    `kind` is "command", "event", "enum"...; "text" for free-form, which has no name.
    `signature` is one line with arguments and result.
    """

    __slots__ = ("blocks", "kind", "name", "signature")

    def __init__(self, kind: str, name: str, signature: str, blocks: list[Block]) -> None:
        self.kind = kind
        self.name = name
        self.signature = signature
        self.blocks = blocks


def describe(schema: Schema, name: str) -> Description:
    """Return the documentation of the command, event or type `name`.

    Raises KeyError if the schema doesn't define it.
    """
    return _describe(schema.entities[name])


def describe_all(schema: Schema) -> list[Description]:
    """Return the documentation of everything, free-form comments in their places."""
    descriptions: list[Description] = []
    documented: set[str] = set()
    for doc in schema.docs:
        if doc.symbol is None:
            descriptions.append(Description("text", "", "", _free_form(doc)))
        elif doc.symbol in schema.entities:
            documented.add(doc.symbol)
            descriptions.append(describe(schema, doc.symbol))
    for name in schema.entities:
        if name not in documented:
            descriptions.append(describe(schema, name))
    return descriptions


def summary(entity: Entity) -> str:
    """Return the first sentence of an entity's documentation, without markup; or ""."""
    if entity.doc is None:
        return ""
    for block in parse_markup(entity.doc.body.text):
        if block.kind == PARAGRAPH:
            text = plain(block.text)
            end = text.find(". ")
            return text if end < 0 else text[: end + 1]
    return ""


def signature(entity: Entity) -> str:
    """Return an entity's signature in one line: "stop(force?: bool) -> Info"."""
    if isinstance(entity, Command | Event):
        members = ", ".join(map(_term, entity.arguments.members))
        if not entity.arguments.implicit:
            members = f"{entity.arguments.name}"
        returns = getattr(entity, "returns", None)
        arrow = f" -> {returns.spelling}" if returns is not None else ""
        return f"{entity.name}({members}){arrow}"
    if isinstance(entity, EnumType):
        return f"{entity.name}: {' | '.join(entity.value_names())}"
    if isinstance(entity, AlternateType):
        types = " | ".join(branch.type.spelling for branch in entity.branches)
        return f"{entity.name}: {types}"
    assert isinstance(entity, ObjectType)
    members = ", ".join(map(_term, entity.members))
    more = ", ..." if entity.branches else ""
    return f"{entity.name}: {{ {members}{more} }}" if members else f"{entity.name}: {{ }}"


def _term(member: Member) -> str:
    mark = "?" if member.optional else ""
    return f"{member.name}{mark}: {member.type.spelling}"


# From entities to blocks


def _describe(entity: Entity) -> Description:
    doc = entity.doc
    blocks = parse_markup(doc.body.text) if doc is not None else []
    blocks += _parts(entity)
    if isinstance(entity, Command):
        blocks += _returns(entity)
    if doc is not None:
        blocks += _tagged("Errors", doc.find(ERRORS))
        blocks += _features(entity, doc)
        for section in doc.sections:
            if section.kind not in (RETURNS, ERRORS, SINCE, TODO):
                blocks += _section(section)
    if entity.condition is not None:
        blocks.append(Block(PARAGRAPH, f"If: {conditions.describe(entity.condition)}"))
    if doc is not None and (since := doc.find(SINCE)) is not None:
        blocks.append(Block(PARAGRAPH, f"Since: {since.text.strip()}"))
    return Description(entity.kind, entity.name, signature(entity), blocks)


def _free_form(doc: Doc) -> list[Block]:
    first, _, rest = doc.body.text.partition("\n")
    if HEADING_LINE.match(first):
        return [Block(HEADING, first.lstrip("= ")), *parse_markup(rest)]
    return parse_markup(doc.body.text)


def _under(title: str, blocks: list[Block]) -> list[Block]:
    return [Block(HEADING, title), *blocks] if blocks else []


def _tagged(title: str, section: Section | None) -> list[Block]:
    return [] if section is None else _under(title, _text(section))


def _text(section: Section) -> list[Block]:
    return parse_markup(section.text, hanging=section.kind != PLAIN)


def _text_or_none(section: Section | None) -> list[Block]:
    """Return a description's blocks; a note if it has none."""
    if section is None or not section.text:
        return [Block(PARAGRAPH, _NOT_DOCUMENTED)]
    return _text(section)


def _section(section: Section) -> list[Block]:
    """Return the blocks of plain text, or of an older "Note:" or "Example:"."""
    if section.kind == PLAIN:
        return _text(section)
    if section.kind.startswith("Note"):
        return [Block(NOTE, title=section.kind, blocks=_text(section))]
    return [Block(CODE, section.text, title=section.kind)]


def _parts(entity: Entity) -> list[Block]:
    """Return the entries of members, arguments, values or branches."""
    doc = entity.doc
    if isinstance(entity, EnumType):
        return _under("Values", _entries(entity.values, doc))
    if isinstance(entity, AlternateType):
        return _under("Branches", _entries(entity.branches, doc))
    if isinstance(entity, Command | Event):
        arguments = entity.arguments
        title = "Arguments" if isinstance(entity, Command) else "Data"
        if arguments.implicit:
            return _under(title, _entries(arguments.members, doc))
        named = Block(PARAGRAPH, f"The members of @{arguments.name}:")
        return _under(title, [named, *_object_entries(arguments)])
    assert isinstance(entity, ObjectType)
    return _under("Members", _object_entries(entity))


def _object_entries(type_: ObjectType) -> list[Block]:
    """Return the entries of all members, each with its own type's documentation."""
    entries: list[Block] = []
    if type_.base is not None:
        if type_.base.implicit:
            entries += _entries(type_.base.members, type_.doc)
        else:
            entries += _object_entries(type_.base)
    entries += _entries(type_.local_members, type_.doc)
    if type_.discriminator is not None:
        for branch in type_.branches:
            text = f"The members of @{branch.type.name} when @{type_.discriminator.name} "
            text += f'is "{branch.name}"{_condition(branch)}'
            entries.append(Block(ITEM, title="-", blocks=[Block(PARAGRAPH, text)]))
    return entries


def _entries(parts: Iterable[Declared], doc: Doc | None) -> list[Block]:
    """Return an entry for each member, value or branch: its term and its text."""
    entries: list[Block] = []
    for part in parts:
        section = doc.members.get(part.name) if doc is not None else None
        entries.append(Block(ENTRY, title=_title(part), blocks=_text_or_none(section)))
    return entries


def _title(part: Declared) -> str:
    notes = [feature.name for feature in part.features]
    if isinstance(part, Member) and part.optional:
        notes.insert(0, "optional")
    type_: Type | None = getattr(part, "type", None)
    term = part.name if type_ is None else f"{part.name}: {type_.spelling}"
    return term + (f" ({', '.join(notes)})" if notes else "") + _condition(part)


def _condition(part: Declared) -> str:
    return f" (if {conditions.describe(part.condition)})" if part.condition else ""


def _returns(command: Command) -> list[Block]:
    section = command.doc.find(RETURNS) if command.doc is not None else None
    if command.returns is None:
        return _tagged("Returns", section)
    blocks = _text(section) if section is not None else []
    return _under("Returns", [Block(ENTRY, title=command.returns.spelling, blocks=blocks)])


def _features(entity: Entity, doc: Doc) -> list[Block]:
    entries: list[Block] = []
    for name in dict.fromkeys(feature.name for feature in described_features(entity)):
        blocks = _text_or_none(doc.features.get(name))
        entries.append(Block(ENTRY, title=name, blocks=blocks))
    return _under("Features", entries)
