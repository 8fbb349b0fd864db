"""The source of a monitor's clients: a socket, or standard input and output.

As many clients as the monitor takes are served at a time, one of them as in QEMU; the
others wait in the socket's queue.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.serving.base_client import Client
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
    """Accepts clients; this base class accepts none.

    most: how many it serves at a time. clients: the current ones. connected: set after the
    first client. finished: set when no more clients can come.
    """

    def __init__(self, make_client: MakeClient, most: int = 1) -> None:
        self.make_client = make_client
        self.most = most
        self.clients: set[Client] = set()
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
        client = self.make_client(lambda: self._lost(client))
        self.clients.add(client)
        self._free.clear()
        self.connected.set()
        return client

    def _lost(self, client: Client) -> None:
        self.clients.discard(client)
        if not self.clients:
            self._free.set()
        if not self.finished.is_set():
            self._next()

    def stop(self) -> None:
        """Accept no more clients, and disconnect the current ones."""
        self.finished.set()
        for client in list(self.clients):
            client.close()

    async def close(self) -> None:
        """Stop; wait briefly until the clients have gone, then drop their connections."""
        self.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await self._free.wait()
        for client in list(self.clients):
            client.transport.abort()
        # each aborted client is gone after the loop's next turn
        await self._free.wait()


class SocketBackend(Backend):
    """The clients of a listening socket, or the one peer of a connected socket.

    address: the socket's address, as QEMU writes it. exposed: whether other hosts can
    reach it.
    """

    def __init__(
        self, option: SocketChardev, make_client: MakeClient, most: int = 1
    ) -> None:
        super().__init__(make_client, most)
        self.option = option
        self.address = ""
        self.exposed = False
        self._listener: Listener | None = None
        self._connection: socket.socket | None = None
        self._admissions: set[asyncio.Task[None]] = set()
        self._watching = False

    def open(self) -> None:
        """Listen, or connect. Raises ListenError."""
        if self.option.server:
            self._listener = Listener(self.option, self.most)
            self.address = self._listener.address
            self.exposed = self._listener.exposed
        else:
            # server=off: the one peer is the client
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
            # the one peer may just have been admitted
            if not (self.clients or self._admissions):
                self.finished.set()
        elif not self._watching and not self.finished.is_set() and not self._full:
            self._watching = True
            for sock in self._listener.sockets:
                asyncio.get_running_loop().add_reader(sock, self._accept, sock)

    @property
    def _full(self) -> bool:
        return len(self.clients | self._admissions) >= self.most

    def _unwatch(self) -> None:
        if self._listener is not None and self._watching:
            self._watching = False
            for sock in self._listener.sockets:
                asyncio.get_running_loop().remove_reader(sock)

    def _accept(self, listening: socket.socket) -> None:
        if self._full:
            return
        try:
            sock, _ = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            # the client has left again before it was accepted
            return
        except OSError:
            # most likely too many open files; do not spin until some are closed
            self._unwatch()
            asyncio.get_running_loop().call_later(_RETRY, self._next)
            return
        self._admit(sock)
        if self._full:
            self._unwatch()

    def _admit(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        admission = loop.create_task(self._attach(sock), name="a new client")
        self._admissions.add(admission)
        admission.add_done_callback(self._admitted)

    def _admitted(self, admission: asyncio.Task[None]) -> None:
        self._admissions.discard(admission)
        if not self.finished.is_set():
            self._next()

    async def _attach(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        sock.setblocking(False)
        client = self.new_client()
        sock = client.prepare(sock)
        try:
            await loop.connect_accepted_socket(lambda: client, sock)
        except OSError:
            sock.close()
            self._lost(client)
        # the server was closed while the client was being attached
        if self.finished.is_set() and client in self.clients:
            client.close()

    def stop(self) -> None:
        """Stop listening, and disconnect the clients."""
        if self.finished.is_set() and self._listener is None:
            return
        self._unwatch()
        self.finished.set()  # admissions check it
        for client in list(self.clients):
            # one that is still being attached has none; `_attach` closes it
            if hasattr(client, "transport"):
                client.close()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def close(self) -> None:
        """Stop, wait until the clients have gone, and remove the socket."""
        if self._connection is not None:
            self._connection.close()
        self.stop()
        await asyncio.gather(*self._admissions)
        await super().close()


class StdioBackend(Backend):
    """The single client on standard input and output."""

    def start(self) -> None:
        """Start serving it."""
        StdioTransport(self.new_client()).begin()
