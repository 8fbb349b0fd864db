from __future__ import annotations

import asyncio
import socket

import pytest

from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.errors import ConnectError, MachineGoneError
from hmp.qmp.stream import Stream
from tests.fakes import FakeServer, Peer


class Tunnel:
    """A carrier that counts."""

    opens = released = 0

    def gone(self, name: str) -> MachineGoneError:
        """Return a reason of its own."""
        return ConnectError(f"the tunnel to {name} has caved in")

    def opened(self) -> None:
        """Count."""
        self.opens += 1

    def release(self) -> None:
        """Count."""
        self.released += 1


def test_it_is_a_socket() -> None:
    """With the timeout of the one that it takes over."""
    ours, theirs = socket.socketpair()
    ours.settimeout(7)
    with theirs, Stream(ours, Tunnel()) as stream:
        stream.sendall(b"x")
        assert theirs.recv(1) == b"x"
        assert stream.gettimeout() == 7
        assert ours.fileno() == -1


def test_the_last_copy_releases_the_carrier() -> None:
    """Once, however often each is closed."""
    tunnel = Tunnel()
    ours, theirs = socket.socketpair()
    stream = Stream(ours, tunnel)
    copies = [stream.dup(), stream.dup()]
    copies.append(copies[0].dup())
    for sock in (stream, copies[2], copies[0], stream):
        sock.close()
    copies[1].sendall(b"y")
    assert theirs.recv(2) == b"y"
    assert tunnel.released == 0
    copies[1].close()
    copies[1].close()
    assert tunnel.released == 1
    theirs.close()


def serve_one(peer: Peer) -> None:
    """Greet, answer one command, and leave."""
    peer.negotiate()
    peer.read()
    peer.close()


def test_a_lost_connection_says_why() -> None:
    """With the carrier's reason; the carrier is released with the connection."""
    tunnel = Tunnel()
    with FakeServer(serve_one) as server:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(server.path)
        connection = BlockingConnection(Stream(sock, tunnel), "vm")
        with pytest.raises(ConnectError, match="the tunnel to vm has caved in"):
            connection.run("query-name", None)
        connection.close()
    assert (tunnel.opens, tunnel.released) == (1, 1)


def test_so_does_one_in_an_event_loop() -> None:
    """The carrier is released when both forms of the connection are closed."""
    tunnel = Tunnel()

    async def run(connection: BlockingConnection) -> None:
        adopted = await connection.adopt()
        connection.close()
        assert tunnel.released == 0
        with pytest.raises(ConnectError, match="the tunnel to vm has caved in"):
            await adopted.execute("query-name")
        adopted.close()

    with FakeServer(serve_one) as server:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(server.path)
        asyncio.run(run(BlockingConnection(Stream(sock, tunnel), "vm")))
    assert tunnel.released == 1
