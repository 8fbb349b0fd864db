"""The lines of `tests.qemu.lines` and `tests.qemu.chosen`, run on each configuration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hmp.builtin import load_tables
from hmp.frontends.script import drive
from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ
from tests.qemu.architectures import Emulator, full
from tests.qemu.chosen import (
    AFTER,
    BEFORE,
    REGISTERS,
    RUNNING,
    STATE,
    UNDER_WAY,
    VALUES,
)
from tests.qemu.configurations import NONE, everything, nodes, running
from tests.qemu.conftest import Session
from tests.qemu.differential import Answer, compare
from tests.qemu.exceptions import LEFT_OUT
from tests.qemu.lines import entries, generated
from tests.qemu.machines import RunningDaemon, RunningQemu, daemon_release, qemus
from tests.qemu.test_native_migration import until

CONFIGURATIONS = ("everything", "none", "running", "migration", "daemon")

Begin = Callable[[str, Session], None]
"""Is told of a machine before our monitor gets its lines: what it is, and the session."""
Answers = dict[str, list[Answer]]
"""What both monitors answered, by what the machine is."""


def answers_of(
    label: str, configuration: str, files: Path, begin: Begin | None = None
) -> Answers:
    """Return what both monitors answer on a configuration of one of the QEMUs."""
    if configuration == "migration":
        return _migration(label, files, begin)
    if configuration == "daemon":
        return _daemon(label, files)
    arguments = {"everything": everything(), "none": NONE, "running": running()}
    moving = configuration == "running"
    more = RUNNING if moving else []
    with _twins(qemus()[label], arguments[configuration], files) as (ours, theirs):
        safe = without_dangers(all_lines(theirs, more), label, configuration)
        if begin is not None:
            begin(configuration, ours)
        return {configuration: compare(ours, theirs, safe, moving=moving)}


def answers_elsewhere(emulator: Emulator, files: Path) -> list[Answer]:
    """Return what both monitors answer on the full machine of another architecture."""
    arguments = full(emulator.architecture)
    with _twins(emulator.command, arguments, files) as (ours, theirs):
        lines = all_lines(theirs, REGISTERS)
        safe = without_dangers(lines, emulator.label, emulator.architecture)
        return compare(ours, theirs, safe)


def all_lines(session: Session, more: list[str]) -> list[str]:
    """Return the lines for a machine: what is read, values, more, changes, their effect."""
    table = load_tables()
    reads = generated(table, session.connection, READ)
    changes = generated(table, session.connection, CHANGE, DESTRUCTIVE)
    return [*reads, *VALUES, *more, *changes, *STATE]


@contextmanager
def _twins(
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


def _daemon(label: str, files: Path) -> Answers:
    """Return what ours answers on a storage daemon, where QEMU's has a QEMU with as much.

    The lines are those of native commands that the daemon has. Nothing where there is
    no daemon of that release.
    """
    if daemon_release() != label:
        return {}
    daemon = RunningDaemon(["qemu-storage-daemon"], nodes("--"), files)
    qemu = RunningQemu(qemus()[label], [*NONE, *nodes("-")], files)
    ours, theirs = Session(daemon), Session(qemu)
    try:
        table = load_tables()
        has = drive(ours.monitor.supported_commands())
        missing = [
            name
            for name, entry in entries(table)
            if entry.passthrough or not has.intersection(entry.qmp[:1])
        ]
        effects = (READ, CHANGE, DESTRUCTIVE)
        lines = generated(table, ours.connection, *effects, without=missing)
        safe = without_dangers(lines, label, "daemon")
        return {"daemon": compare(ours, theirs, safe, settled=False)}
    finally:
        for session in (ours, theirs):
            session.connection.close()
            session.qemu.close()


def without_dangers(lines: list[str], label: str, configuration: str) -> list[str]:
    """Return the lines that are not left out there."""
    left_out = [left for left in LEFT_OUT if left.applies(label, configuration)]
    return [line for line in lines if not any(left.match(line) for left in left_out)]


def _migration(label: str, files: Path, begin: Begin | None) -> Answers:
    """Return what both monitors answer on both ends of a migration.

    Each pair of twins has one machine of each end; the migrations are alike.
    """
    # not empty, so that it is under way for minutes: QEMU 10 sends 32 KiB at a time, which
    # are 3600 empty pages
    memory = files.with_name(f"{files.name}-memory")
    memory.write_bytes(b"full" * (16 << 20))
    filled = f"loader,file={memory},addr=0x100000,force-raw=on"
    command = qemus()[label]
    machine = [*running(), "-m", "256", "-device", filled]
    incoming = [*machine, "-incoming", "defer"]
    with (
        _twins(command, machine, files) as sources,
        _twins(command, incoming, files) as targets,
    ):
        for source, target in zip(sources, targets, strict=True):
            (source.qemu.folder / "target").symlink_to(target.qemu.folder)
        found = generated(load_tables(), sources[1].connection, READ)
        if begin is not None:
            begin("source", sources[0])
            begin("target", targets[0])
        reads = without_dangers(found, label, "migration")
        return _migrate(sources, targets, reads)


def _migrate(
    sources: tuple[Session, Session], targets: tuple[Session, Session], reads: list[str]
) -> Answers:
    """Run the lines for both ends before a migration, while it goes on, and after it."""
    answers: Answers = defaultdict(list)
    ends = {"source": sources, "target": targets}

    def run(end: str, lines: list[str], moving: bool = True, settled: bool = False) -> None:
        found = compare(*ends[end], lines, moving=moving, settled=settled)
        answers[end] += found

    run("target", [*reads, *BEFORE["target"]], moving=False)
    run("source", BEFORE["source"], moving=False)
    for session in (*sources, *targets):
        until(session, "active")
    run("source", [*reads, *UNDER_WAY])
    run("target", reads)
    run("source", ["migrate_set_parameter max-bandwidth 0"])
    for session in (*sources, *targets):
        until(session, "completed")
    for end in ends:
        run(end, [*reads, *AFTER, *STATE], settled=True)
    return answers
