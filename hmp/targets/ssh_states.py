"""How the machines of another host are asked for their states; see `run_states`.

The host's kernel says which sockets have clients, and ssh carries the questions to those
that have none.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.qmp.errors import ConnectError
from hmp.targets.socket_table import tcp_ends
from hmp.targets.ssh_address import destination
from hmp.targets.ssh_forward import forward

if TYPE_CHECKING:
    import _socket
    from collections.abc import Collection, Mapping

    from hmp.targets.socket_target import SocketTarget
    from hmp.targets.ssh_master import Master

_LIMIT = 3.0
"""Seconds for each of libvirt's answer, the kernel's tables, and the machines' answers."""
_TABLES = r"""
p=$(cat)
[ "$p" ] && grep -hE ":($p) " /proc/net/tcp /proc/net/tcp6
echo
cat /proc/net/unix
"""
"""Prints the rows of some TCP ports, an empty line, and the rows of all Unix sockets."""
_TCP_WORDS = 10
"""The number of words of a row that are needed."""
_UNIX_ROW = rb"\w+: \w+ \w+ (\w+) \w+ \w+ +\d+ (.*)"
# the flags of /proc/net/unix for a socket that accepts connections (__SO_ACCEPTCON)
_LISTENS = b"00010000"
_DOMAINS = "LC_ALL=C virsh -r -q -c qemu:///system list"
# a row of virsh: ` 1    vm1    running`
_DOMAIN = r"\s*\d+\s+(.*?)\s+(running|idle|paused|in shutdown|crashed|pmsuspended)\s*"
_STATES = {"idle": "running", "in shutdown": "shutdown", "pmsuspended": "suspended"}
"""What virsh calls states, and what we do, where that differs."""


class FarHost:
    """A host that ssh has logged in to."""

    limit = _LIMIT

    def __init__(self, ssh: Master) -> None:
        self._ssh = ssh
        self._tcp: list[list[str]] = []
        self._unix: list[tuple[bool, str]] = []

    def prepare(self, ports: Collection[int]) -> None:
        """Read which of the host's sockets listen, and which have clients."""
        wanted = "|".join(f"{port:04X}" for port in ports)
        with suppress(ConnectError):
            printed = self._ssh.run(_TABLES, wanted.encode(), _LIMIT)
            tcp, _, unix = (b"\n" + printed).partition(b"\n\n")
            rows = map(str.split, tcp.decode("ascii", "replace").splitlines())
            self._tcp = [row for row in rows if len(row) >= _TCP_WORDS]
            self._unix = list(map(_unix_socket, re.finditer(_UNIX_ROW, unix)))

    def domain_states(self) -> Mapping[str, str]:
        """Return the states of libvirt's domains by name, if virsh is there."""
        try:
            printed = os.fsdecode(self._ssh.run(_DOMAINS, limit=_LIMIT))
        except ConnectError:
            # a host without virsh
            return {}
        rows = filter(None, (re.fullmatch(_DOMAIN, row) for row in printed.split("\n")))
        return {row[1]: _STATES.get(row[2], row[2]) for row in rows}

    def connected(self, target: SocketTarget) -> _socket.socket | None:
        """Return a connection to a socket without a client; None if it may have one.

        Raises ValueError, ConnectError.
        """
        to = destination(target)
        if to.port:
            ends = tcp_ends(to.port, self._tcp)
            free = bool(ends.listening) and not ends.clients
        else:
            # a server may have given its path relative to its own folder
            names = to.host, os.path.basename(to.host)
            found = [listens for listens, name in self._unix if name in names]
            free = found == [True]
        return forward(self._ssh, to, self.limit) if free else None


def _unix_socket(row: re.Match[bytes]) -> tuple[bool, str]:
    """Return whether a socket listens, and its path; the last part of a relative one."""
    path = os.path.normpath(os.fsdecode(row[2]))
    return row[1] == _LISTENS, path if path.startswith("/") else os.path.basename(path)
