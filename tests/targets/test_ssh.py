"""Machines of other hosts, over real ssh servers on the loopback interface."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.errors import ConnectError, MachineGoneError, NotYetError
from hmp.targets import ssh_host, ssh_master
from hmp.targets.address import parse_target
from hmp.targets.processes import Host
from hmp.targets.socket_target import parse_local
from hmp.targets.ssh_host import machine_destination, machines_of
from hmp.targets.ssh_master import Master, end_masters, master
from hmp.targets.ssh_mux import Destination
from hmp.targets.ssh_states import FarHost
from hmp.targets.ssh_target import SshTarget, parse_remote
from hmp.targets.target import StreamTarget
from tests.fakes import LIMIT, FakeServer, Peer, serving
from tests.program import HMP, ROOT, run
from tests.targets.peers import HOLD, ONE_CLIENT, program, server
from tests.targets.processes import NOBODY, calling_itself
from tests.targets.sshd import Network, needs_sshd
from tests.targets.test_run_states import listening, said
from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import Terminal

pytestmark = needs_sshd

NAME, OTHER, TWIN, LISTED = (
    f"hmp-{word}-{os.getpid()}" for word in ("test", "other", "twin", "listed")
)
"""Names of machines that no other run of the tests uses at the same time."""
ANSWERS = {
    "query-name": {"name": "vm"},
    "query-status": {"status": "running", "running": True},
}


@pytest.fixture(scope="module")
def servers() -> Iterator[Network]:
    """The servers, for all tests."""
    made = Network("MaxSessions 3", "MaxStartups 3")
    yield made
    made.close()


@pytest.fixture
def network(servers: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """The servers; no ssh is left over from another test."""
    monkeypatch.setenv("HMP_SSH", servers.command())
    yield servers
    while OPENED:
        OPENED.pop().close()
    end_masters()


OPENED: list[BlockingConnection] = []
"""The connections of a test; the fixture above closes them."""


def opened(text: str, wait: float | None = None) -> BlockingConnection:
    """Return a connection to the machine of a target."""
    target = parse_target(text)
    assert isinstance(target, StreamTarget)
    OPENED.append(target.open_qmp(wait=wait))
    return OPENED[-1]


def name_of(text: str) -> str:
    """Return the name that the machine of a target says that it has."""
    connection = opened(text)
    try:
        name: str = connection.run("query-name", None)["name"]
        return name
    finally:
        connection.close()


def refusal(text: str, kind: type[Exception] = ConnectError) -> str:
    """Return why a target cannot be reached."""
    with pytest.raises(kind) as caught:
        opened(text).close()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_path_of_another_host(network: Network) -> None:
    """In both forms; one ssh carries all connections."""
    with serving(ANSWERS) as server:
        assert name_of(f"near:{server.path}") == "vm"
        assert name_of(f"ssh://near{server.path}") == "vm"
        assert name_of(f"near:unix:{server.path}") == "vm"

    assert len(ssh_master._masters) == 1


def test_through_a_jump_host(network: Network) -> None:
    """As the user's configuration says; hmp names the far host only."""
    before = network.near.log.count("Accepted publickey")
    with serving(ANSWERS) as server:
        assert name_of(f"far:{server.path}") == "vm"

    assert network.near.log.count("Accepted publickey") == before + 1
    assert "Accepted publickey" in network.far.log


def test_a_tcp_server_of_another_host(network: Network) -> None:
    """Seen from there."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        ThreadPoolExecutor() as threads,
    ):
        port = listening.getsockname()[1]

        def serve() -> None:
            sock, _ = listening.accept()
            peer = Peer(sock)
            peer.negotiate()
            peer.reply(peer.read(), {"name": "tcp"})
            sock.close()

        serving_one = threads.submit(serve)
        assert name_of(f"near:tcp:127.0.0.1:{port}") == "tcp"
        serving_one.result()
    assert refusal(f"near:tcp:127.0.0.1:{port}", NotYetError) == (
        f"cannot connect to near:tcp:127.0.0.1:{port}: connection refused"
    )


@contextmanager
def called(name: str, path: str, user: int | None = None) -> Iterator[int]:
    """Run a process that looks like a QEMU of that name."""
    options = ("-name", name, "-qmp", f"unix:{path},server=on,wait=off")
    with calling_itself(*options, user=user) as pid:
        yield pid


def test_a_machine_by_its_name(network: Network) -> None:
    """Whatever else its command line says."""
    with serving(ANSWERS) as server:
        for name in (NAME, "two words", "it's;$(x)\n`y`", "grüße"):
            with called(name, server.path):
                assert name_of(f"near:{name}") == "vm"


def test_many_names_of_a_host(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are looked up together, as the server allows few commands at a time."""
    lists: list[Master] = []
    captured = ssh_host.captured

    def counting(ssh: Master) -> Host:
        lists.append(ssh)
        return captured(ssh)

    monkeypatch.setattr(ssh_host, "captured", counting)
    names = [f"{NAME}-{number}" for number in range(8)]
    with ExitStack() as running, ThreadPoolExecutor(len(names)) as threads:
        server = running.enter_context(serving(ANSWERS))
        for name in names:
            running.enter_context(called(name, server.path))
        targets = [parse_remote(f"near:{name}") for name in names]
        all_at_once = threading.Barrier(len(names))

        def look(target: SshTarget | None) -> Destination:
            assert target is not None
            all_at_once.wait(LIMIT)
            return machine_destination(master(target.host), str(target.to))

        found = [*threads.map(look, targets)]
    assert {to.host for to in found} == {server.path}
    assert len(lists) < len(names)


def test_a_name_that_no_machine_has(network: Network) -> None:
    """The error says which names there are."""
    with called(OTHER, "/nowhere"):
        said = refusal(f"near:{NAME}", NotYetError)

    start = f"cannot connect to near:{NAME}: no QEMU of that name runs on near; it has "
    assert said.startswith(start)
    assert OTHER in said.removeprefix(start).split(", ")


def test_a_name_that_two_machines_have(network: Network) -> None:
    """The error says which they are."""
    with called(TWIN, "/a") as one, called(TWIN, "/b") as two:
        said = refusal(f"near:{TWIN}")

    pids = ", ".join(map(str, sorted((one, two))))
    assert said.endswith(f"several QEMUs are called '{TWIN}': processes {pids}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be another user")
def test_a_name_or_a_socket_of_another_user(network: Network) -> None:
    """Anybody may call a process as they like, and make sockets in /tmp."""
    with called(NAME, "/q", user=NOBODY):
        assert "no QEMU of that name runs on near" in refusal(f"near:{NAME}")
    with serving(ANSWERS) as server, called(NAME, server.path):
        os.chown(server.path, NOBODY, -1)
        said = refusal(f"near:{NAME}")
    assert said.endswith(f"{server.path} is another user's socket")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="hmps") as path:
        yield Path(path)


def test_why_a_path_cannot_be_reached(network: Network, folder: Path) -> None:
    """The host is asked, since ssh says the same of all causes."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / "dead"))
    (folder / "file").touch()
    for name, kind, reason in (
        ("dead", NotYetError, "connection refused; the QEMU has probably exited"),
        ("file", ConnectError, "not a socket"),
        (".", ConnectError, "not a socket"),
        (
            "nope",
            NotYetError,
            f"no such socket on near; is the machine running, with -qmp unix:{folder}/nope"
            ",server=on,wait=off?",
        ),
        ("it's $(touch x); \\", NotYetError, "no such socket on near; is the machine"),
        ("line\nend", NotYetError, "no such socket on near; is the machine"),
        ("100%s:${HOME}", NotYetError, "no such socket on near; is the machine"),
    ):
        target = parse_target(f"near:{folder}/{name}")
        with pytest.raises(kind) as caught:
            target.open().close()
        assert str(caught.value).startswith(f"cannot connect to {target}: {reason}")
    assert sorted(os.listdir(folder)) == ["dead", "file"]


def test_names_that_mean_something_to_shells(network: Network, folder: Path) -> None:
    """A path is only a path."""
    for name in ("it's $(touch x); \\", "100%s:${HOME}", "-S", "a\nb"):
        with serving(ANSWERS) as server:
            (folder / name).symlink_to(server.path)
            assert name_of(f"near:{folder}/{name}") == "vm"
    assert not (folder / "x").exists()


@pytest.mark.parametrize(
    ("host", "kind", "reason"),
    [
        (
            "locked",
            ConnectError,
            r"permission denied \(publickey.*\); 'ssh locked' must work without a password"
            " in scripts",
        ),
        (
            "unknown",
            ConnectError,
            "its key is unknown; log in once with 'ssh unknown' to check and confirm it",
        ),
        ("changed", ConnectError, "its key has changed; see 'ssh changed'"),
        ("closed", NotYetError, "connection refused"),
        ("no-such-host.invalid", ConnectError, "no such host"),
    ],
)
def test_a_host_that_does_not_let_us_in(
    network: Network, host: str, kind: type[Exception], reason: str
) -> None:
    """The reason is ssh's, in one line."""
    said = refusal(f"{host}:/q", kind)

    assert re.fullmatch(f"cannot log in to {host}: {reason}", said)


def test_a_server_that_forbids_forwarding(monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses what is there; the error says what to look at."""
    network = Network("AllowStreamLocalForwarding no")
    monkeypatch.setenv("HMP_SSH", network.command())
    try:
        with serving(ANSWERS) as server:
            said = refusal(f"near:{server.path}")
    finally:
        end_masters()
        network.close()

    assert "the ssh server of near forbids forwarding (AllowStreamLocalForwarding)" in said


def test_ssh_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And one that is named wrongly; no folder for its socket is left."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("HMP_SSH", "/nonexistent/ssh")
    assert refusal("near:/q") == "cannot start /nonexistent/ssh: No such file or directory"
    monkeypatch.setenv("HMP_SSH", "ssh 'x")
    assert refusal("near:/q") == "HMP_SSH: no closing quotation"
    monkeypatch.setenv("HMP_SSH", "false")
    assert refusal("near:/q") == "cannot log in to near: ssh ended with exit status 1"
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_starts_meanwhile(network: Network, folder: Path) -> None:
    """It is waited for as one of this host is."""
    with serving(ANSWERS) as server, ThreadPoolExecutor() as threads:
        waiting = threads.submit(opened, f"near:{folder}/q", wait=LIMIT)
        sleep(0.2)
        (folder / "q").symlink_to(server.path)
        waiting.result()


def test_a_machine_that_leaves(network: Network) -> None:
    """That is not a lost connection."""

    def leave(peer: Peer) -> None:
        peer.negotiate()
        peer.read()
        peer.close()

    with FakeServer(leave) as server:
        connection = opened(f"near:{server.path}")
        with pytest.raises(MachineGoneError) as caught:
            connection.run("query-name", None)
    said = f"the machine at near:{server.path} closed the connection"
    assert str(caught.value) == said


def test_an_ssh_that_dies(network: Network) -> None:
    """It is said so, and the next connection has another one."""
    with serving(ANSWERS) as server:
        connection = opened(f"near:{server.path}")
        (master,) = ssh_master._masters.values()
        os.kill(master.ssh.process.pid, signal.SIGKILL)
        with pytest.raises(
            MachineGoneError, match="the connection to near is lost: ssh was"
        ):
            connection.run("query-name", None)
        connection.close()
        assert name_of(f"near:{server.path}") == "vm"


def test_nothing_is_left_of_it(network: Network) -> None:
    """Neither sockets nor processes."""
    with serving(ANSWERS) as server:
        connection = opened(f"near:{server.path}")
        (master,) = ssh_master._masters.values()
        connection.close()
        assert name_of(f"near:{server.path}") == "vm"
    end_masters()

    assert not os.path.exists(master.folder)
    assert master.ssh.process.returncode is not None


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot")
def test_ssh_ends_with_hmp_that_is_killed(network: Network) -> None:
    """And its folder goes, too."""
    with serving(ANSWERS) as server:
        hmp = subprocess.Popen(
            [*HMP, "-f", "-", f"near:{server.path}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert hmp.stdin is not None
        assert hmp.stdout is not None
        hmp.stdin.write(b"info name\n")
        hmp.stdin.flush()
        assert hmp.stdout.readline() == b"vm\n"
        masters = {
            process: arguments
            for process in Path("/proc").glob("[0-9]*")
            if (arguments := _arguments(process)) and str(network.config) in arguments
        }
        (control,) = {
            argument.partition("=")[2]
            for arguments in masters.values()
            for argument in arguments
            if argument.startswith("-oControlPath=")
        }
        hmp.kill()
        hmp.communicate()
        deadline = monotonic() + LIMIT
        while any(_arguments(process) == masters[process] for process in masters):
            assert monotonic() < deadline, "ssh has been left behind"
            sleep(0.01)
        while Path(control).parent.exists():
            assert monotonic() < deadline, "its folder has been left behind"
            sleep(0.01)


def _arguments(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_text().split("\0")
    except OSError:
        return []


FAST = ("-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=3")
SILENT = "near does not answer any more"


@pytest.mark.parametrize(
    "patience",
    [
        pytest.param(FAST, id="less"),
        pytest.param(
            (),
            id="default",
            marks=pytest.mark.skipif(
                not os.environ.get("HMP_TEST_LONG"), reason="long: HMP_TEST_LONG=1"
            ),
        ),
    ],
)
def test_a_far_side_that_is_frozen(
    network: Network, monkeypatch: pytest.MonkeyPatch, patience: tuple[str, ...]
) -> None:
    """A command that waits is given up, within 30 seconds."""
    monkeypatch.setenv("HMP_SSH", network.command(*patience))
    with FakeServer(lambda peer: [peer.negotiate(), peer.read(), peer.read()]) as server:
        connection = opened(f"near:{server.path}")
        network.near.signal_sessions(signal.SIGSTOP)
        begun = monotonic()
        try:
            with pytest.raises(MachineGoneError) as caught:
                connection.run("query-name", None)
        finally:
            network.near.signal_sessions(signal.SIGCONT)
        took = monotonic() - begun

    assert str(caught.value) == SILENT
    assert took < 30


class Cut:
    """A relay between ssh and its server that can stop passing anything on."""

    def __init__(self, port: int) -> None:
        self.to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._passes = threading.Event()
        self._passes.set()
        self._ends: list[socket.socket] = []
        self._passing: list[threading.Thread] = []
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                self._ends += [near, far]
                for ends in ((near, far), (far, near)):
                    thread = threading.Thread(target=self._pass, args=ends, daemon=True)
                    self._passing.append(thread)
                    thread.start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                self._passes.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Pass nothing on, as a broken cable."""
        self._passes.clear()

    def close(self) -> None:
        """End, and close all sockets."""
        self._passes.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._serving.join(LIMIT)
        self._listening.close()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._passing:
            thread.join(LIMIT)
        for end in self._ends:
            end.close()


def test_a_network_that_is_cut(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while nothing is asked of the machine; new connections say so, too."""
    cut = Cut(network.near.port)
    options = (*FAST, "-o", f"Port={cut.port}")
    monkeypatch.setenv("HMP_SSH", network.command(*options))
    try:
        with FakeServer(lambda peer: [peer.negotiate(), peer.read()]) as server:
            connection = opened(f"near:{server.path}")
            connection.settle()  # its reply must not be what comes
            cut.cut()
            with pytest.raises(MachineGoneError) as caught:
                connection.take_events()
    finally:
        cut.close()

    assert str(caught.value) == SILENT


def test_a_machine_that_is_stopped(network: Network, folder: Path) -> None:
    """The host says so, and how to resume it."""
    code = (
        "import signal, socket, sys; s = socket.socket(socket.AF_UNIX);"
        " s.bind(sys.argv[1]); s.listen(); print(flush=True); signal.pause()"
    )
    path = folder / "q"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        name = Path(f"/proc/{process.pid}/comm").read_text().strip()
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(ConnectError) as caught:
            parse_target(f"near:{path}").open(timeout=1)
        process.kill()

    assert str(caught.value) == (
        f"cannot connect to near:{path}: {name} (process {process.pid}) on near is stopped;"
        f" resume it there with: kill -CONT {process.pid}"
    )


def silence(target: str) -> str:
    """Return why a target does not answer."""
    with pytest.raises(MachineGoneError) as caught:
        parse_target(target).open(timeout=1).close()
    return str(caught.value).removeprefix(f"cannot connect to {target}: ")


@pytest.mark.skipif(not shutil.which("ss"), reason="no ss: install iproute2")
def test_who_holds_it(network: Network, folder: Path) -> None:
    """A program of the host, which is named, with another target of the machine."""
    path = f"{folder}/q"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    options = (
        "-name",
        "vm",
        "-qmp",
        f"unix:{path},server=on",
        "-qmp",
        f"tcp:localhost:{port},server=on",
    )
    targets = {path: f"near:{path}", port: f"near:tcp:localhost:{port}"}
    for where, other in ((path, port), (port, path)):
        arguments = ("-c", ONE_CLIENT, "-x", "-x", where, "x", *options)
        with program(*arguments, name="qemu-system-x86_64") as machine:
            assert machine.stdout is not None
            machine.stdout.readline()
            with program("-c", HOLD, where) as holder:
                assert holder.stdout is not None
                holder.stdout.readline()
                name = Path(f"/proc/{holder.pid}/comm").read_text().strip()
                assert silence(targets[where]) == (
                    f"{name} (process {holder.pid}) on near holds it, and QEMU serves one"
                    f" client at a time: end that, or try {targets[other]}"
                )


def test_other_ports_of_a_machine(network: Network, folder: Path) -> None:
    """They are named, with the target that is right; so is a program that is no QEMU."""
    path = f"{folder}/q"
    who = "QEMU 'vm' (process {}) on near"
    with server(path, "-name", "vm", "-serial", f"unix:{path},server=on") as (pid, _):
        see = "hmp --list near: shows what can be reached"
        assert silence(f"near:{path}") == (
            f"that is the serial port of {who.format(pid)}; {see}"
        )
    Path(path).unlink()
    with server(path, "-name", "vm", "-qmp", f"unix:{path},server=on") as (pid, _):
        assert silence(f"gdb:near:{path}") == (
            f"that is the QMP socket of {who.format(pid)}; try near:{path}"
        )
    Path(path).unlink()
    with server(path, "-name", "vm", "-gdb", f"unix:{path},server=on") as (pid, _):
        assert silence(f"near:{path}") == (
            f"that is the gdb server of {who.format(pid)}, which pauses the machine for"
            f" each client; try gdb:near:{path}"
        )
    Path(path).unlink()
    with server(path, name="login") as (pid, _):
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        assert silence(f"near:{path}") == (
            f"{name} (process {pid}) on near listens there, which is not a QEMU; {see}"
        )


@pytest.mark.parametrize("scheme", ["", "gdb:"])
def test_a_ssh_server_as_seen_from_a_host(network: Network, scheme: str) -> None:
    """It greets."""
    target = f"{scheme}near:tcp:127.0.0.1:{network.near.port}"

    assert silence(target) == "an SSH server answers there"


def test_a_far_side_that_is_frozen_at_first(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before ssh gives it up; that is not taken for a busy machine."""
    with serving(ANSWERS) as server:
        assert name_of(f"near:{server.path}") == "vm"
        network.near.signal_sessions(signal.SIGSTOP)
        try:
            with pytest.raises(ConnectError) as caught:
                parse_target(f"near:{server.path}").open(timeout=1)
        finally:
            network.near.signal_sessions(signal.SIGCONT)

    assert str(caught.value) == f"cannot connect to near:{server.path}: {SILENT}"


def test_the_default_patience() -> None:
    """A silent far side is noticed within 30 seconds."""
    options = ssh_master._OPTIONS
    interval, most = (
        int(options[f"ServerAlive{name}"]) for name in ("Interval", "CountMax")
    )

    assert interval * (most + 1) <= 25


def test_a_session_reconnects(network: Network) -> None:
    """When the machine has gone, and when the far side is frozen."""
    with ScriptedMachine() as machine:
        session = Terminal(f"near:{machine.path}", HMP_SSH=network.command(*FAST))
        try:
            session.wait_prompt("(qemu vm) ")
            machine.send("STOP")
            session.wait_row("(qemu vm paused) ")
            frozen = network.near.sessions()
            network.near.signal_sessions(signal.SIGSTOP)
            session.wait_for(f"{SILENT}; waiting for it to come back")
            for pid in frozen:
                os.kill(pid, signal.SIGKILL)
            session.wait_for(f"connected to near:{machine.path} again")
            session.run("info status", "(qemu vm paused) ")
        finally:
            session.close()


def test_a_session_asks_before_it_draws(servers: Network, folder: Path) -> None:
    """The passphrase of a key; a script does not ask."""
    config = folder / "config"
    key = folder / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", str(key)],
        check=True,
    )
    with (servers.near.folder / "authorized").open("a") as file:
        file.write(key.with_suffix(".pub").read_text())
    text = servers.config.read_text().replace(f"{servers.folder}/key", str(key))
    config.write_text(text)
    with ScriptedMachine() as machine:
        session = Terminal(f"near:{machine.path}", HMP_SSH=f"ssh -F {config}")
        try:
            session.wait_for("Enter passphrase for key")
            session.type("open sesame\r")
            session.wait_prompt("(qemu vm) ")
            session.run("info status", "(qemu vm) ")
            assert "sesame" not in session.text
        finally:
            session.close()


def test_a_list_may_ask(servers: Network, folder: Path) -> None:
    """On a terminal, as a session does."""
    (folder / "config").write_text(
        servers.config.read_text().replace(
            "IdentitiesOnly yes", "StrictHostKeyChecking ask"
        )
    )
    session = Terminal("--list", "unknown:", HMP_SSH=f"ssh -F {folder}/config")
    try:
        session.wait_for("Are you sure you want to continue connecting")
        session.type("no\r")
        assert session.wait_end() == 3
    finally:
        session.close()


def test_a_question_that_is_interrupted(servers: Network, folder: Path) -> None:
    """Ctrl-C at ssh's question ends hmp, too."""
    (folder / "config").write_text(
        servers.config.read_text().replace(
            "IdentitiesOnly yes", "StrictHostKeyChecking ask"
        )
    )
    session = Terminal("unknown:/q", HMP_SSH=f"ssh -F {folder}/config")
    try:
        session.wait_for("Are you sure you want to continue connecting")
        # ssh, too, may miss a signal right before it waits
        session.wait(lambda: _sleeps(os.tcgetpgrp(session.fd)), "ssh waiting")
        session.type("\x03")
        assert session.wait_end() == 130
    finally:
        session.close()


def _sleeps(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_a_script_does_not_ask(network: Network) -> None:
    """It fails with the reason."""
    done = run("-c", "info status", "locked:/q")

    assert done.returncode == 3
    assert done.stderr.startswith("hmp: cannot log in to locked: permission denied (")


def test_the_machines_of_a_host(network: Network) -> None:
    """With targets to type here; what is not a host is refused."""
    agent = (
        "-chardev",
        "socket,id=g,path=/ga,server=on",
        "-device",
        "virtserialport,chardev=g,name=org.qemu.guest_agent.0",
        "-monitor",
        "telnet::4444,server=on",
        "-gdb",
        "tcp::4445",
    )
    options = ("-name", LISTED, "-qmp", "unix:/q,server=on", *agent)
    with calling_itself(*options) as pid:
        (machine,) = [machine for machine in machines_of("near:") if machine.pid == pid]

    assert machine.name == LISTED
    assert [door.target for door in machine.doors] == [
        "near:/q",
        "near:tcp:localhost:4444",
        "gdb:near:tcp:localhost:4445",
        "qga:near:/ga",
    ]
    with pytest.raises(ValueError, match="is not the name of a host"):
        machines_of("-oProxyCommand=x:")
    with pytest.raises(ValueError, match=r"is not \[USER@\]HOST:"):
        machines_of(":")


def state_there(*options: str) -> str:
    """Return the state of a machine of another host that was started with such options."""
    with calling_itself("-name", LISTED, *options) as pid:
        found = machines_of("near:", states=True)
    return next(machine.state for machine in found if machine.pid == pid)


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_the_states_of_a_hosts_machines(network: Network, folder: Path, kind: str) -> None:
    """By a path, whatever is in it, or a port; one that has a client is left alone."""
    if kind == "unix":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{folder}/a $(id)'\"\\;*,b")
        listener.listen()
        address = f"unix:{listener.getsockname()}".replace(",", ",,")
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        address = "tcp:127.0.0.1:{1}".format(*listener.getsockname())
    free = "-qmp", f"{address},server=on,wait=off"
    with listening(listener, said("paused")) as heard:
        assert state_there(*free) == "paused"
        with socket.socket(listener.family) as client:
            client.connect(listener.getsockname())
            client.send(b'{"id": 1}')
            client.recv(1)
            assert state_there(*free) == ""
            assert len(heard) == 2


class FakeMaster:
    """An ssh whose host prints a text."""

    def __init__(self, printed: bytes) -> None:
        self.printed = printed

    def run(self, script: str, data: bytes = b"", limit: float = 0) -> bytes:
        """Return the text, whatever is run."""
        return self.printed


def far_host(printed: bytes) -> FarHost:
    """Return a host that prints a text."""
    host = FarHost(cast("Master", FakeMaster(printed)))
    host.prepare({4444})
    return host


ANY_ROWS = st.lists(st.lists(st.binary() | st.sampled_from([b"0:", b":115C", b"0A"])))


@given(rows=ANY_ROWS)
def test_any_tables_of_a_host_are_read(rows: list[list[bytes]]) -> None:
    """A host may print anything; then nothing is known, and nothing is asked."""
    host = far_host(b"\n".join(map(b" ".join, rows)))

    for target in ("/q", "localhost:4444"):
        with suppress(ValueError):
            assert host.connected(parse_local(target)) is None


def test_libvirts_states_on_another_host() -> None:
    """As virsh prints them; a name may hold spaces, and look like a state."""
    printed = b" 1    web      running\n 12   a  paused   in shutdown\n nonsense\n"

    assert far_host(printed).domain_states() == {"web": "running", "a  paused": "shutdown"}
