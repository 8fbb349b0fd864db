"""Recordings of a session: its QMP traffic with the monitor lines, one JSON a line.

A recording is what a bug report attaches, and a machine by itself: `ReplayConnection`
answers the same commands with the same replies, so that the same lines print the same
text with no QEMU there. Passwords are starred out before they are written.

Each line is an object: ``{"line": TEXT}`` for a monitor line, ``{"->": MESSAGE}`` for what
was sent, ``{"<-": MESSAGE}`` for what came, the greeting first; beside it stands
``"has_hmp": false`` for a machine without a monitor of its own. Other members are ignored.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hmp.qmp.connection import Connection
from hmp.qmp.errors import ConnectError, QMPError
from hmp.qmp.exchange import Greeting, result, without_none
from hmp.qmp.secrets import mask, mask_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TextIO

    from hmp.qmp.exchange import Message, Trace


_VERSION = ("major", "minor", "micro")


class Recorder:
    """Writes a recording as it happens; `trace` goes to the connection."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def begin(self, connection: Connection) -> None:
        """Record what a machine in this process is, which greets nobody."""
        if not connection.has_hmp:
            version = dict(zip(_VERSION, connection.version, strict=True))
            greeting = {"QMP": {"version": {"qemu": version}, "capabilities": []}}
            self._write({"<-": greeting, "has_hmp": False})

    def begin_line(self, text: str) -> None:
        """Record a monitor line, before what it leads to; its passwords are masked."""
        self._write({"line": text})

    def trace(self, arrow: str, message: Message) -> None:
        """Record a message; arrow is ``->`` or ``<-``."""
        self._write({arrow: message})

    def _write(self, record: Message) -> None:
        self.file.write(json.dumps(record) + "\n")
        self.file.flush()


def both(first: Trace | None, second: Trace | None) -> Trace | None:
    """Return a trace that tells both, as far as there are any."""
    if first is None or second is None:
        return first or second

    def trace(arrow: str, message: Message) -> None:
        first(arrow, message)
        second(arrow, message)

    return trace


class ReplayConnection(Connection):
    """A machine made of a recording.

    `begin_line` finds the next place in it where that line was recorded; what the line
    asks is answered as it was there, in the same order, the last answer again after all
    others. What was not asked there is answered as it was last before, or else first
    after; what was never asked is a QMPError, and in ``missed``. Events come with the
    reply that they were recorded before.
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
            raise ConnectError(f"{name} is no recording of a QMP session") from error

    def _read(self, records: Iterable[Message]) -> Message:
        """Take the records into sections; return the greeting, empty without one."""
        greeting: Message = {}
        sent: dict[Any, str] = {}
        events: list[Message] = []
        for record in records:
            if "line" in record:
                self._sections.append(_Section(mask_line(str(record["line"]))))
            if "->" in record:
                sent[record["->"].get("id")] = _key(record["->"])
            message = record.get("<-")
            if message is None:
                continue
            if "QMP" in message:
                greeting = message
                self.has_hmp = record.get("has_hmp", True)
            elif "event" in message:
                events.append(message)
            elif message.get("id") in sent:
                key = sent.pop(message.get("id"))
                self._sections[-1].add(key, _Answer(message, events))
                events = []
        return greeting

    def begin_line(self, text: str) -> None:
        """Go on where the line, its passwords masked, was recorded next."""
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
        return result(answer.reply)

    def _answer(self, key: str) -> _Answer | None:
        """Return what was answered here, or else nearest to here."""
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
        """Wait for nothing: in a recording, all has happened."""

    def close(self) -> None:
        """Do nothing: nobody is there."""


class _Answer:
    """A reply, and the events that came before it."""

    def __init__(self, reply: Message, events: list[Message]) -> None:
        self.reply = reply
        self.events = events

    def without_events(self) -> _Answer:
        """Return the reply alone."""
        return _Answer(self.reply, [])


class _Section:
    """A monitor line, and what it asked: by request the answers in their order.

    next: by request which answer is the next.
    """

    def __init__(self, line: str) -> None:
        self.line = line
        self.answers: dict[str, list[_Answer]] = {}
        self.next: dict[str, int] = {}

    def add(self, key: str, answer: _Answer) -> None:
        """Add what came for a request."""
        self.answers.setdefault(key, []).append(answer)

    def take(self, key: str) -> _Answer:
        """Return the next answer to a request; the last one again when none is left."""
        answers, index = self.answers[key], self.next.get(key, 0)
        self.next[key] = index + 1
        if index < len(answers):
            return answers[index]
        return answers[-1].without_events()


def _key(message: Message) -> str:
    """Return what makes two requests the same."""
    # what was recorded by an older hmp may hold more
    message = mask(message)
    command = message.get("execute", message.get("exec-oob"))
    return json.dumps([command, message.get("arguments", {})], sort_keys=True)


def open_recording(path: str) -> ReplayConnection:
    """Return the machine that a recording file makes. Raises ConnectError."""
    try:
        with open(path, encoding="utf-8") as file:
            return ReplayConnection(read_records(file, path), path)
    except OSError as error:
        raise ConnectError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConnectError(f"{path} is no recording: it is no text") from error


def read_records(lines: Iterable[str], name: str) -> list[Message]:
    """Return the records of a recording's lines. Raises ConnectError.

    name: what to call it.
    """
    records = []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line) if line.strip() else {}
            if _is_record(record):
                records.append(record)
                continue
            reason = "no record of a message or a line"
        except (ValueError, RecursionError) as error:
            reason = str(error)
        raise ConnectError(f"{name} is no recording: line {number}: {reason}")
    return records


def _is_record(record: Any) -> bool:
    """Return whether that is a record: an object, in which messages are objects."""
    return isinstance(record, dict) and all(
        isinstance(record.get(arrow, {}), dict) for arrow in ("->", "<-")
    )
