"""Recorded machines print what QEMU's own monitor printed, with no QEMU there.

That holds the formats of releases that are not installed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from hmp.__main__ import load_tables
from hmp.monitor import Monitor
from hmp.qmp.recording import ReplayConnection
from hmp.script import answer
from tests.qemu.differential import masked
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
