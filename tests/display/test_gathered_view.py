"""One view of a line that several machines have run."""

from __future__ import annotations

from typing import Any

import pytest

from hmp.display.richtext import present
from hmp.display.screen import Screen
from hmp.fleet.node_sets import fold
from hmp.monitor.gathered import GatheredCall
from hmp.qmp.errors import QMPError
from tests.fakes import NEWEST, FakeSession

RUNNING = {"query-status": {"status": "running", "running": True}}
PAUSED = {"query-status": {"status": "paused", "running": False}}
FAILS = {"query-status": QMPError("it is\nbusy")}


def looks(
    line: str,
    *machines: dict[str, Any],
    lines: dict[str, str] | None = None,
    away: str = "",
) -> str:
    """Return what a line looks like that machines vm1, vm2, ... have run."""
    call = GatheredCall(FakeSession({}).monitor.parse(line), NEWEST, fold)
    for number, answers in enumerate(machines):
        call.parts.append((f"vm{number + 1}", FakeSession(answers, lines).call(line)))
    call.unanswered.extend(away.split())
    call.settle()
    screen = Screen(-1, {"LANG": "C.UTF-8"})
    screen.width = 70
    return "".join(f"{row.rstrip()}\n" for row in present(call, screen).splitlines())


def blocks(*names: str) -> dict[str, Any]:
    """Return a machine with empty drives of these names."""
    keys = {"type": "unknown", "locked": False, "removable": True, "tray_open": False}
    drives = [{"device": name, "qdev": f"/q/{name}", **keys} for name in names]
    return {"query-block": drives, "query-named-block-nodes": []}


@pytest.mark.parametrize(
    ("line", "machines", "shown"),
    [
        (
            "info status",
            [RUNNING, PAUSED, RUNNING],
            "machine   status\n"
            "───────────────────\n"
            "vm[1,3]   ● running\n"
            "vm2       ○ paused\n",
        ),
        ("info status", [RUNNING, RUNNING], "vm[1-2] (2)\n● running\n"),
        ("info status", [RUNNING], "● running\n"),
        (
            "info status",
            [RUNNING, FAILS, PAUSED, FAILS],
            "machine   status\n"
            "───────────────────\n"
            "vm1       ● running\n"
            "vm3       ○ paused\n"
            "vm[2,4] (2)\n"
            "Error: it is\\nbusy\n",
        ),
        (
            "info status",
            [FAILS, RUNNING],
            "vm2 (1)\n● running\nvm1 (1)\nError: it is\\nbusy\n",
        ),
        ("stop", [{"stop": {}}, {"stop": {}}], ""),
        (
            "stop",
            [{"stop": {}}, {"stop": QMPError("no")}],
            "vm1 (1)\nvm2 (1)\nError: no\n",
        ),
        (
            "info name",
            [{"query-name": {"name": "a"}}, {"query-name": {}}],
            "vm1 (1)\na\nvm2 (1)\n",
        ),
    ],
)
def test_views(line: str, machines: list[dict[str, Any]], shown: str) -> None:
    """Equal results once, one table if all are rows, then the errors."""
    assert looks(line, *machines) == shown


def test_tables_become_one_table() -> None:
    """With a row for each machine; those in common once, next to others of the thing."""
    machines = blocks("cd0", "cd1"), blocks("cd0"), blocks("cd1", "cd1", "cd0")
    machines[1]["query-block"][0]["locked"] = True
    machines[1]["query-block"][0]["tray_open"] = True
    rows = looks("info block", *machines).splitlines()

    assert [row.split()[:2] for row in rows[:1] + rows[2:]] == [
        ["machine", "device"],
        ["vm[1,3]", "cd0"],
        ["vm2", "cd0"],
        ["vm[1,3]", "cd1"],
        ["vm3", "cd1"],
    ]
    apart = looks("info block", blocks("cd0", "cd1"), blocks("hd0")).splitlines()
    assert [row.split()[:2] for row in apart[2:]] == [
        ["vm1", "cd0"],
        ["vm1", "cd1"],
        ["vm2", "hd0"],
    ]


def test_texts_of_several_lines_follow_headings() -> None:
    """As those of QEMU's own monitor."""
    lines = {"info usbhost": "a\nb\n"}

    assert looks("info usbhost", {}, {}, lines=lines) == "vm[1-2] (2)\na\nb\n"


def test_a_result_has_a_name_where_another_machine_is_missing() -> None:
    """It would be taken for that of all."""
    assert looks("info status", RUNNING, away="vm2").startswith("vm1 (1)\n● running\n")
