"""Recordings of a session: its QMP traffic with the monitor lines, one JSON a line.

A recording is what a bug report attaches, and a machine by itself: `ReplayConnection`
answers the same commands with the same replies, so that the same lines print the same
text with no QEMU there. Passwords are starred out before they are written.

Each line is an object: ``{"line": TEXT}`` for a monitor line, ``{"->": MESSAGE}`` for what
was sent, ``{"<-": MESSAGE}`` for what came, the greeting first. Other members, such as
``{"text": …}`` with what QEMU's own monitor printed, are for the reader and ignored.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hmp.qmp.connection import Connection
from hmp.qmp.errors import ConnectError, QMPError
from hmp.qmp.secrets import mask, mask_line
from hmp.qmp.session import Greeting, result, without_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TextIO

    from hmp.qmp.session import Message, Trace


class Recorder:
    """Writes a recording as it happens; `trace` goes to the connection."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def line(self, text: str) -> None:
        """Record a monitor line, before what it leads to."""
        self._write({"line": mask_line(text)})

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

    A command is answered with the next reply that was recorded for it with the same
    arguments, and after the last of them with that one again; what was never asked
    is a QMPError. Events come with the reply that they were recorded before.
    """

    def __init__(self, records: Iterable[Message], name: str) -> None:
        self.name = name
        self.has_hmp = True
        self.trace = None
        self.on_event = lambda event: None
        self._answers: dict[str, list[_Answer]] = {}
        greeting = None
        sent: dict[Any, str] = {}
        events: list[Message] = []
        last = None
        for record in records:
            if "->" in record:
                last = record["->"].get("id")
                sent[last] = _key(record["->"])
            message = record.get("<-")
            if message is None:
                continue
            if "QMP" in message:
                greeting = message
            elif "event" in message:
                events.append(message)
            else:
                key = sent.pop(message.get("id"), None)
                if key is not None:
                    self._answers.setdefault(key, []).append(_Answer(message, events))
                    events = []
        try:
            self.version = Greeting(greeting or {}).version
        except (KeyError, TypeError, ValueError) as error:
            raise ConnectError(f"{name} is no recording of a QMP session") from error

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Answer a QMP command from the recording; see `Connection.execute`."""
        message: Message = {"execute": command}
        if joined := without_none(arguments, members):
            message["arguments"] = joined
        answers = self._answers.get(_key(mask(message)))
        if not answers:
            raise QMPError(f"the recording has no reply to this '{command}'")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        for event in answer.events:
            self.on_event(event)
        answer.events = []
        return result(answer.reply)

    async def pause(self, seconds: float) -> None:
        """Wait for nothing: in a recording, all has happened."""

    def close(self) -> None:
        """Do nothing: nobody is there."""


class _Answer:
    """A reply, and the events that came before it."""

    def __init__(self, reply: Message, events: list[Message]) -> None:
        self.reply = reply
        self.events = events


def _key(message: Message) -> str:
    """Return what makes two requests the same."""
    command = message.get("execute", message.get("exec-oob"))
    return json.dumps([command, message.get("arguments", {})], sort_keys=True)


def open_recording(path: str) -> ReplayConnection:
    """Return the machine that a recording file makes. Raises ConnectError."""
    try:
        with open(path, encoding="utf-8") as file:
            records = [json.loads(line) for line in file if line.strip()]
    except OSError as error:
        raise ConnectError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConnectError(f"{path} is no recording: {error}") from error
    if not all(isinstance(record, dict) for record in records):
        raise ConnectError(f"{path} is no recording: a line is no JSON object")
    return ReplayConnection(records, path)
