"""Machines of other hosts: ``ssh://HOST/PATH``, ``HOST:/PATH``, ``HOST:NAME``.

A connection is a forward of the host's ssh; see `hmp.targets.ssh_master`. Nothing of ours
needs to be installed on the host.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from os.path import lexists
from typing import TYPE_CHECKING

from hmp.qmp.blocking import CONNECT_LIMIT
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NoReplyError,
    ProtocolError,
)
from hmp.qmp.stream import Stream
from hmp.targets.ssh_master import Master, SSHHost, master
from hmp.targets.ssh_mux import Destination, MuxError
from hmp.targets.target import StreamTarget

if TYPE_CHECKING:
    from hmp.targets.socket_target import SocketTarget

_WHERE = r"(?:(?P<user>[^@/]*)@)?(?P<host>\[[^\]/]*\]|[^][:/@]*)"
_HOST = r"[A-Za-z0-9_:][A-Za-z0-9_.%:-]*"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.@+\\-]*(?<!\\)"
"""Characters of names that mean nothing to a shell, even in a configured ProxyCommand."""

_NAME_LIMIT = 20.0
"""Seconds for connecting to a name, which the host looks for among its processes."""


class SshTarget(StreamTarget):
    """A socket of another host.

    text: the target as typed. to: the socket there; or else, the name of a machine there.
    """

    __slots__ = ("connect_limit", "host", "text", "to")

    def __init__(self, text: str, host: SSHHost, to: Destination | str) -> None:
        self.text = text
        self.host = host
        self.to = to
        self.connect_limit = CONNECT_LIMIT if isinstance(to, Destination) else _NAME_LIMIT

    def __str__(self) -> str:
        return self.text

    def prepare(self) -> None:
        """Log in to the host, unless that is done."""
        master(self.host)

    def connect(self, timeout: float) -> socket.socket:
        """Return a connected socket; see `StreamTarget.connect`."""
        ssh = master(self.host)
        to = self.to if isinstance(self.to, Destination) else _named(ssh, self.to)
        return forward(ssh, to, timeout)

    def diagnosed(
        self, error: MachineGoneError, name: str = "", wanted: str = ""
    ) -> MachineGoneError:
        """Ask the host about the socket; see `StreamTarget.diagnosed`."""
        if isinstance(self.to, Destination):
            reason = self._reason(self.to, error, wanted)
            if reason:
                return type(error)(f"cannot connect to {name or self}: {reason}")
        return error

    def _reason(self, to: Destination, error: MachineGoneError, wanted: str) -> str:
        """Return why no monitor answers; empty if that is unknown."""
        from hmp.targets.diagnosis import greeting
        from hmp.targets.ssh_diagnosis import why_silent

        if isinstance(error.__cause__, TimeoutError | NoReplyError):
            return why_silent(master(self.host), to, wanted)
        if isinstance(error, ProtocolError):
            with suppress(ConnectError, OSError):
                what = greeting(self)
                return f"{what} answers there" if what else ""
        return ""

    def neighbour(self, name: str) -> tuple[str, StreamTarget] | None:
        """Return another socket of the host; see `Target.neighbour`."""
        path = f"/tmp/{name}"
        return path, SshTarget(f"ssh://{self.host}{path}", self.host, Destination(path))


def _named(ssh: Master, name: str) -> Destination:
    """Return where the host's machine of a name listens. Raises ConnectError."""
    from hmp.targets.ssh_host import machine_destination

    return machine_destination(ssh, name)


def forward(ssh: Master, to: Destination, timeout: float) -> socket.socket:
    """Return a socket that ssh connects to a socket of its host.

    Raises ConnectError. A refusal of the host shows as the end of the stream.
    """
    carrier = _Forward(ssh, to)
    try:
        with ssh.request() as mux:
            mux.open_forward(carrier.path, to)
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(timeout)
        sock.connect(carrier.path)
    except (OSError, MuxError) as error:
        reason = f"ssh cannot forward to {ssh.host}: {error}"
        raise ConnectError(reason) from error
    return Stream(sock, carrier)


class _Forward:
    """The way of one connection through a host's ssh."""

    def __init__(self, ssh: Master, to: Destination) -> None:
        ssh.ssh.catch_up()
        ssh.ssh.lines.clear()
        self.ssh = ssh
        self.to = to
        self.path = ssh.new_path()
        self.greeted = False

    def opened(self) -> None:
        """Note that the host has let us through; see `Carrier.opened`."""
        self.greeted = True

    def gone(self, name: str) -> MachineGoneError:
        """Return the error that says who closed the connection; see `Carrier.gone`."""
        self.ssh.ssh.catch_up()
        if not self.greeted:
            for line in self.ssh.ssh.lines:
                if refusal := re.search(r"open failed: (.*)", line):
                    from hmp.targets.ssh_host import explain

                    return explain(self.ssh, self.to, name, refusal[1])
        if self.ssh.alive():
            return MachineGoneError(f"the machine at {name} closed the connection")
        return MachineGoneError(self.ssh.lost())

    def release(self) -> None:
        """Take no further connections; see `Carrier.release`."""
        with suppress(MachineGoneError, MuxError, OSError), self.ssh.request() as mux:
            mux.close_forward(self.path, self.to)


def parse_url(text: str) -> SshTarget:
    """Read ``ssh://[USER@]HOST[:PORT]/PATH``. Raises ValueError."""
    match = re.fullmatch(f"ssh://{_WHERE}(?::([0-9]{{1,5}}))?(/.*)", text, re.S)
    if not match:
        hint = (
            "; an IPv6 address needs brackets" if "::" in text[6:].partition("/")[0] else ""
        )
        raise ValueError(f"'{text}' is not ssh://[USER@]HOST[:PORT]/PATH{hint}")
    port = int(match[3] or 22)
    if not 0 < port < 65536:
        raise ValueError(f"'{match[3]}' is not a TCP port")
    # without a port, ssh's configuration decides
    host = _host(match, int(match[3] or 0))
    return SshTarget(text, host, _path(_decoded(match[4])))


def _decoded(path: str) -> str:
    """Return a URL's path without its escapes."""
    if "%" not in path:
        return path
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("utf-8", "surrogateescape")


def parse_remote(text: str) -> SshTarget | None:
    """Read ``[USER@]HOST:/PATH`` or ``[USER@]HOST:NAME``; None for a path of this host.

    Raises ValueError.
    """
    match = re.fullmatch(f"{_WHERE}:(.*)", text, re.S)
    # a file of this host may have a colon in its name
    if not match or not match["host"] or lexists(text):
        return None
    rest = match[3]
    if not rest:
        raise ValueError(
            f"'{text}' is a host: name a machine of it, as in {text}NAME;"
            f" hmp --list {text} shows them"
        )
    if rest.startswith(("unix:/", "tcp:")):
        from hmp.targets.socket_target import parse_local

        return SshTarget(text, _host(match), destination(parse_local(rest)))
    if rest.startswith("/"):
        return SshTarget(text, _host(match), _path(rest))
    if "/" in rest:
        raise ValueError(f"'{rest}': a path on another host must begin with '/'")
    return SshTarget(text, _host(match), rest)


def parse_host(text: str) -> SSHHost:
    """Read ``[USER@]HOST:``. Raises ValueError."""
    match = re.fullmatch(f"{_WHERE}:", text, re.S)
    if not match or not match["host"]:
        raise ValueError(f"'{text}' is not [USER@]HOST:")
    return _host(match)


def _host(match: re.Match[str], port: int = 0) -> SSHHost:
    """Return the host of a target. Raises ValueError for one that is unsafe."""
    # a URL may escape the sign before a network interface: [fe80::1%25eth0]
    name, user = match["host"].strip("[]").replace("%25", "%"), match["user"] or ""
    if not re.fullmatch(_HOST, name):
        raise ValueError(f"'{name}' is not the name of a host")
    if ":" in user:
        user = user.partition(":")[0]
        raise ValueError(f"no password may follow '{user}': ssh asks for it")
    if match["user"] is not None and not re.fullmatch(_USER, user):
        raise ValueError(f"'{user}' is not the name of a user")
    return SSHHost(name, user, port)


def _path(path: str) -> Destination:
    if "\0" in path:
        raise ValueError("a path cannot contain a NUL character")
    return Destination(path)


def destination(target: SocketTarget) -> Destination:
    """Return where a socket target leads, seen from its own host."""
    if target.path is not None:
        return _path(target.path)
    return Destination(target.host, target.port)
