from __future__ import annotations

import pytest

from tests.qapi.helpers import accepted, refused

EXEMPT = "{ 'pragma': { 'member-name-exceptions': [ 'Foo', 'Num' ] } }"
TYPES = """\
{ 'enum': 'Plain', 'data': [ 'aus', 'an' ] }
{ 'enum': 'Switch', 'data': [ 'auto', 'off' ] }
{ 'enum': 'Digits', 'data': [ '1' ] }
{ 'struct': 'One', 'data': {} }
{ 'struct': 'Two', 'data': {} }
{ 'alternate': 'Nested', 'data': { 'a': 'int' } }
"""


@pytest.mark.parametrize(
    "text",
    [
        "{ 'struct': 'Foo', 'data': { 'a-b': 'int', 'a_b': 'int' } }",
        "{ 'struct': 'Foo', 'data': { 'a-b': 'int', '*a-b': 'int' } }",
        "{ 'enum': 'Foo', 'data': [ 'a-b', 'a_b' ] }",
        "{ 'enum': 'Foo', 'data': [ '__a.b_c', '__a-b_c' ] }",
    ],
)
def test_names_that_are_one_in_c(text: str) -> None:
    """Names that are one in C."""
    assert "collide" in refused(EXEMPT + text).message


def test_names_that_differ_in_case_only_are_two() -> None:
    """Names that differ in Case only are two."""
    accepted(EXEMPT + "{ 'enum': 'Foo', 'data': [ 'a', 'A' ] }")


def test_the_error_says_where_the_other_member_is_from() -> None:
    """The error says where the other member is from."""
    text = "{ 'struct': 'Base', 'data': { 'a': 'int' } }\n"
    union = (
        "{ 'enum': 'Num', 'data': [ 'x' ] }\n{ 'union': 'Foo', 'base': { 'a': 'Num' }, "
        "'discriminator': 'a', 'data': { 'x': 'Base' } }"
    )
    error = refused(text + union)
    assert error.line == 3
    assert error.message == "the members 'a' and 'a' of the struct type 'Base' collide"


ALTERNATE = "{ 'alternate': 'Foo', 'data': { 'one': %s, 'two': %s } }"


@pytest.mark.parametrize(
    "branches",
    [
        ("'str'", "'One'"),
        ("'str'", "['int']"),
        ("'str'", "'null'"),
        ("'int'", "'bool'"),
        ("'Plain'", "'bool'"),
        ("'Plain'", "'int'"),
        ("'Switch'", "'number'"),
        ("'Digits'", "'bool'"),
        ("['int']", "'size'"),
    ],
)
def test_values_that_an_alternate_can_tell_apart(branches: tuple[str, str]) -> None:
    """Values that an alternate can tell apart."""
    accepted(TYPES + ALTERNATE % branches)


@pytest.mark.parametrize(
    "branches",
    [
        ("'str'", "'bool'"),
        ("'number'", "'str'"),
        ("'str'", "'Plain'"),
        ("'Plain'", "'Digits'"),
        ("'int'", "'number'"),
        ("'uint8'", "'size'"),
        ("'One'", "'Two'"),
        ("['int']", "['str']"),
        ("'Switch'", "'bool'"),
        ("'Digits'", "'int'"),
    ],
)
def test_values_that_look_alike(branches: tuple[str, str]) -> None:
    """Values that look alike."""
    error = refused(TYPES + ALTERNATE % branches)
    assert "'one' and 'two' look alike" in error.message


@pytest.mark.parametrize("branch", ["'any'", "'Nested'"])
def test_types_that_are_no_branch_of_an_alternate(branch: str) -> None:
    """Types that are no branch of an alternate."""
    assert "can't be" in refused(TYPES + ALTERNATE % (branch, "'One'")).message
