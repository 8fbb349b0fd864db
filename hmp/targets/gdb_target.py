"""``gdb:HOST:PORT``: QEMU's gdb server, for a QEMU that has no other monitor.

Its ``monitor`` packet runs a line of the human monitor. A gdb server stops the machine as
soon as a byte arrives, and when a client connects. So the machine is continued after each
line if it was running: see `GdbMonitor`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from threading import Lock
from time import monotonic

from hmp.qmp.blocking import BUSY
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NotYetError,
    ProtocolError,
    QMPError,
)
from hmp.targets.address import parse_target
from hmp.targets.byte_stream import ByteStream
from hmp.targets.doors import GDB
from hmp.targets.gdb_packets import ACKNOWLEDGED, next_packet, packet
from hmp.targets.line_connection import LineConnection
from hmp.targets.target import InnerTarget, StreamTarget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace
    from hmp.targets.target import Opening

_INTERRUPT = b"\x03"
"""Stops a running machine, and is ignored by one that is stopped."""
# the packet of gdb's command "monitor"; the line follows in hexadecimal
_RUN = b"qRcmd,"
_PACKET_SIZE = 0x1000
"""The bytes of a packet for a server that does not name a limit."""
_FRAME = len("$#00")
_PAUSED = "VM status: paused"
_CLOSE_LIMIT = 2.0
"""Seconds that closing may take to continue the machine."""
_NOTICE = "QEMU's gdb server stops the machine for a moment at each command"
_CONTINUED = "; it runs now, even if it was paused before"


class GdbTarget(InnerTarget):
    """The gdb server at the far end of a stream."""

    __slots__ = ()
    scheme = "gdb"
    wanted = GDB

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Connect to the gdb server; see `Target.open`."""
        return self._open(gdb, timeout, wait, trace)


def parse_gdb(text: str) -> GdbTarget:
    """Read ``gdb:ADDRESS``. Raises ValueError."""
    address = text.partition(":")[2]
    inner = parse_target(address)
    if not isinstance(inner, StreamTarget):
        raise ValueError(f"no gdb server can be reached as '{address}'")
    return GdbTarget(inner)


def gdb(opening: Opening) -> GdbMonitor:
    """Return a connection to a gdb server. Raises what the connection raises."""
    return GdbMonitor(
        ByteStream(opening.socket, opening.name),
        deadline=opening.deadline,
        timeout=opening.timeout,
        trace=opening.trace,
    )


class GdbMonitor(LineConnection):
    """Monitor lines through a gdb server at the far end of a stream, which it owns.

    The server stops a running machine whenever something arrives. Each line is followed
    by ``cont`` if the machine is simply paused then and ``stop`` has not been asked for.
    Whether it was running before we connected cannot be found out: a machine that was
    paused without any other reason is taken for one that ran, as gdb itself does.

    Raises ConnectError, ProtocolError, NotYetError.
    """

    door = "QEMU's gdb server"
    resumes = True

    def __init__(
        self,
        stream: ByteStream,
        *,
        deadline: float,
        timeout: float | None = None,
        trace: Trace | None = None,
    ) -> None:
        super().__init__(stream, timeout, trace)
        self._longest = _PACKET_SIZE
        self._last: _Request | None = None
        # whether the machine shall run, and whether we have stopped it
        self._runs = True
        self._stopped = True
        self._continued = False
        self._turn = Lock()
        try:
            self._begin(deadline)
        except (KeyboardInterrupt, SystemExit):
            self.close()  # it has been stopped
            raise
        except BaseException:
            self.stream.close()
            raise

    def _begin(self, deadline: float) -> None:
        try:
            self._longest = self._packet_size(deadline)
            self.version = _version(self.name, self._send("info version", deadline))
            self.stream.opened()
            self._continue(deadline)
            self.notice = _NOTICE + (_CONTINUED if self._continued else "")
        except TimeoutError as error:
            raise ConnectError(f"cannot connect to {self.name}: {BUSY}") from error
        except MachineGoneError as error:
            # its subclasses already say whether waiting helps
            if type(error) is MachineGoneError:
                raise NotYetError(str(error)) from error
            raise

    def _packet_size(self, deadline: float) -> int:
        reply = self._ask(b"qSupported", deadline)
        match = re.search(rb"PacketSize=([0-9a-fA-F]{1,8})", reply)
        return int(match[1], 16) if match else _PACKET_SIZE

    def send_line(self, line: str, deadline: float | None) -> str:
        """Run a line and continue the machine; see `LineConnection.send_line`."""
        # a line is sent as hexadecimal digits
        longest = (self._longest - len(_RUN) - _FRAME) // 2
        if len(line.encode()) > longest:
            raise QMPError(
                f"the line has {len(line.encode())} bytes, and QEMU's gdb server takes at"
                f" most {longest}"
            )
        if re.search(r"[\0\r\n]", line):
            raise QMPError("QEMU's gdb server takes no control characters in a line")
        words = line.split()
        if words in (["stop"], ["s"]):
            self._runs = False
        elif words in (["cont"], ["c"]):
            self._runs = True
        with self._turn:
            text = self._send(line, deadline)
            self._continue(deadline)
        if self._runs and words == ["info", "status"]:
            # what it says of itself while it is stopped to be asked
            text = re.sub(f"{_PAUSED}(?=\r|$)", "VM status: running", text)
        return text

    def _send(self, line: str, deadline: float | None) -> str:
        self._stopped = True
        return self._ask(_RUN + line.encode().hex().encode(), deadline).decode(
            errors="replace"
        )

    def _continue(self, deadline: float | None) -> None:
        """Continue the machine if it shall run, and has no other reason to be stopped."""
        if self._runs and self._send("info status", deadline).strip() == _PAUSED:
            self._send("cont", deadline)
            self._continued = True
        self._stopped = False

    def _ask(self, request: bytes, deadline: float | None) -> bytes:
        """Send a request, once all earlier ones are answered, and return the answer."""
        if self._last is not None and self._last.begun:
            self._last.run(self.stream, deadline)
        self._last = _Request(self._acknowledgement(), request)
        return self._last.run(self.stream, deadline)

    def _acknowledgement(self) -> bytes:
        """Return the bytes that acknowledge the last answer; they precede a request."""
        return b"" if self._last is None else ACKNOWLEDGED

    def close(self) -> None:
        """Continue a machine that was left stopped, and close the stream."""
        # another thread may have sent a line, after whose answer it continues the machine
        taken = self._turn.acquire(timeout=_CLOSE_LIMIT)
        try:
            if self._stopped and self._runs and self.stream.fileno() >= 0:
                # it hangs, has gone, or was never one
                with suppress(TimeoutError, MachineGoneError, ProtocolError):
                    self._continue(monotonic() + _CLOSE_LIMIT)
            super().close()
        finally:
            if taken:
                self._turn.release()


class _Request:
    """A packet that is sent, and its answer; `run` can be called again after Ctrl-C."""

    def __init__(self, before: bytes, request: bytes) -> None:
        # While the machine runs, QEMU's server stops it at the first byte and drops that
        # byte. So the first one is not part of a packet.
        self._data = before + _INTERRUPT + packet(request)
        self._is_line = request.startswith(_RUN)
        self._counts: list[int] = []
        self._chunks: list[bytes] = []

    @property
    def begun(self) -> bool:
        """Whether a part was sent."""
        return sum(self._counts) > 0

    def run(self, stream: ByteStream, deadline: float | None) -> bytes:
        """Send the rest of the request, and return the answer: text, for a line."""
        stream.send(self._data, self._counts, deadline)
        received, place, text = bytearray().join(self._chunks), 0, bytearray()
        while True:
            found = next_packet(received, place)
            if found is None:
                stream.receive(self._chunks, 1, deadline)
                received += self._chunks[-1]
                if not self._is_line and received.lstrip(ACKNOWLEDGED)[:1] not in b"$":
                    raise ProtocolError(f"{stream.name}: no gdb server answers there")
                continue
            data, place = found
            # comes at any time, and without having been asked for
            if re.match(rb"[TSWX]", data):
                continue  # the machine reports that it stops
            if not self._is_line:
                return data
            if data == b"OK":
                return bytes(text)
            if not re.fullmatch(rb"O(?:[0-9a-fA-F]{2})*", data):
                raise ProtocolError(
                    f"{stream.name}: the gdb server takes no lines of QEMU's monitor"
                )
            text += bytes.fromhex(data[1:].decode())


def _version(name: str, text: str) -> tuple[int, int, int]:
    """Read the output of ``info version``. Raises ProtocolError."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    if match is None:
        raise ProtocolError(f"{name}: no gdb server of QEMU answers there")
    return int(match[1]), int(match[2]), int(match[3])
