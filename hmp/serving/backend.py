"""The source of a monitor's clients: a socket, or standard input and output.

One client at a time is served, as in QEMU; the others wait in the socket's queue.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.serving.client import Client
from hmp.serving.sockets import Listener, connect
from hmp.serving.stdio import StdioTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from hmp.serving.monitor_options import SocketChardev

    MakeClient = Callable[[Callable[[], None]], Client]
    """Creates a client; its argument is called when the client is gone."""

_GRACE = 1.0
"""Seconds that a client has to read its remaining output when the server closes."""
_RETRY = 0.5
"""Seconds until clients are accepted again after an error such as too many open files."""


class Backend:
    """Accepts clients one after another; this base class accepts none.

    client: the current client. connected: set after the first client. finished: set
    when no more clients can come.
    """

    def __init__(self, make_client: MakeClient) -> None:
        self.make_client = make_client
        self.client: Client | None = None
        self.connected = asyncio.Event()
        self.finished = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()

    def open(self) -> None:
        """Prepare to accept clients. Raises ListenError."""

    def start(self) -> None:
        """Begin to take clients."""
        self._next()

    def _next(self) -> None:
        """Accept the next client after one has gone."""
        self.finished.set()

    def new_client(self) -> Client:
        """Create the client for a new connection."""
        self.client = self.make_client(self._lost)
        self._free.clear()
        self.connected.set()
        return self.client

    def _lost(self) -> None:
        self.client = None
        self._free.set()
        if not self.finished.is_set():
            self._next()

    def stop(self) -> None:
        """Accept no more clients, and disconnect the current one."""
        self.finished.set()
        if self.client is not None:
            self.client.close()

    async def close(self) -> None:
        """Stop; wait briefly until the client has gone, then drop its connection."""
        self.stop()
        if self.client is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE):
                    await self._free.wait()
        if self.client is not None:
            self.client.transport.abort()
            await self._free.wait()


class SocketBackend(Backend):
    """The clients of a listening socket, or the one peer of a connected socket.

    address: the socket's address, as QEMU writes it. exposed: whether other hosts can
    reach it.
    """

    def __init__(self, option: SocketChardev, make_client: MakeClient) -> None:
        super().__init__(make_client)
        self.option = option
        self.address = ""
        self.exposed = False
        self._listener: Listener | None = None
        self._connection: socket.socket | None = None
        self._admission: asyncio.Task[None] | None = None
        self._watching = False

    def open(self) -> None:
        """Listen, or connect. Raises ListenError."""
        if self.option.server:
            self._listener = Listener(self.option)
            self.address = self._listener.address
            self.exposed = self._listener.exposed
        else:
            self._connection = connect(self.option)

    def start(self) -> None:
        """Begin to take clients."""
        if self._connection is not None:
            self._admit(self._connection)
            self._connection = None
        else:
            self._next()

    def _next(self) -> None:
        if self._listener is None:
            self.finished.set()
        elif not self._watching and not self.finished.is_set():
            self._watching = True
            for sock in self._listener.sockets:
                asyncio.get_running_loop().add_reader(sock, self._accept, sock)

    def _unwatch(self) -> None:
        if self._listener is not None and self._watching:
            self._watching = False
            for sock in self._listener.sockets:
                asyncio.get_running_loop().remove_reader(sock)

    def _accept(self, listening: socket.socket) -> None:
        if self.client is not None or self._admission is not None:
            return
        try:
            sock, _ = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError:
            # most likely too many open files; do not spin until some are closed
            self._unwatch()
            asyncio.get_running_loop().call_later(_RETRY, self._next)
            return
        self._unwatch()
        self._admit(sock)

    def _admit(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._admission = loop.create_task(self._attach(sock), name="a new client")

    async def _attach(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        sock.setblocking(False)
        try:
            await loop.connect_accepted_socket(self.new_client, sock)
        except OSError:
            sock.close()
            self._lost()
        finally:
            self._admission = None
        if self.finished.is_set() and self.client is not None:
            self.client.close()

    def stop(self) -> None:
        """Stop listening, and disconnect the client."""
        if self.finished.is_set() and self._listener is None:
            return
        self._unwatch()
        if self._admission is None:
            super().stop()
        else:
            self.finished.set()  # the admission checks it
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def close(self) -> None:
        """Stop, wait until the client has gone, and remove the socket."""
        if self._admission is not None:
            await self._admission
        if self._connection is not None:
            self._connection.close()
        self.stop()
        await super().close()


class StdioBackend(Backend):
    """The single client on standard input and output."""

    def start(self) -> None:
        """Start serving it."""
        StdioTransport(self.new_client()).begin()
