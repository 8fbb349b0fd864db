"""The history of a session, as prompt_toolkit reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.history import History

from hmp.frontends.history_file import LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from hmp.frontends.history_file import LineHistory


class PromptHistory(History):
    """The entries for recall: from the file, and from this session."""

    def __init__(self, kept: LineHistory) -> None:
        super().__init__()
        self.kept = kept
        self._newest_first: list[str] | None = None

    def _entries(self) -> list[str]:
        if self._newest_first is None:
            self._newest_first = list(self.load_history_strings())
        return self._newest_first

    async def load(self) -> AsyncGenerator[str, None]:
        """Yield the entries, newest first."""
        # a copy: a line may be added while prompt_toolkit still reads
        for entry in list(self._entries()):
            yield entry

    def get_strings(self) -> list[str]:
        """Return the entries, oldest first."""
        return self._entries()[::-1]

    def append_string(self, string: str) -> None:
        """Remember the lines of a text, unless they are secret."""
        entries = self._entries()
        for line in self.kept.add(string):
            entries.insert(0, line)
        del entries[LIMIT:]

    def load_history_strings(self) -> Iterable[str]:
        """Return the entries of the file, newest first."""
        return self.kept.recent()

    def store_string(self, string: str) -> None:
        """Do nothing: `append_string` stores lines."""
