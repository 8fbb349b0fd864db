"""Unix sockets and TCP servers: ``PATH``, ``unix:PATH``, ``HOST:PORT``, ``tcp:…``."""

from __future__ import annotations

import _socket
import os
import re
import stat
from errno import EACCES, EAGAIN, ECONNREFUSED, EINVAL, ENOENT
from os import stat as status
from time import monotonic

from hmp.qmp.blocking import BUSY
from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.target import StreamTarget, host_and_port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qmp.errors import MachineGoneError

# names of this host that need no look-up
HERE = ("localhost", "127.0.0.1", "::1")
REFUSED = "connection refused; the QEMU has probably exited"
"""Why nothing listens at a Unix socket."""
_HOST_KINDS = ("tcp", "telnet")
_OPTIONS = frozenset(
    {
        "server",
        "wait",
        "nowait",
        "nodelay",
        "delay",
        "telnet",
        "websocket",
        "reconnect",
        "reconnect-ms",
        "ipv4",
        "ipv6",
        "tight",
        "mux",
        "to",
        "logfile",
        "logappend",
        "logtimestamp",
        "tls-creds",
        "tls-authz",
        "keep-alive",
    }
)
"""What may follow the address of a character device on QEMU's command line."""
_UNREACHABLE = "; or the host is down, or a firewall drops the connection"
_WITHOUT_PORT = r"(\[[^\]/]*\]):?"
_WITHOUT_BRACKETS = r"([0-9A-Fa-f:.]*::[0-9A-Fa-f.]*(?:%\w+)?):([0-9]+)"
# leading zeroes of the port do not count, since only the first digits are read
_HOST_AND_PORT = r"(\[[^\]]*\]|[^:/]*):0*([0-9]+)"


class SocketTarget(StreamTarget):
    """A Unix socket, by its path, or a TCP server, by host and port."""

    __slots__ = ("host", "path", "port")

    def __init__(self, path: str | None, host: str = "", port: int = 0) -> None:
        self.path = path
        self.host = host
        self.port = port

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:@{self.path[1:]}" if self.path[:1] == "\0" else self.path
        return host_and_port(self.host, self.port)

    def connect(self, timeout: float) -> _socket.socket:
        """Return a connected socket; see `StreamTarget.connect`."""
        deadline = monotonic() + timeout
        try:
            if self.path is None:
                return _connect_tcp(self.host, self.port, deadline)
            return _connect_unix(self.path, deadline)
        except OSError as error:
            raise self._explain(error) from error
        except UnicodeError as error:
            raise ConnectError(f"cannot connect to {self}: no such host") from error

    def diagnosed(
        self, error: MachineGoneError, name: str = "", wanted: str = ""
    ) -> MachineGoneError:
        """Look for the reason on this host; see `hmp.targets.diagnosis`."""
        from hmp.targets.diagnosis import diagnosed

        return diagnosed(self, error, name or str(self), wanted)

    def neighbour(self, name: str) -> tuple[str, StreamTarget] | None:
        """Return a socket for a machine of this host; see `Target.neighbour`."""
        return socket_here(name) if self.path is None and self.host in HERE else None

    def _explain(self, error: OSError) -> ConnectError:
        where = f"cannot connect to {self}"
        if error.errno == EAGAIN or isinstance(error, TimeoutError):
            far = self.path is None and self.host not in HERE
            return ConnectError(f"{where}: {BUSY}{_UNREACHABLE if far else ''}")
        # the system's own words, "Invalid argument", do not say that
        if error.errno == EINVAL and self.path is None and "%" not in self.host:
            return ConnectError(
                f"{where}: a link-local address needs its network interface, as in"
                f" [{self.host}%eth0]:{self.port}"
            )
        if error.errno == EACCES:
            return ConnectError(
                f"{where}: permission denied; run as the user that QEMU runs as"
            )
        if error.errno == ENOENT and self.path is not None:
            return NotYetError(
                f"{where}: no such socket; is the machine running, with"
                f" -qmp unix:{self.path},server=on,wait=off?"
            )
        if error.errno == ECONNREFUSED:
            return self._refused(where)
        return ConnectError(f"{where}: {error.strerror or error}")

    def _refused(self, where: str) -> ConnectError:
        if self.path is None:
            return NotYetError(f"{where}: connection refused")
        try:
            if not stat.S_ISSOCK(status(self.path).st_mode):
                return ConnectError(f"{where}: not a socket")
        except OSError:
            pass
        return NotYetError(f"{where}: {REFUSED}")


def socket_here(name: str) -> tuple[str, SocketTarget]:
    """Return a path in the user's folder, and its target."""
    folder = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("TMPDIR") or "/tmp"
    path = os.path.join(folder, name)
    return path, SocketTarget(path)


def _connect_tcp(host: str, port: int, deadline: float) -> _socket.socket:
    """Connect to the first of a host's addresses that answers. Raises OSError.

    A silent address leaves time for those after it.
    """
    from hmp.targets.resolution import addresses  # late, since most sockets have a path

    problem = OSError("the host has no address")
    found = addresses(host, port, deadline)
    for left, (family, kind, protocol, _, address) in zip(
        range(len(found), 0, -1), found, strict=True
    ):
        sock = _socket.socket(family, kind, protocol)
        try:
            # equal shares of the rest, so that the last address gets all that is left
            sock.settimeout(max((deadline - monotonic()) / left, 0.001))
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


def _connect_unix(path: str, deadline: float) -> _socket.socket:
    """Connect to a Unix socket, queueing fairly with other clients. Raises OSError."""
    sock = _socket.socket(_socket.AF_UNIX)
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


def _stand_in_line(sock: _socket.socket, path: str, deadline: float) -> None:
    """Connect as soon as the server's queue has room.

    The kernel queues waiting clients in order, but only if their sockets block. The time
    they wait is limited by a socket option. Raises OSError.
    """
    import struct

    sock.settimeout(None)
    connected = False
    while not connected:
        left = max(deadline - monotonic(), 0.001)
        limit = struct.pack("ll", int(left), int(left % 1 * 1e6))
        sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDTIMEO, limit)
        sock.connect(path)
        # Python takes a wait that a signal interrupted for a successful connection
        try:
            sock.getpeername()
        except OSError:
            continue
        connected = True
    sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDTIMEO, struct.pack("ll", 0, 0))


def parse_local(text: str) -> SocketTarget:
    """Read ``[unix:]PATH``, ``unix:@NAME`` or ``[tcp:|telnet:]HOST:PORT``.

    The options that QEMU takes after an address (``,server=on,wait=off``) are ignored,
    unless a file has that very name. Raises ValueError.
    """
    if not os.path.lexists(text.removeprefix("unix:")):
        text = without_options(text)
    kind, colon, rest = text.partition(":")
    if colon and kind == "unix":
        if not rest:
            raise ValueError("'unix:' needs a path")
        abstract = rest.startswith("@") and not os.path.lexists(rest)
        return SocketTarget(f"\0{rest[1:]}" if abstract else rest)
    named = bool(colon) and kind in _HOST_KINDS
    # most targets are paths, and `re` is slow to compile a pattern
    match = re.fullmatch(_HOST_AND_PORT, rest if named else text) if colon else None
    if match:
        port = int(match[2][:6])  # any longer number is out of range anyway
        if not 0 < port < 65536:
            raise ValueError(f"'{match[2]}' is not a TCP port")
        return SocketTarget(None, match[1].strip("[]") or "localhost", port)
    _check_ipv6(text, rest if named else text)
    if named:
        raise ValueError(f"'{text}' is not {kind}:HOST:PORT")
    if not text:
        raise ValueError("the target is empty")
    return SocketTarget(text)


def _check_ipv6(text: str, address: str) -> None:
    """Refuse an IPv6 address without its brackets or its port. Raises ValueError.

    address: the text without the word before it.
    """
    if os.path.lexists(text):
        return
    if match := re.fullmatch(_WITHOUT_PORT, address):
        raise ValueError(f"'{text}' has no port; try {match[1]}:PORT")
    if match := re.fullmatch(_WITHOUT_BRACKETS, address):
        raise ValueError(
            f"'{text}': an IPv6 address needs brackets; try [{match[1]}]:{match[2]}"
        )


def without_options(text: str) -> str:
    """Return an address without the options that QEMU takes after it.

    Text that is not an address with such options is returned as it is.
    """
    address, *options = text.replace(",,", "\0").split(",")
    if not options or not all(option.partition("=")[0] in _OPTIONS for option in options):
        return text
    return address.replace("\0", ",")
