"""QEMU's human monitor as a door: lines are typed as a user would type them.

`hmp.targets.line_editor` knows what is printed, and where a reply ends.
"""

from __future__ import annotations

import re

from hmp.qmp.blocking import BUSY, OCCUPIED
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NotYetError,
    ProtocolError,
    QMPError,
)
from hmp.targets.line_connection import LineConnection
from hmp.targets.line_editor import CLEAN, PasswordWantedError, Typed, problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hmp.qmp.exchange import Message, Trace
    from hmp.targets.byte_stream import ByteStream

_GREETING = re.compile(
    rb"QEMU (\d+)\.(\d+)\.(\d+) monitor(?:, read-only)? - type 'help' for more [^\n]*\n"
)
"""QEMU's, or that of a monitor that hmp serves with --read-only."""
_NOISE = 1 << 16
"""Bytes that may come before the greeting."""


class HumanMonitor(LineConnection):
    """A connection to a human monitor at the far end of a stream, which it owns.

    The constructor waits for the greeting, at most until the deadline. Raises
    ConnectError, ProtocolError, NotYetError.
    """

    door = "QEMU's human monitor"

    def __init__(
        self,
        stream: ByteStream,
        *,
        deadline: float,
        timeout: float | None = None,
        trace: Trace | None = None,
    ) -> None:
        super().__init__(stream, timeout, trace)
        try:
            self._last = self._greet(deadline)
        except BaseException:
            stream.close()
            raise

    def _greet(self, deadline: float) -> Typed:
        """Read the version; return the token that proved that the monitor listens."""
        problem = BUSY
        try:
            if self.stream.greets:
                self.version = self._greeting(deadline)
                self.stream.opened()
                problem = f"QEMU's human monitor {OCCUPIED}"
                return self._first(b"", deadline)
            # the monitor of a terminal device does not notice each client
            self._last = self._first(CLEAN, deadline)
            self.version = _version(self.send_line("info version", deadline))
        except TimeoutError as error:
            raise ConnectError(f"cannot connect to {self.name}: {problem}") from error
        except PasswordWantedError as error:
            raise ConnectError(f"cannot connect to {self.name}: {error}") from error
        except MachineGoneError as error:
            # exactly this class: the subclasses know a better reason
            if type(error) is MachineGoneError:  # the previous machine is exiting
                raise NotYetError(str(error)) from error
            raise
        return self._last

    def _greeting(self, deadline: float) -> tuple[int, int, int]:
        chunks: list[bytes] = []
        while (match := _GREETING.search(b"".join(chunks))) is None:
            # `monitor:` was given for a socket of QMP
            if chunks and chunks[0].startswith(b"{"):
                raise ProtocolError(f"{self.name}: QMP answers there, not a human monitor")
            if sum(map(len, chunks)) > _NOISE:
                raise ProtocolError(f"{self.name}: no human monitor answers there")
            self.stream.receive(chunks, 1, deadline)
        return int(match[1]), int(match[2]), int(match[3])

    def _first(self, keys: bytes, deadline: float) -> Typed:
        """Type a token that no earlier client can have typed, and wait for its echo."""
        typed = Typed(None, keys=keys)
        typed.run(self.stream, deadline)
        return typed

    def send_line(self, line: str, deadline: float | None) -> str:
        """Type a line and return what QEMU prints; see `LineConnection.send_line`."""
        # the line editor completes words at a tab
        text = line.replace("\t", " ").encode()
        if why := problem(text):
            raise QMPError(why)
        last = self._last
        if not last.done:  # Ctrl-C, or its time was over
            # finish what is half typed; what was not typed at all is dropped
            if last.begun:
                last.run(self.stream, deadline)
            else:
                last = last.before or last
        self._last = Typed(text, last)
        return self._last.run(self.stream, deadline).decode(errors="replace")

    @property
    def passes_descriptors(self) -> bool:  # type: ignore[override] # it is a constant there
        """Whether the stream can carry file descriptors."""
        return self.stream.passes_descriptors

    async def execute_with_descriptors(
        self, command: str, arguments: Message, descriptors: Sequence[int], /
    ) -> Any:
        """Run getfd; see `Connection.execute_with_descriptors`."""
        if command != "getfd" or not self.passes_descriptors:
            return await super().execute_with_descriptors(command, arguments, descriptors)
        self.stream.attach(descriptors)
        if text := self.run(f"getfd {arguments['fdname']}").strip():
            raise QMPError(text.removeprefix("Error: "))
        return {}


def _version(text: str) -> tuple[int, int, int]:
    """Read the output of ``info version``. Raises ProtocolError."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    if match is None:
        raise ProtocolError("no human monitor answers there")
    return int(match[1]), int(match[2]), int(match[3])
