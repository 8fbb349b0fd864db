"""A terminal device on which QEMU's human monitor answers, as with ``-monitor pty``."""

from __future__ import annotations

import os
import termios
import tty
from errno import ENOTTY
from time import monotonic

from hmp.qmp.blocking import CONNECT_LIMIT
from hmp.qmp.errors import ConnectError
from hmp.targets.byte_stream import TerminalStream
from hmp.targets.human_monitor import HumanMonitor
from hmp.targets.target import StreamTarget, Target, retry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace


class TerminalTarget(Target):
    """A terminal device, by its path."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def __str__(self) -> str:
        return self.path

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Open the device and find the monitor; see `Target.open`."""
        deadline = monotonic() + (wait or timeout or CONNECT_LIMIT)

        def attempt() -> HumanMonitor:
            stream = TerminalStream(self._device(), str(self))
            return HumanMonitor(stream, deadline=deadline, timeout=timeout, trace=trace)

        connection = retry(attempt, wait)
        connection.target = self
        return connection

    def neighbour(self, name: str) -> tuple[str, StreamTarget] | None:
        """Return a socket of this host; see `Target.neighbour`."""
        from hmp.targets.socket_target import socket_here

        return socket_here(name)

    def _device(self) -> int:
        """Return a descriptor of the device, which passes all bytes on unchanged."""
        fd = -1
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
            tty.setraw(fd, termios.TCSANOW)
        except (OSError, termios.error) as error:
            if fd >= 0:
                os.close(fd)
            number, *words = error.args
            reason = "not a terminal" if number == ENOTTY else words[-1]
            raise ConnectError(f"cannot connect to {self}: {reason}") from error
        return fd
