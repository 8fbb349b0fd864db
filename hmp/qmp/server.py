"""The server's side of a QMP connection, without I/O: bytes in, bytes out.

`ServerSession` behaves as QEMU was observed to: greeting, capabilities negotiation,
commands one after another, out-of-band commands past them, errors in QEMU's words. After
input that cannot be read it reports an error and continues. The transport calls `feed`
with received bytes, then `step` until nothing is left to do.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from hmp.qapi import RejectedValueError
from hmp.qmp.errors import COMMAND_NOT_FOUND, QMPError
from hmp.qmp.qjson.printing import compact, pretty
from hmp.qmp.qjson.reader import BUSY, NOTHING, Reader, Sign
from hmp.qmp.qjson.tokens import MalformedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from typing import Any, Protocol, TypeAlias

    from hmp.qapi import Bound

    Message = dict[str, Any]
    Step: TypeAlias = bytes | Awaitable[bytes] | Sign
    """The result of a request: its reply, an awaitable of it, NOTHING, or BUSY."""

    class ServedMachine(Protocol):
        """The part of a machine that a session uses."""

        @property
        def commands(self) -> Mapping[str, Bound]:
            """The commands by name."""
            ...

        def execute(self, command: str, arguments: Message) -> Any:
            """Run a command, or return an awaitable; raises QMPError."""


QUEUE_LIMIT = 8
"""Requests that may wait for a running one before reading stops."""

_NEGOTIATE: Final = "qmp_capabilities"
_MEMBERS: Final = frozenset(("execute", "exec-oob", "arguments", "id"))


class Request:
    """A valid request: its command, its arguments and the id for its reply."""

    __slots__ = ("arguments", "command", "id", "oob")

    def __init__(self, command: str, arguments: Message, id_: Message, oob: bool) -> None:
        self.command = command
        self.arguments = arguments
        self.id = id_
        self.oob = oob


class ServerSession:
    """One client's session with a machine.

    negotiated: whether capabilities negotiation is complete, so that the client gets
    events. pretty: write replies over several lines.
    """

    def __init__(self, machine: ServedMachine, *, pretty: bool = False) -> None:
        self.machine = machine
        self.pretty = pretty
        self.negotiated = False
        self.oob = False
        self._reader = Reader()
        self._queue: deque[Request | bytes] = deque()

    def greeting(self) -> bytes:
        """Return the greeting."""
        version = self.machine.execute("query-version", {})
        return self._write({"QMP": {"version": version, "capabilities": ["oob"]}})

    def event(self, event: Message) -> bytes:
        """Return the bytes that the client gets for an event, which may be empty."""
        return self._write(event) if self.negotiated else b""

    def feed(self, data: bytes) -> None:
        """Add bytes received from the client."""
        self._reader.feed(data)

    @property
    def waiting(self) -> int:
        """The number of received bytes not yet parsed."""
        return self._reader.waiting

    @property
    def idle(self) -> bool:
        """Whether no received request waits to be run."""
        return not (self._queue or self._reader.waiting)

    def step(self) -> Step:
        """Execute the next request.

        NOTHING: more input is needed. BUSY: call again after other clients' turn.
        """
        if self._queue:
            item: Request | bytes | Sign = self._queue.popleft()
        else:
            item = self._next()
        return self._run(item) if isinstance(item, Request) else item

    def look_ahead(
        self, may_pass: Callable[[], bool] = lambda: True
    ) -> Iterator[bytes | Awaitable[bytes]]:
        """Execute the out-of-band requests that wait for a running command.

        Up to `QUEUE_LIMIT` others are queued; call it again after more input. may_pass:
        whether one more request may be executed now.
        """
        while self.oob and len(self._queue) < QUEUE_LIMIT and may_pass():
            item = self._next()
            if isinstance(item, Sign):
                return
            if isinstance(item, Request) and item.oob:
                yield self._run(item)
            else:
                self._queue.append(item)

    def _next(self) -> Request | bytes | Sign:
        """Parse a request; return the error reply if it is invalid."""
        try:
            message = self._reader.next()
        except MalformedError as error:
            return self._error(str(error))
        if message is NOTHING or message is BUSY:
            assert isinstance(message, Sign)
            return message
        if not isinstance(message, dict):
            return self._error("QMP input must be a JSON object")
        # QEMU returns any id as it came, null included
        id_ = {"id": message["id"]} if "id" in message else {}
        try:
            return self._request(message, id_)
        except QMPError as error:
            return self._error(error.desc, error.error_class, id_)

    def _request(self, message: Message, id_: Message) -> Request:
        """Check a message's members. Raises QMPError."""
        command = message.get("execute")
        oob = "exec-oob" in message
        if oob:
            if not self.oob:
                raise QMPError("QMP input member 'exec-oob' is unexpected")
            if "execute" in message:
                raise QMPError("QMP input member 'execute' clashes with 'exec-oob'")
            command = message["exec-oob"]
        arguments = message.get("arguments", {})
        if not isinstance(command, str) and ("execute" in message or oob):
            name = "exec-oob" if oob else "execute"
            raise QMPError(f"QMP input member '{name}' must be a string")
        if not isinstance(arguments, dict):
            raise QMPError("QMP input member 'arguments' must be an object")
        # in QEMU's order of checks, so that the same message gets the same error
        unknown = message.keys() - _MEMBERS
        if unknown:
            name = next(name for name in message if name in unknown)
            raise QMPError(f"QMP input member '{name}' is unexpected")
        if not isinstance(command, str):
            raise QMPError("QMP input lacks member 'execute'")
        return Request(command, arguments, id_, oob)

    def _run(self, request: Request) -> bytes | Awaitable[bytes]:
        try:
            if not self.negotiated:
                return self._reply(self._negotiate(request), request)
            if request.oob:
                self._check_oob(request.command)
            value = self.machine.execute(request.command, request.arguments)
        except QMPError as error:
            return self._error(error.desc, error.error_class, request.id)
        if hasattr(value, "__await__"):
            return self._awaited(value, request)
        return self._reply(value, request)

    async def _awaited(self, value: Awaitable[Any], request: Request) -> bytes:
        try:
            return self._reply(await value, request)
        except QMPError as error:
            return self._error(error.desc, error.error_class, request.id)

    def _negotiate(self, request: Request) -> Message:
        """Complete capabilities negotiation. Raises QMPError."""
        if request.command != _NEGOTIATE:
            desc = f"Expecting capabilities negotiation with '{_NEGOTIATE}'"
            raise QMPError(desc, COMMAND_NOT_FOUND)
        try:
            self.machine.commands[_NEGOTIATE].check(request.arguments)
        except RejectedValueError as error:
            raise QMPError(error.desc) from None
        self.oob = "oob" in request.arguments.get("enable", ())
        self.negotiated = True
        return {}

    def _check_oob(self, command: str) -> None:
        # one that does not exist gets its usual error later, as in QEMU
        bound = self.machine.commands.get(command)
        if bound is not None and not bound.command.allow_oob:
            raise QMPError(f"The command {command} does not support OOB")

    def _reply(self, value: Any, request: Request) -> bytes:
        bound = self.machine.commands.get(request.command)
        # 'success-response': false in the schema: QEMU replies only if such a command fails
        if bound is not None and not bound.command.success_response:
            return b""
        return self._write({"return": value, **request.id})

    def _error(
        self, desc: str, error_class: str = "GenericError", id_: Message | None = None
    ) -> bytes:
        error = {"class": error_class, "desc": desc}
        return self._write({**(id_ or {}), "error": error})

    def _write(self, message: Message) -> bytes:
        if self.pretty:
            # QEMU ends lines so
            return pretty(message).replace("\n", "\r\n").encode() + b"\r\n"
        return compact(message).encode() + b"\r\n"
