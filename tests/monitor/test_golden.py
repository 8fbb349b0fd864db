"""What table entries hold and the manual pages do not show, as it was.

``HMP_TEST_UPDATE=1 pytest tests/monitor/test_golden.py`` writes the file anew.
"""

from __future__ import annotations

from pathlib import Path

from hmp.builtin import load_tables
from hmp.monitor.entry import Entry
from hmp.monitor.kinds import Kind
from tests import golden
from tests.qemu.lines import entries

SHOWN = {
    *("about", "arguments", "category", "help", "name", "names", "parameters", "params"),
    *("source", "subtable", "words"),
}
"""Fields that the manual pages have, that others are made of, or that move."""


def test_no_field_changes_unseen() -> None:
    """What an argument names, what is secret, what a failure looks like, and so on."""
    rows = [
        f"=== {name}\n{''.join(_fields(entry))}" for name, entry in entries(load_tables())
    ]

    golden.check(Path(__file__).parent / "golden" / "entries.txt", "".join(rows))


def _fields(entry: Entry[object]) -> list[str]:
    values = [(key, getattr(entry, key)) for key in Entry.__slots__ if key not in SHOWN]
    return [f"{key}: {_text(value)}\n" for key, value in values if value]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_text(part)}" for key, part in value.items())
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, Kind):
        return value.name
    return "a function" if callable(value) else str(value)
