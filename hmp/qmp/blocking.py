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
from hmp.qmp.errors import ConnectError, MachineGone, NoReply, ProtocolError
from hmp.qmp.exchange import Greeting, Session, result, without_none

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hmp.qmp.exchange import Message, Trace

GREETING_LIMIT = 3.0
"""Seconds that a server may take to greet, before somebody else must hold it."""

BUSY = (
    "no answer; another client holds this socket, since QEMU serves one at a time:"
    " end that client, or give QEMU a second -qmp socket"
)

_CHUNK = 1 << 16
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
    """

    target: Reachable | None = None

    def __init__(
        self,
        sock: socket.socket,
        name: str,
        *,
        timeout: float | None = None,
        trace: Trace | None = None,
        greeting_limit: float = GREETING_LIMIT,
    ) -> None:
        self.socket = sock
        self.name = name
        self.timeout = timeout
        self.session = Session(trace)
        self._messages: Iterator[tuple[int, Message]] = iter(())
        self._deadline: float | None = None
        self._broken = False
        try:
            self._negotiate(greeting_limit)
        except BaseException:
            sock.close()
            raise

    def _negotiate(self, limit: float) -> None:
        self._deadline = monotonic() + limit
        try:
            self.greeting = Greeting(self._next_message()[1])
            self.session.oob = "oob" in self.greeting.capabilities
            enable = {"enable": ["oob"]} if self.session.oob else None
            number, data = self.session.request("qmp_capabilities", enable)
            self._send(data)
            result(self._reply(number))
        except TimeoutError as error:
            raise ConnectError(f"cannot connect to {self.name}: {BUSY}") from error
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ProtocolError(f"{self.name} sent no QMP greeting") from error
        except ProtocolError as error:
            advice = _HMP_ADVICE if "monitor - type" in str(error) else ""
            raise ProtocolError(f"{self.name}: {error}{advice}") from error
        self._deadline = None
        self.socket.settimeout(None)
        self.version = self.greeting.version
        self.has_hmp = True

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
        """Run a QMP command, waiting for its reply. Raises QMPError, MachineGone."""
        number, data = self.session.request(command, arguments, oob)
        if self.timeout is not None:
            self._deadline = monotonic() + self.timeout
        try:
            self._send(data)
            reply = self._reply(number)
        except TimeoutError as error:
            raise NoReply(f"no reply to '{command}' within {self.timeout:g} s") from error
        finally:
            if self._deadline is not None:
                self._deadline = None
                self.socket.settimeout(None)
        return result(reply)

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
        MachineGone.
        """
        for _ in self._messages:
            pass

    def take_events(self) -> None:
        """Read what has arrived while no command was under way: events.

        Call it when the socket is readable. Raises MachineGone.
        """
        for _ in self.session.receive(self._read()):
            pass  # a late reply to a command that was given up

    def _send(self, data: bytes) -> None:
        if self._broken:
            raise MachineGone(f"the connection to {self.name} is broken")
        try:
            self._limit_time()
            # all of it or nothing, where Ctrl-C can come: no harm is done by either
            sent = self._send_at_once(data)
            if sent < len(data):
                self._broken = True  # until the whole message is out
                self.socket.sendall(data[sent:])
                self._broken = False
        except TimeoutError:
            raise
        except OSError as error:
            raise self.gone() from error

    def _send_at_once(self, data: bytes) -> int:
        """Send what there is room for; return how much."""
        try:
            return self.socket.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0

    def _reply(self, number: int) -> Message:
        while True:
            found, reply = self._next_message()
            if found == number:
                return reply

    def _next_message(self) -> tuple[int, Message]:
        while True:
            for numbered in self._messages:
                return numbered
            self._messages = self.session.receive(self._read())

    def _limit_time(self) -> None:
        """Let the socket wait until the deadline. Raises TimeoutError."""
        if self._deadline is not None:
            left = self._deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)

    def _read(self) -> bytes:
        self._limit_time()
        try:
            data = self.socket.recv(_CHUNK)
        except TimeoutError:
            raise
        except OSError as error:
            raise self.gone() from error
        if not data:
            raise self.gone()
        return data

    def gone(self) -> MachineGone:
        """Return the error that says how the machine went away."""
        return MachineGone(f"the machine at {self.name} closed the connection")

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()
