from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hmp.serving import sockets
from hmp.serving.monitor_options import SocketChardev
from hmp.serving.sockets import Listener, ListenError, connect, listen_tcp
from tests.ipv6 import needs_ipv6


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is to be closed in the end."""
    with ExitStack() as made:
        yield made


def unix(path: object) -> SocketChardev:
    """Return a chardev that listens at a path."""
    return SocketChardev("x", "-qmp it", path=str(path), server=True)


def tcp(host: str, port: int = 0, family: int = 0) -> SocketChardev:
    """Return a chardev that listens there, or connects to it."""
    return SocketChardev("x", "-qmp it", host=host, port=port, server=True, family=family)


def listen(stack: ExitStack, option: SocketChardev) -> Listener:
    """Listen until the test is over."""
    listener = Listener(option)
    stack.callback(listener.close)
    return listener


def test_a_unix_socket_is_its_owner_s_alone(stack: ExitStack, tmp_path: Path) -> None:
    """Whatever the umask says, it is 0600; and it is gone in the end."""
    path = tmp_path / "q"
    before = os.umask(0)
    try:
        listener = listen(stack, unix(path))
    finally:
        os.umask(before)

    assert listener.address == f"unix:{path}"
    assert not listener.exposed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    listener.close()
    assert not path.exists()
    listener.close()  # twice is no harm


def test_a_stale_socket_is_replaced(stack: ExitStack, tmp_path: Path) -> None:
    """Nobody serves it any more."""
    path = tmp_path / "q"
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(path))
        old.listen()

    listen(stack, unix(path))

    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


@pytest.mark.parametrize("waiting", [0, 1])
def test_a_live_socket_is_not(stack: ExitStack, tmp_path: Path, waiting: int) -> None:
    """Neither one that has room for a client, nor one whose queue is full."""
    path = tmp_path / "q"
    live = stack.enter_context(socket.socket(socket.AF_UNIX))
    live.bind(str(path))
    live.listen(0)
    for _ in range(waiting):
        client = stack.enter_context(socket.socket(socket.AF_UNIX))
        client.connect(str(path))

    with pytest.raises(ListenError) as caught:
        Listener(unix(path))

    assert str(caught.value) == f"-qmp it: {path} is already served by another process"
    assert path.exists()


def test_what_is_no_socket_stays(tmp_path: Path) -> None:
    """A file of the user's is never removed, nor what a link points to."""
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("precious")
    link.symlink_to(file)

    for path in (file, link):
        with pytest.raises(ListenError) as caught:
            Listener(unix(path))
        assert str(caught.value) == f"-qmp it: {path} already exists and is not a socket"
    assert file.read_text() == "precious"


def test_a_successor_s_socket_is_not_removed(stack: ExitStack, tmp_path: Path) -> None:
    """It stands where ours stood, but it is another."""
    path = tmp_path / "q"
    first = listen(stack, unix(path))
    path.unlink()
    listen(stack, unix(path))

    first.close()

    assert path.exists()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/nowhere/q", "Failed to bind socket to /nowhere/q: No such file or directory"),
        ("/" + "x" * 107, f"the path is longer than 107 bytes: /{'x' * 107}"),
    ],
)
def test_a_path_that_cannot_be(path: str, reason: str) -> None:
    """The error says why."""
    with pytest.raises(ListenError) as caught:
        Listener(unix(path))
    assert str(caught.value) == f"-qmp it: {reason}"


@pytest.mark.parametrize("host", ["", "localhost", "127.0.0.1"])
def test_tcp_listens_on_loopback(stack: ExitStack, host: str) -> None:
    """Unless the address says something else."""
    listener = listen(stack, tcp(host))

    assert not listener.exposed
    names = [sock.getsockname() for sock in listener.sockets]
    assert {name[0] for name in names} <= {"127.0.0.1", "::1"}
    assert len({name[1] for name in names}) == 1
    assert listener.address.rpartition(":")[0] in ("tcp:127.0.0.1", "tcp:[::1]")


def test_other_addresses_are_exposed(stack: ExitStack) -> None:
    """Which is to be said aloud."""
    assert listen(stack, tcp("0.0.0.0")).exposed


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "family", "address", "takes_ipv4"),
    [
        ("::1", 0, "::1", False),
        ("", socket.AF_INET6, "::1", False),
        ("::", 0, "::", True),
        ("::", socket.AF_INET6, "::", False),
        ("", socket.AF_INET, "127.0.0.1", True),
    ],
)
def test_addresses_of_ipv6(
    stack: ExitStack, host: str, family: int, address: str, takes_ipv4: bool
) -> None:
    """As in QEMU, IPv6's wildcard takes IPv4 as well, unless that is switched off."""
    listener = listen(stack, tcp(host, 0, family))

    (sock,) = listener.sockets
    found, port, *_ = sock.getsockname()
    assert found == address
    assert listener.exposed == (address == "::")
    with socket.socket() as client:
        assert (client.connect_ex(("127.0.0.1", port)) == 0) == takes_ipv4
    near = "::1" if address == "::" else address
    with connect(SocketChardev("x", "it", host=near, port=port)) as client:
        assert client.getpeername()[:2] == (near, port)


@needs_ipv6
def test_a_family_that_an_address_is_not_of() -> None:
    """The error is QEMU's."""
    with pytest.raises(ListenError, match=r"address resolution failed for \[::1\]:5: "):
        Listener(tcp("::1", 5, socket.AF_INET))


def test_a_port_that_is_taken(stack: ExitStack) -> None:
    """Of all addresses of a host, every one has to be ours."""
    (taken,) = listen_tcp("127.0.0.1", 0)
    stack.callback(taken.close)
    port = taken.getsockname()[1]

    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(ListenError) as caught:
            Listener(tcp(host, port))
        assert str(caught.value) == (
            f"-qmp it: Failed to bind socket to {host}:{port}: Address already in use"
        )


def test_a_host_that_is_not_there() -> None:
    """The error says what was looked for."""
    with pytest.raises(
        ListenError, match=r"^-qmp it: address resolution failed for .*:1: "
    ):
        Listener(tcp("no such host", 1))


def test_a_descriptor_is_adopted(stack: ExitStack) -> None:
    """If it is a socket that listens."""
    (sock,) = listen_tcp("127.0.0.1", 0)
    fd = sock.detach()

    listener = listen(stack, SocketChardev("x", "it", fd=fd, server=True))

    assert listener.address == f"fd:{fd}"
    assert [sock.fileno() for sock in listener.sockets] == [fd]


def test_a_descriptor_that_is_something_else(stack: ExitStack, tmp_path: Path) -> None:
    """A file is no socket, and a connection does not listen."""
    file = stack.enter_context((tmp_path / "f").open("w")).fileno()
    ours, other = socket.socketpair()
    stack.callback(other.close)
    connection = ours.detach()

    for fd, reason in (
        (file, "is not a socket"),
        (connection, "is not a listening socket"),
        (connection, "is not a socket"),  # it was closed
    ):
        with pytest.raises(ListenError) as caught:
            Listener(SocketChardev("x", "it", fd=fd, server=True))
        assert str(caught.value) == f"it: file descriptor {fd} {reason}"


def test_a_client_connects(stack: ExitStack, tmp_path: Path) -> None:
    """By path, by port, by descriptor."""
    path = tmp_path / "q"
    listen(stack, unix(path))
    port = listen(stack, tcp("127.0.0.1")).sockets[0].getsockname()[1]
    ours, other = socket.socketpair()
    stack.callback(other.close)

    for option in (
        SocketChardev("x", "it", path=str(path)),
        SocketChardev("x", "it", port=port),
        SocketChardev("x", "it", fd=ours.detach()),
    ):
        with connect(option) as sock:
            assert sock.getpeername() is not None
            assert not sock.getblocking()


def test_a_client_that_cannot_connect(tmp_path: Path) -> None:
    """The error says where to, and why not."""
    (sock,) = listen_tcp("127.0.0.1", 0)
    port = sock.getsockname()[1]
    sock.close()

    for option, reason in (
        (
            SocketChardev("x", "it", path=str(tmp_path / "q")),
            f"Failed to connect to '{tmp_path / 'q'}': No such file or directory",
        ),
        (
            SocketChardev("x", "it", host="127.0.0.1", port=port),
            f"Failed to connect to '127.0.0.1:{port}': Connection refused",
        ),
    ):
        with pytest.raises(ListenError) as caught:
            connect(option)
        assert str(caught.value) == f"it: {reason}"


def test_connecting_has_a_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Since nothing else is served meanwhile; after it the socket never blocks."""
    limits: list[float | None] = []

    class Watched(socket.socket):
        """A socket that keeps its limit while it connects."""

        def connect(self, address: Any) -> None:
            """Connect."""
            limits.append(self.gettimeout())
            super().connect(address)

    path = str(tmp_path / "q")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        monkeypatch.setattr(socket, "socket", Watched)
        with sockets._connected(socket.AF_UNIX, path) as made:
            assert (limits, made.gettimeout()) == ([10.0], 0.0)
