"""Who is at the two ends of this host's sockets, by the kernel's tables. Linux only."""

from __future__ import annotations

import _socket
import os
import struct
import sys
from contextlib import closing, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

# From linux/netlink.h, sock_diag.h and unix_diag.h; Python has no names for these numbers.
# /proc/net/unix would be text, but does not say which sockets are connected to each other.
_SOCK_DIAG, _BY_FAMILY, _DUMP = 4, 20, 0x301
# UDIAG_SHOW_NAME, _VFS and _PEER of linux/unix_diag.h
_SHOW_NAME_FILE_AND_PEER = 7
# attributes of a Unix socket: UNIX_DIAG_NAME, _VFS and _PEER
_NAME, _FILE, _PEER = 0, 1, 2
# kinds of messages: NLMSG_DONE and NLMSG_ERROR
_DONE, _ERROR = 3, 2
# TCP's states, which the kernel reports of Unix sockets as well
_ESTABLISHED, _LISTEN = 1, 10
# the structs nlmsghdr, unix_diag_msg and nlattr
_HEADER, _MESSAGE, _ATTRIBUTE = "=IHHII", "=BBBBIII", "=HH"
_TIMEOUT = 2.0


class Ends:
    """The ends of a server's socket.

    listening: the inodes of the listening socket, in case several have its address.
    clients: for each client that it has accepted, the inode of the client's socket; 0 if
    that is not on this host, which only a client of TCP can be. addresses: those of such
    clients.
    """

    def __init__(self) -> None:
        self.listening: list[int] = []
        self.clients: list[int] = []
        self.addresses: list[str] = []


UnixSocket = tuple[int, int, dict[int, bytes]]
"""State, inode and attributes of a Unix socket."""


def unix_ends(path: str, sockets: Sequence[UnixSocket] | None = None) -> Ends:
    """Return the ends of a Unix socket; without any if the kernel does not say.

    sockets: what `unix_sockets` returned, to ask for several paths.
    """
    by_file, by_name = Ends(), Ends()
    name = os.fsencode(path if path.startswith("\0") else os.path.abspath(path))
    try:
        file = os.stat(path).st_ino
    except (OSError, ValueError):
        file = 0
    for state, inode, attributes in unix_sockets() if sockets is None else sockets:
        # the inode of the file, cut to 32 bits, and its device
        where = attributes.get(_FILE, b"")
        if file != 0 and where[:4] == struct.pack("=I", file & 0xFFFFFFFF):
            found = by_file
        elif attributes.get(_NAME, b"").rstrip(b"\0") == name:
            found = by_name
        else:
            continue
        if state == _LISTEN:
            found.listening.append(inode)
        elif state == _ESTABLISHED and inode:  # else it waits to be accepted
            client = int.from_bytes(attributes.get(_PEER, b""), sys.byteorder)
            if client:  # else it has gone, and the server has not noticed yet
                found.clients.append(client)
    # a server whose file another has replaced keeps the name, and is out of reach
    return by_file if by_file.listening else by_name


def unix_sockets() -> list[UnixSocket]:
    """Return all Unix sockets; none if the kernel does not say."""
    try:
        return list(_unix_sockets())
    except OSError:
        # a system without /proc, or a container that hides it
        return []


def _unix_sockets() -> Iterator[UnixSocket]:
    """Yield all Unix sockets. Raises OSError."""
    netlink = _socket.socket(_socket.AF_NETLINK, _socket.SOCK_RAW, _SOCK_DIAG)
    with closing(netlink) as sock:
        sock.settimeout(_TIMEOUT)
        request = struct.pack("=BBHII", _socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0)
        request += struct.pack("=III", _SHOW_NAME_FILE_AND_PEER, 0, 0)
        size = struct.calcsize(_HEADER) + len(request)
        sock.send(struct.pack(_HEADER, size, _BY_FAMILY, _DUMP, 1, 0) + request)
        while True:
            data = sock.recv(1 << 17)
            while len(data) >= struct.calcsize(_HEADER):
                length, kind, *_ = struct.unpack_from(_HEADER, data)
                if kind in (_DONE, _ERROR) or length < struct.calcsize(_HEADER):
                    return
                yield _unix_socket(data[struct.calcsize(_HEADER) : length])
                # netlink aligns each message to four bytes
                data = data[(length + 3) & ~3 :]


def _unix_socket(data: bytes) -> UnixSocket:
    _, _, state, _, inode, *_ = struct.unpack_from(_MESSAGE, data)
    attributes: dict[int, bytes] = {}
    rest = data[struct.calcsize(_MESSAGE) :]
    while len(rest) >= struct.calcsize(_ATTRIBUTE):
        length, kind = struct.unpack_from(_ATTRIBUTE, rest)
        if length < struct.calcsize(_ATTRIBUTE):
            break
        attributes[kind] = rest[struct.calcsize(_ATTRIBUTE) : length]
        # netlink pads each attribute to four bytes
        rest = rest[(length + 3) & ~3 :]
    return state, inode, attributes


def tcp_ends(port: int, table: Sequence[Sequence[str]] | None = None) -> Ends:
    """Return the ends of a TCP port, as far as the kernel says.

    table: the words of the rows of another host's ``/proc/net/tcp`` and ``tcp6``.
    """
    found = Ends()
    rows = [_tcp_socket(row) for row in (_tcp_table() if table is None else table)]
    inodes = {(here, there): inode for _, here, there, inode in rows}
    for state, here, there, inode in rows:
        if here[1] != port:
            continue
        if state == _LISTEN:
            found.listening.append(inode)
        elif state == _ESTABLISHED and inode:
            # the same connection from its other end, if that is on this host
            client = inodes.get((there, here), 0)
            found.clients.append(client)
            if not client:
                found.addresses.append(f"{there[0]}:{there[1]}")
    return found


_Address = tuple[str, int]


def _tcp_table() -> Iterator[list[str]]:
    """Yield the words of the rows about this host's TCP sockets."""
    for name in ("tcp", "tcp6"):
        with suppress(OSError), open(f"/proc/net/{name}", encoding="utf-8") as file:
            next(file, None)
            yield from map(str.split, file)


def _tcp_socket(row: Sequence[str]) -> tuple[int, _Address, _Address, int]:
    """Return state, own and far address, and inode of a socket."""
    return int(row[3], 16), _address(row[1]), _address(row[2]), int(row[9])


def _address(text: str) -> _Address:
    """Return the address in a row; an IPv4 address in its own form."""
    digits, _, port = text.partition(":")
    words = bytes.fromhex(digits)
    # the kernel prints 32-bit words as the host stores them, little-endian
    packed = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
    if packed[:12] == b"\0" * 10 + b"\xff\xff":
        packed = packed[12:]
    family = _socket.AF_INET if len(packed) == 4 else _socket.AF_INET6
    return _socket.inet_ntop(family, packed), int(port, 16)


def owners(inodes: Collection[int]) -> dict[int, int]:
    """Return the processes that have sockets open, by the sockets' inodes.

    Those of other users are seen by root only.
    """
    wanted = {f"socket:[{inode}]": inode for inode in inodes if inode}
    found: dict[int, int] = {}
    if not wanted:
        return found
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            descriptors = os.listdir(f"/proc/{name}/fd")
        except OSError:
            continue  # a process of another user, or one that has ended
        for descriptor in descriptors:
            try:
                link = os.readlink(f"/proc/{name}/fd/{descriptor}")
            except OSError:
                continue
            if link in wanted:
                found.setdefault(wanted[link], int(name))
    return found
