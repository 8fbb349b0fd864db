"""Listening sockets, opened safely.

A Unix socket is restricted to its owner before clients can connect. A stale one is
replaced, one that is still served is not, and closing removes it. TCP listens on the
loopback interface unless the address names a host.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from hmp.targets.target import host_and_port

if TYPE_CHECKING:
    from hmp.serving.monitor_options import SocketChardev

_MOST_DESCRIPTORS = 16
"""Descriptors that one message of a client may carry, as in QEMU."""
# sun_path has 108 bytes, and the last one is a NUL
_LONGEST_PATH = 107
_CONNECT_LIMIT = 10.0
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Errors of addresses that this host does not have, such as ::1 without IPv6."""


class ListenError(Exception):
    """A monitor cannot be opened; the text is one line with the reason."""


class Listener:
    """The listening sockets of one chardev. The constructor raises ListenError.

    queue: clients that may wait while others are served; 1 as in QEMU. Linux adds one.
    address: as QEMU writes it. exposed: whether other hosts can reach it.
    """

    def __init__(self, option: SocketChardev, queue: int = 1) -> None:
        self.exposed = False
        self._path: tuple[str, int] | None = None
        try:
            if option.fd is not None:
                self.sockets = [_adopted(option.fd)]
                self.address = f"fd:{option.fd}"
            elif option.path:
                self.sockets = [self._listen_unix(option.path)]
                self.address = f"unix:{option.path}"
            else:
                self.sockets = listen_tcp(_host(option), option.port, option.family)
                self._name_tcp()
        except ListenError as error:
            raise ListenError(f"{option.text}: {error}") from error
        if queue > 1:
            for sock in self.sockets:
                # a second call only changes the length of the queue
                sock.listen(queue)

    def _listen_unix(self, path: str) -> socket.socket:
        sock = listen_unix(path)
        self._path = path, os.stat(path).st_ino
        return sock

    def _name_tcp(self) -> None:
        host, port, *more = self.sockets[0].getsockname()
        # the scope of a link-local address is a number, and people know interfaces by name
        if more and more[1]:
            host += f"%{socket.if_indextoname(more[1])}"
        self.address = f"tcp:{host_and_port(host, port)}"
        self.exposed = not all(
            ip_address(sock.getsockname()[0]).is_loopback for sock in self.sockets
        )

    def close(self) -> None:
        """Stop listening, and remove the path if it is still ours."""
        for sock in self.sockets:
            sock.close()
        if self._path is not None:
            path, inode = self._path
            self._path = None
            with suppress(OSError):
                # another server may have taken the path over
                if os.stat(path).st_ino == inode:
                    os.unlink(path)


def listen_unix(path: str) -> socket.socket:
    """Return a Unix socket listening at a path. Raises ListenError."""
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise ListenError(f"the path is longer than {_LONGEST_PATH} bytes: {path}")
    _make_way(path)
    sock = socket.socket(socket.AF_UNIX)
    sock.setblocking(False)
    try:
        sock.bind(path)
        # no client can connect before the call of listen
        os.chmod(path, 0o600)
        sock.listen(1)
    except OSError as error:
        sock.close()
        raise ListenError(f"Failed to bind socket to {path}: {_reason(error)}") from error
    return sock


def _make_way(path: str) -> None:
    """Remove a stale socket. Raises ListenError for any other file."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise ListenError(f"{path} already exists and is not a socket")
    except OSError:
        return  # it does not exist; otherwise bind will report the error
    with socket.socket(socket.AF_UNIX) as client:
        client.setblocking(False)
        try:
            client.connect(path)
        except ConnectionRefusedError:
            with suppress(FileNotFoundError):
                os.unlink(path)
            return
        except OSError as error:
            # EAGAIN: its queue is full, so a server is there
            if error.errno != errno.EAGAIN:
                raise ListenError(f"cannot access {path}: {_reason(error)}") from error
    raise ListenError(f"{path} is already served by another process")


def listen_tcp(host: str, port: int, family: int = 0) -> list[socket.socket]:
    """Return sockets listening on all addresses of a host. Raises ListenError.

    family: that of the addresses; 0 for all.
    """
    found = _resolved(host, port, family)
    # as in QEMU, IPv6's wildcard alone takes IPv4 as well
    only = int(family != 0 or len({entry[0] for entry in found}) > 1)
    sockets: list[socket.socket] = []
    failure: OSError | None = None
    for kind, address in found:
        if sockets:  # for port 0, the port of the sockets before
            address = address[0], sockets[0].getsockname()[1], *address[2:]
        try:
            sockets.append(_listen_at(kind, address, only))
        except OSError as error:
            failure = error
            if error.errno not in _NOT_HERE:
                break
    if failure is not None and (not sockets or failure.errno not in _NOT_HERE):
        for sock in sockets:
            sock.close()
        where = host_and_port(host, port)
        raise ListenError(f"Failed to bind socket to {where}: {_reason(failure)}")
    return sockets


def _host(option: SocketChardev) -> str:
    """Return the host of an option; by default, one that other hosts cannot reach."""
    return option.host or ("::1" if option.family == socket.AF_INET6 else "localhost")


def _resolved(host: str, port: int, family: int) -> list[tuple[int, Any]]:
    """Return family and address of each address of a host. Raises ListenError."""
    try:
        found = socket.getaddrinfo(
            host, port, family, socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        raise ListenError(
            f"address resolution failed for {host_and_port(host, port)}: {_reason(error)}"
        ) from error
    return list(dict.fromkeys((entry[0], entry[4]) for entry in found))


def _listen_at(family: int, address: Any, only: int) -> socket.socket:
    """Return a listening socket. only: whether it refuses IPv4, for one of IPv6."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        # the last connections to this port may still be in TIME_WAIT
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        sock.bind(address)
        sock.listen(1)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


def _adopted(fd: int) -> socket.socket:
    """Return an inherited listening socket. Raises ListenError."""
    sock = adopt(fd)
    if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        sock.close()
        raise ListenError(f"file descriptor {fd} is not a listening socket")
    return sock


def adopt(fd: int) -> socket.socket:
    """Return the socket of an inherited descriptor. Raises ListenError."""
    try:
        sock = socket.socket(fileno=fd)
        sock.setblocking(False)
    except OSError as error:
        raise ListenError(f"file descriptor {fd} is not a socket") from error
    return sock


def connect(option: SocketChardev) -> socket.socket:
    """Return a socket connected to the address of a chardev. Raises ListenError."""
    if option.fd is not None:
        return adopt(option.fd)
    where = option.path or host_and_port(_host(option), option.port)
    try:
        if option.path:
            return _connected(socket.AF_UNIX, option.path)
        failure = OSError("the host has no address")
        for family, address in _resolved(_host(option), option.port, option.family):
            try:
                return _connected(family, address)
            except OSError as error:
                failure = error
        raise failure
    except ListenError as error:
        raise ListenError(f"{option.text}: {error}") from error
    except OSError as error:
        raise ListenError(
            f"{option.text}: Failed to connect to '{where}': {_reason(error)}"
        ) from error


def _connected(family: int, address: Any) -> socket.socket:
    """Return a connected socket that does not block. Raises OSError."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        # this may block: the event loop serves no one yet
        sock.settimeout(_CONNECT_LIMIT)
        sock.connect(address)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


class DescriptorSocket(socket.socket):
    """A Unix socket whose `recv` also takes the file descriptors that come with the data.

    It takes over a connected socket. The event loop calls nothing but `recv` and `send`.
    """

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock.family, sock.type, sock.proto, sock.detach())
        self.setblocking(False)
        self._descriptors: list[int] = []

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Receive data."""
        data, descriptors, _, _ = socket.recv_fds(self, size, _MOST_DESCRIPTORS, flags)
        self._descriptors += descriptors
        return data

    def take(self) -> list[int]:
        """Return the descriptors that have come; the caller closes them."""
        taken, self._descriptors = self._descriptors, []
        return taken


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
