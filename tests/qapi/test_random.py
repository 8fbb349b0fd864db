"""Random schemas and values: nothing but the promised errors, and nothing gets lost."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmp.qapi import (
    CURRENT,
    HISTORIC,
    NULL,
    STRICT,
    Codecs,
    QAPIError,
    RejectedValueError,
    Schema,
    Struct,
    describe_all,
    generate_types,
    introspect,
    parse_schema,
    to_markdown,
    to_text,
)
from hmp.qapi.entities import (
    AlternateType,
    ArrayType,
    EnumType,
    ObjectType,
    Type,
)
from hmp.qapi.expressions import KINDS
from hmp.qapi.markup import inline, parse_markup
from hmp.qapi.values import DECODERS

EDITIONS = st.sampled_from([CURRENT, HISTORIC, STRICT, None])
few = settings(max_examples=150, deadline=None)


def parse(text: str, edition: Any) -> Schema | None:
    """Return the schema, or None if it has an error; the error has a place."""
    found: QAPIError
    try:
        return parse_schema(text, "t.json", edition)
    except QAPIError as error:
        found = error
    assert str(found).splitlines()[-1].startswith("t.json")
    return None


# Texts that are hardly schemas

TOKENS = """
    { } [ ] : , 'a' 'Foo' '*b' 'int' true false 'command' 'data' 'struct' 'enum' 'union'
    'base' 'if' 'features' 'type' 'include' 'pragma' '\\\\' '\\u' ' " ## #
"""
tokens = st.sampled_from([*TOKENS.split(), "\n", ""])


@few
@given(st.one_of(st.text(), st.lists(tokens).map(" ".join)), EDITIONS)
def test_any_text_is_a_schema_or_an_error(text: str, edition: Any) -> None:
    """Whatever a file contains, there is no other exception than QAPIError."""
    parse(text, edition)


COMMENT_LINES = [
    "",
    "@foo:",
    "@a: x",
    "@b:",
    "    more",
    "  less",
    "Features:",
    "Returns: x",
    "Errors:",
    "Since: 1",
    "TODO: x",
    "Note: x",
    "Example:",
    "= title",
    "- item",
    "Code::",
    ".. note::",
    ".. qmp-example::",
    "   :title: x",
    "-> {}",
    "1. x",
]
comment_lines = st.lists(
    st.one_of(
        st.sampled_from(COMMENT_LINES),
        st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=20),
    ),
    max_size=12,
)


@few
@given(comment_lines, EDITIONS)
def test_any_comment_is_documentation_or_an_error(lines: list[str], edition: Any) -> None:
    """And if it is documentation, it can be laid out."""
    text = "\n".join(["##", "# @foo:", *(f"# {line}" for line in lines), "##"])
    command = "{ 'command': 'foo', 'data': { '*a': 'int' }, 'features': [ 'b' ] }"
    schema = parse(f"{text}\n{command}", edition)
    if schema is not None:
        for description in describe_all(schema):
            assert to_text(description).startswith("command foo\n")
            assert to_markdown(description).startswith("## command `foo`\n")


@few
@given(st.text(), st.booleans())
def test_any_text_has_markup(text: str, hanging: bool) -> None:
    """Inline markup only ever takes characters away."""
    parse_markup(text, hanging=hanging)
    assert len("".join(part for _, part in inline(text))) <= len(text)


# Schemas that are nearly right

names = st.sampled_from(["Aa", "Bb", "Cc", "Dd"])
types = st.one_of(
    names, st.sampled_from(["int", "str", "bool", "null", "any", "uint8", "number"])
)
references = st.one_of(types, types.map(lambda name: [name]))
conditions = st.recursive(
    st.sampled_from(["A", "B"]),
    lambda inner: st.one_of(
        inner.map(lambda condition: {"not": condition}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"any": parts}),
    ),
    max_leaves=3,
)
values = st.lists(st.sampled_from(["one", "two", "on", "2"]), unique=True, max_size=3)
OPTIONAL = {"if": conditions, "features": st.just(["feature"])}
members = st.dictionaries(
    st.sampled_from(["a", "b", "*c", "*d-e", "kind", "*class"]),
    st.one_of(
        references, st.fixed_dictionaries({"type": references}, optional={"if": conditions})
    ),
    max_size=4,
)
branches = st.dictionaries(st.sampled_from(["one", "two", "on"]), references, max_size=2)
base = st.one_of(names, st.just({"kind": "Aa"}), st.just({"kind": "Aa", "*x": "int"}))
definitions = st.one_of(
    st.fixed_dictionaries({"enum": names, "data": values}, optional=OPTIONAL),
    st.fixed_dictionaries({"struct": names, "data": members}, optional={"base": names}),
    st.fixed_dictionaries(
        {"union": names, "base": base, "discriminator": st.just("kind"), "data": branches}
    ),
    st.fixed_dictionaries({"alternate": names, "data": branches}),
    st.fixed_dictionaries(
        {"command": st.sampled_from(["foo", "bar"])},
        optional={"data": members, "returns": references, **OPTIONAL},
    ),
    st.fixed_dictionaries(
        {"command": st.just("boxed"), "data": names, "boxed": st.just(True)}
    ),
    st.fixed_dictionaries({"event": st.just("EVT")}, optional={"data": members}),
)
PRAGMA = {"pragma": {"command-returns-exceptions": ["foo"]}}


def definition_of(item: dict[str, Any]) -> tuple[str, str]:
    """Return kind and name, so that few schemas are refused for defining things twice."""
    kind = next(kind for kind in KINDS if kind in item)
    return (
        "type" if kind in ("enum", "struct", "union", "alternate") else kind,
        item[kind],
    )


schemas = st.lists(definitions, unique_by=definition_of, max_size=8)
with_enum = schemas.map(
    lambda items: [
        {"enum": "Aa", "data": ["one", "two"]},
        *(item for item in items if definition_of(item) != ("type", "Aa")),
    ]
)


def written(items: list[dict[str, Any]]) -> str:
    """Return definitions as the text of a schema."""
    return "\n".join(json.dumps(item).replace('"', "'") for item in [PRAGMA, *items])


def module_of(schema: Schema) -> ModuleType:
    """Return the generated types as a module."""
    module = ModuleType("random_types")
    sys.modules[module.__name__] = module
    try:
        exec(generate_types(schema), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    return module


@few
@given(st.one_of(schemas, with_enum), EDITIONS, st.data())
def test_what_a_random_schema_allows_is_converted(
    items: list[dict[str, Any]], edition: Any, data: st.DataObject
) -> None:
    """A good schema can be introspected, described and generated; its values convert."""
    schema = parse(written(items), edition)
    if schema is None:
        return
    infos = introspect(schema, masked=False)
    assert len({info["name"] for info in infos}) == len(infos)
    assert {info["name"] for info in introspect(schema, conditions=["A"])}.issubset(
        {info["name"] for info in introspect(schema)}
    )
    assert len(describe_all(schema)) == len(schema.entities)
    module = module_of(schema)
    for command in schema.commands.values():
        decode = Codecs(module).arguments(command)
        assert isinstance(decode(data.draw(wire(command.arguments))), list)
        if command.returns is not None:
            assert_round_trip(command.returns, module, data)


def wire(type_: Type, depth: int = 3) -> st.SearchStrategy[Any]:
    """Return a strategy for wire values of a type."""
    if isinstance(type_, EnumType):
        return st.sampled_from(type_.value_names()) if type_.values else st.nothing()
    if isinstance(type_, ArrayType):
        element = wire(type_.element, depth - 1) if depth > 0 else st.nothing()
        return st.just([]) if element.is_empty else st.lists(element, max_size=2)
    if isinstance(type_, AlternateType):
        return st.one_of([wire(branch.type, depth - 1) for branch in type_.branches])
    if isinstance(type_, ObjectType):
        return st.deferred(lambda: wire_objects(type_, depth))
    return SCALARS[type_.name]


def integers(bits: int, signed: bool) -> st.SearchStrategy[int]:
    """Return a strategy for integers of a size."""
    low = -(1 << (bits - 1)) if signed else 0
    return st.integers(low, low + (1 << bits) - 1)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "str": st.text(),
    "bool": st.booleans(),
    "null": st.none(),
    "any": json_values.filter(lambda value: value == value),  # without NaN
    "number": st.floats(allow_nan=False),
    "int": integers(64, True),
    "size": integers(64, False),
    **{f"int{bits}": integers(bits, True) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": integers(bits, False) for bits in (8, 16, 32, 64)},
}


@st.composite
def wire_objects(draw: st.DrawFn, type_: ObjectType, depth: int) -> dict[str, Any]:
    """Draw a wire value of an object type."""
    found: dict[str, Any] = {}
    for member in type_.members:
        if depth <= 0 and not member.optional and isinstance(member.type, ObjectType):
            # Some types have no finite values; there is nothing to test with them.
            draw(st.nothing())
        if not member.optional or (depth > 0 and draw(st.booleans())):
            found[member.name] = draw(wire(member.type, depth - 1))
    if type_.discriminator is not None:
        branch = type_.branch_type(found[type_.discriminator.name])
        if branch is not None:
            found.update(draw(wire_objects(branch, depth - 1)))
    return found


def assert_round_trip(type_: Type, module: ModuleType, data: st.DataObject) -> None:
    """Check that a wire value comes back from either form of Python values."""
    value = data.draw(wire(type_))
    for types_module in (None, module):
        codecs = Codecs(types_module)
        assert codecs.encoder(type_)(codecs.decoder(type_)(value)) == value


def test_all_built_in_types_take_part() -> None:
    """A type that is forgotten here would not be tested."""
    assert SCALARS.keys() == DECODERS.keys()


# Values of a schema that has everything

RICH = parse_schema(
    """
    { 'enum': 'Num', 'data': [ 'one', 'two-b', '3' ] }
    { 'struct': 'Scalars', 'data': { '*str': 'str', '*number': 'number', '*int': 'int',
      '*int8': 'int8', '*int16': 'int16', '*int32': 'int32', '*int64': 'int64',
      '*uint8': 'uint8', '*uint16': 'uint16', '*uint32': 'uint32', '*uint64': 'uint64',
      '*size': 'size', '*bool': 'bool', '*null': 'null', '*any': 'any', '*class': 'Num' } }
    { 'struct': 'Base', 'data': { 'kind': 'Num', '*note-d': 'str' } }
    { 'union': 'Uni', 'base': 'Base', 'discriminator': 'kind',
      'data': { 'one': 'Scalars', 'two-b': 'Inner' } }
    { 'union': 'Inner', 'base': { 'inner': 'Num' }, 'discriminator': 'inner',
      'data': { 'one': 'Node', '3': 'Node' } }
    { 'struct': 'Node', 'base': 'Scalars', 'data': { '*next': 'Node', '*alt': 'OrNull',
      '*list': [ 'Alt' ], '*unis': [ 'Uni' ] } }
    { 'alternate': 'Alt', 'data': { 's': 'str', 'l': [ 'uint8' ], 'o': 'Uni' } }
    { 'alternate': 'OrNull', 'data': { 'n': 'Num', 'b': 'bool', 'o': 'Node', 'z': 'null' } }
    """
)
RICH_TYPES = module_of(RICH)
everything = st.sampled_from(
    [RICH.types[name] for name in ("Node", "Uni", "Alt", "OrNull")]
)


@few
@given(everything, st.data())
def test_every_value_that_validates_round_trips(type_: Type, data: st.DataObject) -> None:
    """From the wire to Python and back, as dicts and as generated classes."""
    assert_round_trip(type_, RICH_TYPES, data)


wire_like = st.recursive(
    st.one_of(json_values, st.sampled_from(["one", "two-b", "3"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["kind", "inner", "next", "alt", "list", "unis", "int8", "size"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


def attempt(convert: Any, value: Any) -> tuple[bool, Any]:
    """Return whether a value was converted, and the result or the description."""
    try:
        return True, convert(value)
    except RejectedValueError as rejected:
        return False, rejected.desc


@few
@given(everything, wire_like, st.sampled_from([None, RICH_TYPES]))
def test_any_value_is_converted_or_rejected(type_: Type, value: Any, types_: Any) -> None:
    """And what is converted stays the same from then on."""
    codecs = Codecs(types_)
    good, converted = attempt(codecs.decoder(type_), value)
    if good:
        again = codecs.decoder(type_)(codecs.encoder(type_)(converted))
        assert repr(again) == repr(converted)  # NaN is not equal to itself
    else:
        assert converted.startswith(("Parameter '", "Invalid parameter type for '"))


python_values = st.recursive(
    st.one_of(json_values, st.just(NULL), st.binary(), st.sampled_from(RICH_TYPES.Num)),
    lambda inner: st.builds(
        lambda a, b: RICH_TYPES.Node(next=a, alt=b, list=a, str=b), inner, inner
    ),
    max_leaves=4,
)


@few
@given(everything, python_values, st.sampled_from([None, RICH_TYPES]))
def test_any_result_is_converted_or_rejected(type_: Type, value: Any, types_: Any) -> None:
    """A function may return anything; what goes out is JSON that validates."""
    codecs = Codecs(types_)
    good, converted = attempt(codecs.encoder(type_), value)
    if good:
        assert not isinstance(converted, Struct)
        codecs.decoder(type_)(json.loads(json.dumps(converted)))
    else:
        assert converted.startswith(("Parameter '", "Invalid parameter type for '"))


def test_the_random_schemas_are_not_all_refused() -> None:
    """Otherwise the tests above would show nothing."""
    good: list[str] = []

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(with_enum)
    def count(items: list[dict[str, Any]]) -> None:
        if parse(written(items), CURRENT) is not None:
            good.append(written(items))

    count()
    assert sum("struct" in text for text in good) > 5
    assert sum("'command'" in text for text in good) > 5


@pytest.mark.parametrize("depth", [50, 100, 101, 1000, 100_000])
def test_brackets_without_end(depth: int) -> None:
    """Deep nesting is an error like any other."""
    assert parse("{ 'a': " * depth, CURRENT) is None
    assert parse("[" * depth + "]" * depth, CURRENT) is None
