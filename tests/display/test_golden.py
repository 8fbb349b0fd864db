"""Each view, as it looks on a narrow, a usual and a wide terminal.

The values are those that recorded machines answered, and those of `tests.display.scenes`.
``HMP_TEST_UPDATE=1 pytest tests/display/test_golden.py`` writes the files anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hmp.builtin import load_tables
from hmp.display.richtext import present
from hmp.display.screen import Screen
from hmp.frontends.script import drive
from hmp.monitor.call import Call
from hmp.monitor.entry import Entry
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.monitor import Monitor
from hmp.qmp.replay import ReplayConnection
from tests import golden
from tests.display import scenes
from tests.fakes import FakeConnection, FakeSession
from tests.qemu.lines import entries
from tests.recordings import kept, read

GOLDEN = Path(__file__).parent / "golden"
WIDTHS = (50, 80, 140)
COLOURED = 80
"""The width at which styles are held too, each by the numbers of its escape code."""
MOST = 6
"""Recorded calls of one command that are held; more would show the same again."""
LONGEST = 60
"""Lines of a view that are held."""
LARGEST = 1000
"""Rows of a result that is drawn; of thousands only the first would be held."""


def screen(width: int) -> Screen:
    """Return a terminal of a width."""
    made = Screen(-1, {"TERM": "dumb", "NO_COLOR": "1"})
    made.width, made.height, made.colours = width, 50, width == COLOURED
    made.unicode = True
    return made


def with_view() -> dict[Entry[Any], str]:
    """Return the names of the commands that have a view."""
    return {entry: name for name, entry in entries(load_tables()) if entry.view_function}


@cache
def calls() -> dict[str, list[tuple[str, Call]]]:
    """Return the calls of each command that has a view, by its name."""
    table, names = load_tables(), with_view()
    found: dict[str, list[tuple[str, Call]]] = {name: [] for name in names.values()}
    shown: set[tuple[str, str]] = set()
    for path in kept():
        release = path.name.partition(".j")[0]
        for machine, records in read(path).items():
            monitor = Monitor(ReplayConnection(records, machine), table)
            for record in (record for record in records if "line" in record):
                entry = monitor.parse(record["line"]).entry
                if entry is None or entry not in names or len(found[names[entry]]) == MOST:
                    continue
                call = drive(monitor.run(record["line"]))
                if call is None or call.error or call.entry is not entry:
                    continue
                name, text = names[entry], call.text()
                large = isinstance(call.value, list) and len(call.value) > LARGEST
                if (name, text) not in shown and not large:
                    shown.add((name, text))
                    found[name].append((f"{release} {machine}: {record['line']}", call))
    for title, call in scenes.played():
        assert call.entry is not None, title
        assert call.error is None, f"{title}: {call.error_text()}"
        found[names[call.entry]].append((title, call))
    return {name: shown for name, shown in found.items() if shown}


@cache
def pages(name: str) -> list[str]:
    """Return what the calls of a command look like at each width."""
    return [
        f"=== {title} ({width} columns)\n{page(call, width)}"
        for title, call in calls()[name]
        for width in WIDTHS
    ]


def page(call: Call, width: int) -> str:
    """Return the first lines of what a call looks like."""
    lines = present(call, screen(width), None).splitlines()[:LONGEST]
    return "".join(f"{_styled(line).rstrip()}\n" for line in lines)


def _styled(line: str) -> str:
    """Return a line with its escape codes as text, but for those of blanks."""
    line = re.sub(r"\x1b\[[\d;]+m( *)\x1b\[0m", r"\1", line)
    return re.sub(r"\x1b\[([\d;]+)m", r"⟦\1⟧", line)


@pytest.mark.parametrize("name", sorted(with_view().values()))
def test_a_view_is_as_it_was(name: str) -> None:
    """Nothing of it changes unseen."""
    file = GOLDEN / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.txt"

    golden.check(file, "".join(pages(name)))


@pytest.mark.parametrize("name", sorted(with_view().values()))
def test_a_view_fits_its_terminal(name: str) -> None:
    """No line is wider than the terminal that it is drawn for, but for QEMU's warnings."""
    for shown in pages(name):
        title, _, text = shown.partition("\n")
        width = int(title.rpartition("(")[2].split()[0])
        lines = re.sub(r"⟦[\d;]+⟧", "", text).splitlines()
        wide = [line for line in lines if len(line) > width]
        assert [line for line in wide if not line.startswith("warning: ")] == [], title


def test_every_view_is_held() -> None:
    """A new view needs a recorded line or a scene, and its golden file."""
    assert set(with_view().values()) - calls().keys() == set()


def least() -> Iterator[str]:
    """Yield each view of what a machine answers that has the least."""
    for entry, name in with_view().items():
        if not name.startswith("info ") or (entry.parameters and not entry.example):
            continue
        line = re.sub(r"\{\$?(\w+)\}", "0", entry.example or name.partition("|")[0])
        session = FakeSession()
        session.machine.otherwise = {}
        call = drive(session.monitor.run(line))
        assert call is not None
        if call.error is None and call.entry is entry:
            yield f"=== {line}\n{page(call, COLOURED)}"


def test_views_of_nothing_are_as_they_were() -> None:
    """They say what there is none of, in their own style."""
    golden.check(GOLDEN / "least.txt", "".join(least()))


class User(FrontEnd):
    """A user at a prompt, who started this program."""

    detailed = expands = local = True


@pytest.mark.parametrize("line", ["help info", "help eject", "help -s block"])
def test_only_the_help_of_all_has_the_keys_of_a_session(line: str) -> None:
    """A part of it has its own words."""
    monitor = Monitor(FakeConnection(), load_tables())
    monitor.front = User()
    call = drive(monitor.run(line))

    assert call is not None
    assert call.error is None
    assert "Lines and keys" not in present(call, screen(COLOURED), None)


def test_the_keys_of_a_session_are_as_they_were() -> None:
    """At the end of its help, beside what leaves it."""
    parts: list[str] = []
    for ends in (False, True):
        monitor = Monitor(FakeConnection(), load_tables())
        monitor.front = User()
        monitor.front.ends_machine = ends
        call = drive(monitor.run("help"))
        assert call is not None
        shown = present(call, screen(COLOURED), None)
        keys = "".join(f"{_styled(line).rstrip()}\n" for line in shown.splitlines())
        parts.append(keys[keys.index("⟦1⟧Lines and keys") :])
    golden.check(GOLDEN / "help-in-a-session.txt", "\n".join(parts))
