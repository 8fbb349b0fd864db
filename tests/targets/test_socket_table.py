"""Who is at the ends of sockets, by the tables of this host's kernel."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hmp.targets.socket_table import (
    UnixSocket,
    owners,
    tcp_ends,
    unix_ends,
    unix_sockets,
)

LISTENS, CONNECTED = 10, 1
NAME, FILE, PEER = 0, 1, 2


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """What is closed at the end."""
    with ExitStack() as stack:
        yield stack


def inode(sock: socket.socket) -> int:
    """Return the inode of a socket."""
    return os.fstat(sock.fileno()).st_ino


def test_a_unix_socket_and_its_clients(opened: ExitStack, tmp_path: Path) -> None:
    """Those that were accepted; by the path, relative or not, or by another link to it."""
    path = str(tmp_path / "qmp")
    server = opened.enter_context(socket.socket(socket.AF_UNIX))
    server.bind(path)
    server.listen()
    clients = [opened.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(3)]
    for client in clients:
        client.connect(path)
    accepted = [opened.enter_context(server.accept()[0]) for _ in range(2)]
    (tmp_path / "link").symlink_to("qmp")

    for name in (path, os.path.relpath(path), str(tmp_path / "link")):
        ends = unix_ends(name)
        assert (ends.listening, sorted(ends.clients), ends.addresses) == (
            [inode(server)],
            sorted(map(inode, clients[:2])),
            [],
        )
    clients[0].close()
    assert unix_ends(path).clients == [inode(clients[1])]
    assert len(accepted) == 2


def test_a_socket_without_a_file_any_more(opened: ExitStack, tmp_path: Path) -> None:
    """Its name is still known; an abstract name has never had a file."""
    for name in (str(tmp_path / "qmp"), "\0hmp-test-of-socket-tables"):
        server = opened.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(name)
        server.listen()
        if name[0] != "\0":
            os.unlink(name)
        assert unix_ends(name).listening == [inode(server)]
    assert unix_ends(str(tmp_path / "other")).listening == []


def test_a_socket_whose_file_was_replaced(opened: ExitStack, tmp_path: Path) -> None:
    """As by a second QEMU with the same path: only the last one can be reached there."""
    path = str(tmp_path / "qmp")
    for _ in range(2):
        server = opened.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(path)
        server.listen()
        client = opened.enter_context(socket.socket(socket.AF_UNIX))
        client.connect(path)
        opened.enter_context(server.accept()[0])
        ends = unix_ends(path)
        assert (ends.listening, ends.clients) == ([inode(server)], [inode(client)])
        (tmp_path / "qmp").rename(tmp_path / "before")


def row(state: int, number: int, name: bytes = b"/x", peer: int = 0) -> UnixSocket:
    """Return a Unix socket as the kernel describes it."""
    return state, number, {NAME: name, PEER: peer.to_bytes(4, sys.byteorder)}


def test_which_rows_count(tmp_path: Path) -> None:
    """Those of the name or the file, that listen or have a client that is still there."""
    file = tmp_path / "qmp"
    file.touch()
    number = struct.pack("=II", file.stat().st_ino & 0xFFFFFFFF, 7)
    rows = [
        row(LISTENS, 1),
        row(LISTENS, 2, b"/x\0\0"),
        row(LISTENS, 3, b"/other"),
        row(CONNECTED, 4, peer=40),
        row(CONNECTED, 0, peer=50),
        row(CONNECTED, 6),
        row(CONNECTED, 7, b"/other", 70),
        row(3, 8, peer=80),
        (LISTENS, 9, {}),
        (LISTENS, 10, {NAME: b"/elsewhere", FILE: number}),
    ]

    by_name, by_file = unix_ends("/x", rows), unix_ends(str(file), rows)
    assert (by_name.listening, by_name.clients) == ([1, 2], [40])
    assert (by_file.listening, by_file.clients) == ([10], [])


def test_all_unix_sockets_are_read() -> None:
    """Many more than one message of the kernel holds."""
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(400)]
        for one, other in pairs:
            stack.enter_context(one)
            stack.enter_context(other)
        there = {number: (state, found) for state, number, found in unix_sockets()}
        for one, other in pairs:
            state, found = there[inode(one)]
            assert state == CONNECTED
            assert int.from_bytes(found[PEER], sys.byteorder) == inode(other)


@pytest.mark.parametrize(
    ("family", "host"), [("AF_INET", "127.0.0.1"), ("AF_INET6", "::1")]
)
def test_a_tcp_port_and_its_clients(opened: ExitStack, family: str, host: str) -> None:
    """On this host both ends have inodes."""
    server = opened.enter_context(socket.socket(getattr(socket, family)))
    try:
        server.bind((host, 0))
    except OSError:
        pytest.skip(f"there is no {host}")
    server.listen()
    port = server.getsockname()[1]
    client = opened.enter_context(socket.create_connection((host, port)))
    opened.enter_context(server.accept()[0])

    ends = tcp_ends(port)
    assert (ends.listening, ends.clients, ends.addresses) == (
        [inode(server)],
        [inode(client)],
        [],
    )
    assert owners([inode(server), inode(client), 0]) == {
        inode(server): os.getpid(),
        inode(client): os.getpid(),
    }


HOST = "0100007F"
FAR = "0100000A"
MAPPED = "0000000000000000FFFF0000" + HOST
LINK_LOCAL = "000080FE000000000000000001000000"


def tcp(state: int, here: str, there: str, number: int) -> list[str]:
    """Return the words of a row of /proc/net/tcp."""
    return ["0:", here, there, f"{state:02X}", "0:0", "0:0", "0", "1000", "0", str(number)]


def test_the_ends_of_another_host_s_port() -> None:
    """Clients without a row of their own are known by their addresses."""
    rows = [
        tcp(LISTENS, f"{HOST}:115C", "00000000:0000", 1),
        tcp(LISTENS, "0" * 32 + ":115C", "0" * 32 + ":0000", 2),
        tcp(LISTENS, f"{HOST}:115D", "00000000:0000", 3),
        tcp(CONNECTED, f"{HOST}:115C", f"{HOST}:8001", 4),
        tcp(CONNECTED, f"{HOST}:8001", f"{MAPPED}:115C", 40),
        tcp(CONNECTED, f"{HOST}:115C", f"{FAR}:8002", 5),
        tcp(CONNECTED, f"{LINK_LOCAL}:115C", f"{LINK_LOCAL}:8003", 6),
        tcp(CONNECTED, f"{HOST}:115C", f"{FAR}:8004", 0),
        tcp(6, f"{HOST}:115C", f"{FAR}:8005", 7),
    ]

    ends = tcp_ends(0x115C, rows)
    assert ends.listening == [1, 2]
    assert ends.clients == [40, 0, 0]
    assert ends.addresses == ["10.0.0.1:32770", "fe80::1:32771"]
    assert tcp_ends(1, rows).listening == []


def test_sockets_of_no_process() -> None:
    """Nothing is looked for where nothing is asked."""
    assert owners([]) == owners([0]) == owners([1 << 40]) == {}
