"""Recordings as machines: the same lines print the same text, without a QEMU.

`open_recording` reads a file in the format that `hmp.qmp.recording` describes;
`ReplayConnection` answers each command with the reply that was recorded.
"""

from __future__ import annotations

import errno
import json

from hmp.qmp import RUN_LINE
from hmp.qmp.connection import Connection
from hmp.qmp.errors import ConnectError, QMPError
from hmp.qmp.exchange import Greeting, result, without_none
from hmp.qmp.secrets import mask, mask_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, BinaryIO

    from hmp.qmp.exchange import Message, Request

_NO_RECORD = "neither a message nor a monitor line"
_LONGEST = 1 << 28
"""Bytes of the longest line that is read, since a device may never end one."""


class ReplayConnection(Connection):
    """A machine that answers from a recording.

    `begin_line` finds the next place where that line was recorded. The line's requests
    get the replies recorded there, in the same order; when they run out, the last reply is
    repeated. A request that was not made there gets the nearest earlier reply, or else the
    first later one; a request that was never made raises a QMPError and is added to
    ``missed``. Events are delivered with the reply that followed them.
    """

    def __init__(self, records: Iterable[Message], name: str) -> None:
        self.name = name
        self.has_hmp = True
        self.trace = None
        self.on_event = lambda event: None
        self._sections = [_Section("")]
        self._place = 0
        self.missed = ""
        self._divergent = ""
        greeting = self._read(records)
        try:
            self.version = Greeting(greeting).version
        except (KeyError, TypeError, ValueError) as error:
            raise ConnectError(f"{name} is not a recording of a QMP session") from error

    def _read(self, records: Iterable[Message]) -> Message:
        """Sort the records into sections; return the greeting, or an empty object."""
        greeting: Message = {}
        sent: dict[str, str] = {}
        events: list[Message] = []
        for record in records:
            # masked, as is the line that it is compared with
            if "line" in record:
                self._sections.append(_Section(mask_line(str(record["line"]))))
            if "->" in record:
                sent[_id(record["->"])] = _key(record["->"])
                # the greeting does not say so
                if str(record["->"].get("execute")).startswith("guest-"):
                    self.is_agent = True
            message = record.get("<-")
            if message is None:
                continue
            if "QMP" in message:
                greeting = message
                self.has_hmp = record.get("has_hmp", True)
                self.takes_qmp = record.get("takes_qmp", True)
                self.sends_events = self.takes_qmp
                if not self.takes_qmp:
                    self.door = "the recorded human monitor"
            elif "event" in message:
                events.append(message)
            # a reply without its request is one to another client, or to a request before
            # the recording
            elif _id(message) in sent:
                # ids are used again in a long session, so each is forgotten with its reply
                key = sent.pop(_id(message))
                self._sections[-1].add(key, _Answer(message, events))
                events = []
        return greeting

    def begin_line(self, text: str) -> None:
        """Continue from the next place where the line, passwords masked, was recorded."""
        # onward first, then round to the beginning: a line is often repeated in a session
        order = [*range(self._place + 1, len(self._sections)), *range(self._place + 1)]
        found = [n for n in order if self._sections[n].line == text]
        self._divergent = "" if found else text
        self.missed = ""
        if found:
            self._place = found[0]
            self._sections[self._place].next.clear()

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Answer a QMP command from the recording; see `Connection.execute`."""
        message: Message = {"execute": command}
        if joined := without_none(arguments, members):
            message["arguments"] = joined
        answer = self._answer(_key(mask(message, self.hidden)))
        if answer is None:
            self.missed = self._missing(command)
            raise QMPError(self.missed)
        for event in answer.events:
            self.on_event(event)
        return answer.reply["text"] if "text" in answer.reply else result(answer.reply)

    async def execute_each(self, requests: Sequence[Request], /) -> list[Any]:
        """Answer commands from the recording; see `Connection.execute_each`.

        Older versions of hmp stopped at the first error: later replies may be missing.
        """
        outcomes: list[Any] = []
        for request in requests:
            before = self.missed
            outcomes += await super().execute_each([request])
            # after the first error an old recording may just have stopped
            if any(isinstance(outcome, QMPError) for outcome in outcomes[:-1]):
                self.missed = before
        return outcomes

    def _answer(self, key: str) -> _Answer | None:
        """Return the reply recorded here, or else the nearest one."""
        place = self._place
        if not self._divergent and key in self._sections[place].answers:
            return self._sections[place].take(key)
        for section in (*reversed(self._sections[: place + 1]), *self._sections[place:]):
            if key in section.answers:
                return section.answers[key][-1].without_events()
        return None

    def _missing(self, command: str) -> str:
        asked = f"the recording has no reply to this '{command}'"
        if self._divergent:
            return f"{asked}: the line '{self._divergent}' was not recorded"
        return asked

    async def pause(self, seconds: float) -> None:
        """Return at once: a recording has nothing to wait for."""

    def close(self) -> None:
        """Do nothing: a recording takes no commands."""


class _Answer:
    """A reply, and the events that came before it."""

    def __init__(self, reply: Message, events: list[Message]) -> None:
        self.reply = reply
        self.events = events

    def without_events(self) -> _Answer:
        """Return the reply alone."""
        return _Answer(self.reply, [])


class _Section:
    """A monitor line and its replies, in order, by request.

    next: by request, the index of the next reply.
    """

    def __init__(self, line: str) -> None:
        self.line = line
        self.answers: dict[str, list[_Answer]] = {}
        self.next: dict[str, int] = {}

    def add(self, key: str, answer: _Answer) -> None:
        """Add a reply to a request."""
        self.answers.setdefault(key, []).append(answer)

    def take(self, key: str) -> _Answer:
        """Return the next reply to a request; the last one again if none is left."""
        answers, index = self.answers[key], self.next.get(key, 0)
        self.next[key] = index + 1
        if index < len(answers):
            return answers[index]
        return answers[-1].without_events()


def _id(message: Message) -> str:
    """Return the id of a request, which its reply repeats."""
    # any JSON value may be an id, also one that cannot be the key of a dict
    return json.dumps(message.get("id"), sort_keys=True)


def _key(message: Message) -> str:
    """Return the key by which two requests are the same."""
    # recordings of older versions of hmp may contain more
    message = mask(message)
    if "line" in message:
        return json.dumps([RUN_LINE, {"command-line": mask_line(str(message["line"]))}])
    command = message.get("execute", message.get("exec-oob"))
    return json.dumps([command, message.get("arguments", {})], sort_keys=True)


def open_recording(path: str) -> ReplayConnection:
    """Return a machine that answers from a recording file. Raises ConnectError."""
    try:
        with open(path, "rb") as file:
            return ReplayConnection(read_records(_lines(file), path), path)
    except OSError as error:
        raise ConnectError(f"cannot read {path}: {error.strerror}") from error


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file, which may be a device that never ends. Raises OSError."""
    while line := file.readline(_LONGEST):
        if len(line) == _LONGEST:
            raise OSError(errno.EFBIG, f"a line is longer than {_LONGEST >> 20} MiB")
        yield line


def read_records(lines: Iterable[str | bytes], name: str) -> list[Message]:
    """Return the records of a recording's lines. Raises ConnectError.

    name: the file's name for messages. A last line without a newline may have been cut
    off, and is ignored if it is not a record.
    """
    records: list[Message] = []
    for number, line in enumerate(lines, 1):
        try:
            record = _parsed(line)
            problem = record_problem(record)
        except RecursionError:
            problem = "nested too deeply"
        except ValueError as error:
            problem = str(error)
        if not problem:
            records.append(record)
        # a last line without its end was cut off when the recording program ended
        elif line[-1:] in ("\n", b"\n"):
            raise ConnectError(f"{name} is not a recording: line {number}: {problem}")
    return records


def _parsed(line: str | bytes) -> Any:
    """Return the record of a line; an empty one for an empty line. Raises ValueError."""
    text = line.decode() if isinstance(line, bytes) else line
    # editors put a byte order mark first, and file systems leave NULs at the end after a
    # crash
    text = text.strip(" \r\n\0\ufeff")
    return json.loads(text) if text else {}


def record_problem(record: Any) -> str:
    """Return the error in a record, or an empty text."""
    if not isinstance(record, dict):
        return _NO_RECORD
    sent, came = record.get("->", {}), record.get("<-", {})
    if not (isinstance(sent, dict) and isinstance(came, dict)):
        return _NO_RECORD
    if not isinstance(record.get("line", ""), str):
        return _NO_RECORD
    name = sent.get("line", sent.get("execute", sent.get("exec-oob")))
    if sent and not isinstance(name, str):
        return "the request has no command name"
    if not isinstance(sent.get("arguments", {}), dict):
        return "the arguments are not an object"
    return _reply_problem(came) if came else ""


def _reply_problem(message: Message) -> str:
    if "QMP" in message:
        try:
            Greeting(message)
        except (LookupError, TypeError, ValueError, OverflowError):
            return "not the greeting of a QMP session"
    elif "event" in message:
        if not isinstance(message["event"], str):
            return "the event has no name"
        if not isinstance(message.get("data", {}), dict):
            return "the event's data is not an object"
    elif "text" in message:
        if not isinstance(message["text"], str):
            return "the monitor's text is not a string"
    elif "return" not in message:
        error = message.get("error")
        texts = error.values() if isinstance(error, dict) else [error]
        if not all(isinstance(text, str) for text in texts):
            return "the reply has neither a value nor an error"
    return ""
