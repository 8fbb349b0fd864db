"""Every argument of every command offers candidates, or says what it expects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from completions.defaults import KINDS
from hmp.completion.candidates import kind_of
from hmp.language.scan import Parameter
from hmp.monitor.entry import Entry, Table
from tests.fakes import tables

LEAST = 0.95
_TELLING = ("b", "o", "T", "/", "i", "l", "M")
"""Letters that say by themselves what is expected: on or off, a size, a time, a format,
an integer of so many bits."""


def _arguments(table: Table) -> Iterator[tuple[Entry[Any], Parameter]]:
    for entry in table:
        for parameter in entry.parameters:
            if not parameter.is_flag or parameter.type.noun.endswith(" VALUE"):
                yield entry, parameter
        if entry.subtable is not None:
            yield from _arguments(entry.subtable)


def _told(entry: Entry[Any], parameter: Parameter) -> bool:
    kind = kind_of(entry, parameter, KINDS)
    return kind is not None or parameter.type.letter in _TELLING


def test_nearly_every_argument_is_completed_or_explained() -> None:
    """A mere 'word' in the bar helps nobody; the shortfall is listed when it fails."""
    found = list(_arguments(tables()))
    missing = [f"{e.name} {p.key}" for e, p in found if not _told(e, p)]

    assert len(found) > 200
    assert len(missing) <= (1 - LEAST) * len(found), missing


def test_most_words_have_a_kind() -> None:
    """Of the arguments that are words, which no letter explains."""
    words = [(e, p) for e, p in _arguments(tables()) if p.type.letter not in _TELLING]
    missing = [f"{e.name} {p.key}" for e, p in words if kind_of(e, p, KINDS) is None]

    assert len(missing) <= (1 - LEAST) * len(words), missing


def test_a_switch_is_explained() -> None:
    """By its words, since its letter alone tells nothing."""
    entry = tables().get("set_link")
    assert entry is not None
    kind = kind_of(entry, entry.parameters[-1], KINDS)

    assert kind is not None
    assert (kind.name, [word for word, _ in kind.words]) == ("on or off", ["on", "off"])
