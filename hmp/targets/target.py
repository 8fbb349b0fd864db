"""A target: where a machine is, and how to reach it.

Each kind of TARGET of the command line is a subclass in a module of its own;
`hmp.targets.address` reads the text. What ends in a stream that speaks QMP is a
`StreamTarget`; any other kind opens a connection class of its own.
"""

from __future__ import annotations

from time import monotonic

from hmp.qmp.blocking import CONNECT_LIMIT, BlockingConnection
from hmp.qmp.errors import MachineGoneError, NotYetError
from hmp.targets.waiting import patiently

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace

PRIVATE_MONITORS = (11, 0, 50)
"""The first version of QEMU, in development, that may offer private monitors."""


class Target:
    """Where a machine is; its str is what the user would type."""

    __slots__ = ()

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Connect to the machine, blocking, and return the connection.

        timeout: seconds that each command, and connecting, may take; None: no limit for
        commands, `CONNECT_LIMIT` for connecting. wait: seconds that connecting may take
        instead, while the machine may still have to start. The connection's `target` is
        this one. Raises ConnectError, ProtocolError, MachineGoneError.
        """
        raise NotImplementedError


class StreamTarget(Target):
    """A target whose machine is at the far end of a stream of bytes."""

    __slots__ = ()

    def prepare(self) -> None:
        """Do what connecting needs and may take long, such as asking for a password.

        A target that wraps another one calls this of that one. Raises ConnectError.
        """

    def connect(self, timeout: float) -> socket.socket:
        """Return a connected socket; `timeout` is in seconds.

        Raises ConnectError, whose text suggests a remedy; NotYetError if waiting may help.
        """
        raise NotImplementedError

    def neighbour(self, name: str) -> tuple[str, StreamTarget] | None:
        """Return a path for another Unix socket of the machine's host, and its target.

        For the monitor that QEMU opens when no file descriptor can be passed to it; `name`
        makes the path unique. None if we could not connect to it.
        """
        return None

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Connect and negotiate; see `Target.open`."""
        return self.open_qmp(timeout=timeout, wait=wait, trace=trace)

    def open_qmp(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> BlockingConnection:
        """Connect to a QMP server and negotiate; see `Target.open`."""
        begun = monotonic()
        patiently(self.prepare, wait)
        if wait is not None:
            wait = max(wait - (monotonic() - begun), 0.001)
        limit = wait or timeout or CONNECT_LIMIT
        deadline = monotonic() + limit

        def attempt() -> BlockingConnection:
            sock = self.connect(deadline - monotonic())
            left = deadline - monotonic()
            try:
                return BlockingConnection(
                    sock, str(self), timeout=timeout, trace=trace, connect_limit=left
                )
            except MachineGoneError as error:
                if type(error) is MachineGoneError:  # the previous machine is exiting
                    raise NotYetError(str(error)) from error
                raise

        connection = patiently(attempt, wait)
        connection.target = self
        return connection


def may_move(connection: Connection) -> bool:
    """Return whether `hmp.targets.private_monitor` may help, without asking the machine."""
    return isinstance(connection.target, Target) and connection.version >= PRIVATE_MONITORS
