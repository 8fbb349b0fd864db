"""Tables: entries by their names."""

from __future__ import annotations

from hmp.monitor.entry import TableError, twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from hmp.monitor.entry import Entry
    from hmp.monitor.kinds import Look, Word


class Table:
    """Entries by each of their names."""

    def __init__(self, entries: Iterable[Entry[Any]] = ()) -> None:
        self.by_name: dict[str, Entry[Any]] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry[Any]) -> None:
        """Add an entry; twice has no effect. Raises TableError for a taken name."""
        for name in entry.names:
            other = self.by_name.setdefault(name, entry)
            if other is not entry:
                raise TableError(f"{entry.source}: {twice(name, other)}")

    def get(self, name: str) -> Entry[Any] | None:
        """Return the entry with that name or alias, or None."""
        return self.by_name.get(name)

    def names(self) -> Iterable[str]:
        """Return all names and aliases."""
        return self.by_name

    def secret_names(self) -> Iterable[str]:
        """Return the names of the loaded commands that declare a secret argument."""
        return [name for name, entry in self.by_name.items() if entry.secrets]

    def short_forms(self, typed: str, look: Look) -> Iterable[Word]:
        """Return what may begin a line besides the names; look: knows words of a kind."""
        return ()

    def __iter__(self) -> Iterator[Entry[Any]]:
        """Iterate over the entries, each once, in bytewise order of their names."""
        return iter(sorted(set(self.by_name.values()), key=lambda entry: entry.name))

    def __len__(self) -> int:
        return len(set(self.by_name.values()))
