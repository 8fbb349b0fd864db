"""Recorded machines print what QEMU's own monitor printed, with no QEMU there.

That holds the formats of releases that are not installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hmp.builtin import load_tables
from hmp.frontends.script import answer
from hmp.monitor.entry import Entry
from hmp.monitor.line import parse_line
from hmp.monitor.monitor import Monitor
from hmp.qmp.replay import ReplayConnection
from tests.qemu.differential import masked
from tests.qemu.lines import OWN, entries
from tests.recordings import Record, kept, read


@pytest.fixture(
    scope="module", params=kept(), ids=lambda path: path.name.partition(".j")[0]
)
def machines(request: pytest.FixtureRequest) -> dict[str, list[Record]]:
    """The recordings of a release."""
    path: Path = request.param
    return read(path)


@pytest.mark.parametrize("machine", ["everything", "source", "target"])
def test_recorded_lines_print_the_same(
    machines: dict[str, list[Record]], machine: str
) -> None:
    """Each line, in the order in which it was recorded."""
    records = machines[machine]
    monitor = Monitor(ReplayConnection(records, machine), load_tables())
    lines = [record for record in records if "line" in record]

    different = []
    for record in lines:
        text = answer(monitor, record["line"])
        shown = masked(text, record["line"], record["hidden"])
        if shown != record["text"]:
            different.append((record["line"], shown, record["text"]))

    assert len(lines) > 300
    assert different == []


NOT_RECORDED = {
    "quit|q": "ends the machine",
    "dump-skeys": "has nothing to dump on x86",
    "info virtio-status": "kills QEMU 11.1",
    "qemu-io": "is run by QEMU's own monitor, after a look at its drive",
}
"""Native commands that need not be there, and why."""


def test_each_native_command_is_recorded(machines: dict[str, list[Record]]) -> None:
    """All that ask the machine for something that it has."""
    table, has = load_tables(), set[str]()
    found: set[Entry[Any] | None] = set()
    for record in (record for records in machines.values() for record in records):
        if "line" in record:
            found.add(parse_line(record["line"], table).entry)
        value = record.get("<-", {}).get("return")
        if isinstance(value, list) and {"name": "query-commands"} in value:
            has.update(item["name"] for item in value)

    missing = {
        name
        for name, entry in entries(table)
        if not entry.passthrough and entry.qmp and entry.qmp[0] in has
        if entry not in found and name not in OWN
    }
    assert missing - NOT_RECORDED.keys() == set()
