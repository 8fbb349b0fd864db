"""Targets and parameters of a migration."""

from __future__ import annotations

import pytest

from completions import migration
from hmp import authoring
from hmp.frontends.config import Config
from hmp.frontends.script import drive
from hmp.language.qdict import QDict
from hmp.targets.discovery import RunningMachine
from hmp.targets.doors import GDB, QMP, Door
from tests.fakes import FakeConnection


def test_targets_are_the_machines_of_this_host_and_those_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By name, or by socket; not this machine, nor those that cannot receive a guest."""
    here = [
        RunningMachine(1, ["vm10"], [Door(QMP, "/run/vm10")]),
        RunningMachine(2, ["vm9"], [Door(QMP, "/run/vm9")]),
        RunningMachine(3, (), [Door(QMP, "/run/x")]),
        RunningMachine(4, ["vm4"], [Door(QMP, "/run/vm4")]),
        RunningMachine(5, ["vm5"]),
        RunningMachine(6, ["vm6"], [Door(QMP, "/run/vm6")], user="someone"),
        RunningMachine(7, ["vm7"], [Door(GDB, "gdb:localhost:1234")]),
        RunningMachine(8, ["qsd"], [Door(QMP, "/run/qsd")], "qemu-storage-daemon"),
    ]
    here[0].run_state, here[2].run_state = "inmigrate", "running"
    monkeypatch.setattr(authoring, "machines_here", lambda: here)
    configured = Config({"targets": {"prod": {"target": "ssh://far/run/vm"}}})
    monkeypatch.setattr(authoring, "load_config", lambda path, environment: configured)
    machine = FakeConnection({})
    machine.pid = 4

    assert drive(migration.targets(machine, "")) == [
        ("vm10", "ready to receive, /run/vm10"),
        ("/run/x", "running"),
        ("vm9", "/run/vm9"),
        ("prod", "ssh://far/run/vm"),
    ]


def test_targets_of_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked when its name and a colon are typed, and Tab is pressed."""
    there = [
        RunningMachine(1, ["vm1"], [Door(QMP, "far:/run/vm1")]),
        RunningMachine(2, (), [Door(QMP, "far:/run/x")]),
        RunningMachine(3, ["vm3"], [Door(GDB, "far:1234")]),
    ]
    asked: list[tuple[str, bool]] = []

    def machines_of(where: str, states: bool) -> list[RunningMachine]:
        asked.append((where, states))
        return there

    monkeypatch.setattr(authoring, "machines_of", machines_of)

    assert migration.TARGET.place("far:v", QDict()) == (4, "far:")
    assert migration.TARGET.on_request("far:")
    assert not migration.TARGET.on_request("")
    assert drive(migration.targets(FakeConnection({}), "far:")) == [
        ("/run/x", ""),
        ("vm1", "/run/vm1"),
    ]
    assert asked == [("far:", True)]


@pytest.mark.parametrize("typed", ["vm", "unix:x", "tcp:host", "far:4444", "ssh://far/x"])
def test_no_host_is_asked(typed: str) -> None:
    """A scheme, a port and a URL are no hosts with machines."""
    assert migration.TARGET.place(typed, QDict()) == (0, "")


@pytest.mark.parametrize(
    ("uri", "begin"),
    [
        ("file:a", 5),
        ("unix:a", 5),
        ("exec:cat", None),
        ("exec:cat a", 9),
        ("exec:gzip -c >a", 14),
        ("exec:cat a|tee b", 15),
        ("tcp:a", None),
    ],
)
def test_files_of_a_uri(uri: str, begin: int | None) -> None:
    """After a scheme, and in a shell command after its name."""
    assert migration.MIGRATION_URI.path(uri, "") == begin
