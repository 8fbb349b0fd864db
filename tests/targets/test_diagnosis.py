"""An error says why a socket does not let us in, and what to type instead, in one line."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from hmp.qmp.errors import ConnectError, MachineGoneError, NotYetError, ProtocolError
from hmp.targets import diagnosis, socket_table
from hmp.targets.address import parse_target
from hmp.targets.socket_target import SocketTarget
from tests.fakes import GREETING, FakeServer, Message, Peer
from tests.targets.peers import HOLD, LISTEN, ONE_CLIENT, UNDER_ANY_NAME, program, server
from tests.targets.processes import NOBODY

AGENT = shutil.which("qemu-ga")
SOON = 0.5


def reason(target: str, timeout: float = SOON) -> str:
    """Return what is said about a target, without its beginning."""
    with pytest.raises(MachineGoneError) as caught:
        parse_target(target).open(timeout=timeout).close()
    text = str(caught.value)
    start = f"cannot connect to {target}: "
    assert text.startswith(start)
    assert "\n" not in text
    return text.removeprefix(start)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path."""
    made = Path(tempfile.mkdtemp(prefix="hmpd"))
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize(
    ("banner", "said"),
    [
        ("SSH-2.0-OpenSSH_9.2\r\n", "an SSH server answers there; hmp --list 127.0.0.1:"),
        (
            "HTTP/1.1 408 Request Timeout\r\n\r\n",
            "an HTTP server answers there; hmp --list",
        ),
        ("RFB 003.008\n", "a VNC server answers there; hmp --list"),
    ],
)
def test_other_servers_by_their_first_words(banner: str, said: str) -> None:
    """On any host."""
    with server("0", banner=banner, name="server") as (_, port):
        assert reason(f"127.0.0.1:{port}").startswith(said)


def test_a_http_server_that_waits_to_be_asked() -> None:
    """It is a program of this host that is not a QEMU, so we may ask."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    with program("-u", "-m", "http.server", "--bind", "127.0.0.1", port) as process:
        assert process.stdout is not None
        process.stdout.readline()
        said = reason(f"127.0.0.1:{port}")

    assert said == (
        f"an HTTP server, http.server (process {process.pid}), answers there;"
        " hmp --list shows what can be reached"
    )


@pytest.mark.parametrize("banner", ["", "login: "])
def test_a_program_that_is_not_a_qemu(folder: Path, banner: str) -> None:
    """By its name; whether it says something or not."""
    path = str(folder / "s")
    with server(path, banner=banner, name="login") as (pid, _):
        assert reason(path) == (
            f"login (process {pid}) listens there, which is not a QEMU;"
            " hmp --list shows what can be reached"
        )


def test_our_own_prompt_for_people(folder: Path) -> None:
    """It is not asked whether it speaks HTTP, which it would report."""
    with server("0", banner="\xff\xfb\x03", name="hmp") as (pid, port):
        assert reason(f"127.0.0.1:{port}") == (
            f"hmp (process {pid}) serves a prompt for people there, as to telnet;"
            " programs need its -qmp, or -monitor without telnet:"
        )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"error": {"class": "X", "desc": "no"}}, "refuses to negotiate capabilities: no"),
        ({"id": 0}, "the machine sent a reply without result"),
        ({"event": [1]}, "no QMP event: {'event': [1]}"),
    ],
)
def test_a_wrong_answer_to_the_negotiation(answer: Message, said: str) -> None:
    """Who greets speaks QMP, so that what it sent then is told, not who it is."""
    whole = "event" not in answer

    def script(peer: Peer) -> None:
        peer.send(GREETING)
        request = peer.read()
        peer.send({**answer, "id": request["id"]} if whole else answer)

    with FakeServer(script) as server:
        connection = SocketTarget(server.path).open_qmp()
        with pytest.raises(ProtocolError) as caught:
            connection.settle()

    assert said in str(caught.value)


def test_a_serial_port(folder: Path) -> None:
    """With the monitor of the same machine."""
    path, other = str(folder / "s"), str(folder / "m x")
    options = (
        "-name",
        "vm",
        "-serial",
        f"unix:{path},server",
        "-qmp",
        f"unix:{other},server",
    )
    for banner in ("", "login: "):
        with server(path, *options, banner=banner) as (pid, _):
            assert reason(path) == (
                f"that is a serial port of QEMU 'vm' (process {pid}); try '{other}'"
            )
        Path(path).unlink()
    with server(path, *options[:4]) as (pid, _):
        assert reason(path) == (
            f"that is a serial port of QEMU 'vm' (process {pid}); it has no other monitor;"
            " hmp --list shows what can be reached"
        )


def test_a_port_of_the_agent_and_the_gdb_server(folder: Path) -> None:
    """Neither is a monitor for QMP."""
    path = str(folder / "g")
    chardev = f"socket,id=g,path={path},server=on"
    port = "virtserialport,chardev=g,name=org.qemu.guest_agent.0"
    with server(path, "-chardev", chardev, "-device", port) as (pid, _):
        assert (
            reason(path)
            == f"that is the guest agent of QEMU (process {pid}); try qga:{path}"
        )
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number = probe.getsockname()[1]
    with server(str(number), "-gdb", f"tcp:127.0.0.1:{number}") as (pid, _):
        assert reason(f"127.0.0.1:{number}") == (
            f"that is the gdb server of QEMU (process {pid}), which pauses the machine for"
            f" each client; try gdb:127.0.0.1:{number}"
        )


@pytest.mark.skipif(AGENT is None, reason="no qemu-ga: install qemu-guest-agent")
def test_a_guest_agent(folder: Path) -> None:
    """It never greets."""
    assert AGENT is not None
    path = folder / "ga"
    argv = [AGENT, "-m", "unix-listen", "-p", str(path), "-t", str(folder)]
    with subprocess.Popen(argv) as process:
        with socket.socket(socket.AF_UNIX) as probe:
            while probe.connect_ex(str(path)):  # it does not listen yet
                assert process.poll() is None
        said = reason(str(path))
        process.kill()

    assert said == f"a guest agent answers there (process {process.pid}); try qga:{path}"


def test_an_agent_that_does_not_answer(folder: Path) -> None:
    """The QEMU is stopped, or libvirt holds the port; else the guest has none."""
    path = str(folder / "g")
    options = (
        "-name",
        "vm",
        "-chardev",
        f"socket,id=g,path={path},server=on",
        "-device",
        "virtserialport,chardev=g,name=org.qemu.guest_agent.0",
    )
    with server(path, *options, banner="x") as (pid, _):
        os.kill(pid, signal.SIGSTOP)
        stopped = reason(f"qga:{path}")
        os.kill(pid, signal.SIGCONT)
        with program("-c", HOLD, path, name="virtqemud") as holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            held = reason(f"qga:{path}")
        none = reason(f"qga:{path}")

    assert (
        stopped == f"QEMU 'vm' (process {pid}) is stopped; resume it with: kill -CONT {pid}"
    )
    assert held == "libvirt holds it; try qga:vm"
    assert none.startswith("no guest agent answers")


def test_a_qemu_that_is_stopped_and_one_without_its_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one can be resumed; the other may be about to make it."""
    path = str(folder / "q")
    with server(path, "-qmp", f"unix:{path},server=on") as (pid, _):
        os.kill(pid, signal.SIGSTOP)
        stopped = reason(path)
        human = reason(f"monitor:{path}")
        os.kill(pid, signal.SIGCONT)
        Path(path).unlink()
        starting = reason(path)
        monkeypatch.setattr(diagnosis, "_STARTING", 0.0)
        gone = reason(path)
    assert (
        starting == f"QEMU (process {pid}) is still starting; --wait SECONDS waits for it"
    )
    assert human == stopped
    assert stopped == f"QEMU (process {pid}) is stopped; resume it with: kill -CONT {pid}"
    assert gone == (
        f"QEMU (process {pid}) listens there, but the file was removed;"
        " it has no other monitor; hmp --list shows what can be reached"
    )


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("-gdb unix:{path},server=on", "no answer; most likely another client holds"),
        ("-qmp unix:{path},server=on", "that is the QMP socket of QEMU (process {pid});"),
        ("-monitor unix:{path},server=on", "that is the human monitor of QEMU (process"),
        ("-serial unix:{path},server=on", "that is a serial port of QEMU (process {pid});"),
    ],
)
@pytest.mark.parametrize("banner", ["", "QEMU 7.2.0 monitor"])
def test_no_gdb_server(folder: Path, option: str, said: str, banner: str) -> None:
    """Another port of the machine, or a QEMU that is stopped."""
    path = str(folder / "g")
    with server(path, *option.format(path=path).split(), banner=banner) as (pid, _):
        if "-gdb" not in option:
            assert reason(f"gdb:{path}").startswith(said.format(pid=pid))
        os.kill(pid, signal.SIGSTOP)
        assert reason(f"gdb:{path}") == (
            f"QEMU (process {pid}) is stopped; resume it with: kill -CONT {pid}"
        )


@pytest.mark.parametrize(
    ("banner", "said"),
    [
        ("SSH-2.0-OpenSSH_9.2\r\n", "an SSH server answers there; hmp --list 127.0.0.1:"),
        ("HTTP/1.1 408 Request Timeout\r\n\r\n", "an HTTP server answers there;"),
        ("", "server (process {pid}) listens there, which is not a QEMU;"),
    ],
)
def test_a_program_instead_of_a_gdb_server(banner: str, said: str) -> None:
    """By its first words, or by its name."""
    with server("0", banner=banner, name="server") as (pid, port):
        assert reason(f"gdb:127.0.0.1:{port}").startswith(said.format(pid=pid))


def test_who_holds_a_gdb_server(folder: Path) -> None:
    """Another debugger; the machine's monitor is named."""
    path = str(folder / "g")
    options = ("-gdb", f"unix:{path},server=on", "-qmp", "unix:/q,server=on")
    arguments = ("-c", ONE_CLIENT, "-x", "-x", path, "+", *options)
    with program(*arguments, name="qemu-system-x86_64") as process:
        assert process.stdout is not None
        process.stdout.readline()
        with program("-c", HOLD, path, name="gdb") as holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            said = reason(f"gdb:{path}")

    assert said == (
        f"gdb (process {holder.pid}) holds it, and QEMU serves one client at a time:"
        " end that, or try /q"
    )


def test_who_holds_it(folder: Path) -> None:
    """libvirt, through which one can go; another program; ourselves."""
    path = str(folder / "q")
    options = ("-name", "guest=vm", "-qmp", f"unix:{path},server=on")
    holders = {
        "libvirtd": "libvirt holds it; try libvirt:vm",
        "other": "other (process {}) holds it, and QEMU serves one client at a time: end"
        " that, or give QEMU a second -qmp socket",
    }
    for name, text in holders.items():
        arguments = ("-c", ONE_CLIENT, "-x", "-x", path, "x", *options)
        with program(*arguments, name="qemu-system-x86_64") as process:
            assert process.stdout is not None
            process.stdout.readline()
            with program("-c", HOLD, path, name=name) as holder:
                assert holder.stdout is not None
                holder.stdout.readline()
                assert reason(path) == text.format(holder.pid)
        Path(path).unlink()
    with server(path, *options, banner="x"), socket.socket(socket.AF_UNIX) as ours:
        ours.connect(path)
        ours.recv(1)
        ends = socket_table.unix_ends(path)
        assert [socket_table.owners(ends.clients)[i] for i in ends.clients] == [os.getpid()]


NO_ACCEPT = "import sys; sys.argv[4] = ''" + LISTEN.replace(
    "kept.append(listening.accept())", "time.sleep(3600)"
)


def test_a_qemu_that_does_not_accept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts, or it hangs."""
    path = str(folder / "q")
    options = ("-c", NO_ACCEPT, "-x", "-x", path, "")
    with program(*options, name="qemu-system-x86_64") as process:
        assert process.stdout is not None
        process.stdout.readline()
        starting = reason(path)
        monkeypatch.setattr(diagnosis, "_STARTING", 0.0)
        hanging = reason(path)
        with ExitStack() as stack:
            with suppress(BlockingIOError):  # when its queue is full
                while True:
                    waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
                    waiting.setblocking(False)
                    waiting.connect(path)
            full = reason(path)

    who = f"QEMU (process {process.pid})"
    assert starting == f"{who} is still starting; --wait SECONDS waits for it"
    assert hanging == f"{who} does not answer: it hangs; gdb -p {process.pid} shows where"
    assert full == hanging


def test_a_client_of_another_host_is_an_address() -> None:
    """The table of TCP sockets has both ends; one may not be ours."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
    ):
        accepted, _ = listening.accept()
        ends = socket_table.tcp_ends(listening.getsockname()[1])
        known = socket_table.owners([*ends.listening, *ends.clients])
        accepted.close()

    assert [known[inode] for inode in ends.clients] == [os.getpid()]
    assert set(known.values()) == {os.getpid()}
    assert client.fileno() == -1


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Have the rights of a user without any."""
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@as_root
def test_no_permission(folder: Path) -> None:
    """The error says whose it is."""
    folder.chmod(0o755)
    path = folder / "q"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        path.chmod(0o600)
        with as_nobody():
            socket_said = reason(str(path))
        os.chown(path, 1, 1)
        with as_nobody():
            theirs = reason(str(path))
        folder.chmod(0o700)
        with as_nobody():
            folder_said = reason(str(path))

    denied = "permission denied:"
    assert socket_said == f"{denied} it belongs to root; try sudo hmp {path}"
    assert theirs == f"{denied} it belongs to daemon; try sudo -u daemon hmp {path}"
    assert folder_said == f"{denied} {folder} belongs to root; try sudo hmp {path}"


def test_a_full_queue_is_not_waited_for(folder: Path) -> None:
    """As that of a server which is stopped, and takes no client."""
    path = str(folder / "q")
    raised: list[Exception] = []

    def ask() -> None:
        try:
            diagnosis._credentials(SocketTarget(path))
        except OSError as error:
            raised.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    with ExitStack() as clients, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(0)
        with suppress(BlockingIOError):
            while True:
                client = clients.enter_context(socket.socket(socket.AF_UNIX))
                client.setblocking(False)
                client.connect(path)
        asking.start()
        asking.join(10)
        assert [type(error) for error in raised] == [BlockingIOError]


def may_unshare() -> bool:
    """Return whether namespaces can be made here."""
    done = subprocess.run(["unshare", "-m", "-n", "true"], capture_output=True)
    return done.returncode == 0


@pytest.mark.skipif(not may_unshare(), reason="namespaces cannot be made here")
def test_another_mount_namespace(folder: Path) -> None:
    """The path leads nowhere here, but through the process's root."""
    path = str(folder / "q")
    script = 'mount -t tmpfs none "$1"; shift; exec "$@"'
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    argv = [
        "unshare",
        "-m",
        "-n",
        "sh",
        "-c",
        script,
        "sh",
        str(folder),
        "bash",
        "-c",
        'exec -a qemu-system-x86_64 "$@"',
        "sh",
        sys.executable,
        "-c",
        LISTEN,
        "-x",
        "-x",
        path,
        "",
        "-name",
        "boxed",
        "-qmp",
        f"unix:{path},server",
        "-monitor",
        f"tcp:127.0.0.1:{port},server",
    ]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=UNDER_ANY_NAME) as process:
        assert process.stdout is not None
        process.stdout.readline()
        path_said = reason(path)
        port_said = reason(f"127.0.0.1:{port}")
        process.kill()

    who = f"QEMU 'boxed' (process {process.pid})"
    assert path_said == (
        f"it is in the container of {who}; try /proc/{process.pid}/root{path}"
    )
    assert port_said == (
        f"{who} listens in another network: nsenter -t {process.pid} -n"
        f" hmp 127.0.0.1:{port}"
    )


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("monitor:{}/no", "with -monitor unix:{}/no,server=on,wait=off?"),
        ("gdb:{}/no", "with -gdb unix:{}/no,server=on,wait=off?"),
        ("qga:{}/no", "with its agent at {}/no?"),
    ],
)
def test_what_is_not_there(folder: Path, target: str, said: str) -> None:
    """The option that would open it, by the kind of target."""
    assert reason(target.format(folder)) == (
        f"no such socket; is the machine running, {said.format(folder)}"
    )


def test_a_device_that_is_no_terminal() -> None:
    """Not in the words of the C library."""
    assert reason("/dev/null") == "not a terminal"


def test_what_cannot_be_found_out_leaves_the_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No table of sockets, no process, no file."""

    def refuse(*arguments: object) -> Iterator[None]:
        raise OSError("no netlink here")

    monkeypatch.setattr(socket_table, "_unix_sockets", refuse)
    monkeypatch.setattr(diagnosis, "_credentials", lambda target: 0)
    with FakeServer(Peer.read) as fake:
        assert reason(fake.path).startswith("no answer; most likely another client holds")
    assert reason(str(folder / "no")).startswith("no such socket; is the machine running")
    with pytest.raises(NotYetError):
        parse_target(str(folder / "no")).open()


def test_tables_are_read_whatever_is_in_them() -> None:
    """All sockets of this host, of which there are many kinds."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("\0hmp-abstract-test")
        listening.listen()
        ends = socket_table.unix_ends("\0hmp-abstract-test")
        assert socket_table.owners(ends.listening) == {ends.listening[0]: os.getpid()}
    assert socket_table.unix_ends("\0hmp-abstract-none").listening == []
    assert socket_table._address("0100007F:0050") == ("127.0.0.1", 80)
    mapped = "0000000000000000FFFF00000100007F:0050"
    assert socket_table._address(mapped) == ("127.0.0.1", 80)
    assert socket_table._address("00000000000000000000000001000000:0050") == ("::1", 80)
    assert issubclass(ConnectError, MachineGoneError)


@pytest.mark.parametrize(
    "problem", [OSError("no /proc"), ValueError("x"), IndexError("x"), ""]
)
def test_a_reason_that_cannot_be_found(
    monkeypatch: pytest.MonkeyPatch, problem: Exception | str
) -> None:
    """The error stays as it is; else it is one of the same class, with the reason."""

    def reason(*_: object) -> str:
        if isinstance(problem, Exception):
            raise problem
        return problem

    monkeypatch.setattr(diagnosis, "_reason", reason)
    error = NotYetError("cannot connect to q: refused")
    target = SocketTarget("/run/q")
    assert diagnosis.diagnosed(target, error, "q", "") is error

    monkeypatch.setattr(diagnosis, "_reason", lambda *_: "it hangs")
    found = diagnosis.diagnosed(target, error, "q", "")
    assert (type(found), str(found)) == (NotYetError, "cannot connect to q: it hangs")
