from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hmp.qapi import CURRENT, HISTORIC, STRICT, QAPIError, load_schema
from hmp.qapi.edition import EDITIONS
from tests.qapi.helpers import accepted, doc, refused

if TYPE_CHECKING:
    from hmp.qapi import Edition

NOTE = doc("@foo:", "", "Note: old") + "{ 'command': 'foo' }"
CONDITIONAL = "{ 'command': 'foo', 'data': { 'a': { 'type': 'int', 'if': 'COND' } } }"
UNION = "{ 'union': '%s', 'base': { '%s': 'Two' }, 'discriminator': '%s', 'data': %s }"
NESTED = "\n".join(
    [
        "{ 'enum': 'Two', 'data': [ 'one', 'two' ] }",
        "{ 'struct': 'Empty', 'data': {} }",
        UNION % ("Inner", "b", "b", "{ 'one': 'Empty' }"),
        UNION % ("Outer", "a", "a", "{ 'one': 'Inner' }"),
    ]
)
FEATURES = "{ 'command': 'foo', 'features': [ %s ] }"


def features(count: int) -> str:
    """Return a schema with so many features."""
    return FEATURES % ", ".join(f"'f{number}'" for number in range(count))


def test_editions_are_found_by_the_version_of_qemu() -> None:
    """Editions are found by the version of QEMU."""
    assert EDITIONS == {"10.0": CURRENT, "10.2": STRICT, "7.2": HISTORIC}


@pytest.mark.parametrize("text", [NOTE, CONDITIONAL, features(63)])
def test_what_only_the_historic_edition_takes(text: str) -> None:
    """What only the historic edition takes."""
    accepted(text, HISTORIC)
    refused(text, CURRENT)


def test_what_only_the_current_edition_takes() -> None:
    """What only the current edition takes."""
    accepted(NESTED, CURRENT)
    assert refused(NESTED, HISTORIC).line == 4


def test_a_schema_has_room_for_64_features_with_the_two_that_qemu_has() -> None:
    """A schema has room for 64 features with the two that QEMU has."""
    accepted(features(62), CURRENT)
    assert refused(features(63), CURRENT).line == 1


def test_without_edition_documentation_of_the_older_form_decides() -> None:
    """Without edition documentation of the older form decides."""
    assert accepted(NOTE, None).edition is HISTORIC
    assert accepted("{ 'command': 'foo' }", None).edition is CURRENT
    # The same form in a schema that is wrong anyway is judged by the older rules.
    both = NOTE + "\n" + CONDITIONAL.replace("foo", "bar")
    assert accepted(both, None).edition is HISTORIC
    refused(CONDITIONAL, None)


def test_a_literal_block_is_no_older_form() -> None:
    """A literal block is no older form."""
    text = doc("@foo:", "", "Example::", "", "  code") + CONDITIONAL
    assert "boxed" in refused(text, None).message


@pytest.mark.parametrize(
    ("version", "edition"),
    [("10.2.0", STRICT), ("11.0.50", STRICT), ("10.1.2", CURRENT), ("new", CURRENT)],
)
def test_a_source_tree_of_qemus_says_its_release(
    tmp_path: Path, version: str, edition: Edition
) -> None:
    """A schema anywhere in it is read by the rules of that release."""
    schema = tmp_path / "tests" / "qapi-schema" / "a.json"
    for file in (schema, tmp_path / "qapi" / "qapi-schema.json"):
        file.parent.mkdir(parents=True)
        file.write_text("{ 'command': 'foo' }")
    assert load_schema(str(schema)).edition is CURRENT

    (tmp_path / "VERSION").write_text(f"{version}\n")

    assert load_schema(str(schema)).edition is edition
    assert load_schema(str(schema), CURRENT).edition is CURRENT
    schema.write_text(NOTE)
    assert load_schema(str(schema)).edition is HISTORIC
    with pytest.raises(QAPIError):
        load_schema(str(schema), STRICT)
