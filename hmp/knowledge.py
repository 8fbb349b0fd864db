"""What is known of a machine for completion: words by kind, as they were told last.

Reading it costs no I/O. What is read is noted as wanted; a front end has it fetched in
the background when it is missing or old, and swaps the new words in whole.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hmp.kind import Kind, Word

FRESH = 1.0
"""Seconds for which words are taken as they are."""


class _Entry:
    __slots__ = ("fetched", "fetching", "words")

    def __init__(self) -> None:
        self.words: tuple[Word, ...] = ()
        self.fetched: float | None = None
        self.fetching = False


class Knowledge:
    """Words by kind and context."""

    def __init__(self) -> None:
        self._entries: dict[tuple[Kind, str], _Entry] = {}
        self._wanted: list[tuple[Kind, str]] = []

    def look(self, kind: Kind, context: str) -> tuple[Word, ...]:
        """Return what is known, fixed words and fetched ones, and note the wish."""
        if kind.fetch is None:
            return kind.words
        key = (kind, context)
        entry = self._entries.setdefault(key, _Entry())
        if not entry.fetching and (
            entry.fetched is None or monotonic() - entry.fetched > FRESH
        ):
            self._wanted.append(key)
        return kind.words + entry.words

    def known(self, kind: Kind, context: str) -> bool:
        """Return whether words of a kind were ever fetched."""
        entry = self._entries.get((kind, context))
        return entry is not None and entry.fetched is not None

    @property
    def wants_first(self) -> bool:
        """Whether something is wanted that nothing is known of yet."""
        return any(self._entries[key].fetched is None for key in self._wanted)

    def take_wanted(self) -> list[tuple[Kind, str]]:
        """Return what is to be fetched, marked as being fetched."""
        wanted = list(dict.fromkeys(self._wanted))
        self._wanted.clear()
        for key in wanted:
            self._entries[key].fetching = True
        return wanted

    def store(self, kind: Kind, context: str, words: tuple[Word, ...]) -> bool:
        """Put fetched words in; return whether they are others than before."""
        entry = self._entries.setdefault((kind, context), _Entry())
        changed = entry.words != words
        entry.words = words
        entry.fetched = monotonic()
        entry.fetching = False
        return changed

    def expire(self) -> None:
        """Have everything fetched anew when it is next looked at.

        The machine may have changed; what was known stays until it is told better.
        """
        for entry in self._entries.values():
            if entry.fetched is not None:
                entry.fetched = -FRESH
