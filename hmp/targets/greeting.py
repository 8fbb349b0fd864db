"""Finds out what answers on a stream whose first byte is not that of QMP."""

from __future__ import annotations

import socket

from hmp.targets.byte_stream import ByteStream
from hmp.targets.human_monitor import HumanMonitor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.targets.target import Opening

_HUMAN = b"QEMU "
# IAC, which begins each command of telnet
_TELNET = b"\xff"
_OPTION = 3
"""Bytes of a telnet command about one option; the first is `_TELNET`."""


def human_after_greeting(opening: Opening) -> HumanMonitor | None:
    """Return a connection to the human monitor that greets; None for another greeting.

    Raises MachineGoneError, ConnectError, ProtocolError; the socket is closed then.
    """
    try:
        first = _first_bytes(opening)
    except BaseException:
        opening.socket.close()
        raise
    return human(opening) if first and _HUMAN.startswith(first) else None


def human(opening: Opening) -> HumanMonitor:
    """Return a connection to a human monitor. Raises what `human_after_greeting` raises."""
    return HumanMonitor(
        ByteStream(opening.socket, opening.name),
        deadline=opening.deadline,
        timeout=opening.timeout,
        trace=opening.trace,
    )


def _first_bytes(opening: Opening) -> bytes:
    """Return the beginning of a greeting, which stays in the socket; empty if none came.

    Telnet commands before it are removed from the socket.
    """
    sock = opening.socket
    while True:
        sock.settimeout(opening.left())
        try:
            first = sock.recv(len(_HUMAN), socket.MSG_PEEK)
            if not first.startswith(_TELNET):
                return first
            for _ in range(_OPTION):
                sock.recv(1)
        except OSError:
            return b""  # the negotiation fails in the same way, and explains it
