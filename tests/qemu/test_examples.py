"""Each example of a help page runs on the machine that it is shown for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from completions.defaults import KINDS
from hmp.frontends.script import drive
from hmp.monitor.availability import mark_unavailable
from hmp.monitor.entry import READ
from hmp.monitor.examples import filled
from hmp.monitor.help import topics
from tests.fakes import tables
from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu, full_machine

OWN = {"alias", "time", "top", "watch", "type"}
"""Commands of a session, or of a guest that runs."""
ALONE = (
    "block_",
    "drive_",
    "savevm",
    "loadvm",
    "delvm",
    "snapshot_",
    "dump-",
    "device_del",
)
"""Beginnings of commands that take away what other examples need."""


def examples(session: Session) -> Iterator[tuple[str, str]]:
    """Yield the effect and example of each command that has one on a machine."""
    found = topics(session.monitor.commands)
    drive(mark_unavailable(session.monitor, found))
    for topic in found:
        first, *rest = topic["name"].split()
        entry = session.monitor.commands.get(first)
        if entry is not None and rest and entry.subtable is not None:
            entry = entry.subtable.get(rest[0])
        if entry is None or "unavailable" in topic or first in OWN:
            continue
        if example := drive(filled(session.connection, entry, KINDS)):
            yield entry.effect, example


Machine = Callable[[], AbstractContextManager[Session]]


@pytest.fixture(scope="module")
def machine(qemu_command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Start a machine with a bit of everything."""

    @contextmanager
    def start() -> Iterator[Session]:
        qemu = RunningQemu(qemu_command, full_machine(tmp_path_factory.mktemp("disks")))
        made = Session(qemu)
        yield made
        made.connection.close()
        qemu.close()

    return start


@pytest.fixture(scope="module")
def session(machine: Machine) -> Iterator[Session]:
    """A machine for all examples that get along with each other."""
    with machine() as started:
        yield started


def test_the_machine_has_most_examples(session: Session) -> None:
    """Else the tests below would prove little."""
    declared = [entry for entry in tables() if entry.example and entry.name not in OWN]
    found = [line.split()[0] for _, line in examples(session)]

    assert len(set(found)) > len(declared) * 0.7


def test_examples_that_read(session: Session) -> None:
    """They succeed, on a machine that stays the same."""
    lines = [line for effect, line in examples(session) if effect == READ]
    failed = {line: said for line in lines if (said := problem(session, line))}

    assert failed == {}


def test_examples_that_change_the_machine(session: Session, machine: Machine) -> None:
    """They succeed; some need a machine as it was in the beginning."""
    lines = [line for effect, line in examples(session) if effect != READ]
    failed = {}
    for line in lines:
        if not line.startswith(ALONE):
            failed[line] = problem(session, line)
            continue
        with machine() as fresh:
            failed[line] = problem(fresh, line)

    assert {line: said for line, said in failed.items() if said} == {}


def problem(session: Session, line: str) -> str:
    """Run a line; return its error."""
    call = session.call(line)
    return call.error_text() if call.error is not None else ""
