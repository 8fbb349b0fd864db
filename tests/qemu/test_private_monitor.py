"""Sessions beside each other on one QMP socket of a real QEMU."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import ConnectError, QMPError
from hmp.targets.address import parse_target
from hmp.targets.private_monitor import PrivateMonitorTarget
from hmp.targets.socket_target import SocketTarget
from hmp.targets.ssh_master import end_masters
from hmp.targets.target import PRIVATE_MONITORS, Target
from tests.fakes import LIMIT
from tests.program import run
from tests.qemu.libvirtd import TestedDomain, libvirtd, missing, virsh
from tests.qemu.machines import RunningQemu
from tests.targets.sshd import Network, needs_sshd
from tests.terminal.screen import Terminal

PROMPT = "(qemu) "


@pytest.fixture(scope="module")
def offering(bare_qemu: RunningQemu) -> RunningQemu:
    """A QEMU that lets its clients create monitors."""
    if bare_qemu.version < PRIVATE_MONITORS:
        pytest.skip(f"needs QEMU 11.1, and this is {'.'.join(map(str, bare_qemu.version))}")
    return bare_qemu


def monitors(qemu: RunningQemu) -> set[str]:
    """Return the monitors and chardevs that clients have made."""
    objects = qemu.oracle.qmp("qom-list", path="/objects").get("return", [])
    chardevs = qemu.oracle.qmp("query-chardev")["return"]
    names = {item["name"] for item in objects} | {item["label"] for item in chardevs}
    return {name for name in names if name.startswith("hmp-")}


def wait_for_none(qemu: RunningQemu) -> None:
    """Wait until QEMU has removed the monitors of clients that have gone."""
    deadline = time.monotonic() + LIMIT
    while monitors(qemu):
        assert time.monotonic() < deadline, monitors(qemu)
        time.sleep(0.01)


def test_an_older_qemu_is_held(bare_qemu: RunningQemu) -> None:
    """By one session at a time, without a word."""
    if bare_qemu.version >= PRIVATE_MONITORS:
        pytest.skip("this QEMU lets clients create monitors")
    connection = PrivateMonitorTarget(SocketTarget(bare_qemu.path)).open()

    assert (connection.notice, monitors(bare_qemu)) == ("", set())
    with pytest.raises(ConnectError):
        SocketTarget(bare_qemu.path).open(timeout=0.2)
    connection.close()


def test_two_sessions(offering: RunningQemu) -> None:
    """And a script beside them; each gets every event, and nothing is left of them."""
    first, second = Terminal(offering.path), Terminal(offering.path)
    try:
        first.wait_prompt(PROMPT)
        second.wait_prompt(PROMPT)
        assert len(monitors(offering)) == 2
        first.type("info status\r")
        first.wait_for("● running")
        done = run(offering.path, "-c", "stop", "-c", "cont")
        assert (done.returncode, done.stderr) == (0, "")
        for session in (first, second):
            session.wait_for(" RESUME")
        os.kill(second.pid, signal.SIGKILL)
        first.type("info version\r")
        first.wait_for(".".join(map(str, offering.version)))
    finally:
        first.close()
        second.close()
    wait_for_none(offering)


def test_the_socket_is_held_if_asked(offering: RunningQemu) -> None:
    """With --hold, the next client waits as it always did."""
    session = Terminal("--hold", offering.path)
    try:
        session.wait_prompt(PROMPT)
        assert monitors(offering) == set()
        with pytest.raises(ConnectError):
            SocketTarget(offering.path).open(timeout=0.2)
    finally:
        session.close()


def test_out_of_band(offering: RunningQemu) -> None:
    """The private monitor offers what the foothold does."""
    connection = PrivateMonitorTarget(SocketTarget(offering.path)).open(timeout=LIMIT)

    assert connection.session.oob  # type: ignore[attr-defined]
    with pytest.raises(QMPError, match="only supported during postcopy"):
        drive(connection.execute_oob("migrate-pause", None))
    connection.close()
    wait_for_none(offering)


@pytest.fixture
def over_tcp(offering: RunningQemu) -> Iterator[Target]:
    """A monitor that is reached without descriptors."""
    address = {"type": "inet", "data": {"host": "127.0.0.1", "port": "0"}}
    socket = {"addr": address, "server": True, "wait": False}
    backend = {"type": "socket", "data": socket}
    offering.oracle.qmp("chardev-add", id="tcp", backend=backend)
    monitor = {"qom-type": "monitor-qmp", "chardev": "tcp"}
    offering.oracle.qmp("object-add", id="tcp", **monitor)
    chardevs = offering.oracle.qmp("query-chardev")["return"]
    (name,) = (item["filename"] for item in chardevs if item["label"] == "tcp")
    yield parse_target(name.removeprefix("disconnected:tcp:").partition(",")[0])
    offering.oracle.qmp("object-del", id="tcp")
    offering.oracle.qmp("chardev-remove", id="tcp")


def test_tcp(
    offering: RunningQemu, over_tcp: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The monitor is a socket in our folder, which QEMU removes."""
    with tempfile.TemporaryDirectory(prefix="hmpt") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        first, second = (
            PrivateMonitorTarget(over_tcp).open(timeout=LIMIT) for _ in range(2)
        )

        assert first.notice == second.notice == ""
        assert monitors(offering) == set(os.listdir(folder))
        first.close()
        second.close()
        wait_for_none(offering)
        deadline = time.monotonic() + LIMIT
        while os.listdir(folder):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_human_monitor_is_a_foothold(offering: RunningQemu) -> None:
    """What comes of it is QMP, and the human monitor is free again."""
    path = f"{offering.folder}/human"
    backend = {"addr": {"type": "unix", "data": {"path": path}}, "server": True}
    chardev = {"type": "socket", "data": {**backend, "wait": False}}
    offering.oracle.qmp("chardev-add", id="human", backend=chardev)
    human = {"qom-type": "monitor-hmp", "chardev": "human"}
    offering.oracle.qmp("object-add", id="human", **human)
    first, second = (
        PrivateMonitorTarget(parse_target(text)).open(timeout=LIMIT)
        for text in (path, f"monitor:{path}")
    )

    assert first.notice == second.notice == ""
    assert first.takes_qmp
    assert second.takes_qmp
    assert len(monitors(offering)) == 2
    first.close()
    second.close()
    wait_for_none(offering)


@pytest.mark.skipif(bool(missing()), reason=missing() or "libvirt is here")
def test_libvirt_is_a_foothold(offering: RunningQemu, qemu_command: list[str]) -> None:
    """At full speed and out-of-band, beside libvirt's own use of its monitor."""
    with libvirtd():
        domain = TestedDomain(f"hmp-private-{os.getpid()}", qemu_command)
        try:
            connection = PrivateMonitorTarget(parse_target(domain.target)).open(
                timeout=LIMIT
            )
            assert connection.notice == ""
            assert connection.session.oob  # type: ignore[attr-defined]
            assert "libvirt" in connection.caution
            drive(connection.execute("stop"))
            assert virsh("domstate", domain.name).strip() == "paused"
            connection.close()
        finally:
            domain.close()


@needs_sshd
def test_another_host(offering: RunningQemu, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over ssh, which passes no descriptors: QEMU opens a socket there, and removes it."""
    before = set(Path("/tmp").glob("hmp-*"))
    network = Network()
    monkeypatch.setenv("HMP_SSH", network.command())
    try:
        target = PrivateMonitorTarget(parse_target(f"ssh://near{offering.path}"))
        first, second = target.open(timeout=LIMIT), target.open(timeout=LIMIT)

        assert first.notice == second.notice == ""
        assert len(monitors(offering)) == 2
        assert drive(first.execute("query-status"))["running"]
        first.close()
        second.close()
        wait_for_none(offering)
    finally:
        end_masters()
        network.close()
    deadline = time.monotonic() + LIMIT
    while any(path.is_socket() for path in set(Path("/tmp").glob("hmp-*")) - before):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_session_comes_back(offering: RunningQemu, qemu_command: list[str]) -> None:
    """After a restart, it moves to a private monitor of the new QEMU."""
    machine = RunningQemu(qemu_command, ["-M", "none", "-nodefaults"])
    path = machine.path
    session = Terminal(path)
    try:
        session.wait_prompt(PROMPT)
        assert len(monitors(machine)) == 1
        machine.restart()
        session.wait_for("again\n(qemu)")
        assert len(monitors(machine)) == 1
        session.type("info name\r")
    finally:
        session.close()
        machine.close()
