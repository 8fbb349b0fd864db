from __future__ import annotations

import pytest

from hmp.qapi import HISTORIC
from tests.qapi.helpers import accepted, doc, refused

DEFINITIONS = {
    # name: the definition, what there is to describe
    "Num": ("{ 'enum': 'Num', 'data': [ 'a', 'b' ] }", "value"),
    "Str": (
        "{ 'struct': 'Str', 'base': 'Base', 'data': { 'a': 'int', '*b': 'int' } }",
        "member",
    ),
    "Uni": (
        "{ 'union': 'Uni', 'base': { 'a': 'One', 'b': 'int' }, 'discriminator': 'a', "
        "'data': { 'x': 'Base' } }",
        "member",
    ),
    "Alt": ("{ 'alternate': 'Alt', 'data': { 'a': 'int', 'b': 'bool' } }", "branch"),
    "cmd": ("{ 'command': 'cmd', 'data': { 'a': 'int', 'b': 'int' } }", "argument"),
    "EVT": ("{ 'event': 'EVT', 'data': { 'a': 'int', 'b': 'int' } }", "argument"),
}
OTHERS = "{ 'struct': 'Base', 'data': { 'c': 'int' } } { 'enum': 'One', 'data': [ 'x' ] }\n"


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_part_must_be_described_and_nothing_else(name: str) -> None:
    """Every part must be described and nothing else."""
    definition, word = DEFINITIONS[name]
    described = ["@a: x", "@b: x"]
    accepted(OTHERS + doc(f"@{name}:", *described) + definition)
    error = refused(OTHERS + doc(f"@{name}:", "@b: x") + definition)
    assert (error.line, error.context) == (
        6,
        f"In {definition[3:].split(chr(39))[0]} '{name}':",
    )
    assert f"the {word} 'a' has no documentation" in error.message
    error = refused(OTHERS + doc(f"@{name}:", *described, "@c: x", "@d: x") + definition)
    assert (error.line, error.context) == (6, None)
    assert error.message.endswith("'c', 'd'")


def test_parts_of_other_types_are_described_there() -> None:
    """Parts of other types are described there."""
    text = "{ 'command': 'foo', 'data': 'Base' }"
    accepted(OTHERS + doc("@foo:") + text)
    assert refused(OTHERS + doc("@foo:", "@c: x") + text).line == 4


def test_features_of_the_parts_count_as_features_of_the_whole() -> None:
    """Features of the parts count as features of the whole."""
    text = (
        "{ 'enum': 'Foo', 'data': [ { 'name': 'a', 'features': [ 'f' ] } ], "
        "'features': [ 'g' ] }"
    )
    accepted(doc("@Foo:", "@a: x", "", "Features:", "@f: x", "@g: x") + text)
    error = refused(doc("@Foo:", "@a: x", "", "Features:", "@g: x") + text)
    assert (error.line, error.context) == (8, "In enum 'Foo':")
    error = refused(
        doc("@Foo:", "@a: x", "", "Features:", "@f: x", "@g: x", "@h: x") + text
    )
    assert error.line == 8


def test_exceptions_are_for_parts_not_for_features() -> None:
    """Exceptions are for parts not for features."""
    pragma = "{ 'pragma': { 'documentation-exceptions': [ 'foo' ] } }\n"
    accepted(pragma + doc("@foo:") + "{ 'command': 'foo', 'data': { 'a': 'int' } }")
    refused(pragma + doc("@foo:", "@c: x") + "{ 'command': 'foo', 'data': { 'a': 'int' } }")
    refused(pragma + doc("@foo:") + "{ 'command': 'foo', 'features': [ 'f' ] }")


def test_the_historic_edition_only_asks_for_features() -> None:
    """The historic edition only asks for features."""
    text = "{ 'command': 'foo', 'data': { 'a': 'int' } }"
    accepted(doc("@foo:") + text, HISTORIC)
    assert refused("\n" + doc("@foo:", "@b: x") + text, HISTORIC).line == 2
    refused(doc("@foo:") + "{ 'command': 'foo', 'features': [ 'f' ] }", HISTORIC)


def test_what_has_no_comment_is_not_checked() -> None:
    """What has no comment is not checked."""
    accepted("{ 'command': 'foo', 'data': { 'a': 'int' }, 'features': [ 'f' ] }")
