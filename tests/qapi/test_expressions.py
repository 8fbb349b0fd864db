from __future__ import annotations

import pytest

from hmp.qapi.edition import CURRENT
from hmp.qapi.expressions import Definition, check_expressions
from hmp.qapi.parser import Source, parse_text
from tests.qapi.helpers import accepted, doc, refused


def normal_form(text: str) -> Definition:
    """Return the one definition in `text`."""
    source = Source(CURRENT)
    parse_text(text, "t.json", source)
    [definition] = check_expressions(source)
    return definition


def test_members_features_and_values_become_objects() -> None:
    """Members features and values become objects."""
    definition = normal_form(
        "{ 'struct': 'Foo', 'data': { 'a': 'int', '*b': { 'type': ['str'], 'if': 'A',"
        " 'features': [ 'f' ] } }, 'features': [ 'f', { 'name': 'g', 'if': 'B' } ] }"
    )
    assert (definition.kind, definition.name) == ("struct", "Foo")
    assert definition.data["data"] == {
        "a": {"type": "int"},
        "*b": {"type": ["str"], "if": "A", "features": [{"name": "f"}]},
    }
    assert definition.data["features"] == [{"name": "f"}, {"name": "g", "if": "B"}]
    enum = normal_form("{ 'enum': 'Foo', 'data': [ 'a', { 'name': '1', 'if': 'A' } ] }")
    assert enum.data["data"] == [{"name": "a"}, {"name": "1", "if": "A"}]


def test_type_is_the_older_spelling_of_struct() -> None:
    """Type is the older spelling of struct."""
    definition = normal_form("{ 'type': 'Foo', 'data': { 'type': 'str' } }")
    assert (definition.kind, definition.name) == ("struct", "Foo")
    refused("{ 'type': 'foo', 'command': 'foo' }")


GOOD = [
    "{ 'enum': 'Foo', 'data': [], 'prefix': 'FOO' }",
    "{ 'struct': 'Foo', 'data': {}, 'if': { 'not': 'A' } }",
    "{ 'alternate': 'Foo', 'data': { 'a': ['int'], 'b': { 'type': 'str', 'if': 'A' } } }",
    "{ 'command': 'foo', 'gen': false, 'success-response': false, 'coroutine': true }",
    "{ 'command': 'foo', 'allow-oob': true, 'allow-preconfig': true }",
    "{ 'event': 'FOO_BAR', 'data': { '__com.example_a': 'int' } }",
    "{ 'command': '__com.example_foo-bar' }",
    "{ 'enum': '__com.example_Foo', 'data': [ '__com.example_a', '2-b' ] }",
    "{ 'struct': 'Foo', 'data': { 'if': 'int', 'name': 'str', 'x-has-a': 'int' } }",
]


@pytest.mark.parametrize("text", GOOD)
def test_definitions_that_are_well_formed(text: str) -> None:
    """Definitions that are well formed."""
    accepted(text)


BAD = {
    # which key
    "{}": "exactly one",
    "{ 'data': {} }": "exactly one",
    "{ 'command': 'foo', 'struct': 'Foo', 'data': {} }": "exactly one",
    "{ 'struct': true, 'data': {} }": "must be a string",
    "{ 'command': {} }": "must be a string",
    "{ 'struct': 'Foo' }": "misses the key 'data'",
    "{ 'union': 'Foo', 'base': 'A', 'data': {} }": "misses the key 'discriminator'",
    "{ 'union': 'Foo', 'discriminator': 'a', 'data': {} }": "misses the key 'base'",
    "{ 'struct': 'Foo', 'data': {}, 'bogus': 'x', 'phony': true }": "'bogus', 'phony'",
    "{ 'alternate': 'Foo', 'base': 'A', 'data': { 'a': 'int' } }": "unknown keys 'base'",
    "{ 'event': 'FOO', 'returns': 'A' }": "unknown keys 'returns'",
    # names
    "{ 'struct': '*foo', 'data': {} }": "invalid name",
    "{ 'struct': 'foo', 'data': {} }": "CamelCase",
    "{ 'struct': 'FooList', 'data': {} }": "end in 'List'",
    "{ 'command': 'Foo' }": "lower case",
    "{ 'command': 'foo_bar' }": "'-' between",
    "{ 'command': 'q-foo' }": "invalid name",
    "{ 'event': 'foo' }": "upper case",
    "{ 'event': 'FOO-BAR' }": "'_' between",
    "{ 'struct': 'Foo', 'data': { 'A': 'int' } }": "lower case",
    "{ 'struct': 'Foo', 'data': { 'a_b': 'int' } }": "'-' between",
    "{ 'struct': 'Foo', 'data': { '1a': 'int' } }": "invalid name",
    "{ 'struct': 'Foo', 'data': { '*u': 'int' } }": "reserved",
    "{ 'struct': 'Foo', 'data': { 'has-a': 'int' } }": "reserved",
    "{ 'struct': 'Foo', 'data': { '**a': 'int' } }": "invalid name",
    "{ 'enum': 'Foo', 'data': [ 'a b' ] }": "invalid name",
    "{ 'enum': 'Foo', 'data': [ 'A' ] }": "lower case",
    "{ 'enum': 'Foo', 'data': [ '' ] }": "invalid name",
    "{ 'alternate': 'Foo', 'data': { '*a': 'int' } }": "invalid name",
    # values
    "{ 'enum': 'Foo', 'data': {} }": "must be an array",
    "{ 'enum': 'Foo', 'data': [ [] ] }": "a string or an object",
    "{ 'enum': 'Foo', 'data': [ {} ] }": "needs a 'name'",
    "{ 'enum': 'Foo', 'data': [ { 'name': [] } ] }": "needs a 'name'",
    "{ 'enum': 'Foo', 'data': [ { 'name': 'a', 'type': 'b' } ] }": "unknown keys 'type'",
    "{ 'enum': 'Foo', 'data': [], 'prefix': [] }": "'prefix' must be a string",
    # members and types
    "{ 'struct': 'Foo', 'data': 'Bar' }": "must be an object",
    "{ 'struct': 'Foo', 'data': {}, 'base': {} }": "a type's name",
    "{ 'struct': 'Foo', 'data': {}, 'base': ['Bar'] }": "a type's name",
    "{ 'struct': 'Foo', 'data': { 'a': true } }": "a type's name or an array",
    "{ 'struct': 'Foo', 'data': { 'a': [] } }": "one name of a type",
    "{ 'struct': 'Foo', 'data': { 'a': [ 'int', 'int' ] } }": "one name of a type",
    "{ 'struct': 'Foo', 'data': { 'a': [ [ 'int' ] ] } }": "one name of a type",
    "{ 'struct': 'Foo', 'data': { 'a': { 'if': 'A' } } }": "misses the key 'type'",
    "{ 'struct': 'Foo', 'data': { 'a': { 'type': {} } } }": "a type's name or an array",
    "{ 'struct': 'Foo', 'data': { 'a': { 'type': 'int', 'b': 'c' } } }": "unknown keys 'b'",
    "{ 'command': 'foo', 'data': [] }": "an object or a type's name",
    "{ 'command': 'foo', 'data': false }": "an object or a type's name",
    "{ 'command': 'foo', 'returns': {} }": "a type's name or an array",
    "{ 'command': 'foo', 'boxed': true }": "needs 'data'",
    "{ 'event': 'FOO', 'boxed': true }": "needs 'data'",
    "{ 'command': 'foo', 'boxed': true, 'data': { 'a': 'int' } }": "a type's name",
    # unions and alternates
    "{ 'union': 'Foo', 'base': true, 'discriminator': 'a', 'data': {} }": "a type's name",
    "{ 'union': 'Foo', 'base': 'A', 'discriminator': {}, 'data': {} }": "a string",
    "{ 'union': 'Foo', 'base': 'A', 'discriminator': 'a', 'data': [] }": "an object",
    "{ 'union': 'Foo', 'base': 'A', 'discriminator': 'a', 'data': { 'b': ['A'] } }": (
        "a type's name"
    ),
    "{ 'union': 'Foo', 'base': { 'A': 'A' }, 'discriminator': 'a', 'data': {} }": "lower",
    "{ 'alternate': 'Foo', 'data': {} }": "at least one",
    "{ 'alternate': 'Foo', 'data': [ 'a' ] }": "must be an object",
    "{ 'alternate': 'Foo', 'data': { 'a': { 'type': 'int', 'features': [] } } }": (
        "unknown keys 'features'"
    ),
    # flags
    "{ 'command': 'foo', 'gen': true }": "only be false",
    "{ 'command': 'foo', 'success-response': 'no' }": "only be false",
    "{ 'command': 'foo', 'boxed': false, 'data': 'Foo' }": "only be true",
    "{ 'command': 'foo', 'allow-oob': 'yes' }": "only be true",
    "{ 'command': 'foo', 'allow-preconfig': false }": "only be true",
    "{ 'command': 'foo', 'allow-oob': true, 'coroutine': true }": "do not go together",
    # conditions and features
    "{ 'command': 'foo', 'if': ['A'] }": "a string or an object",
    "{ 'enum': 'Foo', 'data': [ { 'name': 'a', 'if': 'b' } ] }": "'b' of the value 'a'",
    "{ 'struct': 'Foo', 'data': { 'a': { 'type': 'int', 'if': true } } }": "member 'a'",
    "{ 'command': 'foo', 'features': 'f' }": "must be an array",
    "{ 'command': 'foo', 'features': [ [] ] }": "a string or an object",
    "{ 'command': 'foo', 'features': [ { 'if': 'A' } ] }": "needs a 'name'",
    "{ 'command': 'foo', 'features': [ 'F' ] }": "lower case",
    "{ 'command': 'foo', 'features': [ 'f f' ] }": "invalid name",
    "{ 'command': 'foo', 'features': [ { 'name': 'f', 'colour': 'red' } ] }": "'colour'",
    "{ 'command': 'foo', 'features': [ { 'name': 'f', 'if': false } ] }": "feature 'f'",
}


@pytest.mark.parametrize("text", BAD)
def test_definitions_that_are_not(text: str) -> None:
    """Definitions that are not."""
    error = refused("\n" + text)
    assert error.line == 2
    assert BAD[text] in error.message


def test_the_definition_is_named() -> None:
    """The definition is named."""
    assert refused("{ 'command': 'foo', 'gen': true }").context == "In command 'foo':"


def test_exceptions_from_the_rules_for_names() -> None:
    """Exceptions from the rules for names."""
    accepted("{ 'pragma': { 'command-name-exceptions': ['a_b'] } } { 'command': 'a_b' }")
    accepted(
        "{ 'pragma': { 'member-name-exceptions': [ 'Foo' ] } }"
        "{ 'enum': 'Foo', 'data': [ 'A_b' ] }"
    )
    # They are for types only, and capitals are never for commands.
    refused(
        "{ 'pragma': { 'member-name-exceptions': [ 'foo' ] } }"
        "{ 'command': 'foo', 'data': { 'a_b': 'int' } }"
    )
    refused("{ 'pragma': { 'command-name-exceptions': ['aB'] } } { 'command': 'aB' }")


def test_documentation_is_of_the_definition_after_it() -> None:
    """Documentation is of the definition after it."""
    error = refused(doc("@bar:") + "\n{ 'command': 'foo' }")
    assert (error.line, error.context) == (5, "In command 'foo':")


def test_sections_that_are_for_commands_only() -> None:
    """Sections that are for commands only."""
    for tag in ("Returns", "Errors"):
        error = refused(doc("@FOO:", "", f"{tag}: x") + "{ 'event': 'FOO' }")
        assert (error.line, error.context) == (4, None)
    assert refused(doc("@foo:", "", "Returns: x") + "{ 'command': 'foo' }").line == 4
    accepted(doc("@foo:", "", "Errors: x") + "{ 'command': 'foo' }")
