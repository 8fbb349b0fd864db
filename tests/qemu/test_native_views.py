"""Views of a real machine: there for every command that shows something, and in bounds."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from hmp.display.richtext import render
from hmp.display.screen import Screen
from hmp.monitor.entry import Entry
from tests.fakes import tables
from tests.qemu.conftest import Session

WIDTHS = (40, 80, 120)
ARGUMENTS = {
    "info block": ["", "-v", "-n", "-n -v", "cd0"],
    "info mtree": ["", "-f", "-o", "-f -d -o", "-D"],
    "info trace-events": ["qmp_job*"],
    "info registers": ["", "-a"],
    "info stats": ["vm"],
    "info rocker": [],
    "info rocker-ports": [],
    "info rocker-of-dpa-flows": [],
    "info rocker-of-dpa-groups": [],
    "info skeys": [],
    "info cmma": [],
    "info virtio-status": [],  # QEMU 11.1 dies of it
    "info virtio-queue-status": ["/machine/peripheral/vb0/virtio-backend 0"],
    "info virtio-vhost-queue-status": [],
    "info virtio-queue-element": ["/machine/peripheral/vb0/virtio-backend 0"],
    "info qdm": [],  # loads modules, which may not be those of this QEMU
    "x": ["/20xb 0xf0000", "/4i 0xffff0", "/4dw 0", "/3xg 0", "/9c 0xf0000"],
    "xp": ["/20xb 0xf0000"],
    "print": ["/x 4096", "/c 65", "-1"],
    "qom-get": ["/machine smp"],
    "qom-list": ["/machine"],
}


def lines() -> list[str]:
    """Return a line for each entry that only shows something, with arguments it needs."""
    info = tables().get("info")
    assert info is not None
    assert info.subtable is not None
    names = [f"info {entry.names[0]}" for entry in info.subtable if not _elsewhere(entry)]
    names += [name for name in ARGUMENTS if name not in names and tables().get(name)]
    return [
        f"{name} {words}".strip() for name in names for words in ARGUMENTS.get(name, [""])
    ]


def _elsewhere(entry: Entry[Any]) -> bool:
    return entry.category in ("Demonstration machine", "Session", "Monitor")


@pytest.mark.parametrize("line", lines())
def test_a_view_fits_the_screen(full: Session, line: str) -> None:
    """It says something, in no line that is wider than the screen."""
    check_view(full, line)


def check_view(session: Session, line: str) -> None:
    """Check what a line shows, if it succeeds: twice, as the second look may compare."""
    for _ in range(2):
        call = session.call(line)
        if call.error is not None:
            return
        assert call.entry is not None
        view = call.entry.view_function
        shown = view(call.value, call) if view is not None else None
        if shown is None:
            continue
        for width in WIDTHS:
            screen = Screen(-1, {"LANG": "C.UTF-8"})
            screen.width = width
            page = render(shown, screen)

            assert page.strip()
            assert max(map(cell_len, page.splitlines())) <= width
