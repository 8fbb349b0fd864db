from __future__ import annotations

from typing import Any

import pytest

from hmp.monitor.entry import Entry, Table, TableError


async def handler(mon: object, args: object) -> Any:
    """Do nothing."""


def entry(name: str = "test", **fields: Any) -> Entry[Any]:
    """Return an entry with what it must have."""
    return Entry(name, fields.pop("handler", handler), **{"help": "do it", **fields})


def test_a_table_finds_entries_by_all_their_names() -> None:
    """An alias is as good as the name; what is not there is None."""
    found, other = entry("stop|s"), entry("cont|c")
    table = Table([found, other])

    assert table.get("stop") is table.get("s") is found
    assert table.get("stop|s") is None
    assert table.get("") is None
    assert len(table) == 2


def test_a_table_is_in_bytewise_order_and_has_each_entry_once() -> None:
    """Capitals come before small letters, dashes before underscores."""
    names = ["b", "B", "a_b", "a-b", "a|z", "?"]
    table = Table(map(entry, names))

    assert [item.name for item in table] == ["?", "B", "a-b", "a_b", "a|z", "b"]


@pytest.mark.parametrize("second", ["stop", "s", "x|s", "stop|t"])
def test_a_name_that_comes_twice_is_refused(second: str) -> None:
    """The text has the name and both places."""
    table = Table([entry("stop|s", source="a.py:1")])

    with pytest.raises(TableError, match=r"b\.py:2: .* is already declared \(at a\.py:1\)"):
        table.add(entry(second, source="b.py:2"))
