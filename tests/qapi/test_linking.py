from __future__ import annotations

import pytest

from hmp.qapi import HISTORIC
from hmp.qapi.entities import ArrayType, ObjectType
from tests.qapi.helpers import accepted, refused

TYPES = """\
{ 'enum': 'Two', 'data': [ 'one', 'two' ] }
{ 'struct': 'Base', 'data': { 'kind': 'Two', '*size': 'int' } }
{ 'struct': 'Foo', 'base': 'Base', 'data': { 'name': 'str' } }
{ 'struct': 'Empty', 'data': {} }
{ 'union': 'Uni', 'base': 'Base', 'discriminator': 'kind', 'data': { 'one': 'Other' } }
{ 'struct': 'Other', 'data': { 'more': [ 'Foo' ] } }
{ 'alternate': 'Alt', 'data': { 'foo': 'Foo', 'none': 'null' } }
"""
LINES = TYPES.count("\n")


def object_type(text: str, name: str) -> ObjectType:
    """Return the object type `name` of the schema in `text`."""
    type_ = accepted(text).types[name]
    assert isinstance(type_, ObjectType)
    return type_


def test_members_of_the_base_come_first() -> None:
    """Members of the base come first."""
    foo = object_type(TYPES, "Foo")
    assert [member.name for member in foo.members] == ["kind", "size", "name"]
    assert [member.name for member in foo.local_members] == ["name"]
    assert [member.optional for member in foo.members] == [False, True, False]
    assert foo.base is not None
    assert foo.base.name == "Base"


def test_a_union_knows_its_branches() -> None:
    """A union knows its branches."""
    union = object_type(TYPES, "Uni")
    assert union.discriminator is union.find("kind")
    assert union.branch_type("one") is not None
    assert union.branch_type("two") is None
    assert [branch.name for branch in union.branches] == ["one"]


def test_all_references_to_an_array_are_one_type() -> None:
    """All references to an array are one type."""
    schema = accepted(TYPES + "{ 'command': 'foo', 'returns': [ 'Foo' ] }")
    returns = schema.commands["foo"].returns
    more = schema.types["Other"]
    assert isinstance(returns, ArrayType)
    assert isinstance(more, ObjectType)
    assert more.members[0].type is returns
    assert returns.spelling == "[Foo]"


def test_arguments_are_an_object_whatever_their_form() -> None:
    """Arguments are an object whatever their form."""
    schema = accepted(
        TYPES + "{ 'command': 'a' } { 'command': 'b', 'data': {} } "
        "{ 'command': 'c', 'data': { 'x': 'int' } } { 'command': 'd', 'data': 'Foo' } "
        "{ 'command': 'e', 'data': 'Uni', 'boxed': true } "
        "{ 'event': 'E', 'data': { '*x': 'int' } }"
    )
    names = {name: command.arguments.name for name, command in schema.commands.items()}
    assert names == {
        "a": "q_empty",
        "b": "q_empty",
        "c": "q_obj_c-arg",
        "d": "Foo",
        "e": "Uni",
    }
    assert schema.commands["e"].boxed
    assert schema.events["E"].arguments.members[0].optional


def test_flags_conditions_and_features_are_kept() -> None:
    """Flags conditions and features are kept."""
    schema = accepted(
        "{ 'command': 'foo', 'gen': false, 'success-response': false, 'allow-oob': true,"
        " 'allow-preconfig': true, 'if': 'A', 'features': [ 'deprecated' ],"
        " 'data': { 'a': { 'type': 'int', 'features': [ 'unstable' ] } } }"
        "{ 'command': 'bar', 'coroutine': true }"
    )
    foo, bar = schema.commands["foo"], schema.commands["bar"]
    assert (foo.gen, foo.success_response, foo.allow_oob) == (False, False, True)
    assert (foo.allow_preconfig, foo.coroutine, bar.coroutine) == (True, False, True)
    assert (foo.condition, foo.has_feature("deprecated")) == ("A", True)
    assert foo.arguments.members[0].has_feature("unstable")
    assert foo.arguments.condition == "A"
    assert not bar.has_feature("deprecated")


def test_a_type_may_refer_to_itself_through_its_members() -> None:
    """A type may refer to itself through its members."""
    node = object_type("{ 'struct': 'Node', 'data': { '*next': 'Node' } }", "Node")
    assert node.members[0].type is node


BAD = {
    # text: words; the error is at the text's line
    "{ 'struct': 'Foo', 'data': {} }": "twice, first at t.json:3",
    "{ 'command': 'int' }": "built-in",
    "{ 'struct': 'QType', 'data': {} }": "built-in",
    "{ 'command': 'foo', 'data': 'NoSuch' }": "unknown type 'NoSuch'",
    "{ 'command': 'foo', 'returns': [ 'NoSuch' ] }": "unknown type 'NoSuch'",
    "{ 'struct': 'Bar', 'data': { 'a': 'NoSuch' } }": "unknown type 'NoSuch'",
    "{ 'alternate': 'Bar', 'data': { 'a': 'NoSuch' } }": "unknown type 'NoSuch'",
    "{ 'command': 'foo', 'data': 'int' }": "built-in type 'int'",
    "{ 'command': 'foo', 'data': 'Alt' }": "alternate type 'Alt'",
    "{ 'command': 'foo', 'data': 'Two' }": "enum type 'Two'",
    "{ 'command': 'foo', 'data': 'Uni' }": "needs 'boxed'",
    "{ 'event': 'FOO', 'data': 'Uni' }": "needs 'boxed'",
    "{ 'command': 'foo', 'returns': 'int' }": "built-in type 'int'",
    "{ 'command': 'foo', 'returns': 'Alt' }": "alternate type 'Alt'",
    "{ 'command': 'foo', 'returns': [ 'str' ] }": "array type ['str']",
    "{ 'struct': 'Bar', 'base': 'int', 'data': {} }": "must be a struct",
    "{ 'struct': 'Bar', 'base': 'Uni', 'data': {} }": "must be a struct",
    "{ 'struct': 'Bar', 'base': 'NoSuch', 'data': {} }": "unknown type",
    "{ 'struct': 'Bar', 'base': 'Bar', 'data': {} }": "contains itself",
    "{ 'struct': 'Bar', 'base': 'Foo', 'data': { 'size': 'int' } }": "collide",
    "{ 'struct': 'Bar', 'data': { 'a': 'int', '*a': 'int' } }": "collide",
    "{ 'enum': 'Bar', 'data': [ 'a', 'a' ] }": "collide",
    "{ 'command': 'foo', 'features': [ 'f', 'f' ] }": "collide",
    "{ 'struct': 'Bar', 'data': {}, 'features': [ 'deprecated' ] }": "not for types",
    "{ 'enum': 'Bar', 'data': [], 'features': [ 'unstable' ] }": "not for types",
}


@pytest.mark.parametrize("text", BAD)
def test_definitions_that_do_not_fit(text: str) -> None:
    """Definitions that do not fit."""
    error = refused(TYPES + text)
    assert error.line == LINES + 1
    assert BAD[text] in error.message


def test_a_cycle_of_bases_is_reported_where_it_closes() -> None:
    """A cycle of bases is reported where it closes."""
    text = "{ 'struct': 'Foo', 'base': '%s', 'data': {} }"
    cycle = "\n".join([text % "Bar", text.replace("Foo", "Bar") % "Foo"])
    assert refused(cycle).line == 1


UNION = "{ 'union': 'Bar', 'base': %s, 'discriminator': '%s', 'data': { %s } }"
BAD_UNIONS = {
    ("'Base'", "no-such", "'one': 'Foo'"): "not a member of 'base'",
    ("'Empty'", "kind", "'one': 'Foo'"): "not a member of 'base'",
    ("'Base'", "size", "'one': 'Foo'"): "must be an enum",
    ("{ '*kind': 'Two' }", "kind", "'one': 'Foo'"): "must not be optional",
    ("{ '*kind': 'Two' }", "*kind", "'one': 'Foo'"): "not a member of 'base'",
    ("{ 'kind': { 'type': 'Two', 'if': 'A' } }", "kind", ""): "must not have an 'if'",
    ("'Base'", "kind", "'three': 'Empty'"): "not a value",
    ("'Base'", "kind", "'one': 'int'"): "must be a struct",
    ("'Base'", "kind", "'one': 'Alt'"): "must be a struct",
    ("'Base'", "kind", "'one': 'NoSuch'"): "unknown type",
    ("'Base'", "kind", "'one': 'Foo'"): "collide",
    ("{ 'kind': 'Two', 'more': 'int' }", "kind", "'one': 'Other'"): "collide",
    ("{ 'kind': 'Two', 'kind': 'Two' }", "kind", ""): "twice",
    ("'int'", "kind", "'one': 'Foo'"): "must be a struct",
    ("'Uni'", "kind", "'one': 'Foo'"): "must be a struct",
    ("'Base'", "kind", "'one': 'Bar'"): "contains itself",
}


@pytest.mark.parametrize("parts", BAD_UNIONS)
def test_unions_that_do_not_fit(parts: tuple[str, str, str]) -> None:
    """Unions that do not fit."""
    error = refused(TYPES + UNION % parts)
    assert error.line == LINES + 1
    assert BAD_UNIONS[parts] in error.message


def test_a_union_may_have_no_branches_but_its_discriminator_must_have_values() -> None:
    """A union may have no branches but its discriminator must have values."""
    accepted(TYPES + UNION % ("'Base'", "kind", ""))
    empty = "{ 'enum': 'Nix', 'data': [] }"
    assert (
        "must have values"
        in refused(empty + UNION % ("{ 'kind': 'Nix' }", "kind", "")).message
    )


def test_a_branch_that_is_a_union_may_not_clash_on_any_level() -> None:
    """A branch that is a union may not clash on any level."""
    text = (
        TYPES + "{ 'union': 'Bar', 'base': { 'what': 'Two', '%s': 'int' }, "
        "'discriminator': 'what', 'data': { 'one': 'Uni' } }"
    )
    accepted(text % "other")
    assert "collide" in refused(text % "more").message
    assert "must be a struct" in refused(text % "other", HISTORIC).message


def test_exceptions_from_the_rule_for_returns() -> None:
    """Exceptions from the rule for returns."""
    text = "{ 'pragma': { 'command-returns-exceptions': [ 'foo' ] } }"
    schema = accepted(text + "{ 'command': 'foo', 'returns': [ 'int' ] }")
    assert schema.commands["foo"].returns is not None
    assert refused(text + "{ 'command': 'bar', 'returns': 'int' }").context == (
        "In command 'bar':"
    )


def test_conditional_arguments_must_be_boxed() -> None:
    """Conditional arguments must be boxed."""
    struct = "{ 'struct': 'Foo', 'data': { 'a': { 'type': 'int', 'if': 'A' } } }\n"
    accepted(struct + "{ 'command': 'foo', 'data': 'Foo', 'boxed': true }")
    assert refused(struct + "{ 'command': 'foo', 'data': 'Foo' }").line == 2
    assert refused(struct + "{ 'event': 'FOO', 'data': 'Foo' }").line == 2
