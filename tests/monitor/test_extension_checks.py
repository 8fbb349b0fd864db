from __future__ import annotations

from hmp.monitor.extension_checks import check_extension
from hmp.monitor.registry import PackageTable
from tests.fakes import tables


def test_our_own_entries_pass_the_checks_of_extensions() -> None:
    """Effects fit the QMP commands, and examples parse."""
    main = tables()
    entry = main.get("info")
    assert entry is not None
    assert isinstance(main, PackageTable)
    assert isinstance(entry.subtable, PackageTable)

    check_extension((main, entry.subtable))
