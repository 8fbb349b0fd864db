from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hmp.qmp.blocking import BUSY
from hmp.qmp.errors import ConnectError, MachineGoneError, NotYetError
from hmp.targets import resolution
from hmp.targets.address import parse_target
from hmp.targets.socket_target import SocketTarget
from tests.fakes import FakeServer, Peer
from tests.ipv6 import needs_ipv6


@pytest.mark.parametrize(
    ("text", "path", "host", "port"),
    [
        ("/tmp/qmp", "/tmp/qmp", "", 0),
        ("qmp.sock", "qmp.sock", "", 0),
        ("./a:b", "./a:b", "", 0),
        ("/tmp/a:1", "/tmp/a:1", "", 0),
        ("a b", "a b", "", 0),
        ("unix:/tmp/qmp", "/tmp/qmp", "", 0),
        ("unix:localhost:1", "localhost:1", "", 0),
        ("unix:unix:x", "unix:x", "", 0),
        ("localhost:4444", None, "localhost", 4444),
        ("127.0.0.1:1", None, "127.0.0.1", 1),
        (":65535", None, "localhost", 65535),
        ("[::1]:4444", None, "::1", 4444),
        ("tcp:host:4444", None, "host", 4444),
        ("tcp::4444", None, "localhost", 4444),
        ("tcp:[fe80::1%eth0]:5", None, "fe80::1%eth0", 5),
        ("tcp:[::1]:4444,server=on,ipv4=off,ipv6=on", None, "::1", 4444),
        ("host:0000000080", None, "host", 80),
        ("tcp:tcp:1", None, "tcp", 1),
        ("telnet:host:23", None, "host", 23),
        ("/tmp/qmp,server=on,wait=off", "/tmp/qmp", "", 0),
        ("unix:/tmp/qmp,server,nowait", "/tmp/qmp", "", 0),
        ("unix:a,,b,server=on", "a,b", "", 0),
        ("a,,b", "a,,b", "", 0),
        ("a,b", "a,b", "", 0),
        ("/tmp/a,server=on,colour=red", "/tmp/a,server=on,colour=red", "", 0),
        ("tcp::4444,server=on,wait=off,nodelay", None, "localhost", 4444),
        ("telnet:[::1]:23,server,nowait", None, "::1", 23),
        ("unix:@name,server=on", "\0name", "", 0),
    ],
)
def test_targets(text: str, path: str | None, host: str, port: int) -> None:
    """A path or a host and port, with or without saying which."""
    target = parse_target(text)

    assert isinstance(target, SocketTarget)
    assert (target.path, target.host, target.port) == (path, host, port)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the target is empty"),
        ("unix:", "'unix:' needs a path"),
        ("tcp:", "'tcp:' is not tcp:HOST:PORT"),
        ("tcp:1", "'tcp:1' is not tcp:HOST:PORT"),
        ("tcp:host", "'tcp:host' is not tcp:HOST:PORT"),
        ("tcp:host:x", "'tcp:host:x' is not tcp:HOST:PORT"),
        ("tcp:/a:1", "'tcp:/a:1' is not tcp:HOST:PORT"),
        ("host:0", "'0' is not a TCP port"),
        ("[::1]", "'[::1]' has no port; try [::1]:PORT"),
        ("telnet:[::1]:", "'telnet:[::1]:' has no port; try [::1]:PORT"),
        ("::1:44", "'::1:44': an IPv6 address needs brackets; try [::1]:44"),
        (
            "tcp:fe80::1%eth0:4",
            "'tcp:fe80::1%eth0:4': an IPv6 address needs brackets; try [fe80::1%eth0]:4",
        ),
        ("host:65536", "'65536' is not a TCP port"),
        ("host:" + "9" * 5000, f"'{'9' * 5000}' is not a TCP port"),
        ("telnet:h", "'telnet:h' is not telnet:HOST:PORT"),
        ("monitor:", "the target is empty"),
        ("monitor:unix:", "'unix:' needs a path"),
        ("monitor:tcp:x", "'tcp:x' is not tcp:HOST:PORT"),
        ("monitor:libvirt:vm", "no human monitor can be reached as 'libvirt:vm'"),
        ("qga:", "'qga:' needs an address or the name of a machine"),
        ("qga:qga:/x", "'qga:/x' cannot have a guest agent"),
        ("gdb:", "the target is empty"),
        ("gdb:libvirt:vm", "no gdb server can be reached as 'libvirt:vm'"),
        ("libvirt:", "'libvirt:' needs the name of a domain"),
        (
            "qemu:vm",
            "'qemu:vm' is not a libvirt URI and a domain's name, as in qemu:///system/NAME",
        ),
        ("exec: ", "'exec:' needs a command"),
        ("ssh://h", "'ssh://h' is not ssh://[USER@]HOST[:PORT]/PATH"),
        ("ssh://h:x/p", "'ssh://h:***/p' is not ssh://[USER@]HOST[:PORT]/PATH"),
        ("ssh://h:0/p", "'0' is not a TCP port"),
        ("ssh://h?x/p", "'h?x' is not the name of a host"),
        ("ssh://-o/p", "'-o' is not the name of a host"),
        ("ssh://u:p@h/x", "no password may follow 'u': ssh asks for it"),
        (
            "box:",
            "'box:' is a host: name a machine of it, as in box:NAME;"
            " hmp --list box: shows them",
        ),
    ],
)
def test_targets_that_are_none(text: str, reason: str) -> None:
    """The reason is for whoever typed it."""
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        parse_target(text)


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (SocketTarget("/tmp/qmp"), "/tmp/qmp"),
        (SocketTarget(None, "localhost", 4444), "localhost:4444"),
        (SocketTarget(None, "::1", 4444), "[::1]:4444"),
        (SocketTarget("\0name"), "unix:@name"),
    ],
)
def test_a_target_is_written_as_one_types_it(target: SocketTarget, text: str) -> None:
    """Messages name it so, and it reads back."""
    assert str(target) == text
    assert str(parse_target(text)) == text


def test_a_file_of_the_very_name_wins(folder: Path) -> None:
    """Options are only cut off where no file has them in its name."""
    for name in ("a,server=on", "@b", "monitor:c"):
        (folder / name).touch()
        for text in (name, f"unix:{name}"):
            target = parse_target(text)
            assert isinstance(target, SocketTarget)
            assert target.path == name


def test_a_monitor_that_is_named_so(folder: Path) -> None:
    """Such a target reads back, and reaches what its address reaches."""
    target = parse_target("monitor:localhost:4444,server=on")
    assert str(target) == "monitor:localhost:4444"
    with pytest.raises(NotYetError, match="no such socket"):
        parse_target("monitor:nope").open()


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the current folder, made for this test: socket paths must be short."""
    made = tmp_path_factory.mktemp("t")
    before = Path.cwd()
    os.chdir(made)
    yield made
    os.chdir(before)


def refusal(target: SocketTarget, timeout: float = 5.0) -> str:
    """Return what is said about a target that cannot be reached."""
    with pytest.raises(ConnectError) as caught:
        target.connect(timeout)
    return str(caught.value)


def test_a_socket_is_reached(folder: Path) -> None:
    """By its path, and by host and port."""
    for listening, target in (
        (socket.socket(socket.AF_UNIX), SocketTarget("qmp")),
        (socket.socket(), SocketTarget(None, "127.0.0.1", 0)),
    ):
        with listening:
            listening.bind(target.path or ("127.0.0.1", 0))
            listening.listen()
            if target.path is None:
                target.port = listening.getsockname()[1]
            with closing(target.connect(5)) as sock, listening.accept()[0] as other:
                sock.sendall(b"x")
                assert other.recv(1) == b"x"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nope", "no such socket; is the machine running, with -qmp unix:nope,"),
        (".", "not a socket"),
        ("file", "not a socket"),
        ("dead", "connection refused; the QEMU has probably exited"),
        ("file/x", "Not a directory"),
        ("x" * 200, "AF_UNIX path too long"),
        ("\ud800", "no such host"),
    ],
)
def test_a_path_that_cannot_be_reached(folder: Path, path: str, reason: str) -> None:
    """The message says what to do, in one line."""
    (folder / "file").touch()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind("dead")
    said = refusal(SocketTarget(path))

    assert said.startswith(f"cannot connect to {path}: {reason}")
    assert "\n" not in said


def test_a_port_that_nobody_listens_on() -> None:
    """It is refused at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        target = SocketTarget(None, "127.0.0.1", probe.getsockname()[1])

        assert refusal(target) == f"cannot connect to {target}: connection refused"


@needs_ipv6
def test_an_address_that_needs_its_interface() -> None:
    """The error says what is missing."""
    assert refusal(SocketTarget(None, "fe80::1", 5)) == (
        "cannot connect to [fe80::1]:5: a link-local address needs its network interface,"
        " as in [fe80::1%eth0]:5"
    )


@needs_ipv6
@pytest.mark.parametrize("silent", ["127.0.0.1", "::1"])
def test_a_name_of_which_one_address_is_silent(
    monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    """As localhost may be one of both families; the other one is tried in time."""
    answering = "127.0.0.1" if ":" in silent else "::1"
    with full(silent) as port, ExitStack() as stack:
        family = socket.AF_INET6 if ":" in answering else socket.AF_INET
        server = stack.enter_context(socket.create_server((answering, port), family=family))

        def both(*_: object, **__: object) -> list[tuple[Any, ...]]:
            return [
                entry
                for host in (silent, answering)
                for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            ]

        monkeypatch.setattr(resolution, "addresses", both)
        client = stack.enter_context(closing(SocketTarget(None, "both", port).connect(1.0)))
        assert client.getpeername()[0] == answering
        server.accept()[0].close()


@contextmanager
def full(host: str) -> Iterator[int]:
    """Listen on a port that lets no further client in, and is silent to it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, backlog=0) as listening:
        port = listening.getsockname()[1]
        with ExitStack() as stack:
            for _ in range(3):
                waiting = stack.enter_context(socket.socket(family))
                waiting.setblocking(False)
                waiting.connect_ex((host, port))
            yield port


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example", "."])
def test_a_host_that_cannot_be_one(host: str) -> None:
    """No name server need be asked."""
    assert refusal(SocketTarget(None, host, 1)).startswith(f"cannot connect to {host}:1: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may connect to everything")
def test_a_socket_of_somebody_else(folder: Path) -> None:
    """QEMU runs as another user."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("qmp")
        listening.listen()
        (folder / "qmp").chmod(0)

        assert "permission denied; run as the user that QEMU runs as" in refusal(
            SocketTarget("qmp")
        )


def test_a_server_that_is_held_by_another_client(folder: Path) -> None:
    """Its queue is full; the message says what holds it, and comes in time."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("qmp")
        listening.listen(0)
        waiting = []
        begun = time.monotonic()
        try:
            for _ in range(10):
                waiting.append(SocketTarget("qmp").connect(0.05))
        except ConnectError as error:
            said = str(error)
        for sock in waiting:
            sock.close()

    assert said == f"cannot connect to qmp: {BUSY}"
    assert time.monotonic() - begun < 5


def test_clients_that_find_the_queue_full_stand_in_line(folder: Path) -> None:
    """Each is connected when the server takes another one."""
    with socket.socket(socket.AF_UNIX) as listening, ThreadPoolExecutor() as threads:
        listening.bind("qmp")
        listening.listen(0)
        clients = [threads.submit(SocketTarget("qmp").connect, 20) for _ in range(6)]
        for _ in clients:
            listening.accept()[0].close()
        socks = [client.result() for client in clients]
        # nothing is left of the limit that they had
        assert all(sock.gettimeout() is None or sock.gettimeout() for sock in socks)
        option = socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16
        assert all(not any(sock.getsockopt(*option)) for sock in socks)
        for sock in socks:
            sock.close()


def test_a_signal_while_in_line_leaves_the_place(folder: Path) -> None:
    """Its handler runs, and the wait goes on until the limit."""
    heard: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: heard.append(number))
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("qmp")
            listening.listen(0)
            first = SocketTarget("qmp").connect(5)
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
            assert refusal(SocketTarget("qmp"), 0.3) == f"cannot connect to qmp: {BUSY}"
            signal.setitimer(signal.ITIMER_REAL, 0)
            first.close()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert heard


def serve_once(peer: Peer) -> None:
    """Be a machine for one client."""
    peer.negotiate()
    peer.read()


def test_a_socket_that_appears_is_waited_for(folder: Path) -> None:
    """One that is not there, then one that is left over, then a server."""

    def begin() -> None:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind("qmp")
        time.sleep(0.1)  # the client finds nothing listening yet
        Path("qmp").unlink()
        Path("qmp").symlink_to(server.path)

    with FakeServer(serve_once) as server:
        thread = threading.Timer(0.1, begin)
        thread.start()
        connection = SocketTarget("qmp").open_qmp(wait=20)
        connection.close()
        thread.join()

    assert connection.version == (10, 2, 2)
    assert connection.timeout is None


def test_a_machine_that_ends_while_it_is_waited_for() -> None:
    """The next one is taken."""
    count = 0

    def script(peer: Peer) -> None:
        nonlocal count
        count += 1
        if count > 2:
            serve_once(peer)

    with FakeServer(script) as server:
        SocketTarget(server.path).open_qmp(wait=20).close()
        count = 0
        with pytest.raises(MachineGoneError, match="closed the connection"):
            SocketTarget(server.path).open_qmp()


@pytest.mark.parametrize(("timeout", "wait"), [(0.1, None), (50, 0.1)])
def test_connecting_has_an_end(timeout: float, wait: float | None) -> None:
    """The limit of one command holds for it, too, or the one for waiting does."""
    with FakeServer(Peer.read) as server:
        begun = time.monotonic()
        with pytest.raises(ConnectError, match="listens there, which is not a QEMU"):
            SocketTarget(server.path).open_qmp(timeout=timeout, wait=wait)
        with pytest.raises(NotYetError, match="no such socket"):
            SocketTarget(f"{server.path}x").open_qmp(timeout=timeout, wait=wait)
        assert time.monotonic() - begun < 10
