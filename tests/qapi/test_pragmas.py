from __future__ import annotations

import pytest

from tests.qapi.helpers import accepted, refused


def test_pragmas_are_for_the_whole_schema_and_the_last_one_counts() -> None:
    """Pragmas are for the whole schema and the last one counts."""
    text = "{ 'command': 'a_b' }\n{ 'pragma': { 'command-name-exceptions': [ 'a_b' ] } }"
    assert accepted(text).pragmas.command_name_exceptions == ["a_b"]
    refused(text + "\n{ 'pragma': { 'command-name-exceptions': [] } }")


def test_doc_required() -> None:
    """Doc required."""
    text = "{ 'pragma': { 'doc-required': %s } }\n{ 'command': 'foo' }"
    accepted(text % "false")
    assert refused(text % "true").line == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{ 'pragma': [] }", "the value of 'pragma' must be an object"),
        ("{ 'pragma': {}, 'more': true }", "a 'pragma' directive has no other members"),
        (
            "{ 'pragma': { 'doc-required': 'yes' } }",
            "the pragma 'doc-required' must be true or false",
        ),
        (
            "{ 'pragma': { 'doc-required': [] } }",
            "the pragma 'doc-required' must be true or false",
        ),
        ("{ 'pragma': { 'no-such': true } }", "unknown pragma 'no-such'"),
        (
            "{ 'pragma': { 'returns-whitelist': [] } }",
            "unknown pragma 'returns-whitelist', it is spelled"
            " 'command-returns-exceptions' now",
        ),
        (
            "{ 'pragma': { 'name-case-whitelist': [] } }",
            "unknown pragma 'name-case-whitelist', it is spelled"
            " 'member-name-exceptions' now",
        ),
        (
            "{ 'pragma': { 'documentation-exceptions': true } }",
            "the pragma 'documentation-exceptions' must be a list of strings",
        ),
        (
            "{ 'pragma': { 'member-name-exceptions': [ 'a', [] ] } }",
            "the pragma 'member-name-exceptions' must be a list of strings",
        ),
    ],
)
def test_a_pragma_must_be_known_and_have_a_value_that_fits(text: str, words: str) -> None:
    """A pragma must be known and have a value that fits."""
    error = refused(text)
    assert error.line == 1
    assert error.message == words
