"""What the tests of kinds share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from completions.defaults import KINDS
from hmp.completion.candidates import Candidate, complete
from hmp.frontends.script import drive
from hmp.language.qdict import QDict
from hmp.monitor.kinds import Kind, Word
from tests.fakes import NEWEST, FakeConnection, tables


def words(
    kind: Kind,
    answers: Mapping[str, Any],
    context: str = "",
    *,
    version: tuple[int, int, int] = NEWEST,
    lines: Mapping[str, str] | None = None,
) -> list[tuple[str, str]]:
    """Return the words that a kind has on a fake machine."""
    assert kind.fetch is not None
    machine = FakeConnection(answers, lines, version=version)
    found: Any = kind.fetch(machine, context)
    return list(drive(found))


def names(kind: Kind, answers: Mapping[str, Any], context: str = "") -> list[str]:
    """Return the words without what they are, and without notes."""
    return [word for word, _ in words(kind, answers, context) if word]


def placed(kind: Kind, typed: str, **args: Any) -> tuple[str, str]:
    """Return the part of what was typed that is completed, and its context."""
    begin, context = kind.place(typed, QDict(args))
    return typed[begin:], context


def candidates(line: str, answers: Mapping[str, Any]) -> list[Candidate]:
    """Return what the end of a line can be on a fake machine that answers at once."""
    machine = FakeConnection(answers)

    def look(kind: Kind, context: str) -> list[Word]:
        found: Any = kind.fetch(machine, context) if kind.fetch is not None else None
        return [*kind.words, *(drive(found) if found is not None else ())]

    return complete(line, tables(), look, KINDS)


def lines(line: str, answers: Mapping[str, Any]) -> list[str]:
    """Return how a line can go on, each whole."""
    return [line[: found.start] + found.text for found in candidates(line, answers)]
