"""A machine whose monitors are served in the test's own event loop, and clients of them."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from hmp.machine.machine import EmbeddedMachine, Extension
from hmp.monitor.entry import Table
from hmp.serving.monitors import Server, serve
from tests.fakes import LIMIT, tables

Message = dict[str, Any]
Result = TypeVar("Result")


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a test's coroutine, which has to come to an end."""

    async def limited() -> Result:
        async with asyncio.timeout(3 * LIMIT):
            return await main

    return asyncio.run(limited())


class Served:
    """A machine and its server.

    printed: what the machine printed. notices: what the operator was told.
    """

    def __init__(self, extensions: Iterable[Extension] = ()) -> None:
        self.printed: list[str] = []
        self.notices: list[str] = []
        self.machine = EmbeddedMachine(
            output=self.printed.append, extensions=list(extensions)
        )
        self.server: Server
        self.clients: list[Stream] = []

    async def connect(self, index: int = 0) -> QmpClient:
        """Return a client of the monitor at an address."""
        client = await QmpClient.connect(self.server.addresses[index])
        self.clients.append(client)
        return client

    async def qmp(self, index: int = 0, *enable: str) -> QmpClient:
        """Return a client of a QMP monitor, behind its negotiation."""
        client = await self.connect(index)
        await client.negotiate(*enable)
        return client

    async def human(self, index: int = 0) -> QmpClient:
        """Return a client of a human monitor, behind its first prompt."""
        client = await self.connect(index)
        await client.until(b"(qemu) ")
        return client


@asynccontextmanager
async def serving(
    *,
    qmp: str | Iterable[str] = (),
    monitor: str | Iterable[str] = (),
    extensions: Iterable[Extension] = (),
    table: Table | None = None,
) -> AsyncIterator[Served]:
    """Serve a new machine's monitors."""
    served = Served(extensions)
    server = serve(
        served.machine,
        qmp=qmp,
        monitor=monitor,
        table=table or tables(),
        notice=served.notices.append,
    )
    try:
        async with server:
            served.server = server
            yield served
    finally:
        served.machine.close()
        for client in served.clients:
            await client.close()


class Stream:
    """A connection to a monitor; bytes as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes | str) -> None:
        """Send bytes, without waiting for room."""
        self.writer.write(data.encode() if isinstance(data, str) else data)

    async def until(self, end: bytes) -> bytes:
        """Read to what ends with these bytes, and return it."""
        return await self.reader.readuntil(end)

    async def rest(self) -> bytes:
        """Read until the other end closes, or resets, the connection."""
        data = b""
        with suppress(ConnectionResetError, BrokenPipeError):
            while chunk := await self.reader.read(1 << 16):
                data += chunk
        return data

    def reset(self) -> None:
        """Have the other end find the connection broken."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self) -> None:
        """Close this end."""
        self.writer.close()
        with suppress(BrokenPipeError, ConnectionResetError):
            await self.writer.wait_closed()


class QmpClient(Stream):
    """A bare client of a QMP monitor.

    events: those that came while something else was waited for.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self.events: list[Message] = []

    @classmethod
    async def connect(cls, address: str) -> QmpClient:
        """Connect to where a server says that it is."""
        return cls(*await open_stream(address))

    async def read(self) -> Message:
        """Return the next message, which stands on a line."""
        message: Message = json.loads(await self.reader.readline())
        return message

    async def negotiate(self, *enable: str) -> Message:
        """Read the greeting, and begin; return the greeting."""
        greeting = await self.read()
        reply = await self.ask("qmp_capabilities", enable=list(enable))
        assert reply == {"return": {}}
        return greeting

    async def ask(self, command: str, /, **arguments: Any) -> Message:
        """Run a command and return the whole reply."""
        self.send(json.dumps({"execute": command, "arguments": arguments}))
        return await self.reply()

    async def reply(self) -> Message:
        """Return the next message that is no event."""
        while "event" in (message := await self.read()):
            self.events.append(message)
        return message

    async def event(self) -> Message:
        """Return the next event."""
        if self.events:
            return self.events.pop(0)
        message = await self.read()
        assert "event" in message
        return message


async def open_stream(
    address: str,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to an address as a server writes it: unix:PATH or tcp:HOST:PORT."""
    kind, _, where = address.partition(":")
    if kind == "unix":
        return await asyncio.open_unix_connection(where, limit=1 << 24)
    host, _, port = where.rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port), limit=1 << 24)
