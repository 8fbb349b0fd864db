"""Readings of all machines of a set, each from its own thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile
from subprocess import DEVNULL, Popen
from typing import Any

import pytest

from hmp.fleet.gauges import Gauges
from hmp.fleet.sets import SetMember
from hmp.qmp.errors import MachineGoneError
from tests.fakes import LIMIT, FakeConnection

RUNNING = {"query-status": {"status": "running", "running": True}}


@pytest.fixture
def qemu(tmp_path: Path) -> Iterator[int]:
    """A process that is called as a QEMU."""
    program = tmp_path / "qemu-system-x86_64"
    copyfile("/bin/sleep", program)
    program.chmod(0o755)
    with Popen([program, "60"], stdout=DEVNULL) as process:
        yield process.pid
        process.kill()


class Machines:
    """Machines by name, each with what connecting to it comes to."""

    def __init__(self, **outcomes: Callable[[], FakeConnection]) -> None:
        self.outcomes = outcomes
        self.opened: dict[str, list[FakeConnection]] = {name: [] for name in outcomes}
        self.gauges = Gauges([SetMember(name) for name in outcomes], self.connect)

    def connect(self, member: SetMember) -> FakeConnection:
        """Connect, or fail."""
        made = self.outcomes[member.name]()
        self.opened[member.name].append(made)
        return made

    def states(self) -> dict[str, Any]:
        """Return what each machine's reading says: its error, or else its state."""
        found = {each["target"]: each for each in self.gauges.look()}
        return {name: each.get("error", each["state"]) for name, each in found.items()}


def running(pid: int = 0) -> FakeConnection:
    """Return a machine that answers."""
    made = FakeConnection(RUNNING)
    made.pid = pid
    return made


def gone() -> FakeConnection:
    """Fail to connect."""
    raise MachineGoneError("no such socket")


def test_each_machine_has_a_reading() -> None:
    """Or the reason why it has none; a connection is kept for the next look."""
    machines = Machines(a=running, b=gone, c=running)

    for _ in range(2):
        assert machines.states() == {"a": "running", "b": "no such socket", "c": "running"}
    assert {name: len(made) for name, made in machines.opened.items()} == {
        "a": 1,
        "b": 0,
        "c": 1,
    }
    assert machines.gauges.twins == []


def test_a_machine_that_went_away_is_connected_to_again() -> None:
    """Its old connection is closed."""
    machines = Machines(a=running)
    assert machines.states() == {"a": "running"}
    machines.opened["a"][0].answers["query-status"] = MachineGoneError("it has ended")

    assert machines.states() == {"a": "it has ended"}
    assert machines.states() == {"a": "running"}
    assert [made.closed for made in machines.opened["a"]] == [1, 0]


def test_one_that_hangs_is_waited_for_once() -> None:
    """For a second; its answer counts when it comes at last."""
    free = threading.Event()

    def slow() -> FakeConnection:
        free.wait(LIMIT)
        return running()

    machines = Machines(a=slow, b=running)
    silent = {"a": "no answer within 1 s", "b": "running"}
    assert machines.states() == silent
    assert machines.states() == silent
    free.set()
    while machines.states() == silent:
        pass
    assert machines.states() == {"a": "running", "b": "running"}
    assert len(machines.opened["a"]) == 1


def test_a_look_ends_with_the_last_answer() -> None:
    """However long it would have waited."""
    machines = Machines(a=running, b=gone)

    for _ in range(3):
        assert len(machines.gauges.look(patience=3600)) == 2


def test_two_sockets_of_one_qemu_are_one_machine(qemu: int) -> None:
    """The second to be reached is left out, and its connection closed."""
    machines = Machines(a=lambda: running(qemu), b=lambda: running(qemu))
    machines.states()
    ((left_out, other),) = machines.gauges.twins

    assert {left_out, other} == {"a", "b"}
    assert machines.states() == {other: "running"}
    assert machines.opened[left_out][0].closed
    assert not machines.opened[other][0].closed


def test_other_programs_may_stand_for_many_machines() -> None:
    """A program that relays may serve several, so each of its sockets counts."""
    machines = Machines(a=lambda: running(os.getpid()), b=lambda: running(os.getpid()))

    assert machines.states() == {"a": "running", "b": "running"}
    assert machines.gauges.twins == []


def test_a_machine_that_is_released_is_free_for_others(qemu: int) -> None:
    """Until the next look, which connects again."""
    machines = Machines(a=lambda: running(qemu), b=gone)
    machines.states()

    assert machines.gauges.release("a").name == "a"
    assert machines.gauges.release("b").name == "b"
    assert machines.opened["a"][0].closed
    assert machines.states()["a"] == "running"
    assert [made.closed for made in machines.opened["a"]] == [1, 0]
    assert machines.gauges.twins == []


def test_at_the_end_no_machine_stays_stopped() -> None:
    """One that is stopped to be asked is closed; the others are left alone."""
    machines = Machines(a=running, b=running)
    machines.states()
    (stopped,), (free,) = machines.opened.values()
    stopped.resumes = True
    machines.gauges.end()

    assert (stopped.closed, free.closed) == (1, 0)


def test_the_end_waits_for_a_machine_that_may_be_stopped() -> None:
    """Its address says that before it is reached."""
    opened = running()
    reached = threading.Event()

    def connect(member: SetMember) -> FakeConnection:
        reached.wait(LIMIT)
        return opened

    gauges = Gauges([SetMember("a", "gdb:1234")], connect)
    gauges.look(patience=0.001)
    threading.Timer(0.05, reached.set).start()
    gauges.end()

    assert opened.closed == 1
