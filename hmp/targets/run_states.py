"""Whether machines run or are paused: asked where that disturbs no one.

libvirt knows the states of its domains. Other machines are asked through a QMP socket that
has no client, since a socket serves one at a time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from time import monotonic

from hmp.qmp.readable import readable
from hmp.targets.discovery import FOREIGN, LIBVIRT, machines
from hmp.targets.doors import QMP

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Protocol

    from hmp.qmp.codec import Decoder
    from hmp.targets.discovery import RunningMachine
    from hmp.targets.processes import Host
    from hmp.targets.socket_target import SocketTarget

    class Asked(Protocol):
        """A host whose machines are asked; limit: seconds for all their answers."""

        limit: float

        def prepare(self, ports: Collection[int]) -> None:
            """Find out which of its Unix sockets and of these TCP ports have clients."""

        def domain_states(self) -> Mapping[str, str]:
            """Return the states of libvirt's domains, by name."""
            ...

        def connected(self, target: SocketTarget) -> _socket.socket | None:
            """Return a connection to a socket without a client; None if it has one.

            Raises ValueError, ConnectError.
            """
            ...


_LIMIT = 0.5
"""Seconds that all machines of this host together have for their answers."""
_REQUESTS = (
    b'{"execute": "qmp_capabilities", "id": "%b-0"}\n'
    b'{"execute": "query-status", "id": "%b"}\n'
)
"""Each has an id: QEMU may send a late reply to the next client, which must know it."""


def machines_here(host: Host | None = None) -> list[RunningMachine]:
    """Return all machines of this host, with their versions, states and clients."""
    found = machines(host, versions=True)
    ask(found, ThisHost())
    # a machine's only door is free if it has just answered there
    unsure = [each for each in found if len(each.doors) > 1 or not each.run_state]
    if unsure:
        from hmp.targets.door_holders import note_holders

        note_holders(unsure)
    return found


class ThisHost:
    """How machines of this host are asked; see `Asked`."""

    limit = _LIMIT

    def prepare(self, ports: Collection[int]) -> None:
        """Look at all Unix sockets, once; see `Asked.prepare`."""
        from hmp.targets.socket_table import unix_sockets

        self._sockets = unix_sockets()

    def domain_states(self) -> Mapping[str, str]:
        """Return the states of libvirt's domains, by name."""
        from hmp.targets.libvirt_target import domain_states

        return domain_states()

    def connected(self, target: SocketTarget) -> _socket.socket | None:
        """Return a connection to a socket that has no client; None if it has one.

        Raises ConnectError.
        """
        from hmp.targets.socket_table import tcp_ends, unix_ends

        path = target.path
        ends = tcp_ends(target.port) if path is None else unix_ends(path, self._sockets)
        free = ends.listening and not ends.clients
        return target.connect(self.limit) if free else None


def ask(found: Iterable[RunningMachine], host: Asked) -> None:
    """Find out the states of those machines that may be asked."""
    silent = [machine for machine in found if not machine.state and not machine.user]
    domains = [machine for machine in silent if machine.manager == LIBVIRT]
    if domains:
        states = host.domain_states()
        for machine in domains:
            machine.run_state = states.get(machine.name, "")
    targets = {m: _targets(m) for m in silent if m.manager != LIBVIRT}
    if any(targets.values()):
        _ask_through_sockets(targets, host)


def _targets(machine: RunningMachine) -> list[SocketTarget]:
    """Return the sockets of a machine that may be used while they have no client."""
    from hmp.targets.socket_target import parse_local

    found: list[SocketTarget] = []
    for door in machine.doors:
        if door.kind == QMP and door.askable and door.target and door.note != FOREIGN:
            with suppress(ValueError):  # as for a host that is called "tcp"
                found.append(parse_local(door.target))
    return found


def _ask_through_sockets(
    asked: Mapping[RunningMachine, Sequence[SocketTarget]], host: Asked
) -> None:
    """Ask machines through their own sockets, all at once."""
    from hmp.qmp.codec import Decoder

    host.prepare({target.port for targets in asked.values() for target in targets} - {0})
    word = f"hmp-{os.urandom(8).hex()}"
    requests = _REQUESTS.replace(b"%b", word.encode())
    waiting: dict[_socket.socket, tuple[RunningMachine, Decoder]] = {}
    try:
        for machine, targets in asked.items():
            if (sock := _connected(targets, host)) is not None:
                waiting[sock] = machine, Decoder()
        for sock in list(waiting):
            with suppress(OSError):
                # the greeting need not be awaited: QEMU reads the requests after it has
                # sent that
                sock.send(requests)
        _take_answers(waiting, word, host.limit)
    finally:
        for sock in waiting:
            sock.close()


def _connected(targets: Iterable[SocketTarget], host: Asked) -> _socket.socket | None:
    """Return a connection to the first that has no client and lets us in; None if none."""
    from hmp.qmp.errors import ConnectError

    for target in targets:
        with suppress(ValueError, ConnectError):
            if (sock := host.connected(target)) is not None:
                return sock
    return None


def _take_answers(
    waiting: dict[_socket.socket, tuple[RunningMachine, Decoder]], word: str, limit: float
) -> None:
    """Set the states as the answers come, until the time is up."""
    deadline = monotonic() + limit
    unanswered = set(waiting)
    while unanswered and (left := deadline - monotonic()) > 0:
        ready = readable(unanswered, left)
        for sock in [each for each in unanswered if each.fileno() in ready]:
            machine, decoder = waiting[sock]
            try:
                # an answer may come in parts
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
