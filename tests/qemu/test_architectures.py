"""Both monitors on machines of other architectures: registers, words, what is there.

The same lines as on x86, and those that depend on the processor. An architecture whose
QEMU is not installed is skipped by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from completions.cpu import registers
from hmp.frontends.script import drive
from hmp.monitor.availability import mark_unavailable
from hmp.monitor.help import topics as help_topics
from tests.qemu.architectures import MACHINES, SMALL, Emulator, emulators
from tests.qemu.configurations import make_files
from tests.qemu.conftest import Session
from tests.qemu.exceptions import DIFFERENT, ELSEWHERE
from tests.qemu.lines import NOT_RUN, OWN
from tests.qemu.pairs import assert_same_text, sessions
from tests.qemu.report import ENOUGH, Report
from tests.qemu.runs import answers_elsewhere
from tests.qemu.test_differential import RELEASES
from tests.qemu.test_native_views import check_view
from tests.qemu.test_smoke import answers
from tests.qemu.test_tables import different


def _each(emulator: Emulator, *more: str) -> Any:
    """Return the parameters of one run, which is skipped where its QEMU is missing."""
    missing = pytest.mark.skip(f"no {emulator.name}")
    label = "-".join([emulator.label, emulator.architecture, *more])
    marks = () if emulator.installed else missing
    return pytest.param(emulator, *more, id=label, marks=marks)


FULL = [_each(emulator) for emulator in emulators([*MACHINES])]
PLAIN = [
    _each(emulator, machine)
    for emulator in emulators([*SMALL])
    for machine in SMALL[emulator.architecture]
]
TEXTS = [
    f"info {name}"
    for name in (
        "tlb",
        "mem",
        "pic",
        "irq",
        "mtree",
        "qtree",
        "roms",
        "pci",
        "cpus",
        "numa",
    )
]
FIRST = [
    _each(emulator, SMALL[emulator.architecture][0]) for emulator in emulators([*SMALL])
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images that machines find where they run."""
    return make_files(tmp_path_factory.mktemp("files"))


_REPORTS: dict[str, Report] = {}


def report(emulator: Emulator, files: Path) -> Report:
    """Return the report of a full machine, made once."""
    if emulator.name not in _REPORTS:
        found = answers_elsewhere(emulator, files)
        _REPORTS[emulator.name] = Report(emulator.label, found, [*DIFFERENT, *ELSEWHERE])
    return _REPORTS[emulator.name]


@pytest.mark.parametrize("emulator", FULL)
def test_both_monitors_say_the_same(emulator: Emulator, files: Path) -> None:
    """But for the lines that the tables of exceptions list with their reasons."""
    found = report(emulator, files)

    print(f"{emulator.name}: {found}")  # noqa: T201 - the figures
    if emulator.label in RELEASES:
        assert not found.unexplained, "\n".join(map(str, found.unexplained))
        assert not found.leaked, "\n".join(answer.line for answer in found.leaked)
    assert found.lines > 1500
    assert found.equal >= ENOUGH * found.lines


@pytest.mark.timeout(900)  # alone it runs all the machines
def test_no_exception_is_needless(files: Path) -> None:
    """The table of exceptions of other architectures only shrinks."""
    there = [emulator for emulator in emulators([*MACHINES]) if emulator.installed]
    if {emulator.architecture for emulator in there} != {*MACHINES}:
        pytest.skip("not every architecture has a QEMU here")

    reports = [report(emulator, files) for emulator in there]

    used = {exempt for found in reports for exempt in found.used}
    assert [exempt.lines for exempt in ELSEWHERE if exempt not in used] == []


@pytest.mark.parametrize(("emulator", "machine"), PLAIN)
def test_the_lines_of_qemus_own_test(emulator: Emulator, machine: str) -> None:
    """All ``info`` that the help lists, and its list, on machines as they come."""
    ours = answers(emulator.command, f"-S {machine}", True)
    theirs = answers(emulator.command, f"-S {machine}", False)

    assert len(ours) > 100
    assert ours == theirs


@pytest.fixture
def session(emulator: Emulator, machine: str) -> Iterator[Session]:
    """Both monitors of a machine as it comes."""
    with sessions(emulator.command, f"-S -nodefaults {machine}") as (found,):
        yield found


@pytest.mark.parametrize(("emulator", "machine"), FIRST)
def test_help_has_what_qemus_has(session: Session) -> None:
    """Names and parameters of all that it lists; what QEMU does not know is marked."""
    for line in ("help", "help info"):
        assert different(session, line) == {}

    topics = help_topics(session.monitor.commands)
    drive(mark_unavailable(session.monitor, topics))
    tried = [t for t in topics if t["qmp"] and t["label"] not in {*OWN, *NOT_RUN}]
    assert len(tried) > 150
    marked = {topic["label"]: "unavailable" in topic for topic in tried}
    assert marked == {label: _refused(session, label) for label in marked}


def _refused(session: Session, label: str) -> bool:
    """Return whether QEMU's monitor does not have a command."""
    name = label.partition("|")[0]
    return session.theirs(name).startswith(("unknown command: ", "Command "))


@pytest.mark.parametrize(("emulator", "machine"), FIRST)
def test_each_register_that_is_offered_has_a_value(session: Session) -> None:
    """QEMU's monitor knows all the names that completion has for the target."""
    words = drive(registers(session.connection, "$"))

    prints = [f"print/x {word}" for word, _ in words]
    known = [bool(re.fullmatch(r"\w+\n", session.theirs(line))) for line in prints]
    assert dict(zip(prints, known, strict=True)) == dict.fromkeys(prints, True)
    assert_same_text(session, prints)


@pytest.mark.parametrize(("emulator", "machine"), FIRST)
def test_views_fit_the_screen(session: Session) -> None:
    """Of what depends on the processor, and is read out of text."""
    for line in ("info registers", "info registers -a", *TEXTS, "x /4i 0", "xp /20xb 0"):
        check_view(session, line)
