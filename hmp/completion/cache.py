"""The words that completion knows of a machine, by kind, as last fetched.

Reading does no I/O, so it can happen on every key. Reading words that are missing or old
marks them as wanted; a front end (`hmp.terminal.completer.Fetcher`) fetches those in the
background, and replaces all words of the kind at once.
"""

from __future__ import annotations

import re
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hmp.monitor.kinds import Kind, Word

FRESH = 10.0
"""Seconds for which words count as current, unless the machine may have changed."""
_READ = 20_000
"""The most characters of a result that are searched for words."""
_LONG_AGO = float("-inf")


class _Entry:
    """Words of a kind in a context.

    overtaken: the machine may have changed during the fetch. failed: the last fetch failed,
    so that these are older words.
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
        """Whether the words are recent enough to use without a new fetch."""
        return self.fetched is not None and monotonic() - self.fetched <= FRESH


class WordCache:
    """Words by kind and context.

    missing: set when words were read that have never been fetched. requested: whether the
    user has pressed Tab; some kinds are only fetched then. shown: the words of the last
    result, which are likely to be typed next. seen: the line of the last result with
    numbers, and these numbers by their paths. lacking: the commands that the machine does
    not have. unfit: those that the way to it does not carry, and why.
    """

    def __init__(self) -> None:
        self.missing = False
        self.requested = False
        self.shown: frozenset[str] = frozenset()
        self.seen: tuple[str, Sequence[tuple[str, float]]] = "", ()
        self.lacking: frozenset[str] = frozenset()
        self.unfit: Mapping[str, str] = {}
        self._entries: dict[tuple[Kind, str], _Entry] = {}
        self._wanted: list[tuple[Kind, str]] = []

    def look(self, kind: Kind, context: str) -> tuple[Word, ...]:
        """Return the known words, fixed and fetched, and mark missing ones as wanted."""
        if kind.seen and self.seen[1]:
            return self._numbers(dict(kind.words))
        fixed = () if kind.seen else kind.words  # those only explain the numbers
        if kind.fetch is None:
            return fixed
        key = (kind, context)
        entry = self._entries.setdefault(key, _Entry())
        # listing these is slow, or makes QEMU load modules, so only Tab asks for it
        if not self.requested and kind.on_request(context):
            return fixed + entry.words
        self.missing = self.missing or entry.fetched is None
        # one fetch at a time for the same words, however fast the user types
        if not (entry.fetching or entry.fresh):
            self._wanted.append(key)
        return fixed + entry.words

    def _numbers(self, about: Mapping[str, str]) -> tuple[Word, ...]:
        """Return the numbers of the last result, by their paths."""
        line, numbers = self.seen
        return tuple(
            (path, f"{about.get(_member(path), 'a number')}: {now:g} in '{line}'")
            for path, now in numbers
        )

    def sure(self, kind: Kind, context: str) -> tuple[Word, ...]:
        """Return the known words if they are current; empty if they may have changed."""
        words = self.look(kind, context)
        if kind.fetch is None:
            return words
        entry = self._entries[kind, context]
        return words if entry.fresh and not entry.failed else ()

    def take_wanted(self) -> list[tuple[Kind, str]]:
        """Return the kinds and contexts to fetch, and mark them as being fetched."""
        wanted = list(dict.fromkeys(self._wanted))
        self._wanted.clear()
        for key in wanted:
            self._entries[key].fetching = True
        return wanted

    def store(self, kind: Kind, context: str, words: tuple[Word, ...] | None) -> None:
        """Store fetched words; None if the fetch failed."""
        entry = self._entries.setdefault((kind, context), _Entry())
        entry.failed = words is None
        entry.words = entry.words if words is None else words
        # words fetched while a command ran may be those from before it: used, and fetched
        # again
        entry.fetched = _LONG_AGO if entry.overtaken else monotonic()
        entry.fetching = entry.overtaken = False

    def learn(self, text: str) -> None:
        """Remember the words of a result."""
        self.shown = frozenset(re.findall(r"[\w.:/-]+", text[:_READ]))

    def expire(self) -> None:
        """Mark all words as old, because the machine may have changed.

        They stay in use until they are fetched again.
        """
        for entry in self._entries.values():
            entry.overtaken = entry.fetching
            if entry.fetched is not None:
                entry.fetched = _LONG_AGO


def _member(path: str) -> str:
    """Return the last member of a path."""
    return path.rpartition(".")[2].partition("[")[0]
