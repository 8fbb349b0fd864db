"""Warnings about a line that parses: words that match no known name.

They come from words that are already known, so they can be shown while the line is being
typed. An argument whose words are unknown gets no warning. A warning does not stop the
line: Enter runs it, and the machine decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hmp.completion.candidates import kind_of
from hmp.language.words import as_argument
from hmp.monitor.kinds import option_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hmp.monitor.kinds import Kind, Look
    from hmp.monitor.line import Line

_SPOKEN = frozenset({"on", "off", "yes", "no", "true", "false", "y", "n"})
"""Words that QEMU accepts for any switch, beside "on" and "off"."""
_FREE = re.compile(r"[/*?$.]")
"""Characters of paths, patterns, expressions and nested members, which are not checked."""

_MANY = 1000
"""The words that can all be compared with a typed one in 5 ms, between two keys."""


class Diagnostic(NamedTuple):
    """A word that matches none of the known `words`."""

    start: int
    end: int
    text: str
    word: str
    words: list[str]

    @property
    def said(self) -> str:
        """The warning as a sentence, with close matches."""
        from difflib import get_close_matches  # late: few lines need it

        words = self.words
        if len(words) > _MANY:
            words = sorted(_one_edit_away(self.word, set("".join(words))) & {*words})
        near = map(as_argument, get_close_matches(self.word, words, 3, 0.6))
        advice = " or ".join(filter(None, near))
        return f"{self.text}; did you mean {advice}?" if advice else self.text


def diagnose(line: Line, look: Look, defaults: Mapping[str, Kind]) -> Diagnostic | None:
    """Return the first unknown word in a line's arguments, or None.

    A word at the end of the line counts as known while it is the beginning of one.
    """
    if line.entry is None:
        return None
    for start, end, parameter in line.tokens:
        kind = kind_of(line.entry, parameter, defaults)
        if kind is None or parameter.type.letter == "S":
            continue
        value = line.text[start:end]
        if parameter.is_flag:
            # the value comes after the flag's own two characters, as in -b VALUE
            value = value[2:].lstrip()
            start = end - len(value)
        if value.startswith('"'):
            continue  # quoted: the positions in the value are not those in the line
        for found in _diagnostics(kind, value, line, look):
            there = found._replace(start=start + found.start, end=start + found.end)
            words = _words(kind, value[: found.end], line, look)
            part = value[found.start : found.end]
            # at the end of the line more typing may still make it a known word
            if there.end < len(line.text) or not any(w.startswith(part) for w in words):
                return there
    return None


def _diagnostics(kind: Kind, value: str, line: Line, look: Look) -> Iterator[Diagnostic]:
    if kind.place is option_part:
        yield from _option_diagnostics(kind, value, line, look)
        return
    begin, context = kind.place(value, line.args)
    part = value[begin:]
    if kind.closed and part and not _FREE.search(part):
        words = [word for word, _ in look(kind, context) if word]
        # without words the machine has not answered yet, and anything may be right
        if words and part not in words:
            name = kind.name.partition(":")[0]
            yield _diagnostic(begin, part, f"no {name} '{part}'", words)


def _option_diagnostics(
    kind: Kind, value: str, line: Line, look: Look
) -> Iterator[Diagnostic]:
    """Check the items of ``driver,key=value,…``: the first, the keys, their values."""
    for item in re.finditer(r"[^,]+", value):
        key, equals, rest = item.group().partition("=")
        begin = item.start()
        if begin and not _FREE.search(key):
            words = _words(kind, value[: begin + len(key)], line, look)
            names = [word.removesuffix("=") for word in words]
            if names and key not in names:
                yield _diagnostic(begin, key, f"no option '{key}'", names)
        if (equals or not begin) and not _FREE.search(part := rest if equals else key):
            begin += len(key) + 1 if equals else 0
            words = _words(kind, value[:begin] + part, line, look)
            spoken = _SPOKEN if "on" in words else frozenset()
            if words and part and part not in words and part not in spoken:
                yield _diagnostic(begin, part, f"'{part}' is not valid here", words)


def _words(kind: Kind, typed: str, line: Line, look: Look) -> list[str]:
    _, context = kind.place(typed, line.args)
    return [word for word, _ in look(kind, context) if word]


def _diagnostic(begin: int, part: str, text: str, words: list[str]) -> Diagnostic:
    return Diagnostic(begin, begin + len(part), text, part, words)


def _one_edit_away(word: str, letters: set[str]) -> set[str]:
    """Return what a word becomes by a letter less, more, or other, or two that swap."""
    cuts = [(word[:index], word[index:]) for index in range(len(word) + 1)]
    less = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    more = {a + letter + b for a, b in cuts for letter in letters}
    other = {a + letter + b[1:] for a, b in cuts if b for letter in letters}
    return less | swapped | more | other
