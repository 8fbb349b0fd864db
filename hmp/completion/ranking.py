"""Which words match a typed text, and which of them come first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hmp.monitor.kinds import Word

MOST = 300
"""The most words returned; a longer menu would not be read."""


def rank(typed: str, words: Iterable[Word]) -> list[Word]:
    """Return the words that match the typed text, best first, at most `MOST`.

    Prefix matches come first; then those of a part after ``_``, ``-`` or ``.``, then
    substring matches, then words with the same letters in the same order. Within each
    group, words keep their order. All words count for what the prefix matches begin with:
    of too many, the last one returned is one that differs from the others early.
    """
    known = [word for word in words if word[0]]
    begins = [word for word in known if word[0].startswith(typed)]
    if len(begins) >= MOST or not typed:
        return _fewer(begins)
    return [*begins, *_others(typed, known)][:MOST]


def _fewer(words: list[Word]) -> list[Word]:
    """Return at most `MOST` words, which begin with no more in common than all do."""
    if len(words) <= MOST:
        return words
    texts = [word[0] for word in words]
    first, ends = texts[0], (min(texts), max(texts))
    early = min(ends, key=lambda text: _common(first, text))
    kept = words[: MOST - 1]
    return [*kept, words[MOST - 1 if early in texts[: MOST - 1] else texts.index(early)]]


def _common(first: str, second: str) -> int:
    """Return the number of characters that two texts both begin with."""
    for index, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return index
    return min(len(first), len(second))


def common_beginning(texts: Sequence[str]) -> str:
    """Return the text that all texts begin with."""
    first, last = min(texts), max(texts)
    return first[: _common(first, last)]


def _others(typed: str, words: Iterable[Word]) -> list[Word]:
    """Return the words that match, but do not begin with the typed text."""
    lower = typed.lower()
    part = re.compile(rf"[-_.:/ ]{re.escape(lower)}").search
    parts: list[Word] = []
    inside: list[Word] = []
    scattered: list[Word] = []
    for word in words:
        if word[0].startswith(typed):
            continue
        small = word[0].lower()
        index = small.find(lower)
        if index < 0:
            if _has_letters(small, lower):
                scattered.append(word)
        elif not index or part(small, index - 1):
            parts.append(word)
        else:
            inside.append(word)
    return [*parts, *inside, *scattered]


def _has_letters(text: str, letters: str) -> bool:
    """Whether a text has all the letters in their order."""
    index = -1
    for char in letters:
        # the first place of each letter suffices; without backtracking this is linear
        index = text.find(char, index + 1)
        if index < 0:
            return False
    return True
