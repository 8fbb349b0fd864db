"""Where a QMP server listens: ``PATH``, ``unix:PATH``, ``HOST:PORT``, ``tcp:…``."""

from __future__ import annotations

import re
import socket
import stat
from errno import EACCES, EAGAIN, ECONNREFUSED, ENOENT
from os import stat as status
from typing import TYPE_CHECKING

from hmp.qmp.blocking import BUSY, CONNECT_LIMIT, BlockingConnection
from hmp.qmp.errors import ConnectError

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
        """Return a connected socket. Raises ConnectError, which says what to do."""
        try:
            if self.path is None:
                return socket.create_connection((self.host, self.port), timeout)
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.settimeout(timeout)
                sock.connect(self.path)
            except BaseException:
                sock.close()
                raise
            return sock
        except OSError as error:
            raise ConnectError(self._explain(error)) from error
        except UnicodeError as error:
            raise ConnectError(f"cannot connect to {self}: no such host") from error

    def _explain(self, error: OSError) -> str:
        where = f"cannot connect to {self}"
        if error.errno == EAGAIN or isinstance(error, TimeoutError):
            return f"{where}: {BUSY}"
        if error.errno == EACCES:
            return f"{where}: permission denied; run as the user that QEMU runs as"
        if error.errno == ENOENT and self.path is not None:
            return (
                f"{where}: there is no such socket; does the machine run, with"
                f" -qmp unix:{self.path},server=on,wait=off?"
            )
        if error.errno == ECONNREFUSED:
            return f"{where}: {self._refused()}"
        return f"{where}: {error.strerror or error}"

    def _refused(self) -> str:
        if self.path is None:
            return "nobody listens there"
        try:
            if not stat.S_ISSOCK(status(self.path).st_mode):
                return "it is no socket"
        except OSError:
            pass
        return "nobody listens there; its machine has ended"


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
    target: Target, *, timeout: float | None = None, trace: Trace | None = None
) -> BlockingConnection:
    """Connect to a QMP server and negotiate. Raises ConnectError, ProtocolError."""
    sock = target.connect(CONNECT_LIMIT)
    connection = BlockingConnection(sock, str(target), timeout=timeout, trace=trace)
    connection.target = target
    return connection
