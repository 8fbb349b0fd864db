"""Whether machines run or are paused: asked where that disturbs no one.

libvirt knows it of its domains. Other machines are asked through a QMP socket that has no
client, since a socket serves one at a time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from select import select
from time import monotonic

from hmp.targets.discovery import FOREIGN, LIBVIRT, machines
from hmp.targets.doors import QMP

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Sequence

    from hmp.qmp.codec import Decoder
    from hmp.targets.discovery import RunningMachine
    from hmp.targets.doors import Door
    from hmp.targets.processes import Host
    from hmp.targets.socket_table import UnixSocket

_LIMIT = 0.5
"""Seconds that all machines together have for their answers."""
_REQUESTS = b'{"execute": "qmp_capabilities"}\n{"execute": "query-status", "id": "%b"}\n'


def machines_here(host: Host | None = None) -> list[RunningMachine]:
    """Return all machines of this host, with their versions and states."""
    found = machines(host, versions=True)
    ask(found)
    return found


def ask(found: Iterable[RunningMachine]) -> None:
    """Find out the states of machines of this host, as far as they may be asked."""
    silent = [machine for machine in found if not machine.state and not machine.user]
    domains = [machine for machine in silent if machine.manager == LIBVIRT]
    if domains:
        from hmp.targets.libvirt_target import domain_states

        states = domain_states()
        for machine in domains:
            machine.run_state = states.get(machine.name, "")
    if others := [
        m for m in silent if m.manager != LIBVIRT and any(map(_may_ask, m.doors))
    ]:
        _ask_through_sockets(others)


def _may_ask(door: Door) -> bool:
    """Whether a door may be used, if it has no client."""
    return door.kind == QMP and door.askable and bool(door.target) and door.note != FOREIGN


def _ask_through_sockets(asked: Sequence[RunningMachine]) -> None:
    """Ask machines through their own sockets, all at once."""
    from hmp.qmp.codec import Decoder
    from hmp.targets.socket_table import unix_sockets

    sockets = unix_sockets()
    word = f"hmp-{os.urandom(8).hex()}"
    waiting: dict[socket.socket, tuple[RunningMachine, Decoder]] = {}
    try:
        for machine in asked:
            for door in filter(_may_ask, machine.doors):
                if (sock := _connected(door, sockets)) is not None:
                    waiting[sock] = machine, Decoder()
                    break
        for sock in list(waiting):
            with suppress(OSError):
                sock.send(_REQUESTS % word.encode())
        _take_answers(waiting, word)
    finally:
        for sock in waiting:
            sock.close()


def _connected(door: Door, sockets: Sequence[UnixSocket]) -> socket.socket | None:
    """Return a connection to a door that has no client; None if it has one, or refuses."""
    from hmp.qmp.errors import ConnectError
    from hmp.targets.socket_table import tcp_ends, unix_ends
    from hmp.targets.socket_target import parse_local

    with suppress(ValueError, ConnectError):
        target = parse_local(door.target)
        path = target.path
        ends = tcp_ends(target.port) if path is None else unix_ends(path, sockets)
        if ends.listening and not ends.clients:
            return target.connect(_LIMIT)
    return None


def _take_answers(
    waiting: dict[socket.socket, tuple[RunningMachine, Decoder]], word: str
) -> None:
    """Set the states as the answers come, until the time is up."""
    deadline = monotonic() + _LIMIT
    unanswered = set(waiting)
    while unanswered and (left := deadline - monotonic()) > 0:
        for sock in select(list(unanswered), [], [], left)[0]:
            machine, decoder = waiting[sock]
            try:
                decoder.chunks.append(data := sock.recv(1 << 16))
                machine.run_state = _status(decoder, word)
            except (OSError, ValueError):
                data = b""
            if machine.run_state or not data:
                unanswered.discard(sock)


def _status(decoder: Decoder, word: str) -> str:
    """Return the status in the reply to our request; empty if that has not come.

    Raises ValueError for what is not QMP.
    """
    while messages := decoder.messages():
        message = messages.pop()
        value = message.get("return")
        if message.get("id") == word and isinstance(value, dict):
            status = value.get("status")
            return status if isinstance(status, str) else ""
    return ""
