"""What can stand at the end of a line: the half of completion that needs no screen.

`complete` is pure: from the table, the line so far and what is known about kinds of
things it makes ranked candidates. `hmp.terminal.completer` shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hmp.argtypes import Flag
from hmp.line import parse_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hmp.args_type import Parameter
    from hmp.line import Line
    from hmp.table import Entry, Table


class Candidate(NamedTuple):
    """A text that can stand in the line from start on; about: what it is."""

    text: str
    start: int
    about: str


def complete(text: str, table: Table) -> list[Candidate]:
    """Return the candidates for the end of a line, best first."""
    start = _last_word(text)
    typed = text[start:]
    line = parse_line(text[:start], table)
    subtable = line.entry.subtable if line.entry is not None else None
    if subtable is not None and len(line.words) == 1 and not line.tokens:
        return _ranked(typed, start, _names(subtable))
    if line.entry is None:
        return [] if line.words else _ranked(typed, start, _names(table))
    return _ranked(typed, start, _arguments(line, typed, table))


def _last_word(text: str) -> int:
    """Return where the word begins that the end of the line is in."""
    for index in range(len(text) - 1, -1, -1):
        if text[index].isspace():
            return index + 1
    return 0


def _names(table: Table) -> Iterator[tuple[str, str]]:
    for entry in table:
        for name in entry.names:
            alias = f" (= {entry.names[0]})" if name != entry.names[0] else ""
            yield name, entry.help + alias


def _arguments(line: Line, typed: str, table: Table) -> Iterator[tuple[str, str]]:
    entry = line.entry
    assert entry is not None
    if entry.names[0] == "help":
        yield from _help_words(line, table)
        return
    for parameter in line.expected:
        yield from _of_parameter(parameter, entry, typed)


def _help_words(line: Line, table: Table) -> Iterable[tuple[str, str]]:
    """Return the words that help explains: commands, and below ``info`` its own."""
    words = line.args.get("name", "").split()
    for word in words:
        entry = table.get(word)
        if entry is None or entry.subtable is None:
            return ()
        table = entry.subtable
    return _names(table)


def _of_parameter(
    parameter: Parameter, entry: Entry, typed: str
) -> Iterator[tuple[str, str]]:
    if isinstance(parameter.type, Flag):
        about = parameter.key + (" VALUE" if parameter.type.takes_value else "")
        yield f"-{parameter.type.letter}", about
        return
    kind = entry.kinds.get(parameter.key)
    if kind is not None:
        yield from kind.words
    elif parameter.type.letter == "b":
        yield from (("on", ""), ("off", ""))


def _ranked(typed: str, start: int, words: Iterable[tuple[str, str]]) -> list[Candidate]:
    found: list[tuple[int, str, Candidate]] = []
    for word, about in words:
        rank = match(typed, word)
        if rank is not None:
            found.append((rank, word, Candidate(word, start, about)))
    found.sort(key=lambda item: item[:2])
    return [candidate for _, _, candidate in found]


def match(typed: str, word: str) -> int | None:
    """Rank how well a word fits what was typed; None when it does not.

    0: it begins so. 1: one of its parts begins so. 2: it contains it. 3: it has
    the letters in that order.
    """
    if word.startswith(typed):
        return 0
    lower, wanted = word.lower(), typed.lower()
    index = lower.find(wanted)
    if index >= 0:
        return 1 if index == 0 or lower[index - 1] in "_-." else 2
    position = 0
    for char in wanted:
        position = lower.find(char, position) + 1
        if position == 0:
            return None
    return 3
