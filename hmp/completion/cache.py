"""What is known of a machine for completion: words by kind, as they were told last.

Reading it costs no I/O. What is read is noted as wanted; a front end has it fetched in
the background when it is missing or old, and swaps the new words in whole.
"""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hmp.monitor.kinds import Kind, Word

FRESH = 10.0
"""Seconds for which words are taken as they are, unless something happens."""
_READ = 20_000
"""Characters of a result that are looked through."""
_LONG_AGO = float("-inf")


class _Entry:
    """Words of a kind in a context.

    overtaken: something happened while they came. failed: they did not come, so that these
    are the ones before.
    """

    __slots__ = ("failed", "fetched", "fetching", "overtaken", "words")

    def __init__(self) -> None:
        self.words: tuple[Word, ...] = ()
        self.fetched: float | None = None
        self.fetching = False
        self.overtaken = False
        self.failed = False

    @property
    def fresh(self) -> bool:
        """Whether the words can be taken as they are."""
        return self.fetched is not None and monotonic() - self.fetched <= FRESH


class WordCache:
    """Words by kind and context.

    missing: set when something was looked at that nothing is known of yet. requested:
    whether the user asks for words; those of some kinds are not wanted otherwise. shown:
    the words of the last result, which are likely to be typed next.
    """

    def __init__(self) -> None:
        self.missing = False
        self.requested = False
        self.shown: frozenset[str] = frozenset()
        self._entries: dict[tuple[Kind, str], _Entry] = {}
        self._wanted: list[tuple[Kind, str]] = []

    def look(self, kind: Kind, context: str) -> tuple[Word, ...]:
        """Return what is known, fixed words and fetched ones, and note the wish."""
        if kind.fetch is None:
            return kind.words
        key = (kind, context)
        entry = self._entries.setdefault(key, _Entry())
        if not self.requested and kind.on_request(context):
            return kind.words + entry.words
        self.missing = self.missing or entry.fetched is None
        if not (entry.fetching or entry.fresh):
            self._wanted.append(key)
        return kind.words + entry.words

    def sure(self, kind: Kind, context: str) -> tuple[Word, ...]:
        """Return what is known for sure now: nothing where it may have changed."""
        words = self.look(kind, context)
        if kind.fetch is None:
            return words
        entry = self._entries[kind, context]
        return words if entry.fresh and not entry.failed else ()

    def take_wanted(self) -> list[tuple[Kind, str]]:
        """Return what is to be fetched, marked as being fetched."""
        wanted = list(dict.fromkeys(self._wanted))
        self._wanted.clear()
        for key in wanted:
            self._entries[key].fetching = True
        return wanted

    def store(self, kind: Kind, context: str, words: tuple[Word, ...] | None) -> None:
        """Put fetched words in; None when the machine did not tell them."""
        entry = self._entries.setdefault((kind, context), _Entry())
        entry.failed = words is None
        entry.words = entry.words if words is None else words
        entry.fetched = _LONG_AGO if entry.overtaken else monotonic()
        entry.fetching = entry.overtaken = False

    def learn(self, text: str) -> None:
        """Take note of what a result has shown."""
        self.shown = frozenset(re.findall(r"[\w.:/-]+", text[:_READ]))

    def expire(self) -> None:
        """Have everything fetched anew when it is next looked at.

        The machine may have changed; what was known stays until it is told better.
        """
        for entry in self._entries.values():
            entry.overtaken = entry.fetching
            if entry.fetched is not None:
                entry.fetched = _LONG_AGO
