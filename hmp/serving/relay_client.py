"""QMP clients of a remote machine."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from typing import TYPE_CHECKING

from hmp.qmp.relay import Relayed, RelaySession
from hmp.serving.qmp_client import ControlClient
from hmp.serving.sockets import DescriptorSocket

if TYPE_CHECKING:
    from typing import Any

    from hmp.qmp.exchange import Message
    from hmp.serving.base_client import ServingHost
    from hmp.serving.remote_machine import RemoteMachine
    from hmp.serving.telnet_decoder import TelnetDecoder

_MOST_PAST = 8
"""Out-of-band requests of one client that the machine may have at a time."""
_MOST_DESCRIPTORS = 16
"""Descriptors that are kept for a client's next requests."""

_PATIENCE = 5.0
"""Seconds that a descriptor is kept for a request.

A client can send its own socket, and its connection would never end.
"""


class RelayClient(ControlClient):
    """A QMP client whose requests are passed on."""

    session: RelaySession

    def __init__(
        self,
        machine: RemoteMachine,
        pretty: bool,
        telnet: TelnetDecoder | None,
        host: ServingHost,
    ) -> None:
        session = RelaySession(machine, pretty=pretty, descriptor=self._descriptor)
        super().__init__(machine, session, telnet, host)
        self._socket: DescriptorSocket | None = None
        self._descriptors: deque[int] = deque()
        self._waiting: set[asyncio.Future[Message]] = set()
        self._past_count = 0
        self._expiry: asyncio.TimerHandle | None = None

    def prepare(self, sock: socket.socket) -> socket.socket:
        """Take the descriptors that come over a Unix socket."""
        if sock.family != socket.AF_UNIX:
            return sock
        self._socket = DescriptorSocket(sock)
        return self._socket

    def data_received(self, data: bytes) -> None:
        """Process requests, and the descriptors that came with them."""
        if self._socket is not None:
            self._keep(self._socket.take())
        super().data_received(data)

    def _keep(self, descriptors: list[int]) -> None:
        """Keep the first of the descriptors for the request that comes with it."""
        if descriptors and self.session.idle:
            self._drop()  # nothing that has been received can want them any more
        self._descriptors.extend(descriptors[:1])
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        while len(self._descriptors) > _MOST_DESCRIPTORS:
            os.close(self._descriptors.popleft())
        if descriptors and self._expiry is None:
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(_PATIENCE, self._expire)

    def _expire(self) -> None:
        """Drop the descriptors, unless a request that wants one may wait for another."""
        self._expiry = None
        if self._under_way:
            self._expiry = asyncio.get_running_loop().call_later(_PATIENCE, self._expire)
        else:
            self._drop()

    def _descriptor(self) -> list[int]:
        return [self._descriptors.popleft()] if self._descriptors else []

    def _drop(self) -> None:
        while self._descriptors:
            os.close(self._descriptors.popleft())

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop the replies that are still to come, and the requests that still wait."""
        for reply in self._waiting:
            self.session.remote.forget(reply)
        if self._socket is not None:
            self._keep(self._socket.take())
        self._drop()
        if self._expiry is not None:
            self._expiry.cancel()
        super().connection_lost(exc)

    def _may_pass(self) -> bool:
        return self._past_count < _MOST_PAST

    def _send(self, step: Any, past: bool = False) -> None:
        if not isinstance(step, Relayed):
            super()._send(step, past)
            return
        self._begun += 1
        if past:
            self._past_count += 1
        else:
            self._under_way = True
        self._waiting.add(step.reply)
        step.reply.add_done_callback(lambda reply: self._replied(step, past))

    def _replied(self, relayed: Relayed, past: bool) -> None:
        self._waiting.discard(relayed.reply)
        if past:
            self._past_count -= 1
        else:
            self._under_way = False
        if relayed.reply.cancelled() or self.transport.is_closing():
            return
        self.send(self.session.answer(relayed))
        self._serve()
