"""A connection through a host's ssh: a socket here that ssh forwards to one there."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.qmp.errors import ConnectError, MachineGoneError
from hmp.qmp.stream import Stream
from hmp.targets.ssh_mux import Destination, MuxError

if TYPE_CHECKING:
    from hmp.targets.ssh_master import Master


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
    """Carries one connection through a host's ssh; a `Carrier`."""

    def __init__(self, ssh: Master, to: Destination) -> None:
        ssh.ssh.catch_up()
        # whatever ssh prints from now on is about this connection
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
                    from hmp.targets.ssh_refusal import explain

                    return explain(self.ssh, self.to, name, refusal[1])
        if self.ssh.alive():
            return MachineGoneError(f"the machine at {name} closed the connection")
        return MachineGoneError(self.ssh.lost())

    def release(self) -> None:
        """Take no further connections; see `Carrier.release`."""
        with suppress(MachineGoneError, MuxError, OSError), self.ssh.request() as mux:
            mux.close_forward(self.path, self.to)
