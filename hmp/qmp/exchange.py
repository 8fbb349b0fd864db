"""The client's side of a QMP connection, without I/O.

A session makes requests, each with a different id, and sorts the decoded messages: events
go to the listener, replies to the caller that waits for their id; others are dropped. QEMU
sends some replies to whichever client is connected when a command ends, and a late reply
to an earlier client must not be taken for ours. It comes before the reply to the first
request, since QEMU executes commands one after another, so the first id is unique. Later
ids have four digits, since QEMU is slow to read, and start at a random number: a server
that sends such a reply even later has one chance in 9,000 to hit the id that we wait for.
"""

from __future__ import annotations

from itertools import chain, count
from os import urandom

from hmp.qmp.codec import DecodeError, Decoder, encode, encode_head
from hmp.qmp.errors import GENERIC_ERROR, ProtocolError, QMPError
from hmp.qmp.secret_names import odd_command
from hmp.qmp.secrets import mask, mask_reply, sensitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from hmp.qmp.masking import Sensitive

    Message = dict[str, Any]
    Trace = Callable[[str, Message], None]
    """Called with every message: ``->`` or ``<-``, and the message with secrets masked."""
    Listener = Callable[[Message], None]
    Id = int | str
    Request = tuple[str, Message]
    """A command and its arguments."""


class Greeting:
    """The server's greeting: its version and its capabilities; qmp: as it was sent."""

    __slots__ = ("capabilities", "package", "qmp", "version")

    def __init__(self, message: Message) -> None:
        self.qmp: Message = message["QMP"]
        qmp = self.qmp
        qemu = qmp["version"]["qemu"]
        self.version = (int(qemu["major"]), int(qemu["minor"]), int(qemu["micro"]))
        self.package = str(qmp["version"].get("package", ""))
        self.capabilities: list[str] = list(qmp["capabilities"])


_ID_TYPES = (int, str)
_NUMBERS = range(1000, 10_000)
"""The ids of all requests but the first."""
_UNANSWERED = 100
"""The limit of requests whose secrets are kept until their reply arrives."""
_LAST = (-1,)
"""The argument with which `list.pop` takes the last item."""


class Exchange:
    """One connection's state; on_event is called with every event as it is read.

    ids: whether requests are sent with their ids; without, the caller knows which reply
    belongs to which request, and only traces show the ids. events: their number so far.
    hidden: as for `hmp.qmp.connection.Connection`.
    """

    def __init__(self, trace: Trace | None = None, *, ids: bool = True) -> None:
        self.decoder = Decoder()
        self.trace = trace
        self.ids = ids
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

        oob: send it out-of-band, if the server has agreed to that. Raises QMPError
        for arguments that JSON cannot hold.
        """
        id_ = self._new_id()
        # a mistyped line in the place of a name may have a password, which `sensitive`
        # looks for
        if self.ids and not (
            arguments or oob or self.trace or odd_command(command) or isinstance(id_, str)
        ):
            # by far the most frequent form, without the cost of an encoder
            return id_, b"%b%d}\n" % (encode_head(command), id_)
        message: Message = {"exec-oob" if oob and self.oob else "execute": command}
        if arguments:
            message["arguments"] = arguments
        if self.ids:
            message["id"] = id_
        try:
            data = encode(message)
            # the wire has none, but a trace and the secrets of the request go by it
            message["id"] = id_
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
        """Return an id that no pending request has."""
        if self._last is None:
            self._last = _any_number()
            # an earlier client may have left late replies with any number as id
            return f"hmp-{urandom(8).hex()}"
        id_ = self._last + 1
        if id_ > _NUMBERS[-1] or id_ in self._under_way:
            # the next free one, then from the beginning; longer ids if all are pending
            numbers = chain(range(id_, _NUMBERS.stop), _NUMBERS, count(_NUMBERS.stop))
            id_ = next(number for number in numbers if number not in self._under_way)
        self._under_way.add(id_)
        self._last = id_
        # a request long ago may have had the same one
        self._sensitive.pop(id_, None)
        return id_

    def probe(self) -> tuple[Id, bytes]:
        """Return a request whose reply shows that all earlier ones have been answered.

        A server answers in order. Its answer to an unreadable request is an error without
        id, but so may be an error for another client.
        """
        return self.request("query-version", None)

    def greeting(self) -> Message | None:
        """Return the server's greeting; None when more bytes are needed.

        Replies to an earlier client may precede it. Raises ProtocolError.
        """
        while (message := self._next()) is not None:
            # a greeting is neither, and events come only after negotiation
            if not ("return" in message or "error" in message):
                return message
        return None

    def take(self) -> Message | None:
        """Return the next reply with an id, or error without one.

        None when more bytes are needed. Events on the way go to the listener. Raises
        ProtocolError.
        """
        while (message := self._next()) is not None:
            id_ = message.get("id")
            # not isinstance, which takes true for 1
            if type(id_) in _ID_TYPES:
                self._under_way.discard(id_)
                return message
            if is_error_without_id(message):
                return message
        return None

    def disclose(self) -> None:
        """From now on, leave secrets in messages; only traces are masked."""
        self.decoder.masks = False

    def put_back(self, events: Sequence[Message]) -> None:
        """Deliver these events before any other message."""
        self.decoder.messages().extend(reversed(events))

    def _next(self) -> Message | None:
        """Return a message other than an event."""
        try:
            while messages := self.decoder.messages():
                message = messages[-1]
                # disclosed replies are used as they are, but never traced so
                if not self.decoder.masks:
                    self._trace_masked(message)
                elif self._sensitive:
                    message = messages[-1] = self._masked(message)
                if self.trace and self.decoder.masks:
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

    def receive(self, data: bytes, id_: Id | None = None) -> Message:
        """Take a message that came whole, and return it.

        id_: of its request, for a reply; None for an event, which goes to the listener.
        Raises ProtocolError.
        """
        # one for each message: nothing of a broken one can be left for the next
        decoder = Decoder()
        decoder.chunks.append(data)
        try:
            if not (messages := decoder.messages()):
                raise DecodeError("an incomplete message")
            message = messages[-1]
            if id_ is None:
                _check_event(message)
            else:
                message["id"] = id_
                self._under_way.discard(id_)
                message = self._masked(message)
        except (DecodeError, LookupError) as error:
            raise ProtocolError(f"the machine does not speak QMP: {error}") from error
        if self.trace:
            self.trace("<-", message)
        if id_ is None:
            self.events += 1
            self.on_event(message)
        return message

    def _trace_masked(self, message: Message) -> None:
        """Trace a message without its secrets."""
        if self.trace or self._sensitive:
            masked = self._masked(message)
            if self.trace:
                self.trace("<-", mask_reply(masked))

    def _masked(self, message: Message) -> Message:
        """Return a reply with the secrets of its request masked."""
        id_ = message.get("id")
        if type(id_) not in _ID_TYPES or id_ not in self._sensitive:
            return message
        try:
            masked = self._sensitive[id_].mask(message)
        except RecursionError as error:
            raise DecodeError("a QMP message that is nested too deeply") from error
        # cancelled requests, whose replies never came
        if len(self._sensitive) > _UNANSWERED:
            del self._sensitive[next(iter(self._sensitive))]
        return masked


def _any_number() -> int:
    """Return the number after which the ids of a connection start."""
    return _NUMBERS[int.from_bytes(urandom(4)) % len(_NUMBERS)]


def is_query(command: str) -> bool:
    """Whether a QMP command asks without changing anything, by QEMU's naming."""
    return command.startswith(("query-", "x-query-"))


def is_error_without_id(message: Message) -> bool:
    """Whether a reply is the answer to an unreadable request."""
    return "error" in message and "id" not in message


def _check_event(message: Message) -> None:
    """Check the members of an event that all listeners rely on. Raises DecodeError."""
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


def outcome(reply: Message) -> Any:
    """Return a reply's value, or the QMPError that `result` would raise."""
    try:
        return result(reply)
    except QMPError as error:
        return error


class AsTyped(dict[str, "Any"]):
    """Arguments that somebody has written in JSON, in which None is null."""

    __slots__ = ()


def without_none(arguments: Mapping[str, Any] | None, members: Message) -> Message:
    """Join arguments and members; None stands for an absent optional member.

    Not so in `AsTyped`, which are returned as they are.
    """
    joined = {**arguments, **members} if arguments else members
    if joined and None in joined.values():
        if isinstance(arguments, AsTyped):
            return arguments
        return {key: value for key, value in joined.items() if value is not None}
    return joined
