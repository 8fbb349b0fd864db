"""The history of a session, as prompt_toolkit reads it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.history import History

from hmp.frontends.history_file import LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document

    from hmp.frontends.history_file import LineHistory

_TRIED = 5
"""The most lines that are looked at after a key: one takes 1 ms with 10,000 names."""


class PromptHistory(History):
    """The entries for recall: from the file, and from this session."""

    def __init__(self, kept: LineHistory) -> None:
        super().__init__()
        self.kept = kept
        self._newest_first: list[str] | None = None

    def newest_first(self) -> list[str]:
        """Return the entries, newest first."""
        if self._newest_first is None:
            self._newest_first = list(self.load_history_strings())
        return self._newest_first

    async def load(self) -> AsyncGenerator[str, None]:
        """Yield the entries, newest first."""
        # a copy: a line may be added while prompt_toolkit still reads
        for entry in list(self.newest_first()):
            yield entry

    def get_strings(self) -> list[str]:
        """Return the entries, oldest first."""
        return self.newest_first()[::-1]

    def append_string(self, string: str) -> None:
        """Remember the lines of a text, unless they are secret."""
        entries = self.newest_first()
        for line in self.kept.add(string):
            entries.insert(0, line)
        del entries[LIMIT:]

    def load_history_strings(self) -> Iterable[str]:
        """Return the entries of the file, newest first."""
        return self.kept.recent()

    def store_string(self, string: str) -> None:
        """Do nothing: `append_string` stores lines."""


class EarlierLines(AutoSuggest):
    """Suggests the rest of the latest line that begins as the typed one, and fits.

    fits: whether a line fits the machine: many are of others, with other devices.
    """

    def __init__(self, history: PromptHistory, fits: Callable[[str], bool]) -> None:
        self.history = history
        self.fits = fits

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        """Return the rest of an earlier line; None if none of the latest few fits."""
        typed = document.text.rpartition("\n")[2]
        if not typed.strip():
            return None
        similar = (line for line in self.history.newest_first() if line.startswith(typed))
        line = next(filter(self.fits, islice(similar, _TRIED)), None)
        return None if line is None else Suggestion(line[len(typed) :])
