"""A QMP connection that blocks: for scripts, and for connecting in general.

Its `execute` never suspends, so that a handler's coroutine runs to its end in one
step, and no event loop needs to be imported.
"""

from __future__ import annotations

import _socket
from time import monotonic

from hmp.qmp.connection import SessionConnection
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NoReplyError,
    ProtocolError,
    QMPError,
)
from hmp.qmp.exchange import Exchange, Greeting, is_query, outcome, result, without_none
from hmp.qmp.wire import Wire, send_descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Id, Message, Request, Trace

CONNECT_LIMIT = 5.0
"""Seconds for connecting, the greeting, and capabilities negotiation together."""

BUSY = (
    "no answer; most likely another client holds this socket, since QEMU serves one at a"
    " time: end that client, or give QEMU a second -qmp socket"
)
OCCUPIED = (
    "greets but does not answer yet; it is still working on a command, perhaps for"
    " a client that stopped waiting: try again later"
)

_SENT_TOGETHER = 32 << 10
"""Bytes of requests before the first reply, which any socket takes at once.

A server that does not read on before its replies are read cannot block both sides.
"""
_HMP_ADVICE = "; that is QEMU's human monitor, but hmp needs a -qmp socket"


class BlockingConnection(SessionConnection):
    """A connection over a connected socket, which it owns.

    name: the machine's name in messages. timeout: seconds to wait for the reply to
    a command; None: no limit. connect_limit: seconds for the greeting, and for the reply to
    the negotiation of capabilities. negotiation: the id of the request that negotiates,
    until it is answered. explained: adds to the error of a failed negotiation what else is
    known. far: whether a foreseen query is sent together with the command before it;
    otherwise it is sent as soon as that command has succeeded, so that QEMU works on it
    while the caller shows the result.

    The constructor waits for the greeting only, so that negotiation and a first query are
    one round trip; the first command or `settle` waits for the rest. Each may raise
    ConnectError and ProtocolError.

    Ctrl-C may raise KeyboardInterrupt anywhere in this class. It cancels the command, but
    the connection stays usable: see `Wire`.
    """

    looks_ahead = True

    def __init__(
        self,
        sock: _socket.socket,
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
        self._wire = Wire(sock, self.gone)
        self.connect_limit = connect_limit
        self._connect_end = monotonic() + connect_limit
        self.explained: Callable[[MachineGoneError], MachineGoneError] = lambda error: error
        self.negotiation: Id | None = None
        self._foreseen = ""
        self._ahead: tuple[str, Id] | None = None  # a request that was sent ahead
        try:
            self._greet(self._connect_end)
        except BaseException:
            sock.close()
            raise

    def _greet(self, deadline: float) -> None:
        """Wait for the greeting, and send the request that negotiates."""
        try:
            self.greeting = Greeting(self._read_greeting(deadline))
            self.session.oob = "oob" in self.greeting.capabilities
            # only with out-of-band does QEMU read on while a command runs
            enable = {"enable": ["oob"]} if self.session.oob else None
            self.negotiation, data = self.session.request("qmp_capabilities", enable)
            self._wire.send(data, deadline)
        except TimeoutError as error:
            raise ConnectError(f"cannot connect to {self.name}: {BUSY}") from error
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ProtocolError(f"{self.name} sent no QMP greeting") from error
        except ProtocolError as error:
            advice = _HMP_ADVICE if "monitor - type" in str(error) else ""
            raise ProtocolError(f"{self.name}: {error}{advice}") from error
        self.version = self.greeting.version
        self.has_hmp = True
        # on this host a request before the reply costs QEMU as much time as it saves
        self.far = self.socket.family != _socket.AF_UNIX
        if (carrier := self._wire.carrier) is not None:
            self.far = True
            carrier.opened()

    def settle(self) -> None:
        """Wait for the reply to the negotiation; see `Connection.settle`."""
        if self.negotiation is None:
            return
        id_, self.negotiation = self.negotiation, None
        now, end = monotonic(), self._connect_end
        try:
            # a first command that comes later finds the reply there
            self.agree(self._reply(id_, end if now < end else now + self.connect_limit))
        except TimeoutError as error:
            self.close()
            raise self.explained(self.occupied()) from error
        except ProtocolError:  # it greeted: what it sent then says more than who it is
            self.close()
            raise
        except MachineGoneError as error:
            self.close()
            raise self.explained(error) from error

    def _settle_for(self, commands: Iterable[str], oob: bool = False) -> None:
        """Settle, unless the commands may be sent before that.

        A change must not remain in a machine that is then reported as out of reach, and
        out-of-band requests are not executed in order.
        """
        if oob or not all(is_query(command) for command in commands):
            self.settle()

    def agree(self, reply: Message) -> None:
        """Take the reply to the negotiation. Raises ProtocolError for a refusal."""
        self.negotiation = None
        try:
            result(reply)
        except QMPError as error:
            reason = f"refuses to negotiate capabilities: {error.desc}"
            raise ProtocolError(f"{self.name} {reason}") from error

    def occupied(self) -> ConnectError:
        """Return the error of a server that greets but does not negotiate in time."""
        return ConnectError(f"cannot connect to {self.name}: it {OCCUPIED}")

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

    async def execute_each(self, requests: Sequence[Request], /) -> list[Any]:
        """Run QMP commands, sent together; see `Connection.execute_each`."""
        self._ahead = None
        if self.negotiation is not None:
            self._settle_for(command for command, _ in requests)
        outcomes: list[Any] = [None] * len(requests)
        waiting: dict[Id, int] = {}
        data: list[bytes] = []
        for index, (command, arguments) in enumerate(requests):
            try:
                id_, request = self.session.request(command, arguments)
            except QMPError as error:
                outcomes[index] = error
                continue
            waiting[id_] = index
            data.append(request)
            if sum(map(len, data)) > _SENT_TOGETHER:
                self._run_each(requests, outcomes, waiting, data)
                waiting, data = {}, []
        self._run_each(requests, outcomes, waiting, data)
        return outcomes

    def _run_each(
        self,
        requests: Sequence[Request],
        outcomes: list[Any],
        waiting: dict[Id, int],
        data: Sequence[bytes],
    ) -> None:
        """Send requests, and put the outcome of each where `waiting` says."""
        if not waiting:
            return
        limits = [self.limit(requests[index][0]) for index in waiting.values()]
        # one limit for all, since their replies share one deadline
        limit = None if None in limits else max(filter(None, limits))

        def deadline() -> float | None:
            return None if limit is None else monotonic() + limit

        try:
            self._wire.send(b"".join(data), deadline())
            self.settle()
            for id_, reply in self._replies(set(waiting), deadline):
                outcomes[waiting.pop(id_)] = outcome(reply)
        except TimeoutError as error:
            for index in waiting.values():
                outcomes[index] = late = self.no_reply(requests[index][0], limit or 0)
                if isinstance(late, MachineGoneError):
                    raise late from error

    def _replies(
        self, waiting: set[Id], limit: Callable[[], float | None]
    ) -> Iterator[tuple[Id, Message]]:
        """Yield the reply to each request as it comes; limit: the deadline of the next."""
        refusal: Message = {}
        probe = None
        while waiting:
            deadline = limit()
            while (message := self.session.take()) is None:
                self._read(deadline)
            id_ = message.get("id")
            if id_ in waiting:
                waiting.discard(id_)
                yield id_, message
            elif "id" in message:
                # the probe came last, so all earlier requests have been answered but the
                # unreadable one
                if id_ == probe:
                    yield from ((id_, refusal) for id_ in waiting)
                    return
                self._drop(message)
            elif probe is None:
                refusal = message
                probe, data = self.session.probe()
                self._wire.send(data, deadline)

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band; see `Connection.execute_oob`."""
        return self.run(command, arguments, oob=True)

    @property
    def passes_descriptors(self) -> bool:  # type: ignore[override] # it is a constant there
        """Whether the socket can carry file descriptors."""
        return self.socket.family == _socket.AF_UNIX and self._wire.carrier is None

    async def execute_with_descriptors(
        self, command: str, arguments: Message, descriptors: Sequence[int], /
    ) -> Any:
        """Run getfd or add-fd; see `Connection.execute_with_descriptors`."""
        if not self.passes_descriptors:
            return await super().execute_with_descriptors(command, arguments, descriptors)
        self.settle()
        self._wire.send(b"\n", None)  # after the rest of an earlier request
        try:
            # QEMU keeps them for the next command that takes any
            send_descriptors(self.socket, b"\n", descriptors)
        except OSError as error:
            raise self.gone() from error
        return self.run(command, arguments)

    def foresee(self, command: str) -> None:
        """Send a query with the next command, or right after; see `Connection.foresee`."""
        self._foreseen = command

    def run(self, command: str, arguments: Message | None, oob: bool = False) -> Any:
        """Run a QMP command, waiting for its reply. Raises QMPError, MachineGoneError."""
        if self.negotiation is not None:
            self._settle_for([command], oob)
        id_, data = self._request(command, arguments, oob)
        ahead, after = None, b""
        if self._foreseen:
            also, after = self.session.request(self._foreseen, None)
            ahead = self._foreseen, also
            self._foreseen = ""
            if self.far:
                data, after = data + after, b""
        limit = self.limit(command)
        deadline = None if limit is None else monotonic() + limit
        try:
            if data:
                self._wire.send(data, deadline)
            if not after:
                self._ahead = ahead  # now, since Ctrl-C may have kept it from being sent
            if self.negotiation is not None:
                self.settle()
            reply = self._reply(id_, deadline)
        except TimeoutError as error:
            raise self.no_reply(command, limit or 0) from error
        value = result(reply)
        if after:
            self._send_after(after, deadline, ahead)
        return value

    def _send_after(
        self, request: bytes, deadline: float | None, ahead: tuple[str, Id] | None
    ) -> None:
        """Send a query whose reply the next command takes."""
        try:
            self._wire.send(request, deadline)
        except (TimeoutError, MachineGoneError):
            return  # the next command reports it, since this one has its reply
        self._ahead = ahead

    def _request(
        self, command: str, arguments: Message | None, oob: bool
    ) -> tuple[Id, bytes]:
        """Return the id and the bytes of a request; no bytes if it was sent ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[0] == command and not (arguments or oob):
            return ahead[1], b""
        return self.session.request(command, arguments, oob)

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command without waiting; see `Connection.post`."""
        self._wire.send(self.session.request(command, arguments)[1], None)

    def limit(self, command: str) -> float | None:
        """Return the seconds to wait for the reply to a command; None: no limit."""
        return self.timeout

    def no_reply(self, command: str, limit: float) -> QMPError | MachineGoneError:
        """Return the error for a reply that did not arrive in time."""
        from hmp.qmp.halted import no_reply  # late: it is rare

        return NoReplyError(no_reply(command, limit, self.pid))

    async def adopt(self) -> Connection:
        """Return a connection for the running event loop; see `Connection.adopt`."""
        from hmp.qmp.aio import adopt

        return await adopt(self)

    async def pause(self, seconds: float) -> None:
        """Wait for a time or until something arrives; see `Connection.pause`."""
        before = self.session.events
        self.take_buffered()
        if self.session.events > before:
            return
        from hmp.qmp.readable import readable  # late: most scripts never wait

        if readable([self.socket], seconds):
            self.take_events()

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self.socket.fileno()

    def take_buffered(self) -> None:
        """Deliver the events that arrived together with the last reply."""
        while (message := self.session.take()) is not None:
            self._drop(message)

    def _drop(self, message: Message) -> None:
        """Drop a reply without a caller, mostly that of a cancelled command."""
        if self._ahead is not None and message.get("id") == self._ahead[1]:
            self._ahead = None
        elif self.negotiation is not None and message.get("id") == self.negotiation:
            self.agree(message)

    def take_events(self) -> None:
        """Read the events that arrived; see `Connection.take_events`."""
        self._read(None)
        self.take_buffered()

    def _reply(self, id_: Id, deadline: float | None) -> Message:
        """Wait for the reply to a request, or the error for an unreadable one."""
        return next(self._replies({id_}, lambda: deadline))[1]

    def _read(self, deadline: float | None) -> None:
        """Wait for bytes of the next messages. Raises TimeoutError, MachineGoneError."""
        self._wire.receive(self.session.decoder.chunks, deadline)

    def gone(self) -> MachineGoneError:
        """Return the error for a lost machine, with the reason."""
        if (carrier := self._wire.carrier) is not None:
            return carrier.gone(self.name)
        return MachineGoneError(f"the machine at {self.name} closed the connection")

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()
