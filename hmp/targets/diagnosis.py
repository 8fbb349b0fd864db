"""Why a socket of this host does not let us in, and what to type instead.

Called only after connecting has failed, so it may take its time. It changes nothing. If it
finds no reason, the first error stays as it is.
"""

from __future__ import annotations

import os
import socket
from contextlib import closing
from errno import EACCES, ECONNREFUSED, ENOENT
from shlex import quote
from time import monotonic

from hmp.qmp.blocking import BUSY
from hmp.qmp.errors import MachineGoneError, NoReplyError, ProtocolError
from hmp.targets.discovery import RunningMachine, machines
from hmp.targets.doors import AGENT, GDB, HUMAN, QMP, SERIAL
from hmp.targets.peers import Peer, holder, holding_process
from hmp.targets.resolution import addresses
from hmp.targets.socket_table import Ends, owners, tcp_ends, unix_ends
from hmp.targets.target import peer_process
from hmp.targets.trust import user_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol, TypeGuard

    from hmp.targets.doors import Door

    class Address(Protocol):
        """A Unix socket or a TCP server; see `hmp.targets.socket_target.SocketTarget`."""

        path: str | None
        host: str
        port: int

        def connect(self, timeout: float) -> _socket.socket:
            """Return a connected socket."""
            ...


_WANTED = {GDB: (GDB,), AGENT: (AGENT,), HUMAN: (HUMAN,)}
"""The kinds of doors that are right for a target of a kind; a monitor's are by default."""
_STARTING = 30.0
"""Seconds within which a QEMU that does not answer has probably just started."""
# seconds for looking a host's name up
_NAME_LIMIT = 1.0
# seconds within which a server that greets by itself has greeted
_BANNER_LIMIT = 1.0
_SSH = "an SSH server"
# other servers, by what they send first
_BANNERS = (
    (b"SSH-", _SSH),
    (b"HTTP/", "an HTTP server"),
    (b"RFB ", "a VNC server"),
)
_OURS = "hmp"
_LIBVIRT = ("libvirtd", "virtqemud")
_SEE_LIST = "hmp --list shows what can be reached"


def diagnosed(
    target: Address, error: MachineGoneError, name: str, wanted: str
) -> MachineGoneError:
    """Return the error with the reason that can be found, of the same class.

    wanted: the kind of door that should be there; empty for a monitor.
    """
    try:
        reason = _reason(target, error, wanted)
    except (OSError, ValueError, IndexError):
        reason = ""
    if not reason:
        return error
    return type(error)(f"cannot connect to {name}: {reason}")


def _reason(target: Address, error: MachineGoneError, wanted: str) -> str:
    cause = error.__cause__
    number = getattr(cause, "errno", None)
    if isinstance(error, ProtocolError):
        return _wrong_server(target, wanted)
    if number == EACCES and target.path is not None:
        return _forbidden(target.path)
    if number == ENOENT and target.path is not None:
        return _elsewhere(target.path) or _missing(target.path, wanted)
    if number == ECONNREFUSED and target.path is None:
        return _other_network(target)
    if isinstance(cause, TimeoutError | BlockingIOError):
        return _silent(target, BUSY not in str(error), wanted)
    if isinstance(cause, NoReplyError):
        return _silent(target, False, AGENT)
    return ""


def _silent(target: Address, greeted: bool, wanted: str) -> str:
    """Return why a server does not answer.

    greeted: whether it has begun to. wanted: what should answer; a guest agent may not run.
    """
    ends = _ends(target)
    found = owners([*ends.listening, *ends.clients])
    listener = next((found[i] for i in ends.listening if i in found), 0)
    listener = listener or _credentials(target)
    if not listener:
        return ""
    server = Peer(listener)
    # t: stopped by a tracer; T: by a signal; D: in a system call that cannot be interrupted
    if server.state == "t" and (tracer := server.tracer()):
        return f"{server} is stopped by the debugger {Peer(tracer)}; type continue there"
    if server.state in "Tt":
        return f"{server} is stopped; resume it with: kill -CONT {server.pid}"
    if server.machine is None:
        return "" if wanted == AGENT else _not_qemu(target, server)
    door = _door(target, server.machine)
    if is_wrong(door, wanted):
        return _other_door(server, door)
    if ends.clients and not greeted:
        return _held(server, door, ends, found)
    if wanted == AGENT or greeted:  # it has started
        return ""
    if server.age() < _STARTING:
        return _starting(server)
    what = "waits for a disk or a network file system" if server.state == "D" else "hangs"
    return f"{server} does not answer: it {what}; gdb -p {server.pid} shows where"


def _starting(server: Peer) -> str:
    return f"{server} is still starting; --wait SECONDS waits for it"


def _ends(target: Address) -> Ends:
    if target.path is not None:
        return unix_ends(target.path)
    return tcp_ends(target.port) if _is_here(target.host) else Ends()


def _is_here(host: str) -> bool:
    """Return whether a host is this one: whether its address can be bound."""
    deadline = monotonic() + _NAME_LIMIT
    for family, kind, _, _, address in addresses(host, 0, deadline, socket.SOCK_DGRAM):
        with socket.socket(family, kind) as sock:
            try:
                sock.bind(address)
            except OSError:
                # only addresses of this host can be bound
                return False
    return True


def _credentials(target: Address) -> int:
    """Return the process that listens on a Unix socket, by a connection; 0 if unknown."""
    if target.path is None:
        return 0
    with socket.socket(socket.AF_UNIX) as sock:
        # a server that is stopped may have a full queue, and connecting would wait
        sock.setblocking(False)
        sock.connect(target.path)
        return peer_process(sock)


def _door(target: Address, machine: RunningMachine | None) -> Door | None:
    """Return which of a machine's doors a target is."""
    for door in machine.doors if machine else ():
        if target.path is None:
            if door.target.endswith(f":{target.port}") and not door.path:
                return door
        elif door.path and _same(target.path, door):
            return door
    return None


def _same(path: str, door: Door) -> bool:
    for known in (door.path, door.target):
        try:
            if os.path.samefile(path, known):
                return True
        except (OSError, ValueError):
            continue
    return False


def is_wrong(door: Door | None, wanted: str) -> TypeGuard[Door]:
    """Return whether a door needs another kind of target than the one that was given."""
    return door is not None and door.kind not in _WANTED.get(wanted, (QMP, HUMAN))


def _other_door(server: Peer, door: Door) -> str:
    if door.kind == SERIAL:
        return f"that is a serial port of {server}; {_instead(server.machine, door)}"
    if server.program == "qemu-ga":
        return (
            f"a guest agent answers there (process {server.pid}); try {quote(door.target)}"
        )
    return f"{door_of(door, str(server))}; try {quote(door.target)}"


def door_of(door: Door, who: str) -> str:
    """Describe a door that answers where another kind of door was expected."""
    kind = "QMP socket" if door.kind == QMP else door.kind
    pauses = ", which pauses the machine for each client" if door.kind == GDB else ""
    return f"that is the {kind} of {who}{pauses}"


def _instead(machine: RunningMachine | None, door: Door | None) -> str:
    """Return what to type instead to reach a machine."""
    for target in _others(machine, door):
        return f"try {quote(target)}"
    return f"it has no other monitor; {_SEE_LIST}"


def _others(machine: RunningMachine | None, door: Door | None) -> list[str]:
    """Return the other targets of a machine; of another user's, none."""
    if machine is None or machine.user:
        return []
    return [t for t in machine.targets if door is None or t != door.target]


def _held(server: Peer, door: Door | None, ends: Ends, found: Mapping[int, int]) -> str:
    """Return which client holds a monitor. found: the processes of sockets."""
    pid = holding_process(ends, found)
    if pid == os.getpid():
        return f"this program is connected to {server} already"
    if pid and Peer(pid).program in _LIBVIRT and server.machine and server.machine.name:
        scheme = "qga" if door is not None and door.kind == AGENT else "libvirt"
        return f"libvirt holds it; try {quote(f'{scheme}:{server.machine.name}')}"
    who = holder(ends, found)
    if door is not None and door.kind == AGENT:
        server_kind = "an agent" if server.program == "qemu-ga" else "QEMU"
        return f"{who} holds it, and {server_kind} serves one client at a time: end that"
    return held_by(who, _others(server.machine, door))


def held_by(holder: str, others: Sequence[str]) -> str:
    """Return what to do about a client that holds the socket; others: other ways in."""
    instead = f"try {quote(others[0])}" if others else "give QEMU a second -qmp socket"
    return (
        f"{holder} holds it, and QEMU serves one client at a time: end that, or {instead}"
    )


def _not_qemu(target: Address, server: Peer) -> str:
    if server.program == _OURS:
        return (
            f"{server} serves a prompt for people there, as to telnet;"
            " programs need its -qmp, or -monitor without telnet:"
        )
    if target.path is None and _speaks_http(target):
        return f"an HTTP server, {server}, answers there; {_SEE_LIST}"
    return f"{server} listens there, which is not a QEMU; {_SEE_LIST}"


def _speaks_http(target: Address) -> bool:
    """Return whether a program of this host answers as an HTTP server."""
    try:
        with socket.create_connection((target.host, target.port), _BANNER_LIMIT) as sock:
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return sock.recv(5) == b"HTTP/"
    except OSError:
        return False


def greeting(connect: Callable[[float], _socket.socket]) -> str:
    """Return which of the known servers greets; empty if none does.

    connect: see `StreamTarget.connect`.
    """
    with closing(connect(_BANNER_LIMIT)) as sock:
        sock.settimeout(_BANNER_LIMIT)
        try:
            banner = sock.recv(64)
        except OSError:
            banner = b""
    return next((what for start, what in _BANNERS if banner.startswith(start)), "")


def _wrong_server(target: Address, wanted: str) -> str:
    """Return what answers with something other than what was wanted."""
    if what := greeting(target.connect):
        host = target.host if target.path is None else "HOST"
        there = f"hmp --list {host}: shows that host's machines"
        return f"{what} answers there; {there if what == _SSH else _SEE_LIST}"
    ends = _ends(target)
    found = owners(ends.listening)
    for pid in found.values():
        server = Peer(pid)
        door = _door(target, server.machine)
        if is_wrong(door, wanted):
            return _other_door(server, door)
        if server.machine is None:
            return _not_qemu(target, server)
    return ""


def _forbidden(path: str) -> str:
    """Return who owns a forbidden socket, or the folder that forbids it."""
    place = os.path.abspath(path)
    # up to the first folder whose contents may be looked at
    while (found := _status(place)) is None:
        place = os.path.dirname(place)
    owner = user_name(found.st_uid)
    what = "it" if place == os.path.abspath(path) else quote(place)
    sudo = "sudo" if found.st_uid == 0 else f"sudo -u {quote(owner)}"
    return f"permission denied: {what} belongs to {owner}; try {sudo} hmp {quote(path)}"


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except PermissionError:
        # in a folder that is closed to us
        return None


def _elsewhere(path: str) -> str:
    """Return which machine has this path inside its container, or has lost the file."""
    path = os.path.abspath(path)
    for machine in machines():
        for door in machine.doors:
            if machine.user or door.path != path or not door.target:
                continue
            server = Peer(machine.pid)
            if door.target.removeprefix("qga:") != path:
                return f"it is in the container of {server}; try {quote(door.target)}"
            if server.age() < _STARTING:
                return _starting(server)
            instead = _instead(machine, door)
            return f"{server} listens there, but the file was removed; {instead}"
    return ""


_OPTIONS = {
    HUMAN: "-monitor unix:{},server=on,wait=off",
    GDB: "-gdb unix:{},server=on,wait=off",
}
"""The options that open a door at a path."""


def _missing(path: str, wanted: str) -> str:
    """Return what to check if a door's socket is missing; empty for any monitor."""
    if wanted == AGENT:
        return f"no such socket; is the machine running, with its agent at {quote(path)}?"
    option = _OPTIONS.get(wanted, "").format(path)
    return f"no such socket; is the machine running, with {option}?" if option else ""


def _other_network(target: Address) -> str:
    """Return which machine listens on a port in another network of this host."""
    for machine in machines() if _is_here(target.host) else ():
        for door in machine.doors:
            if not machine.user and door.note.endswith(f":{target.port}"):
                return f"{Peer(machine.pid)} listens {door.note}"
    return ""
