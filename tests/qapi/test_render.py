from __future__ import annotations

from hmp.qapi import HISTORIC, describe, describe_all, signature, summary
from hmp.qapi.markup import CODE, ENTRY, HEADING, ITEM, NOTE, PARAGRAPH, Block
from hmp.qapi.render import Description
from tests.qapi.helpers import accepted, doc

TEXT = (
    doc("= Running", "", "About it.")
    + doc(
        "@stop:",
        "",
        "Stop it.  Now.",
        "",
        "@force: even if @it doesn't like it",
        "",
        "Features:",
        "@deprecated: use cont",
        "",
        "Returns: what is left",
        "",
        "Errors:",
        "    - none",
        "",
        "TODO: think",
        "",
        ".. note:: Beware.",
        "",
        "Since: 1.0",
    )
    + """\
{ 'command': 'stop', 'data': { '*force': 'bool' }, 'returns': [ 'Foo' ], 'if': 'A',
  'features': [ 'deprecated' ] }
{ 'struct': 'Base', 'data': { 'id': 'str' } }
{ 'struct': 'Foo', 'base': 'Base', 'data': { 'n': { 'type': 'Num', 'if': 'B' } } }
"""
    + doc("@Num:", "", "@one: the first")
    + """\
{ 'enum': 'Num', 'data': [ { 'name': 'one' } ] }
{ 'union': 'Uni', 'base': { 'kind': 'Num' }, 'discriminator': 'kind',
  'data': { 'one': { 'type': 'Base', 'if': 'C' } } }
{ 'alternate': 'Alt', 'data': { 'uni': 'Uni', 's': [ 'str' ] } }
{ 'command': 'put', 'data': 'Uni', 'boxed': true }
{ 'event': 'GONE', 'data': { 'x': 'int' } }
{ 'struct': 'Empty', 'data': {} }
"""
)
SCHEMA = accepted(TEXT)
NOTHING = [Block(PARAGRAPH, "Not documented.")]


def heading(text: str) -> Block:
    """Return a heading."""
    return Block(HEADING, text)


def entry(title: str, *texts: str) -> Block:
    """Return an entry with these paragraphs."""
    return Block(ENTRY, title=title, blocks=[Block(PARAGRAPH, text) for text in texts])


def undocumented(title: str) -> Block:
    """Return the entry of what has no documentation."""
    return Block(ENTRY, title=title, blocks=NOTHING)


def test_a_documented_command() -> None:
    """A documented command."""
    description = describe(SCHEMA, "stop")
    assert (description.kind, description.name) == ("command", "stop")
    assert description.signature == "stop(force?: bool) -> [Foo]"
    assert description.blocks == [
        Block(PARAGRAPH, "Stop it.  Now."),
        heading("Arguments"),
        entry("force: bool (optional)", "even if @it doesn't like it"),
        heading("Returns"),
        entry("[Foo]", "what is left"),
        heading("Errors"),
        Block(ITEM, title="-", blocks=[Block(PARAGRAPH, "none")]),
        heading("Features"),
        entry("deprecated", "use cont"),
        Block(NOTE, title="Note", blocks=[Block(PARAGRAPH, "Beware.")]),
        Block(PARAGRAPH, "If: A"),
        Block(PARAGRAPH, "Since: 1.0"),
    ]


def test_definitions_without_documentation() -> None:
    """Definitions without documentation."""
    assert describe(SCHEMA, "Foo").blocks == [
        heading("Members"),
        undocumented("id: str"),
        undocumented("n: Num (if B)"),
    ]
    branch = Block(PARAGRAPH, 'The members of @Base when @kind is "one" (if C)')
    members = [undocumented("kind: Num"), Block(ITEM, title="-", blocks=[branch])]
    assert describe(SCHEMA, "Uni").blocks == [heading("Members"), *members]
    assert describe(SCHEMA, "put").blocks == [
        heading("Arguments"),
        Block(PARAGRAPH, "The members of @Uni:"),
        *members,
    ]
    assert describe(SCHEMA, "Alt").blocks == [
        heading("Branches"),
        undocumented("uni: Uni"),
        undocumented("s: [str]"),
    ]
    assert describe(SCHEMA, "GONE").blocks == [heading("Data"), undocumented("x: int")]
    assert describe(SCHEMA, "Num").blocks == [heading("Values"), entry("one", "the first")]
    assert describe(SCHEMA, "Empty").blocks == []


def test_signatures() -> None:
    """Signatures."""
    assert {name: signature(entity) for name, entity in SCHEMA.entities.items()} == {
        "stop": "stop(force?: bool) -> [Foo]",
        "Base": "Base: { id: str }",
        "Foo": "Foo: { id: str, n: Num }",
        "Num": "Num: one",
        "Uni": "Uni: { kind: Num, ... }",
        "Alt": "Alt: Uni | [str]",
        "put": "put(Uni)",
        "GONE": "GONE(x: int)",
        "Empty": "Empty: { }",
    }


def test_everything_in_order_with_free_form_text() -> None:
    """Everything in order with free form text."""
    descriptions = describe_all(SCHEMA)
    assert [(found.kind, found.name) for found in descriptions[:3]] == [
        ("text", ""),
        ("command", "stop"),
        ("enum", "Num"),
    ]
    assert {found.name for found in descriptions} == {"", *SCHEMA.entities}
    assert descriptions[0].blocks == [heading("Running"), Block(PARAGRAPH, "About it.")]


def test_the_first_sentence_is_the_summary() -> None:
    """The first sentence is the summary."""
    assert summary(SCHEMA.entities["stop"]) == "Stop it."
    assert summary(SCHEMA.entities["Num"]) == ""
    assert summary(SCHEMA.entities["Foo"]) == ""


def test_the_older_sections() -> None:
    """The older sections."""
    text = doc("@foo:", "Note: one", "Returns: nothing", "Example:", "", "-> {", "     }")
    found: Description = describe(accepted(text + "{ 'command': 'foo' }", HISTORIC), "foo")
    assert found.blocks == [
        heading("Returns"),
        Block(PARAGRAPH, "nothing"),
        Block(NOTE, title="Note", blocks=[Block(PARAGRAPH, "one")]),
        Block(CODE, "-> {\n     }", title="Example"),
    ]
