"""A target: where a machine is, and how to reach it.

Each kind of TARGET of the command line is a subclass in a module of its own;
`hmp.targets.address` reads the text. What ends in a stream of bytes is a
`StreamTarget`; any other kind opens a connection class of its own.
"""

from __future__ import annotations

import _socket
import os
import sys
from time import monotonic, sleep

from hmp.qmp.blocking import CONNECT_LIMIT, BlockingConnection
from hmp.qmp.errors import MachineGoneError, NotYetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace

    Opened = TypeVar("Opened", bound=Connection)
    Value = TypeVar("Value")

PRIVATE_MONITORS = (11, 0, 50)
"""The first version of QEMU, in development, that may offer private monitors."""
_PAUSE = 0.05
"""Seconds between two attempts to reach a machine."""


class Opening:
    """A connected socket, and how to open a monitor over it.

    name: the machine's, for messages. deadline: when the monitor must have greeted.
    """

    __slots__ = ("deadline", "name", "socket", "timeout", "trace")

    def __init__(
        self,
        sock: _socket.socket,
        name: str,
        deadline: float,
        timeout: float | None,
        trace: Trace | None,
    ) -> None:
        self.socket = sock
        self.name = name
        self.deadline = deadline
        self.timeout = timeout
        self.trace = trace

    def left(self) -> float:
        """Return the seconds until the deadline."""
        return max(self.deadline - monotonic(), 0.001)


class Target:
    """The address of a machine; its str is what the user would type."""

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

    def neighbour(self, name: str) -> tuple[str, StreamTarget] | None:
        """Return a path for another Unix socket of the machine's host, and its target.

        For the monitor that QEMU opens when no file descriptor can be passed to it; `name`
        makes the path unique. None if we could not connect to it.
        """
        return None


class StreamTarget(Target):
    """A target whose machine is at the far end of a stream of bytes.

    connect_limit: the usual seconds for connecting and negotiating.
    """

    __slots__ = ()
    connect_limit = CONNECT_LIMIT

    def prepare(self) -> None:
        """Prepare to connect, which may take long, as with a password to type.

        A target that wraps another one calls this of that one. Raises ConnectError.
        """

    def connect(self, timeout: float) -> _socket.socket:
        """Return a connected socket; `timeout` is in seconds.

        Raises ConnectError, whose text suggests a remedy; NotYetError if waiting may help.
        """
        raise NotImplementedError

    def diagnosed(
        self, error: MachineGoneError, name: str = "", wanted: str = ""
    ) -> MachineGoneError:
        """Return the error for a failed connection, with its reason if that is known.

        name: what was typed, if that is more than this target. wanted: the kind of door
        that should be there (see `hmp.targets.doors`), if it is not a monitor.
        """
        return error

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Connect to the monitor that answers, QMP or human; see `Target.open`."""
        return self._open(greeted, timeout, wait, trace)

    def open_qmp(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> BlockingConnection:
        """Connect to a QMP server and negotiate; see `Target.open`."""
        return self._open(qmp, timeout, wait, trace)

    def _open(
        self,
        make: Callable[[Opening], Opened],
        timeout: float | None,
        wait: float | None,
        trace: Trace | None,
    ) -> Opened:
        """Connect, and make a connection of the socket."""
        begun = monotonic()
        retry(self.prepare, wait)
        if wait is not None:
            wait = max(wait - (monotonic() - begun), 0.001)
        deadline = monotonic() + (wait or timeout or self.connect_limit)

        def attempt() -> Opened:
            sock = self.connect(deadline - monotonic())
            try:
                made = make(Opening(sock, str(self), deadline, timeout, trace))
                made.pid = listening_process(sock)
                if wait is not None:
                    made.settle()
                return made
            except MachineGoneError as error:
                if type(error) is MachineGoneError:  # the previous machine is exiting
                    raise NotYetError(str(error)) from error
                raise

        try:
            connection = retry(attempt, wait)
        except MachineGoneError as error:
            raise self.diagnosed(error) from error
        connection.target = self
        if isinstance(connection, BlockingConnection):
            connection.explained = self.diagnosed
        return connection


class InnerTarget(StreamTarget):
    """A target that reaches the stream of another one, and says what answers there.

    scheme: the word before the other's address. wanted: see `StreamTarget.diagnosed`. A
    subclass opens the connection.
    """

    __slots__ = ("inner",)
    scheme = ""
    wanted = ""

    def __init__(self, inner: StreamTarget) -> None:
        self.inner = inner

    def __str__(self) -> str:
        return f"{self.scheme}:{self.inner}"

    def prepare(self) -> None:
        """Prepare to connect; see `StreamTarget.prepare`."""
        self.inner.prepare()

    def connect(self, timeout: float) -> _socket.socket:
        """Return a connected socket; see `StreamTarget.connect`."""
        return self.inner.connect(timeout)

    def diagnosed(
        self, error: MachineGoneError, name: str = "", wanted: str = ""
    ) -> MachineGoneError:
        """Return the error with the reason; see `StreamTarget.diagnosed`."""
        return self.inner.diagnosed(error, name or str(self), wanted or self.wanted)

    def neighbour(self, name: str) -> tuple[str, StreamTarget] | None:
        """Return another socket of the host; see `Target.neighbour`."""
        return self.inner.neighbour(name)


def retry(attempt: Callable[[], Value], seconds: float | None) -> Value:
    """Call `attempt` until it succeeds, for at most so many seconds; None: try once.

    Only NotYetError is retried; it is raised once the time is up.
    """
    deadline = monotonic() + (seconds or 0.0)
    while True:
        try:
            return attempt()
        except NotYetError:
            # another attempt would come after the time is up
            if monotonic() + _PAUSE > deadline:
                raise
        sleep(_PAUSE)


def host_and_port(host: str, port: int | str) -> str:
    """Return a TCP address as it is typed, with an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def may_move(connection: Connection) -> bool:
    """Return whether `hmp.targets.private_monitor` may help, without asking the machine."""
    is_qemu = isinstance(connection.target, Target) and not connection.is_agent
    return is_qemu and connection.version >= PRIVATE_MONITORS


def qmp(opening: Opening) -> BlockingConnection:
    """Return a connection to a QMP server.

    Raises MachineGoneError, ConnectError, ProtocolError; the socket is closed then.
    """
    return BlockingConnection(
        opening.socket,
        opening.name,
        timeout=opening.timeout,
        trace=opening.trace,
        connect_limit=opening.left(),
    )


def greeted(opening: Opening) -> Connection:
    """Return a connection to the monitor that greets, whichever it is.

    Raises what `qmp` raises.
    """
    opening.socket.settimeout(opening.left())
    try:
        # the byte stays in the socket for whichever connection reads it
        first = opening.socket.recv(1, _socket.MSG_PEEK)
    except OSError:
        first = b""  # the negotiation fails in the same way, and explains it
    except BaseException:
        opening.socket.close()
        raise
    if first in (b"{", b""):
        return qmp(opening)
    from hmp.targets.greeting import human_after_greeting

    return human_after_greeting(opening) or qmp(opening)


def listening_process(sock: _socket.socket) -> int:
    """Return the process that listens at the other end of a connected Unix socket.

    0 for other sockets, for a process of another container, and for one end of a pair,
    which is this process's own.
    """
    pid = peer_process(sock)
    return 0 if pid == os.getpid() else pid


def peer_process(sock: _socket.socket) -> int:
    """Return the process that called listen() for the other end; 0 if it is not known."""
    if sock.family != _socket.AF_UNIX or not hasattr(_socket, "SO_PEERCRED"):
        return 0
    data = sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    return int.from_bytes(data[:4], sys.byteorder)
