"""A connection that carries only lines of QEMU's own monitor.

The doors of this kind differ in how a line gets there and its text comes back; the QMP
commands that they offer are ``human-monitor-command`` and ``query-version``. Everything
else is refused, and `hmp.monitor` sends the line itself.
"""

from __future__ import annotations

from time import monotonic, sleep

from hmp.qmp import RUN_LINE
from hmp.qmp.connection import Connection
from hmp.qmp.errors import BAD_CPU, COMMAND_NOT_FOUND, NoReplyError, QMPError
from hmp.qmp.exchange import without_none
from hmp.qmp.halted import no_reply
from hmp.qmp.masking import hide
from hmp.qmp.secrets import mask_line, mask_reply, sensitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hmp.qmp.exchange import Message, Trace
    from hmp.targets.byte_stream import ByteStream

_VERSION = "query-version"


class LineConnection(Connection):
    """Runs monitor lines over a stream, which it owns; a subclass carries them.

    door: what messages call it, such as "QEMU's human monitor". name: the machine's.
    """

    takes_qmp = False
    sends_events = False
    has_hmp = True

    def __init__(
        self, stream: ByteStream, timeout: float | None, trace: Trace | None
    ) -> None:
        self.stream = stream
        self.name = stream.name
        self.timeout = timeout
        self.trace = trace
        self.on_event = lambda event: None
        self._cpu = 0

    def send_line(self, line: str, deadline: float | None) -> str:
        """Run a line in QEMU's monitor and return its text.

        Raises QMPError for a line that cannot be sent, TimeoutError, MachineGoneError.
        """
        raise NotImplementedError

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run one of the two commands; see `Connection.execute`."""
        joined = without_none(arguments, members)
        if command == RUN_LINE:
            return self._monitor_line(joined)
        if command == _VERSION:
            major, minor, micro = self.version
            numbers = {"major": major, "minor": minor, "micro": micro}
            return {"qemu": numbers, "package": ""}
        raise QMPError(
            f"{self.door} takes monitor lines only, and '{command}' is a QMP command",
            COMMAND_NOT_FOUND,
        )

    def _monitor_line(self, arguments: Message) -> str:
        # `human-monitor-command` names the CPU each time, but a typed monitor keeps its
        # last one
        cpu = arguments.get("cpu-index")
        if cpu is not None and cpu != self._cpu:
            if self.run(f"cpu {cpu}"):
                raise QMPError(BAD_CPU)
            self._cpu = cpu
        return self.run(str(arguments.get("command-line", "")))

    def run(self, line: str) -> str:
        """Run a line and return its text. Raises QMPError, MachineGoneError."""
        deadline = None if self.timeout is None else monotonic() + self.timeout
        secret = sensitive(RUN_LINE, {"command-line": line}, self.hidden)
        if self.trace:
            self.trace("->", {"line": self._shown(line)})
        try:
            text = self.send_line(line, deadline)
        except TimeoutError as error:
            text = no_reply(self._shown(line), self.timeout or 0, self.pid)
            raise NoReplyError(text) from error
        reply: Message = {"return": text}
        reply = secret.mask(reply) if secret is not None else mask_reply(reply)
        text = str(reply["return"])
        if self.trace:
            self.trace("<-", {"text": text})
        return text

    def _shown(self, line: str) -> str:
        return hide(mask_line(line), self.hidden)

    async def pause(self, seconds: float) -> None:
        """Wait some seconds: nothing arrives unasked."""
        sleep(seconds)

    async def adopt(self) -> Connection:
        """Return a connection for the running event loop; see `Connection.adopt`."""
        from hmp.qmp.threaded import ThreadedConnection

        return ThreadedConnection(self)

    def fileno(self) -> int:
        """Return a descriptor that is readable when the machine is lost."""
        return self.stream.fileno()

    def take_events(self) -> None:
        """Raise MachineGoneError if the machine is lost; no events come."""
        if self.stream.ended():
            raise self.stream.gone()

    def close(self) -> None:
        """Close the stream."""
        self.stream.close()
