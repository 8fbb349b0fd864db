"""Every command that can be run safely, good and bad, in both monitors of twin machines.

The lines come from the tables, and from the lists of `tests.qemu.chosen`. Nearly all
print the same text, and they leave the same machine behind; the traffic shows that no
command that QMP can do was given to QEMU's own monitor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from hmp.__main__ import load_tables
from hmp.table import CHANGE, DESTRUCTIVE, READ
from tests.qemu.chosen import AFTER, BEFORE, STATE, UNDER_WAY, VALUES
from tests.qemu.chosen import RUNNING as GOING
from tests.qemu.configurations import NONE, RUNNING, everything, make_files
from tests.qemu.conftest import Session
from tests.qemu.differential import Answer, compare
from tests.qemu.exceptions import DIFFERENT, FORWARDED, LEFT_OUT, Exempt
from tests.qemu.lines import generated
from tests.qemu.machines import RunningQemu, qemus
from tests.qemu.test_native_migration import until

pytestmark = pytest.mark.qemu

ENOUGH = 0.99
"""The share of the lines that must be equal."""

CONFIGURATIONS = ("everything", "none", "running", "migration")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images that machines find where they run."""
    return make_files(tmp_path_factory.mktemp("files"))


@contextmanager
def twin_machines(
    command: list[str], arguments: list[str], files: Path
) -> Iterator[tuple[Session, Session]]:
    """Start two machines of the same make, with files of their own."""
    with ExitStack() as stack:
        found = []
        for _ in range(2):
            qemu = RunningQemu(command, arguments, files)
            stack.callback(qemu.close)
            session = Session(qemu)
            stack.callback(session.connection.close)
            found.append(session)
        yield found[0], found[1]


def migration_answers(label: str, files: Path) -> list[Answer]:
    """Return what both monitors answer on the ends of a migration, before it and after.

    Each pair of twins has one machine of each end; the migrations are alike.
    """
    command, incoming = qemus()[label], [*RUNNING, "-incoming", "defer"]
    with (
        twin_machines(command, RUNNING, files) as sources,
        twin_machines(command, incoming, files) as targets,
    ):
        for source, target in zip(sources, targets, strict=True):
            (source.qemu.folder / "target").symlink_to(target.qemu.folder)
        found = generated(load_tables(), sources[1].connection, READ)
        reads = without_dangers(found, label, "migration")
        answers = compare(*targets, [*reads, *BEFORE["target"]], settled=False)
        answers += compare(*sources, BEFORE["source"], settled=False)
        for session in (*sources, *targets):
            until(session, "active")
        answers += compare(*sources, [*reads, *UNDER_WAY], moving=True, settled=False)
        answers += compare(*targets, reads, moving=True, settled=False)
        answers += compare(*sources, ["migrate_set_parameter max-bandwidth 0"])
        for session in (*sources, *targets):
            until(session, "completed")
        answers += compare(*sources, [*reads, *AFTER, *STATE], moving=True)
        return answers + compare(*targets, [*reads, *AFTER, *STATE], moving=True)


def answers_of(label: str, configuration: str, files: Path) -> list[Answer]:
    """Return what both monitors answer on one configuration of one of the QEMUs."""
    if configuration == "migration":
        return migration_answers(label, files)
    table = load_tables()
    arguments = {"everything": everything(), "none": NONE, "running": RUNNING}
    with twin_machines(qemus()[label], arguments[configuration], files) as (ours, theirs):
        moving = configuration == "running"
        reads = generated(table, theirs.connection, READ)
        changes = generated(table, theirs.connection, CHANGE, DESTRUCTIVE)
        going = GOING if moving else []
        lines = [*reads, *VALUES, *going, *changes, *STATE]
        safe = without_dangers(lines, label, configuration)
        return compare(ours, theirs, safe, moving=moving)


def without_dangers(lines: list[str], label: str, configuration: str) -> list[str]:
    """Return the lines that are not left out there."""
    left_out = [left for left in LEFT_OUT if left.applies(label, configuration)]
    return [line for line in lines if not any(left.match(line) for left in left_out)]


class Report:
    """What came of the lines of one configuration on one release of QEMU."""

    def __init__(self, release: str, answers: list[Answer]) -> None:
        self.lines = len(answers)
        unequal = [answer for answer in answers if not answer.equal]
        self.equal = self.lines - len(unequal)
        self.used: set[Exempt] = set()
        self.unexplained = self._left(unequal, DIFFERENT, release)
        # what QEMU does not have at all its monitor has to say
        forwarded = [a for a in answers if a.forwarded and not _unknown(a)]
        self.leaked = self._left(forwarded, FORWARDED, release)

    def _left(
        self, answers: list[Answer], table: list[Exempt], release: str
    ) -> list[Answer]:
        """Return what the table does not cover; keep which entries were needed."""
        left = []
        for answer in answers:
            found = [exempt for exempt in table if exempt.covers(answer, release)]
            self.used.update(found)
            if not found:
                left.append(answer)
        return left

    def __str__(self) -> str:
        share = self.equal / self.lines
        return f"{self.lines} lines, {self.equal} equal ({share:.2%})"


def _unknown(answer: Answer) -> bool:
    return answer.theirs.startswith(("unknown command: ", "Command "))


_reports: dict[tuple[str, str], Report] = {}


def report(label: str, configuration: str, files: Path) -> Report:
    """Return the report of a configuration on one of the QEMUs, made once."""
    key = label, configuration
    if key not in _reports:
        _reports[key] = Report(label, answers_of(label, configuration, files))
    return _reports[key]


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_both_monitors_say_the_same(
    qemu_label: str, configuration: str, files: Path, record_property: object
) -> None:
    """But for the lines that the table of exceptions lists with its reasons."""
    found = report(qemu_label, configuration, files)

    print(f"{qemu_label} {configuration}: {found}")  # noqa: T201 - the figures
    assert not found.unexplained, "\n".join(map(str, found.unexplained))
    assert found.lines > 1500
    assert found.equal >= ENOUGH * found.lines


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_what_qmp_can_do_is_done_over_qmp(
    qemu_label: str, configuration: str, files: Path
) -> None:
    """No native command sends its line to QEMU's own monitor, but for those listed."""
    leaked = report(qemu_label, configuration, files).leaked

    assert not leaked, "\n".join(answer.line for answer in leaked)


def test_no_exception_is_needless(files: Path) -> None:
    """The table of exceptions only shrinks."""
    labels = list(qemus())
    if not labels:
        pytest.skip("no QEMU: set HMP_TEST_QEMUS, or install one")

    reports = [report(label, c, files) for label in labels for c in CONFIGURATIONS]

    used = {exempt for found in reports for exempt in found.used}
    here = [e for e in (*DIFFERENT, *FORWARDED) if {*(e.releases or labels)} & {*labels}]
    assert [exempt.lines for exempt in here if exempt not in used] == []
