"""The monitor's own tables and kinds: the one module that imports them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from hmp.monitor import declare
from hmp.monitor.entry import TableError
from hmp.monitor.registry import PackageTable, extend, module_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hmp.monitor.entry import Table
    from hmp.monitor.kinds import Kind


def load_tables(directories: Sequence[str] = (), lazy: bool = False) -> Table:
    """Return the command table, with ``info`` as its sub-table.

    directories: each may have folders ``commands/``, ``info/`` and ``completions/``, which
    are added. lazy: import our own files' commands only when they are looked up. Raises
    TableError, also for a module that does not load.
    """
    import commands
    import info

    tables = (
        PackageTable(commands, declare.command, commands.MODULES),
        PackageTable(info, declare.info, info.MODULES),
    )
    try:
        if directories or not lazy:
            _load(tables)
        for directory in directories:
            import completions  # late, since most lines are not completed

            extend([commands, info, completions], directory)
            _load(tables)
        entry = tables[0].get("info")
    except (TableError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a module may call sys.exit
        raise TableError(module_error(error, directories)) from error
    if entry is not None:
        entry.subtable = tables[1]
    if directories:
        from hmp.monitor.extension_checks import check_extension

        check_extension(tables)
    return tables[0]


def _load(tables: Iterable[PackageTable]) -> None:
    for table in tables:
        table.load_all()


class _Kinds(Mapping[str, "Kind"]):
    """The argument types by letter, imported when the first is looked up.

    The first prompt needs none of them, and appears sooner.
    """

    @cached_property
    def _all(self) -> Mapping[str, Kind]:
        from completions.defaults import KINDS

        return KINDS

    def __getitem__(self, letter: str) -> Kind:
        return self._all[letter]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


KINDS: Mapping[str, Kind] = _Kinds()
"""The kinds of words that type letters stand for."""
