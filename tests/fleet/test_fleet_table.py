"""The command table of a session on a set: its own command and the machines' ones."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hmp.display.richtext import present
from hmp.display.screen import Screen
from hmp.fleet.fleet_table import HERE, FleetTable
from hmp.monitor.kinds import Kind, Word
from hmp.monitor.monitor import Monitor
from tests.fakes import FakeConnection, tables

ROWS = [
    {"machine": "vm1", "state": "running", "version": "10.0.2", "detail": ""},
    {"machine": "vm2", "state": "no answer", "version": "", "detail": "no such socket"},
]
OTHERS = Kind("machine or group")


def table(chosen: list[tuple[str, str]], rows: list[dict[str, str]]) -> FleetTable:
    """Return a table whose changes of the set are kept."""

    async def choose(sign: str, words: str) -> list[dict[str, str]]:
        chosen.append((sign, words))
        return rows

    had = [("vm1", "running"), ("vm2", "taken out")]
    return FleetTable(tables(), choose, lambda: had, OTHERS)


def run(line: str, rows: list[dict[str, str]]) -> tuple[Any, list[tuple[str, str]]]:
    """Run a line; return its call, and how the set was changed."""
    chosen: list[tuple[str, str]] = []
    monitor = Monitor(FakeConnection(), table(chosen, rows))
    return asyncio.run(monitor.run(line)), chosen


@pytest.mark.parametrize(
    ("line", "sign", "words"),
    [
        ("targets", "@", ""),
        ("targets vm[1-3]", "@", "vm[1-3]"),
        ("targets vm1 vm2", "@", "vm1 vm2"),
        ("  @vm1", "@", "vm1"),
        ("@ all", "@", "all"),
        ("+vm3", "+", "vm3"),
        ("- vm3", "-", "vm3"),
    ],
)
def test_the_set_is_changed_by_a_sign(line: str, sign: str, words: str) -> None:
    """Or by the command, whose sets replace the old one."""
    assert run(line, ROWS)[1] == [(sign, words)]


def test_the_machines_and_their_states() -> None:
    """As text and as a table, with the reason where one does not answer."""
    call, _ = run("targets", ROWS)
    screen = Screen(-1, {"LANG": "C.UTF-8"})
    screen.width = 60

    assert call.text() == "vm1: running\nvm2: no answer (no such socket)\n"
    assert [line.rstrip() for line in present(call, screen).splitlines()] == [
        "machine   state         version   reason",
        "────────────────────────────────────────────────",
        "vm1       ● running     10.0.2",
        "vm2       ○ no answer             no such socket",
    ]
    empty, _ = run("targets", [])
    assert (empty.text(), present(empty, screen)) == ("", "")


def test_names_and_entries() -> None:
    """Those of the other table, and one more in its place among them."""
    whole, inner = table([], ROWS), tables()

    assert list(whole.names()) == ["targets", *inner.names()]
    assert whole.secret_names() == inner.secret_names()
    assert len(whole) == len(inner) + 1 == len([*whole])
    names = [entry.name for entry in whole]
    assert names == sorted([*(entry.name for entry in inner), "targets"])
    for name in ("targets", "@", "+vm1", "-x"):
        assert whole.get(name) is whole.targets
    assert whole.get("stop") is inner.get("stop")
    assert whole.get("") is whole.get("nosuch") is None


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (
            "@",
            [
                "@all: the machines at first",
                "@vm1: running",
                "@vm2: taken out",
                "@web: a group",
            ],
        ),
        ("+v", ["+vm2: taken out", "+web: a group"]),
        ("-", ["-vm1: running"]),
        ("", []),
        ("v", []),
    ],
)
def test_what_follows_a_sign(typed: str, offered: list[str]) -> None:
    """What is in the set with its state, and others but where machines are taken out."""

    def look(kind: Kind, context: str) -> list[Word]:
        assert (kind, context) == (OTHERS, "")
        return [("vm1", "a machine"), ("web", "a group")]

    words = table([], ROWS).short_forms(typed, look)
    assert [f"{name}: {about}" for name, about in words] == offered


def test_the_help_of_the_command() -> None:
    """What it does, how it is written, and what else finds it."""
    entry = table([], ROWS).targets

    assert (entry.params, entry.example, entry.effect, entry.category) == (
        "[set]",
        "targets",
        "read",
        "Session",
    )
    assert entry.help == (
        "show the machines of the session, or choose others (also @SET; +SET adds,"
        " -SET takes out)"
    )
    assert entry.arguments == {
        "set": "the machines to work on, such as vm[1-60] or @group; all: those at first"
    }
    assert entry.words == "machines, hosts, change the set, which machines"
    assert entry.kinds == {"set": OTHERS}


def test_what_concerns_the_session_is_a_command() -> None:
    """A misspelt one would be run on each machine."""
    assert HERE - set(tables().names()) == {"targets"}  # which only a set has
