"""The client's side of a QMP connection, without I/O.

A session makes requests, each with an id of its own, and sorts what the decoder
delivers: events go to their listener, replies to who waits for that very id. All else
is dropped. QEMU answers some commands to whichever client is connected when they end: a
late reply to an earlier client must not be taken for ours. That comes before the reply to
the first request, since QEMU carries out one after the other, so that the first id is
unique. Those after it have four digits, since QEMU takes long to read, and begin anywhere:
a server that sends such a reply even later has one chance in 9,000 to give it the number
that we wait for.
"""

from __future__ import annotations

from itertools import chain, count
from os import urandom
from typing import TYPE_CHECKING

from hmp.qmp.codec import DecodeError, Decoder, encode, encode_head
from hmp.qmp.errors import GENERIC_ERROR, ProtocolError, QMPError
from hmp.qmp.secrets import mask, sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from hmp.qmp.secrets import Sensitive

    Message = dict[str, Any]
    Trace = Callable[[str, Message], None]
    """Is told of every message: ``->`` or ``<-``, and the message, masked."""
    Listener = Callable[[Message], None]
    Id = int | str


class Greeting:
    """What the server says first: its version and what it is capable of."""

    __slots__ = ("capabilities", "package", "version")

    def __init__(self, message: Message) -> None:
        qmp = message["QMP"]
        qemu = qmp["version"]["qemu"]
        self.version = (int(qemu["major"]), int(qemu["minor"]), int(qemu["micro"]))
        self.package = str(qmp["version"].get("package", ""))
        self.capabilities: list[str] = list(qmp["capabilities"])


_ID_TYPES = (int, str)
_NUMBERS = range(1000, 10_000)
"""The ids of requests, but for the first one."""
_UNANSWERED = 100
"""Requests for which is known what is secret in their replies."""
_LAST = (-1,)
"""The argument with which `list.pop` takes the last item."""


class Exchange:
    """One connection's state; on_event is called with every event as it is read.

    events: how many there were. hidden: as for `hmp.qmp.connection.Connection`.
    """

    def __init__(self, trace: Trace | None = None) -> None:
        self.decoder = Decoder()
        self.trace = trace
        self.on_event: Listener = lambda event: None
        self.oob = False
        self.events = 0
        self._last: int | None = None
        self._under_way: set[Id] = set()
        self.hidden: Sequence[str] = ()
        self._sensitive: dict[Id, Sensitive] = {}

    def request(
        self, command: str, arguments: Mapping[str, Any] | None, oob: bool = False
    ) -> tuple[Id, bytes]:
        """Return the id and the bytes of a request.

        oob: send it out-of-band, where the server has agreed to that. Raises QMPError
        for arguments that JSON cannot hold.
        """
        id_ = self._new_id()
        if not (arguments or oob or self.trace or '"' in command or isinstance(id_, str)):
            return id_, b"%b%d}\n" % (encode_head(command), id_)
        message: Message = {"exec-oob" if oob and self.oob else "execute": command}
        if arguments:
            message["arguments"] = arguments
        message["id"] = id_
        try:
            data = encode(message)
            secret = sensitive(command, arguments, self.hidden)
            shown = mask(message, self.hidden) if self.trace else message
        except (ValueError, RecursionError) as error:
            raise QMPError(f"cannot be sent as JSON: {error}") from error
        if secret is not None:
            self._sensitive[id_] = secret
        if self.trace:
            self.trace("->", shown)
        return id_, data

    def _new_id(self) -> Id:
        """Return an id that no request under way has."""
        if self._last is None:
            self._last = _any_number()
            return f"hmp-{urandom(8).hex()}"
        id_ = self._last + 1
        if id_ > _NUMBERS[-1] or id_ in self._under_way:
            # from the beginning again; longer ones when all of these are under way
            numbers = chain(_NUMBERS, count(_NUMBERS[-1] + 1))
            id_ = next(number for number in numbers if number not in self._under_way)
        self._under_way.add(id_)
        self._last = id_
        # a request long ago may have had the same one
        self._sensitive.pop(id_, None)
        return id_

    def probe(self) -> tuple[Id, bytes]:
        """Return a request whose reply shows that all earlier ones were dealt with.

        A server answers in order. What it could not read, it answers by an error without
        id; and so may be an error that is not for us.
        """
        return self.request("query-version", None)

    def greeting(self) -> Message | None:
        """Return the server's greeting; None when more bytes are needed.

        What is for an earlier client may come before it. Raises ProtocolError.
        """
        while (message := self._next()) is not None:
            if not ("return" in message or "error" in message):
                return message
        return None

    def take(self) -> Message | None:
        """Return the next reply that has an id, or error without one.

        None when more bytes are needed. Events on the way go to the listener. Raises
        ProtocolError.
        """
        while (message := self._next()) is not None:
            id_ = message.get("id")
            if type(id_) in _ID_TYPES:
                self._under_way.discard(id_)
                return message
            if is_error_without_id(message):
                return message
        return None

    def _next(self) -> Message | None:
        """Take a message that is no event."""
        try:
            while messages := self.decoder.messages():
                message = messages[-1]
                if self._sensitive:
                    message = messages[-1] = self._masked(message)
                if self.trace:
                    self.trace("<-", message)
                if "event" not in message:
                    return messages.pop()
                _check_event(message)
                self.events += 1
                # one step, so that no Ctrl-C loses an event between its two parts
                any(map(self.on_event, map(messages.pop, _LAST)))
        except DecodeError as error:
            raise ProtocolError(f"the machine does not speak QMP: {error}") from error
        return None

    def _masked(self, message: Message) -> Message:
        """Return a reply without what its request has made secret."""
        id_ = message.get("id")
        if type(id_) not in _ID_TYPES or id_ not in self._sensitive:
            return message
        try:
            masked = self._sensitive[id_].mask(message)
        except RecursionError as error:
            raise DecodeError("a QMP message that is nested too deeply") from error
        if len(self._sensitive) > _UNANSWERED:  # those that were given up
            del self._sensitive[next(iter(self._sensitive))]
        return masked


def _any_number() -> int:
    """Return the number behind which the ids of a connection begin."""
    return _NUMBERS[int.from_bytes(urandom(4)) % len(_NUMBERS)]


def is_error_without_id(message: Message) -> bool:
    """Whether that is what a server answers to what it cannot read."""
    return "error" in message and "id" not in message


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
    if joined and None in joined.values():
        return {key: value for key, value in joined.items() if value is not None}
    return joined
