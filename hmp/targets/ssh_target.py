"""Machines of other hosts: ``ssh://HOST/PATH``, ``HOST:/PATH``, ``HOST:NAME``.

A connection is a forward of the host's ssh; see `hmp.targets.ssh_master`. Nothing of ours
needs to be installed on the host.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from os.path import lexists

from hmp.qmp.blocking import CONNECT_LIMIT
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NoReplyError,
    ProtocolError,
)
from hmp.targets.ssh_address import WHERE, destination, host_of, to_path
from hmp.targets.ssh_forward import forward
from hmp.targets.ssh_master import Master, SSHHost, master
from hmp.targets.ssh_mux import Destination
from hmp.targets.target import StreamTarget

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
                what = greeting(self.connect)
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


def parse_url(text: str) -> SshTarget:
    """Read ``ssh://[USER@]HOST[:PORT]/PATH``. Raises ValueError."""
    match = re.fullmatch(f"ssh://{WHERE}(?::([0-9]{{1,5}}))?(/.*)", text, re.S)
    if not match:
        hint = (
            "; an IPv6 address needs brackets" if "::" in text[6:].partition("/")[0] else ""
        )
        raise ValueError(f"'{text}' is not ssh://[USER@]HOST[:PORT]/PATH{hint}")
    port = int(match[3] or 22)
    if not 0 < port < 65536:
        raise ValueError(f"'{match[3]}' is not a TCP port")
    # without a port, ssh's configuration decides
    host = host_of(match, int(match[3] or 0))
    return SshTarget(text, host, to_path(_decoded(match[4])))


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
    match = re.fullmatch(f"{WHERE}:(.*)", text, re.S)
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

        return SshTarget(text, host_of(match), destination(parse_local(rest)))
    if rest.startswith("/"):
        return SshTarget(text, host_of(match), to_path(rest))
    if "/" in rest:
        raise ValueError(f"'{rest}': a path on another host must begin with '/'")
    return SshTarget(text, host_of(match), rest)
