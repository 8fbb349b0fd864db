"""Domains of a real libvirt, on each QEMU."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any

import pytest

from hmp.builtin import load_tables
from hmp.frontends.script import drive
from hmp.monitor.call import Call
from hmp.monitor.entry import READ
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import MachineGoneError, NoReplyError, NotYetError, QMPError
from hmp.targets.address import parse_target
from hmp.targets.libvirt_domain import DomainConnection
from hmp.terminal.reconnect import Reconnector
from tests.fakes import LIMIT
from tests.program import ROOT, run
from tests.qemu.conftest import Session
from tests.qemu.differential import compare
from tests.qemu.exceptions import DIFFERENT
from tests.qemu.libvirtd import TestedDomain, Tls, libvirtd, missing, virsh, wait
from tests.qemu.lines import generated
from tests.qemu.machines import RunningQemu, qemus
from tests.qemu.report import ENOUGH, Report
from tests.qemu.runs import all_lines, without_dangers
from tests.targets.sshd import Network, needs_sshd

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "libvirt is here")

HMP = [sys.executable, "-m", "hmp"]


Domains = dict[str, TestedDomain]


@pytest.fixture(scope="module")
def tls() -> Iterator[Tls | None]:
    """A libvirtd that runs, and how it is reached by TLS."""
    with libvirtd() as tls:
        yield tls


@pytest.fixture(scope="module")
def domains(tls: Tls | None) -> Iterator[Domains]:
    """The domains of the libvirtd by their emulators, started when they are needed."""
    found: Domains = {}
    yield found
    for domain in found.values():
        domain.close()


@pytest.fixture
def domain(domains: Domains, qemu_command: list[str]) -> TestedDomain:
    """A running domain."""
    key = " ".join(qemu_command)
    if key not in domains:
        name = f"hmp-test-{os.getpid()}-{len(domains)}"
        domains[key] = TestedDomain(name, qemu_command)
    return domains[key]


def opened(domain: TestedDomain, **options: Any) -> DomainConnection:
    """Return a connection to a domain."""
    connection = parse_target(domain.target).open(**options)
    assert isinstance(connection, DomainConnection)
    return connection


@pytest.fixture
def connection(domain: TestedDomain) -> Iterator[DomainConnection]:
    """A connection to the domain."""
    connection = opened(domain)
    yield connection
    connection.close()


def hmp(
    *arguments: str, script: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [*HMP, *arguments],
        input=script,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=3 * LIMIT,
        env={**os.environ, **environment},
    )


def test_a_script_runs_there(domain: TestedDomain) -> None:
    """Commands of QMP and of QEMU's own monitor, and their errors."""
    script = "info status\nprint 1+1\nnope\ndevice_del none\ninfo name\n"
    done = hmp(domain.target, script=script)

    assert done.stdout == f"VM status: running\n0x2\n{domain.name}\n"
    assert done.stderr == ("unknown command: 'nope'\nError: Device 'none' not found\n")
    assert done.returncode == 1


def test_in_a_set_with_a_socket(domain: TestedDomain, qemu_command: list[str]) -> None:
    """Found by a pattern, beside a machine that libvirt does not know."""
    plain = RunningQemu(qemu_command, ["-M", "none", "-name", "plain"])
    try:
        done = hmp(f"libvirt:{domain.name}*", plain.path, "-c", "info name")
    finally:
        plain.close()

    assert done.stdout.splitlines() == [
        f"libvirt:{domain.name}: {domain.name}",
        f"{plain.path}: plain",
    ]
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("scheme", ["qemu:///system/", "qemu+unix:///system/", ""])
def test_other_ways_to_name_it(domain: TestedDomain, scheme: str) -> None:
    """libvirt's URIs with the domain at the end; and its name alone."""
    done = hmp(f"{scheme}{domain.name}", "-c", "info name")

    assert (done.stdout, done.stderr) == (f"{domain.name}\n", "")


def test_from_another_host_by_tls(domain: TestedDomain, tls: Tls | None) -> None:
    """With the certificates that libvirt looks for."""
    if tls is None:
        pytest.skip("no openssl, or a libvirtd that runs already")
    done = hmp(tls.target(domain.name), script="info name\nstop\nwait STOP\ncont\n")
    assert done.stdout.startswith(f"{domain.name}\n")
    assert (done.stdout.split()[-1], done.stderr) == ("STOP", "")
    unknown = tls.target(domain.name).partition("?")[0]
    assert "libvirt: Cannot read CA certificate" in hmp(unknown, "-c", "info name").stderr


@needs_sshd
def test_from_another_host_by_ssh(domain: TestedDomain, tmp_path: Path) -> None:
    """With libvirt's own ssh, whose configuration is the user's."""
    network = Network()
    try:
        command = tmp_path / "ssh"
        command.write_text(f'#!/bin/sh\nexec {network.command()} "$@"\n')
        command.chmod(0o755)
        target = f"qemu+ssh://near/system/{domain.name}?command={command}"
        done = hmp(target, script="info name\nstop\nwait STOP\ncont\n")
        listed = hmp("--list", "near:", "-o", "json", HMP_SSH=network.command())
        ours = {"HMP_SSH": network.command("-o", "LogLevel=ERROR")}
        named = hmp("near:*", "qemu+ssh://near/system/*", "-c", "info name", **ours)
    finally:
        network.close()
    assert done.stdout.startswith(f"{domain.name}\n")
    assert (done.stdout.split()[-1], done.stderr) == ("STOP", "")
    rows = map(json.loads, listed.stdout.splitlines())
    assert [row["state"] for row in rows if row["name"] == domain.name] == ["running"]
    assert f"near:{domain.name}: {domain.name}\n" in named.stdout


def test_its_number_and_its_uuid_name_it_too(domain: TestedDomain) -> None:
    """As they do for virsh."""
    for word in (virsh("domid", domain.name), virsh("domuuid", domain.name)):
        done = hmp(f"libvirt:{word.strip()}", "-c", "info name")
        assert (done.stdout, done.stderr) == (f"{domain.name}\n", "")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            "libvirt:hmp-test-no-such",
            "libvirt: Domain not found: no domain with matching name 'hmp-test-no-such'",
        ),
        (
            "qemu+unix:///system/vm?socket=/no/such/socket",
            "libvirt: Failed to connect socket to '/no/such/socket': "
            "No such file or directory",
        ),
    ],
)
def test_errors_are_libvirts(domain: TestedDomain, target: str, said: str) -> None:
    """On one line, ours, and none of the library's own."""
    done = hmp(target, "-c", "info status")

    assert done.stderr == f"hmp: cannot connect to {target}: {said}\n"
    assert done.returncode == 3


def test_a_name_that_is_nowhere(domain: TestedDomain) -> None:
    """The error is the one that comes without libvirt."""
    done = hmp("hmp-test-no-such", "-c", "info status")

    assert "no such socket, configured target or running QEMU" in done.stderr


def test_its_state_is_listed(domain: TestedDomain) -> None:
    """As libvirt knows it, though it holds the socket."""

    def state() -> Any:
        rows = map(json.loads, hmp("--list", "-o", "json").stdout.splitlines())
        return next(row["state"] for row in rows if row["name"] == domain.name)

    assert state() == "running"
    virsh("suspend", domain.name)
    assert state() == "paused"
    virsh("resume", domain.name)


def test_messages_are_traced_with_ids(domain: TestedDomain) -> None:
    """Though libvirt would refuse them."""
    done = hmp("--trace", domain.target, "-c", "info status")
    messages = [json.loads(line.split(" ", 1)[1]) for line in done.stderr.splitlines()]

    *_, request, reply = messages
    assert request["execute"] == "query-status"
    assert request["id"] == reply["id"]


def test_a_recording_is_replayed(domain: TestedDomain, tmp_path: Path) -> None:
    """The same text, without libvirt."""
    lines = ("info status", "info version", "print 2+2", "device_del none")
    options = [part for line in lines for part in ("-c", line)]
    path = tmp_path / "session"
    first = hmp("--record", str(path), domain.target, *options)
    second = hmp(f"replay:{path}", *options)

    assert first.stdout.startswith("VM status: running\n")
    assert (second.stdout, second.stderr) == (first.stdout, first.stderr)


def test_read_only_refuses_changes(domain: TestedDomain) -> None:
    """Before they are sent."""
    done = hmp("--read-only", domain.target, script="info status\nstop\ninfo status\n")

    assert done.stdout == "VM status: running\n" * 2
    assert done.stderr == "Error: 'stop' is refused: this session is read-only\n"


def test_passwords_are_masked(domain: TestedDomain) -> None:
    """In traces and errors."""
    line = "set_password vnc sesame"
    done = hmp("--trace", domain.target, "-c", line)

    assert "sesame" not in done.stderr + done.stdout


def test_out_of_band_is_sent_in_band(connection: DomainConnection) -> None:
    """libvirt refuses exec-oob."""
    reply = drive(connection.execute_oob("query-status"))

    assert reply["status"] == "running"


def test_descriptors_are_passed(connection: DomainConnection) -> None:
    """So that a private monitor can be made where QEMU has them."""
    ours, theirs = os.pipe()
    assert connection.passes_descriptors
    drive(connection.execute_with_descriptors("getfd", {"fdname": "hmp0"}, [theirs]))
    os.close(theirs)
    drive(connection.execute("closefd", {"fdname": "hmp0"}))

    assert os.read(ours, 1) == b""  # QEMU had the only other end
    os.close(ours)


def test_events_arrive(domain: TestedDomain, connection: DomainConnection) -> None:
    """In order, with QEMU's own times."""
    heard: list[dict[str, Any]] = []
    connection.on_event = heard.append
    drive(connection.execute("stop"))
    drive(connection.execute("cont"))
    deadline = monotonic() + LIMIT
    while len(heard) < 2 and monotonic() < deadline:
        drive(connection.pause(1.0))

    assert [event["event"] for event in heard] == ["STOP", "RESUME"]
    assert heard[0]["timestamp"]["seconds"] > 1_000_000_000


class Asked(FrontEnd):
    """A user who answers questions."""

    interactive = True

    def __init__(self, *answers: bool) -> None:
        super().__init__()
        self.answers = list(answers)
        self.questions: list[str] = []

    async def confirm(self, question: str) -> bool:
        """Give the next answer."""
        self.questions.append(question)
        return self.answers.pop(0) if self.answers else True


def test_the_first_change_is_asked_for(connection: DomainConnection) -> None:
    """Once agreed to, never again; reads are never asked for."""
    monitor = Monitor(connection, load_tables())
    monitor.front = front = Asked(False, True)

    def run(line: str) -> Call:
        call = drive(monitor.run(line))
        assert call is not None
        return call

    for line in ("info status", "print 1", "qmp query-status", "info roms"):
        assert run(line).error is None
    assert front.questions == []
    refused = run("object_add iothread,id=hmp0")
    assert refused.error is not None
    assert refused.error_text() == "cancelled\n"
    assert "hmp0" not in run("info qom-tree /objects").text()
    for line in ("object_add iothread,id=hmp0", "object_del hmp0"):
        assert run(line).error is None
    asked = [q for q in front.questions if q.startswith("libvirt does not notice")]
    assert len(asked) == 2


def _pause_until_gone(connection: DomainConnection) -> None:
    for _ in range(int(LIMIT)):
        drive(connection.pause(1.0))


def test_a_stopped_domain_is_noticed_and_reached_again(domain: TestedDomain) -> None:
    """Without a command; the error while it is off is libvirt's."""
    connection = opened(domain)
    domain.stop()
    try:
        with pytest.raises(MachineGoneError, match="has stopped: destroyed"):
            _pause_until_gone(connection)
        with pytest.raises(MachineGoneError):
            drive(connection.execute("query-status"))
        with pytest.raises(NotYetError, match="domain is not running"):
            opened(domain)
    finally:
        domain.start()
        connection.close()

    again = opened(domain, wait=LIMIT)
    assert drive(again.execute("query-status"))["status"] == "running"
    again.close()


def test_a_session_reconnects(domain: TestedDomain) -> None:
    """It hears of the end at once, and of the domain's return."""

    async def run() -> None:
        connection = opened(domain)
        monitor = Monitor(connection, load_tables())
        lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        back = asyncio.Event()

        async def on_back() -> None:
            back.set()

        link = Reconnector(
            monitor, connection.target, lambda gone: lost.set_result(str(gone)), on_back
        )
        await link.take_over(connection)
        call = await monitor.run("info status")
        assert call is not None
        assert call.text() == "VM status: running\n"
        await asyncio.to_thread(domain.stop)
        assert "has stopped: destroyed" in await asyncio.wait_for(lost, LIMIT)
        await asyncio.to_thread(domain.start)
        await asyncio.wait_for(back.wait(), LIMIT)
        call = await monitor.run("info status")
        assert call is not None
        assert call.text() == "VM status: running\n"
        link.close()
        connection.close()

    asyncio.run(run())


def test_quit_ends_the_machine(domain: TestedDomain) -> None:
    """And the script with it, without an error; the line after it is counted."""
    try:
        done = hmp(domain.target, script="quit\ninfo status\n")
        assert (done.stdout, done.returncode) == ("", 0)
        assert done.stderr == "hmp: 1 line after 'quit' was not run\n"
    finally:
        wait(lambda: "shut off" in virsh("domstate", domain.name), "the end")
        domain.start()


def test_a_machine_that_is_stopped(domain: TestedDomain) -> None:
    """libvirt waits for it in silence; whose process it is is known here."""
    os.kill(domain.pid, signal.SIGSTOP)
    try:
        done = run("--timeout", "1", domain.target, "-c", "info name")
    finally:
        os.kill(domain.pid, signal.SIGCONT)

    assert done.returncode == 3
    assert done.stderr == (
        f"hmp: cannot connect to {domain.target}: its process is stopped;"
        f" resume it with: kill -CONT {domain.pid}\n"
    )


def test_a_hung_machine_holds_up_nothing(domain: TestedDomain) -> None:
    """--timeout, Ctrl-C and the end of the program do not wait for libvirt's call."""
    connection = opened(domain, timeout=1.0)
    child = subprocess.Popen(
        [*HMP, domain.target, "-c", "info name", "-f", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == f"{domain.name}\n"
    os.kill(domain.pid, signal.SIGSTOP)
    try:
        with pytest.raises(NoReplyError):
            drive(connection.execute("query-status"))
        child.stdin.write("info status\n")
        child.stdin.flush()
        sleep(0.5)  # for the request to be under way; the test holds without as well
        child.send_signal(signal.SIGINT)
        assert child.wait(LIMIT) == 130
        connection.close()
    finally:
        os.kill(domain.pid, signal.SIGCONT)
        child.kill()
        child.communicate()

    again = opened(domain)
    assert drive(again.execute("query-status"))["status"] == "running"
    again.close()


def test_an_error_of_libvirts_own(connection: DomainConnection) -> None:
    """It is the command's, and the connection stays usable."""
    connection.session.ids = True  # libvirt refuses an id
    with pytest.raises(QMPError, match="libvirt: "):
        drive(connection.execute("query-status"))
    connection.session.ids = False

    assert drive(connection.execute("query-status"))["status"] == "running"


def test_nothing_is_left_open(domain: TestedDomain) -> None:
    """Connecting again and again costs neither descriptors nor memory for listeners."""
    from hmp.targets.libvirt_callbacks import _LISTENERS

    opened(domain).close()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        opened(domain).close()

    # libvirt's thread closes sockets a moment later
    wait(lambda: len(os.listdir("/proc/self/fd")) <= before, "the descriptors to close")
    wait(lambda: not _LISTENERS, "the listeners to be forgotten")


class Oracle:
    """QEMU's own monitor in a domain, asked through libvirt without any code of ours."""

    def __init__(self, connection: DomainConnection) -> None:
        assert connection.domain is not None
        self.domain = connection.domain

    def qmp(self, command: str, **arguments: Any) -> Any:
        """Run a QMP command and return the whole reply."""
        request = {"execute": command, "arguments": arguments}
        return json.loads(self.domain.command(json.dumps(request).encode()))

    def hmp(self, line: str) -> str:
        """Return what QEMU's monitor prints for a line, with plain line ends."""
        reply = self.qmp("human-monitor-command", **{"command-line": line})
        text: str = reply["return"]
        return text.replace("\r\n", "\n")


class ThroughLibvirt(Session):
    """Our monitor on a domain, next to QEMU's own; what names the domain is masked."""

    def __init__(self, domain: TestedDomain) -> None:
        self.domain = domain
        connection = opened(domain)
        self.connection: Any = connection
        self.monitor = Monitor(connection, load_tables())
        self.uuid = virsh("domuuid", domain.name).strip()
        self.qemu: Any = SimpleNamespace(folder="FOLDER", oracle=Oracle(connection))

    def _masked(self, text: str) -> str:
        text = text.replace(self.domain.name, "DOMAIN").replace(self.uuid, "UUID")
        return re.sub(r"/domain-\d+-", "/domain-N-", text)

    def ours(self, line: str) -> str:
        """Return what our monitor prints for a line, result or error."""
        return self._masked(super().ours(line))

    def theirs(self, line: str) -> str:
        """Return what QEMU's own monitor prints for it."""
        return self._masked(super().theirs(line))


@pytest.mark.timeout(600)  # libvirt writes a file for each of the thousands of requests
def test_both_monitors_say_the_same(domains: Domains, qemu_label: str) -> None:
    """As on a socket: the lines of the parity suite, on twin domains that are paused.

    All of them on one QEMU, and those that read on the others, unless HMP_TEST_LONG is set.
    """
    command = qemus()[qemu_label]
    twins = [
        TestedDomain(f"hmp-twin-{os.getpid()}-{name}", command, paused=True)
        for name in ("one", "two")
    ]
    ours, theirs = sessions = [ThroughLibvirt(twin) for twin in twins]
    whole = qemu_label == next(iter(qemus())) or os.environ.get("HMP_TEST_LONG")
    try:
        reads = generated(load_tables(), theirs.connection, READ)
        lines = all_lines(theirs, []) if whole else reads
        safe = without_dangers(lines, qemu_label, "libvirt")
        report = Report(qemu_label, compare(ours, theirs, safe), DIFFERENT)
    finally:
        for session, twin in zip(sessions, twins, strict=True):
            session.connection.close()
            twin.close()

    print(f"{qemu_label} libvirt: {report}")  # noqa: T201 - the figures
    assert not report.unexplained, "\n".join(map(str, report.unexplained))
    assert not report.leaked
    assert report.lines > (1500 if whole else 300)
    assert report.equal >= ENOUGH * report.lines


@pytest.mark.skipif(not os.environ.get("HMP_TEST_LONG"), reason="long: HMP_TEST_LONG=1")
def test_a_guest_moves(tls: Tls | None, qemu_command: list[str]) -> None:
    """Between two domains, by descriptors that libvirt passes; it knows both states."""
    here = TestedDomain(f"hmp-here-{os.getpid()}", qemu_command)
    try:
        there = TestedDomain(
            f"hmp-there-{os.getpid()}", qemu_command, paused=True, waits=True
        )
        try:
            line = f"migrate-to {there.target}"
            done = subprocess.run(
                [*HMP, here.target, "-y", "-c", line],
                capture_output=True,
                text=True,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
            )
            states = [virsh("domstate", each.name).strip() for each in (here, there)]
        finally:
            there.close()
    finally:
        here.close()

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("moved: ")
    assert states == ["paused", "running"]
