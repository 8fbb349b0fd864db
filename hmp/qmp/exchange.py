"""The client's side of a QMP connection, without I/O.

A session makes requests, reads what the decoder delivers, and sorts it: replies by
the number of their request, events to their listener. A reply that nobody waits for any
more is known by its number, so that it is never taken for that of the next command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.qmp.codec import DecodeError, Decoder, encode, encode_plain
from hmp.qmp.errors import GENERIC_ERROR, ProtocolError, QMPError
from hmp.qmp.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    Message = dict[str, Any]
    Trace = Callable[[str, Message], None]
    """Is told of every message: ``->`` or ``<-``, and the message, masked."""
    Listener = Callable[[Message], None]


class Greeting:
    """What the server says first: its version and what it is capable of."""

    __slots__ = ("capabilities", "package", "version")

    def __init__(self, message: Message) -> None:
        qmp = message["QMP"]
        qemu = qmp["version"]["qemu"]
        self.version = (int(qemu["major"]), int(qemu["minor"]), int(qemu["micro"]))
        self.package = str(qmp["version"].get("package", ""))
        self.capabilities: list[str] = list(qmp["capabilities"])


class Session:
    """One connection's state; on_event is called with every event as it is read.

    events: how many there were.

    Replies come in the order of their requests, so that one alone under way needs no
    id, and QEMU takes a fifth longer for one that has; those that are sent while
    another still waits have ids.
    """

    def __init__(self, trace: Trace | None = None) -> None:
        self.decoder = Decoder()
        self.trace = trace
        self.on_event: Listener = lambda event: None
        self.oob = False
        self.events = 0
        self._last = 0
        self._under_way: set[int] = set()
        self._without_id = 0

    def request(
        self, command: str, arguments: Mapping[str, Any] | None, oob: bool = False
    ) -> tuple[int, bytes]:
        """Return the number and the bytes of a request.

        oob: send it out-of-band, where the server has agreed to that.
        """
        self._last = number = self._last + 1
        if not (arguments or self._under_way or oob or self.trace):
            self._without_id = number
            self._under_way.add(number)
            return number, encode_plain(command)
        execute = "exec-oob" if oob and self.oob else "execute"
        message: Message = {execute: command}
        if arguments:
            message["arguments"] = arguments
        if self._under_way or oob:
            message["id"] = number
        else:
            self._without_id = number
        self._under_way.add(number)
        if self.trace:
            self.trace("->", mask(message))
        return number, encode(message)

    def receive(self, data: bytes) -> Iterator[tuple[int, Message]]:
        """Take a chunk; yield replies with their requests' numbers.

        The greeting has the number 0. Events go to the listener. Raises ProtocolError.
        """
        try:
            for message in self.decoder.feed(data):
                if self.trace:
                    self.trace("<-", mask(message))
                if "event" in message:
                    _check_event(message)
                    self.events += 1
                    self.on_event(message)
                else:
                    yield self._number(message), message
        except DecodeError as error:
            raise ProtocolError(f"the machine does not speak QMP: {error}") from error

    def _number(self, message: Message) -> int:
        number = message.get("id", self._without_id)
        if not isinstance(number, int):
            raise DecodeError(f"a reply to what was never asked: {message!r:.60}")
        self._under_way.discard(number)
        return number


def _check_event(message: Message) -> None:
    """Check what everybody relies on who takes an event. Raises DecodeError."""
    name, data = message["event"], message.get("data", {})
    if not (isinstance(name, str) and isinstance(data, dict)):
        raise DecodeError(f"no QMP event: {message!r:.60}")


def result(reply: Message) -> Any:
    """Return a reply's value. Raises QMPError for an error reply."""
    if "return" in reply:
        return reply["return"]
    error = reply.get("error")
    if not isinstance(error, dict):
        raise ProtocolError("the machine sent a reply without result")
    desc = str(error.get("desc", "no description"))
    raise QMPError(desc, str(error.get("class", GENERIC_ERROR)))


def without_none(arguments: Mapping[str, Any] | None, members: Message) -> Message:
    """Join arguments and members; a None is an absent optional member."""
    joined = {**arguments, **members} if arguments else members
    if None in joined.values():
        return {key: value for key, value in joined.items() if value is not None}
    return joined
