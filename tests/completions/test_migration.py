"""Targets and parameters of a migration."""

from __future__ import annotations

import pytest

from completions import migration
from hmp.frontends.script import drive
from hmp.targets.discovery import RunningMachine
from hmp.targets.doors import QMP, Door
from tests.fakes import FakeConnection


def test_targets_are_the_other_machines_of_this_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By name, or by socket; not this machine, nor those that cannot be reached."""
    here = [
        RunningMachine(1, ["vm10"], [Door(QMP, "/run/vm10")]),
        RunningMachine(2, ["vm9"], [Door(QMP, "/run/vm9")]),
        RunningMachine(3, (), [Door(QMP, "/run/x")]),
        RunningMachine(4, ["vm4"], [Door(QMP, "/run/vm4")]),
        RunningMachine(5, ["vm5"]),
        RunningMachine(6, ["vm6"], [Door(QMP, "/run/vm6")], user="someone"),
    ]
    monkeypatch.setattr(migration, "machines", lambda: here)
    machine = FakeConnection({})
    machine.pid = 4

    assert drive(migration.targets(machine, "")) == [
        ("/run/x", "/run/x"),
        ("vm9", "/run/vm9"),
        ("vm10", "/run/vm10"),
    ]
