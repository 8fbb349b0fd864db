"""Fixtures with real QEMUs; a test that takes one runs once for each QEMU there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hmp.builtin import load_tables
from hmp.frontends.script import drive
from hmp.monitor.call import Call
from hmp.monitor.monitor import Monitor
from hmp.qmp.connection import Connection
from hmp.targets.socket_target import SocketTarget
from tests.qemu.machines import RunningQemu, full_machine, qemus

_MISSING = pytest.mark.skip("no QEMU: set HMP_TEST_QEMUS, or install one")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one run of each QEMU, or one skipped test that says what is missing."""
    if "qemu_label" in metafunc.fixturenames:
        labels = [pytest.param(label) for label in qemus()]
        missing = pytest.param("", id="none", marks=_MISSING)
        metafunc.parametrize("qemu_label", labels or [missing], scope="module")
    if "qemu_command" not in metafunc.fixturenames:
        return
    found = qemus()
    parameters = [pytest.param(command, id=label) for label, command in found.items()]
    missing = pytest.param([], id="none", marks=_MISSING)
    metafunc.parametrize("qemu_command", parameters or [missing], scope="module")


@pytest.fixture(scope="module")
def full_qemu(
    qemu_command: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningQemu]:
    """A machine with a bit of everything."""
    arguments = full_machine(tmp_path_factory.mktemp("disks"))
    qemu = RunningQemu(qemu_command, arguments)
    yield qemu
    qemu.close()


@pytest.fixture(scope="module")
def bare_qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A QEMU without any machine."""
    qemu = RunningQemu(qemu_command, ["-M", "none", "-nodefaults"])
    yield qemu
    qemu.close()


class Session:
    """Our monitor on a QEMU, next to QEMU's own."""

    def __init__(self, qemu: RunningQemu) -> None:
        self.qemu = qemu
        self.connection: Connection = SocketTarget(qemu.path).open_qmp(timeout=60)
        self.monitor = Monitor(self.connection, load_tables())

    def call(self, line: str) -> Call:
        """Run a line in our monitor."""
        call = drive(self.monitor.run(line))
        assert call is not None
        return call

    def ours(self, line: str) -> str:
        """Return what our monitor prints for a line, result or error."""
        call = self.call(line)
        return call.error_text() if call.error is not None else call.text()

    def theirs(self, line: str) -> str:
        """Return what QEMU's own monitor prints for it."""
        return self.qemu.oracle.hmp(line)


@pytest.fixture(scope="module")
def full(full_qemu: RunningQemu) -> Iterator[Session]:
    """Both monitors of a machine with a bit of everything."""
    session = Session(full_qemu)
    yield session
    session.connection.close()


@pytest.fixture(scope="module")
def bare(bare_qemu: RunningQemu) -> Iterator[Session]:
    """Both monitors of a QEMU without any machine."""
    session = Session(bare_qemu)
    yield session
    session.connection.close()


@pytest.fixture
def twins(
    qemu_command: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Session, Session]]:
    """Two machines of the same make, for lines that change something."""
    machines = [
        RunningQemu(qemu_command, full_machine(tmp_path_factory.mktemp("twin")))
        for _ in range(2)
    ]
    sessions = [Session(machine) for machine in machines]
    yield sessions[0], sessions[1]
    for session, machine in zip(sessions, machines, strict=True):
        session.connection.close()
        machine.close()
