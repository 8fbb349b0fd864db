"""Where a QMP server listens: ``PATH``, ``unix:PATH``, ``HOST:PORT``, ``tcp:…``."""

from __future__ import annotations

import re
import socket
import stat
from contextlib import suppress
from errno import EACCES, EAGAIN, ECONNREFUSED, ENOENT
from os import stat as status
from time import monotonic
from typing import TYPE_CHECKING

from hmp.qmp.blocking import BUSY, CONNECT_LIMIT, BlockingConnection
from hmp.qmp.errors import ConnectError, MachineGoneError, NotYetError
from hmp.targets.waiting import patiently

if TYPE_CHECKING:
    from hmp.qmp.exchange import Trace

_HOST_AND_PORT = r"(\[[^\]]*\]|[^:/]*):0*([0-9]+)"


class Target:
    """The address of a QMP server; its str is as the user would type it."""

    __slots__ = ("host", "path", "port")

    def __init__(self, path: str | None, host: str = "", port: int = 0) -> None:
        self.path = path
        self.host = host
        self.port = port

    def __str__(self) -> str:
        if self.path is not None:
            return self.path
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def connect(self, timeout: float) -> socket.socket:
        """Return a connected socket within that many seconds.

        Raises ConnectError, which says what to do; NotYetError where waiting may help.
        """
        deadline = monotonic() + timeout
        try:
            if self.path is None:
                return _connect_tcp(self.host, self.port, deadline)
            return _connect_unix(self.path, deadline)
        except OSError as error:
            raise self._explain(error) from error
        except UnicodeError as error:
            raise ConnectError(f"cannot connect to {self}: no such host") from error

    def _explain(self, error: OSError) -> ConnectError:
        where = f"cannot connect to {self}"
        if error.errno == EAGAIN or isinstance(error, TimeoutError):
            return ConnectError(f"{where}: {BUSY}")
        if error.errno == EACCES:
            return ConnectError(
                f"{where}: permission denied; run as the user that QEMU runs as"
            )
        if error.errno == ENOENT and self.path is not None:
            return NotYetError(
                f"{where}: there is no such socket; does the machine run, with"
                f" -qmp unix:{self.path},server=on,wait=off?"
            )
        if error.errno == ECONNREFUSED:
            return self._refused(where)
        return ConnectError(f"{where}: {error.strerror or error}")

    def _refused(self, where: str) -> ConnectError:
        if self.path is None:
            return NotYetError(f"{where}: nobody listens there")
        try:
            if not stat.S_ISSOCK(status(self.path).st_mode):
                return ConnectError(f"{where}: it is no socket")
        except OSError:
            pass
        return NotYetError(f"{where}: nobody listens there; its machine has ended")


def _connect_tcp(host: str, port: int, deadline: float) -> socket.socket:
    """Connect to the first of a host's addresses that answers. Raises OSError."""
    problem = OSError("the host has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(deadline - monotonic(), 0.001))
            sock.connect(address)
        except OSError as error:
            sock.close()
            problem = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise problem


def _connect_unix(path: str, deadline: float) -> socket.socket:
    """Connect to a Unix socket, in turn with others who do. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(max(deadline - monotonic(), 0.001))
        try:
            sock.connect(path)
        except BlockingIOError:  # the queue of the server is full
            _stand_in_line(sock, path, deadline)
    except BaseException:
        sock.close()
        raise
    return sock


def _stand_in_line(sock: socket.socket, path: str, deadline: float) -> None:
    """Connect when the server's queue has room.

    The kernel keeps a line of those who wait for that, if their sockets block; how long
    they do is limited by an option of the socket. Raises OSError.
    """
    import struct

    sock.settimeout(None)
    connected = False
    while not connected:
        left = max(deadline - monotonic(), 0.001)
        limit = struct.pack("ll", int(left), int(left % 1 * 1e6))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        sock.connect(path)
        # a signal ends the wait, and Python then believes that it has connected
        with suppress(OSError):
            sock.getpeername()
            connected = True
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 0))


def parse_target(text: str) -> Target:
    """Read a TARGET of the command line. Raises ValueError for an empty one."""
    kind, colon, rest = text.partition(":")
    if colon and kind == "unix":
        if not rest:
            raise ValueError("'unix:' wants a path behind it")
        return Target(rest)
    address = rest if colon and kind == "tcp" else text
    match = re.fullmatch(_HOST_AND_PORT, address)
    if match:
        port = int(match[2][:6])  # more digits are too many anyway
        if not 0 < port < 65536:
            raise ValueError(f"'{match[2]}' is no TCP port")
        return Target(None, match[1].strip("[]") or "localhost", port)
    if colon and kind == "tcp":
        raise ValueError(f"'{text}' is not tcp:HOST:PORT")
    if not text:
        raise ValueError("the target is empty")
    return Target(text)


def connect(
    target: Target,
    *,
    timeout: float | None = None,
    wait: float | None = None,
    trace: Trace | None = None,
) -> BlockingConnection:
    """Connect to a QMP server and negotiate.

    timeout: seconds that one command may take, and all of this. wait: seconds for all of
    this instead, in which the machine may still have to start. Raises ConnectError,
    ProtocolError, MachineGoneError.
    """
    limit = wait or timeout or CONNECT_LIMIT
    deadline = monotonic() + limit

    def attempt() -> BlockingConnection:
        sock = target.connect(deadline - monotonic())
        left = deadline - monotonic()
        try:
            return BlockingConnection(
                sock, str(target), timeout=timeout, trace=trace, connect_limit=left
            )
        except MachineGoneError as error:
            if type(error) is MachineGoneError:  # the one that was there is ending
                raise NotYetError(str(error)) from error
            raise

    connection = patiently(attempt, wait)
    connection.target = target
    return connection
