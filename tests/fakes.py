"""Stand-ins for what lies beyond our border: a machine, and a QMP server on a socket.

Nothing of ours is patched: what is under test gets one of these where it would get the
real thing.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from hmp.builtin import load_tables
from hmp.display.richtext import present
from hmp.display.screen import Screen
from hmp.frontends.script import drive
from hmp.monitor.call import Call
from hmp.monitor.entry import Entry, Table
from hmp.monitor.monitor import Monitor
from hmp.qmp.connection import Connection
from hmp.qmp.errors import MachineGoneError, QMPError
from hmp.qmp.exchange import without_none
from tests.shapes import filled, least

Message = dict[str, Any]
NEWEST = (10, 2, 2)
"""The version that a fake machine has unless a test wants another."""

MOMENT = 0.4
"""Seconds of the pauses that are over in a test, too."""

PATIENCE = 100
"""Pauses after which a fake machine goes away."""

LIMIT = 60.0
"""Seconds after which something that a test waits for is not to come any more."""


class FakeConnection(Connection):
    """A machine that answers from a dict, and keeps what it was asked.

    answers: by the command's name a value, an exception to raise, or a function of the
    arguments that returns or raises one. otherwise: the answer to all other commands,
    instead of an error; an empty object stands for the least that each may answer. fills:
    whether members are added that QEMU never leaves out, but a test does. lines: what the
    machine's own monitor prints, by line. calls: each command with its arguments, in order.
    """

    otherwise: Any = None
    fills = True
    trace = None

    def __init__(
        self,
        answers: Mapping[str, Any] | None = None,
        lines: Mapping[str, str] | None = None,
        *,
        version: tuple[int, int, int] = NEWEST,
        has_hmp: bool = True,
    ) -> None:
        self.answers = dict(answers or {})
        self.lines = dict(lines or {})
        self.version = version
        self.has_hmp = has_hmp
        self.on_event = lambda event: None
        self.calls: list[tuple[str, Message]] = []
        self.closed = 0
        self.pauses = 0
        self._in_vain = 0

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Keep the command, and answer it."""
        joined = dict(without_none(arguments, members))
        self.calls.append((command, joined))
        if command == "human-monitor-command" and joined["command-line"] in self.lines:
            return self.lines[joined["command-line"]]
        answer = self.answers.get(command, self.otherwise)
        if command not in self.answers and self.otherwise == {}:
            return least(command)
        if command not in self.answers and self.otherwise is None:
            desc = f"The command {command} has not been found"
            raise QMPError(desc, "CommandNotFound")
        if callable(answer):
            answer = answer(joined)
        if isinstance(answer, BaseException):
            raise answer
        return filled(command, answer) if self.fills else answer

    async def pause(self, seconds: float) -> None:
        """Wait a moment; whoever waits for something again and again does it in vain."""
        self.pauses += 1
        if seconds <= MOMENT:
            time.sleep(seconds)
            return
        self._in_vain += 1
        if self._in_vain > PATIENCE:
            raise MachineGoneError("nothing ever comes from a fake machine")

    @property
    def typed(self) -> list[str]:
        """The lines that the machine's own monitor was given."""
        return [
            arguments["command-line"]
            for command, arguments in self.calls
            if command == "human-monitor-command"
        ]

    def close(self) -> None:
        """Count how often it is closed."""
        self.closed += 1


@cache
def tables() -> Table:
    """Return the real tables, loaded once."""
    return load_tables()


class FakeSession:
    """Our monitor, with the real tables, on a fake machine."""

    def __init__(
        self,
        answers: Mapping[str, Any] | None = None,
        lines: Mapping[str, str] | None = None,
        *,
        version: tuple[int, int, int] = NEWEST,
        has_hmp: bool = True,
        table: Table | None = None,
    ) -> None:
        self.machine = FakeConnection(answers, lines, version=version, has_hmp=has_hmp)
        self.monitor = Monitor(self.machine, table or tables())
        self.monitor.initialised = True

    def call(self, line: str) -> Call:
        """Run a line that is not blank."""
        asked, initialised = len(self.calls), self.monitor.initialised
        call = drive(self.monitor.run(line))
        assert call is not None
        if call.entry is not None and initialised:
            check_listed(call.entry, {name for name, _ in self.calls[asked:]})
        return call

    def prints(self, line: str) -> str:
        """Return what the monitor prints for a line, result or error."""
        call = self.call(line)
        return call.error_text() if call.error is not None else call.text()

    def looks(self, line: str, width: int = 80) -> str:
        """Return what a line looks like on a terminal of that width, without colours."""
        call = self.call(line)
        assert call.error is None, call.error_text()
        screen = Screen(-1, {"LANG": "C.UTF-8"})
        screen.width = width
        page = present(call, screen)
        assert call.error is None, call.error_text()
        return "".join(f"{line.rstrip()}\n" for line in page.splitlines())

    @property
    def calls(self) -> list[tuple[str, Message]]:
        """What the machine was asked."""
        return self.machine.calls


UNLISTED = {"human-monitor-command", "query-commands", "query-qmp-schema", "query-version"}
"""QMP commands that the monitor itself may send around any line."""


def check_listed(entry: Entry[Any], asked: Iterable[str]) -> None:
    """Fail for QMP commands that an entry sends, but does not list for help and `explain`.

    What its question for confirmation asks is not listed, nor what a command of hmp's own
    needs only sometimes; `explain` asks what the line that it explains would.
    """
    own = entry.needs and not entry.qmp
    if entry.subtable or own or entry.name == "explain":
        return
    unlisted = {*asked} - {*entry.qmp} - UNLISTED
    if entry.foreseen is not None:
        unlisted = {name for name in unlisted if not name.startswith(("query-", "qom-"))}
    assert not unlisted, (
        f"{entry.source}: {entry.name!r} sends {sorted(unlisted)}: add it to qmp=[...]"
    )


def qmp_calls(
    line: str,
    answers: Mapping[str, Any] | None = None,
    *,
    version: tuple[int, int, int] = NEWEST,
) -> list[tuple[str, Message]]:
    """Return the QMP commands that a line calls; those without an answer return {}."""
    session = FakeSession(answers, version=version)
    session.machine.otherwise = {}
    call = session.call(line)
    assert call.error is None, call.error_text()
    return session.calls


GREETING: Message = {
    "QMP": {
        "version": {"qemu": {"major": 10, "minor": 2, "micro": 2}, "package": ""},
        "capabilities": ["oob"],
    }
}


class ClientGone(Exception):
    """The client closed its end."""


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.socket.settimeout(LIMIT)
        self._file = sock.makefile("rb")

    def read(self) -> Message:
        """Return the client's next message. Raises ClientGone."""
        try:
            line = self._file.readline()
        except ConnectionResetError:
            line = b""
        if not line:
            raise ClientGone
        message: Message = json.loads(line)
        return message

    def send(self, *messages: Message | bytes) -> None:
        """Send messages, all in one piece; bytes as they are."""
        with suppress(BrokenPipeError):
            self.socket.sendall(b"".join(map(wire, messages)))

    def send_split(self, data: bytes, size: int = 1) -> None:
        """Send bytes in pieces, each a message of the network's own."""
        for start in range(0, len(data), size):
            self.send(data[start : start + size])

    def negotiate(self, greeting: Message = GREETING) -> Message:
        """Greet, and agree to whatever capabilities the client asks for."""
        self.send(greeting)
        request = self.read()
        self.reply(request, {})
        return request

    def reply(self, request: Message, value: Any) -> None:
        """Answer a request; with an error when the value is a QMPError."""
        self.send(answer(request, value))

    def serve(self, answers: Mapping[str, Any]) -> None:
        """Answer requests until the client is gone; quit ends the connection.

        answers: by the command's name a value, or a function of the arguments.
        """
        while True:
            request = self.read()
            command = request.get("execute") or request["exec-oob"]
            value = answers.get(command, QMPError(f"no {command}", "CommandNotFound"))
            if callable(value):
                value = value(request.get("arguments", {}))
            self.reply(request, filled(command, value))
            if command == "quit":
                return

    def close(self) -> None:
        """End the connection."""
        self._file.close()
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def wire(message: Message | bytes) -> bytes:
    """Return a message as QEMU sends it."""
    if isinstance(message, bytes):
        return message
    return json.dumps(message).encode() + b"\r\n"


def answer(request: Message, value: Any) -> Message:
    """Return the reply to a request."""
    id_ = {"id": request["id"]} if "id" in request else {}
    if isinstance(value, QMPError):
        return {"error": {"class": value.error_class, "desc": value.desc}, **id_}
    return {"return": value, **id_}


class FakeServer:
    """A QMP server on a Unix socket, in a thread; a context manager.

    script: is given each client in turn, as a `Peer`; the connection ends when it
    returns. What it raises is raised again when the server is left, so that a test
    fails for a mistake of its script, too.
    """

    def __init__(self, script: Callable[[Peer], object]) -> None:
        self.script = script
        # short: the path of a Unix socket has an end at 107 bytes
        self.folder = tempfile.mkdtemp(prefix="hmpt")
        self.path = os.path.join(self.folder, "qmp")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(self.path)
        self._listening.listen()
        self._error: BaseException | None = None
        self._peer: Peer | None = None
        self._over = False
        self._thread = threading.Thread(target=self._run, name="fake QMP server")

    def __enter__(self) -> FakeServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: object, error: BaseException | None, traceback: object
    ) -> None:
        self._over = True
        for sock in (self._listening, *([self._peer.socket] if self._peer else [])):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(LIMIT)
        alive = self._thread.is_alive()
        self._listening.close()
        shutil.rmtree(self.folder)
        assert not alive, "the server's script does not end"
        if error is None and self._error is not None:
            raise self._error

    def _run(self) -> None:
        while True:
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            self._peer = Peer(sock)
            if self._over:  # it came after the others were shut down
                self._peer.close()
                return
            try:
                self.script(self._peer)
            except ClientGone:
                pass
            except BaseException as error:
                self._error = error
                return
            finally:
                self._peer.close()


def serving(answers: Mapping[str, Any]) -> FakeServer:
    """Return a server that answers from a dict, as often as it is asked."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        peer.serve(answers)

    return FakeServer(script)


FAKE_QEMU = Path(__file__).parent / "fake_qemu.py"
"""A program that takes QEMU's options for a QMP monitor, and little more."""


async def until(condition: Callable[[], object], what: str) -> None:
    """Let the event loop run until a condition holds; what: names it on failure."""
    async with asyncio.timeout(LIMIT):
        try:
            while not condition():
                await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            raise AssertionError(f"waited in vain for {what}") from None


def joined(lines: Iterable[str]) -> str:
    """Return lines as one text, each with its end."""
    return "".join(f"{line}\n" for line in lines)
