"""A QMP connection that waits where it stands: for scripts, and to begin any other.

Its `execute` never suspends, so that a handler's coroutine runs to its end in one
step and no event loop is needed, nor imported.
"""

from __future__ import annotations

import socket
from select import select
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from hmp.qmp.connection import SessionConnection
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NoReplyError,
    ProtocolError,
    QMPError,
)
from hmp.qmp.exchange import Exchange, Greeting, result, without_none

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hmp.qmp.exchange import Id, Message, Trace

CONNECT_LIMIT = 5.0
"""Seconds in which a server must be reached, greet, and agree to capabilities."""

BUSY = (
    "no answer; most likely another client holds this socket, since QEMU serves one at a"
    " time: end that client, or give QEMU a second -qmp socket"
)
_OCCUPIED = (
    "it greets but does not answer yet; it still works on a command, perhaps of a client"
    " that gave up waiting: try again later"
)

_AT_MOST = (1 << 16,)
"""The argument with which the socket is read."""
_HMP_ADVICE = "; that is QEMU's human monitor, and what is wanted is a -qmp socket"


class Reachable(Protocol):
    """Where a machine is, and how to connect to it."""

    def connect(self, timeout: float) -> socket.socket:
        """Return a connected socket within that many seconds. Raises ConnectError."""


class BlockingConnection(SessionConnection):
    """A connection over a connected socket, which it owns.

    name: how messages call the machine. timeout: seconds to wait for the reply to
    a command; None waits for ever. Greeting and capabilities negotiation are done
    when the object is made, which raises ConnectError or ProtocolError. target: where
    the machine can be reached again; None when it cannot.

    Ctrl-C may raise KeyboardInterrupt anywhere in here. It gives up the command, and the
    connection stays in step: what has been received is kept in the step that receives
    it, and so is how much has been sent.
    """

    target: Reachable | None = None

    def __init__(
        self,
        sock: socket.socket,
        name: str,
        *,
        timeout: float | None = None,
        trace: Trace | None = None,
        connect_limit: float = CONNECT_LIMIT,
    ) -> None:
        self.socket = sock
        self.name = name
        self.timeout = timeout
        self.session = Exchange(trace)
        # the rest of a request that was given up when a part of it had been sent; the
        # request behind it; and how many bytes of the two have been sent, call by call
        self._outgoing: tuple[bytes, bytes, list[int]] = (b"", b"", [])
        try:
            self._negotiate(monotonic() + connect_limit)
        except BaseException:
            sock.close()
            raise

    def _negotiate(self, deadline: float) -> None:
        problem = BUSY
        try:
            self.greeting = Greeting(self._read_greeting(deadline))
            problem = _OCCUPIED
            self.session.oob = "oob" in self.greeting.capabilities
            enable = {"enable": ["oob"]} if self.session.oob else None
            id_, data = self.session.request("qmp_capabilities", enable)
            self._send(data, deadline)
            result(self._reply(id_, deadline))
        except TimeoutError as error:
            raise ConnectError(f"cannot connect to {self.name}: {problem}") from error
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ProtocolError(f"{self.name} sent no QMP greeting") from error
        except QMPError as error:
            reason = f"refuses to negotiate capabilities: {error.desc}"
            raise ProtocolError(f"{self.name} {reason}") from error
        except ProtocolError as error:
            advice = _HMP_ADVICE if "monitor - type" in str(error) else ""
            raise ProtocolError(f"{self.name}: {error}{advice}") from error
        self.version = self.greeting.version
        self.has_hmp = True

    def _read_greeting(self, deadline: float) -> Message:
        while (message := self.session.greeting()) is None:
            self._read(deadline)
        return message

    async def execute(
        self,
        command: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        **members: Any,
    ) -> Any:
        """Run a QMP command and return its value; see `Connection.execute`."""
        return self.run(command, without_none(arguments, members))

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band; see `Connection.execute_oob`."""
        return self.run(command, arguments, oob=True)

    def run(self, command: str, arguments: Message | None, oob: bool = False) -> Any:
        """Run a QMP command, waiting for its reply. Raises QMPError, MachineGoneError."""
        id_, data = self.session.request(command, arguments, oob)
        limit = self.limit(command)
        deadline = None if limit is None else monotonic() + limit
        try:
            self._send(data, deadline)
            reply = self._reply(id_, deadline)
        except TimeoutError as error:
            raise self.no_reply(command, limit or 0) from error
        return result(reply)

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command that is not waited for; see `Connection.post`."""
        self._send(self.session.request(command, arguments)[1], None)

    def limit(self, command: str) -> float | None:
        """Return how many seconds to wait for the reply to a command; None: for ever."""
        return self.timeout

    def no_reply(self, command: str, limit: float) -> QMPError | MachineGoneError:
        """Return the error for a reply that did not come in that time."""
        return NoReplyError(f"no reply to '{command}' within {limit:g} s")

    async def pause(self, seconds: float) -> None:
        """Wait, or until something comes; see `Connection.pause`."""
        before = self.session.events
        self.take_buffered()
        if self.session.events > before:
            return
        readable, _, _ = select([self.socket], [], [], seconds)
        if readable:
            self.take_events()

    def take_buffered(self) -> None:
        """Take what came in one piece with the last reply: events.

        Call it before waiting for the socket, which no longer tells of them. Raises
        MachineGoneError.
        """
        while self.session.take() is not None:
            pass  # a late reply to a command that was given up

    def take_events(self) -> None:
        """Read what has arrived while no command was under way: events.

        Call it when the socket is readable. Raises MachineGoneError.
        """
        self._read(None)
        self.take_buffered()

    def _reply(self, id_: Id, deadline: float | None) -> Message:
        """Wait for the reply to a request, or the error that it could not be read."""
        refusal: Message = {}
        probe = None
        while True:
            while (message := self.session.take()) is None:
                self._read(deadline)
            if message.get("id") == id_:
                return message
            if "id" in message:
                if message["id"] == probe:
                    return refusal
            elif probe is None:
                refusal = message
                probe, data = self.session.probe()
                self._send(data, deadline)

    def _send(self, data: bytes, deadline: float | None) -> None:
        """Send a request, behind the rest of one that has been sent in part.

        An earlier one of which nothing has been sent was given up, and is dropped.
        """
        begun, request, counts = self._outgoing
        sent = sum(counts)
        rest = (begun + request if sent > len(begun) else begun)[sent:]
        self._outgoing = rest, data, counts = rest, data, []
        left: bytes | memoryview = rest + data
        try:
            while left:
                self._limit_time(deadline)
                # sent and counted in one step, between whose parts no Ctrl-C can come
                counts.extend(map(self.socket.send, (left,)))
                if counts[-1] == len(left):
                    return  # as nearly always
                left = memoryview(left)[counts[-1] :]
        except TimeoutError:
            raise
        except OSError as error:
            raise self.gone() from error

    def _read(self, deadline: float | None) -> None:
        """Read what comes next, and have the session's decoder keep it."""
        chunks = self.session.decoder.chunks
        try:
            self._limit_time(deadline)
            # received and kept in one step, between whose parts no Ctrl-C can come
            chunks.extend(map(self.socket.recv, _AT_MOST))
        except TimeoutError:
            raise
        except OSError as error:
            raise self.gone() from error
        if not chunks[-1]:
            raise self.gone()

    def _limit_time(self, deadline: float | None) -> None:
        """Let the socket wait until the deadline, or for ever. Raises TimeoutError."""
        if deadline is not None:
            left = deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)
        elif self.socket.gettimeout() is not None:
            self.socket.settimeout(None)

    def gone(self) -> MachineGoneError:
        """Return the error that says how the machine went away."""
        return MachineGoneError(f"the machine at {self.name} closed the connection")

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()
