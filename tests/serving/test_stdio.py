from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hmp.serving.base_client import Client, ServingHost
from hmp.serving.stdio import StdioTransport
from hmp.serving.tasks import Tasks
from tests.fakes import until
from tests.serving.served import run


class Recorder(Client):
    """A client that keeps what it is told."""

    def __init__(self) -> None:
        self.lost = 0
        super().__init__(ServingHost(self._count, lambda text: None, Tasks()))
        self.data = b""
        self.ends = 0
        self.held_back: list[bool] = []

    def _count(self) -> None:
        self.lost += 1

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self.data += data

    def eof_received(self) -> bool:
        """Count it."""
        self.ends += 1
        return True

    def pause_writing(self) -> None:
        """Keep that it holds back."""
        super().pause_writing()
        self.held_back.append(True)

    def resume_writing(self) -> None:
        """Keep that it goes on."""
        super().resume_writing()
        self.held_back.append(False)


class Ends:
    """Descriptors for a transport, and our ends of them."""

    def __init__(self) -> None:
        self.read_fd, self.to_it = os.pipe()
        self.from_it, self.write_fd = os.pipe()
        os.set_blocking(self.from_it, False)

    def transport(self, client: Client) -> StdioTransport:
        """Return a transport that has begun."""
        made = StdioTransport(client, self.read_fd, self.write_fd)
        made.begin()
        return made

    def taken(self) -> bytes:
        """Return what was written, as far as it has come."""
        try:
            return os.read(self.from_it, 1 << 20)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Close all that is open."""
        for fd in (self.read_fd, self.to_it, self.from_it, self.write_fd):
            if fd >= 0:
                os.close(fd)


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A pair of pipes."""
    made = Ends()
    yield made
    made.close()


def test_bytes_go_both_ways(ends: Ends) -> None:
    """And the end of input is told once, whatever is resumed behind it."""

    async def main() -> None:
        client = Recorder()
        transport = ends.transport(client)
        os.write(ends.to_it, b"in")
        await until(lambda: client.data == b"in", "the input")
        transport.write(b"out")
        await until(lambda: transport.get_write_buffer_size() == 0, "the output")
        assert ends.taken() == b"out"
        os.close(ends.to_it)
        ends.to_it = -1
        await until(lambda: client.ends, "the end")
        transport.pause_reading()
        transport.resume_reading()
        await asyncio.sleep(0.01)
        assert client.ends == 1
        transport.close()
        transport.close()
        transport.resume_reading()
        transport.write(b"late")
        await asyncio.sleep(0)
        assert transport.is_closing()
        assert (client.lost, ends.taken()) == (1, b"")

    run(main())


def test_nothing_is_read_while_it_is_paused(ends: Ends) -> None:
    """It waits where it is."""

    async def main() -> None:
        client = Recorder()
        transport = ends.transport(client)
        transport.pause_reading()
        transport.pause_reading()
        os.write(ends.to_it, b"in")
        await asyncio.sleep(0.01)
        assert client.data == b""
        transport.resume_reading()
        await until(lambda: client.data, "the input")
        transport.close()

    run(main())


def test_a_reader_that_is_slow_holds_the_client_back(ends: Ends) -> None:
    """Nothing blocks, nothing is lost; closing writes what waits."""
    sent = bytes(range(256)) * 2000

    async def main() -> None:
        client = Recorder()
        transport = ends.transport(client)
        transport.write(sent[:100_000])
        transport.write(sent[100_000:])
        await asyncio.sleep(0.01)
        assert client.held_back == [True]
        assert transport.get_write_buffer_size() > 1 << 18
        transport.close()
        data = b""
        while len(data) < len(sent):
            data += ends.taken()
            await asyncio.sleep(0)
        await until(lambda: client.lost, "the end")
        assert data == sent

    run(main())


def test_it_goes_on_when_there_is_room(ends: Ends) -> None:
    """The client is told once."""

    async def main() -> None:
        client = Recorder()
        transport = ends.transport(client)
        transport.write(b"x" * 300_000)
        count = 0
        while client.held_back != [True, False]:
            count += len(ends.taken())
            await asyncio.sleep(0)
        assert count > 100_000
        transport.abort()
        await asyncio.sleep(0)
        assert client.lost == 1
        assert transport.get_write_buffer_size() == 0

    run(main())


def test_a_reader_that_is_gone_is_the_end(ends: Ends) -> None:
    """As for any connection."""

    async def main() -> None:
        client = Recorder()
        transport = ends.transport(client)
        os.close(ends.from_it)
        ends.from_it = -1
        transport.write(b"x")
        await until(lambda: client.lost, "the end")

    run(main())


def test_files_can_be_read_and_written(tmp_path: Path) -> None:
    """Which nobody can wait for; others have their turn between two pieces."""
    given = os.urandom(500_000)
    (tmp_path / "in").write_bytes(given)

    async def main() -> None:
        client = Recorder()
        with (tmp_path / "in").open("rb") as read, (tmp_path / "out").open("wb") as write:
            transport = StdioTransport(client, read.fileno(), write.fileno())
            transport.begin()
            turns = 0
            while not client.ends:
                transport.pause_reading()
                transport.resume_reading()
                await asyncio.sleep(0)
                turns += 1
            assert turns > 5
            transport.write(client.data)
            assert client.held_back == []
            transport.close()
            await asyncio.sleep(0)
        assert client.lost == 1

    run(main())
    assert (tmp_path / "out").read_bytes() == given


def test_a_terminal_s_descriptors_stay_blocking() -> None:
    """Others have them, too."""

    async def main() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            client = Recorder()
            transport = StdioTransport(client, ours.fileno(), ours.fileno())
            transport.begin()
            transport.write(b"x")
            await asyncio.sleep(0.01)
            assert os.get_blocking(ours.fileno())
            assert theirs.recv(10) == b"x"
            transport.abort()
            await asyncio.sleep(0)

    run(main())
