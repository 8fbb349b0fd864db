"""A guest agent on a stream, where a byte that JSON never has, and a number, mark replies.

An agent that was asked by somebody else, or whose reply was given up, is synchronised
first: it drops what it has read when it reads a byte 0xFF, and its reply to
``guest-sync-delimited`` begins with one.
"""

from __future__ import annotations

import json
import os
from select import EPOLLRDHUP, epoll, select
from time import monotonic

from hmp.qmp.agent import SILENT, AgentConnection
from hmp.qmp.blocking import CONNECT_LIMIT
from hmp.qmp.codec import encode
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NoReplyError,
    NotYetError,
    QMPError,
)
from hmp.qmp.readable import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket

    from hmp.qmp.exchange import Trace

# makes the agent drop what it has read so far
_MARK = b"\xff"
_TURN = 0.1
"""Seconds after which a wait looks whether its caller has given up."""
_SILENCE = 3.0
"""Seconds after which a command that only answers when it fails has succeeded."""
_AT_ONCE = 1 << 16
_NO_ANSWER = (
    "no guest agent answers; it may not run in the guest, or another client, such as"
    " libvirt, holds this socket"
)


class StreamAgent(AgentConnection):
    """A guest agent on a connected socket, which it owns; the constructor greets it.

    limit: seconds for that. Raises ConnectError.
    """

    def __init__(
        self,
        sock: _socket.socket,
        name: str,
        *,
        limit: float,
        timeout: float | None = None,
        trace: Trace | None = None,
    ) -> None:
        super().__init__(name, timeout=timeout, trace=trace)
        self.socket = sock
        self._received = b""
        self._clean = False
        self._end = epoll()
        # reports the end even while data is left to be read
        self._end.register(sock.fileno(), EPOLLRDHUP)
        try:
            self.begin(limit)
        except (NoReplyError, QMPError) as error:
            self.close()
            reason = _NO_ANSWER if isinstance(error, NoReplyError) else error
            raise ConnectError(f"cannot connect to {name}: {reason}") from error
        except MachineGoneError as error:
            self.close()
            raise NotYetError(f"cannot connect to {name}: {error}") from error
        except BaseException:
            self.close()
            raise

    def fileno(self) -> int:
        """Return a descriptor that is readable when the agent has gone."""
        return -1 if self._end.closed else self._end.fileno()

    def take_events(self) -> None:
        """Raise MachineGoneError if the agent has gone; no events come."""
        if not self._end.closed and self._end.poll(0):
            raise self._gone()

    def ask(self, command: str, request: bytes) -> bytes:
        """Return the agent's reply; see `CallConnection.ask`."""
        # more than was asked for is not ours, and would be taken for the next reply
        unasked = self._received or readable([self.socket], 0)
        if unasked or not self._clean:
            self._synchronise(monotonic() + (self.timeout or CONNECT_LIMIT), _MARK)
        self._clean = False
        self._send(request)
        if command in SILENT:
            return self._complaint()
        reply = self._line(None)
        self._clean = True
        return reply

    def _complaint(self) -> bytes:
        """Return the error of a command that is silent otherwise, or an empty reply."""
        try:
            before = self._synchronise(monotonic() + _SILENCE, b"")
        except (NoReplyError, MachineGoneError):  # the guest has ended, as it should
            before = b""
        return before.strip() or b'{"return": {}}'

    def _synchronise(self, deadline: float, mark: bytes) -> bytes:
        """Find where our own replies begin; return the data before that."""
        # random, so that the late reply to an earlier session's request does not match
        number = int.from_bytes(os.urandom(4)) >> 1
        request = {"execute": "guest-sync-delimited", "arguments": {"id": number}}
        self._send(mark + encode(request))
        before = b""
        while True:
            line = self._line(deadline)
            earlier, marked, reply = line.rpartition(_MARK)
            before += earlier
            if marked and _returned(reply) == number:
                self._clean = True
                return before
            before += reply

    def _line(self, deadline: float | None) -> bytes:
        """Return the next line. Raises NoReplyError, MachineGoneError."""
        chunks = [self._received]
        while b"\n" not in chunks[-1]:
            self._wait(deadline)
            try:
                chunk = self.socket.recv(_AT_ONCE)
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._gone() from error
            if not chunk:
                raise self._gone()
            chunks.append(chunk)
        line, _, self._received = b"".join(chunks).partition(b"\n")
        return line

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            self._wait(None, writing=True)
            try:
                left = left[self.socket.send(left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._gone() from error

    def _wait(self, deadline: float | None, writing: bool = False) -> None:
        """Wait for the socket. Raises NoReplyError."""
        files = [self.socket]
        while True:
            if self.unwanted or self.closed:
                raise NoReplyError("the request was given up")
            # in turns: another thread gives the request up by a flag, which wakes no select
            ready = select([] if writing else files, files if writing else [], [], _TURN)
            if any(ready):
                return
            if deadline is not None and monotonic() >= deadline:
                raise NoReplyError("the guest agent does not answer")

    def _gone(self) -> MachineGoneError:
        return MachineGoneError(f"the guest agent at {self.name} closed the connection")

    def release(self) -> None:
        """Close the socket."""
        self._end.close()
        self.socket.close()


def _returned(reply: bytes) -> object:
    """Return the value of a reply; None for anything else."""
    try:
        message = json.loads(reply)
    except ValueError:
        return None
    return message.get("return") if isinstance(message, dict) else None
