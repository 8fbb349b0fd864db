"""A session connects again through every door when its machine is started again.

Those of libvirt and of a private monitor have tests of their own.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest

from hmp.builtin import load_tables
from hmp.monitor.monitor import Monitor
from hmp.targets.address import parse_target
from hmp.targets.ssh_master import end_masters
from hmp.terminal.reconnect import Reconnector
from tests.fakes import LIMIT
from tests.program import ROOT
from tests.qemu.doors import DOORS, ManyDoors
from tests.qemu.machines import RunningDaemon, daemon_release
from tests.targets.agents import RealAgent, needs_agent
from tests.targets.sshd import PROGRAM as SSHD
from tests.targets.sshd import Network

RELAY = f"{sys.executable} {ROOT}/tests/targets/relay.py"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network | None]:
    """An ssh server, if there can be one."""
    if SSHD is None:
        yield None
        return
    made = Network()
    monkeypatch.setenv("HMP_SSH", made.command())
    yield made
    end_masters()
    made.close()


class Session:
    """A session's link to a machine, without a terminal."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.connection = parse_target(target).open(timeout=LIMIT)
        self.monitor = Monitor(self.connection, load_tables())
        self.lost = asyncio.Event()
        self.back = asyncio.Event()
        self.reconnector = Reconnector(
            self.monitor,
            self.connection.target,
            lambda gone: self.lost.set(),
            self._came_back,
        )

    async def _came_back(self) -> None:
        self.back.set()

    async def prints(self, line: str) -> str:
        """Return what a line prints."""
        call = await self.monitor.run(line)
        assert call is not None
        return call.error_text() if call.error is not None else call.text()

    def close(self) -> None:
        """End it."""
        self.reconnector.close()
        self.connection.close()


async def survive(
    targets: Sequence[str], line: str, restart: Callable[[], set[str]]
) -> None:
    """Open sessions, restart the machine, and see that a line works as before in each."""
    with ExitStack() as stack:
        sessions = [await asyncio.to_thread(Session, target) for target in targets]
        for session in sessions:
            stack.callback(session.close)
            await session.reconnector.take_over(session.connection)
        before = [await session.prints(line) for session in sessions]
        moved = await asyncio.to_thread(restart)
        for what in ("lost", "back"):
            events = {session.target: getattr(session, what) for session in sessions}
            waiting = [asyncio.ensure_future(event.wait()) for event in events.values()]
            _, pending = await asyncio.wait(waiting, timeout=LIMIT)
            for task in pending:
                task.cancel()
            missed = [target for target, event in events.items() if not event.is_set()]
            assert not missed, f"not {what}: {missed}"
            sessions = [s for s in sessions if s.target not in moved]
        after = {session.target: await session.prints(line) for session in sessions}
        assert after.items() <= dict(zip(targets, before, strict=True)).items()


def all_stay(restart: Callable[[], object]) -> Callable[[], set[str]]:
    """Return what restarts a machine whose targets all stay."""

    def run() -> set[str]:
        restart()
        return set()

    return run


def test_every_door_of_a_machine(qemu_command: list[str], network: Network | None) -> None:
    """QMP, also through a program and ssh; its human monitors; its gdb server."""
    extra = [f"-qmp unix:{name},server=on,wait=off" for name in ("exec", "ssh", "far")]
    options = ["-M", "pc", "-nodefaults", "-S", "-name", "vm", *" ".join(extra).split()]
    qemu = ManyDoors(qemu_command, options)
    try:
        folder = qemu.folder
        doors = [qemu.path, *map(qemu.target, DOORS), f"exec:{RELAY} {folder}/exec"]
        if network is not None:
            doors += [f"near:{folder}/ssh", f"far:{folder}/far"]
        terminal = qemu.target("pty")

        def restart() -> set[str]:
            qemu.restart()
            return {terminal} - {qemu.target("pty")}  # another program may be faster

        asyncio.run(survive(doors, "info name", restart))
    finally:
        qemu.close()


@pytest.mark.skipif(not daemon_release(), reason="no qemu-storage-daemon")
def test_a_storage_daemon() -> None:
    """By its QMP."""
    node = ["--blockdev", "null-co,node-name=n0"]
    daemon = RunningDaemon(["qemu-storage-daemon"], node)
    try:
        asyncio.run(survive([daemon.path], "info block", all_stay(daemon.restart)))
    finally:
        daemon.close()


@needs_agent
def test_a_guest_agent() -> None:
    """It ends with its guest, and is started with it."""
    with RealAgent() as agent:
        line = "guest exec echo hello"
        asyncio.run(survive([f"qga:{agent.path}"], line, all_stay(agent.restart)))
