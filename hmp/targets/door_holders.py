"""Which clients hold the doors of this host's machines: QEMU serves one client at each."""

from __future__ import annotations

from hmp.targets.discovery import HELD, machines
from hmp.targets.doors import HUMAN, QMP, SERIAL
from hmp.targets.socket_table import Ends, owners, tcp_ends, unix_ends, unix_sockets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hmp.targets.discovery import RunningMachine
    from hmp.targets.doors import Door
    from hmp.targets.socket_table import UnixSocket


def free_door(doors: Sequence[Door], other: str = "") -> Door:
    """Return the first door, or the next that has no client, while the first has one.

    other: another kind of door that will do, too.
    """
    first = doors[0]
    # another user's socket, which a note tells, is not like one's own
    alike = [door for door in doors if door.note == first.note]
    alike = [door for door in alike if door.kind in (first.kind, other)]
    if len(alike) > 1:
        sockets = unix_sockets()
        return next((d for d in alike if not _ends(d, sockets).clients), first)
    return first


def free_target(machine: RunningMachine) -> str:
    """Return what to type to reach a machine that has a monitor within reach."""
    return free_door([d for d in machine.doors if d.target in machine.targets]).target


def free_human_monitor(target: str) -> str:
    """Return the free human monitor of a machine whose QMP socket has a client.

    target: the QMP socket. Empty if that is free, or no human monitor is.
    """
    for machine in machines():
        qmp = [d for d in machine.doors if d.kind == QMP and d.target == target]
        human = [d for d in machine.doors if d.kind == HUMAN and d.target]
        if qmp and human:
            door = free_door([*qmp, *human], HUMAN)
            return door.target if door.kind == HUMAN else ""
    return ""


def note_holders(machines: Iterable[RunningMachine]) -> None:
    """Note at each door which client holds it, unless a note says something else."""
    sockets = unix_sockets()
    held: dict[Door, Ends] = {}
    for machine in machines:
        for door in machine.doors:
            if door.target and not door.note and door.kind != SERIAL:
                ends = _ends(door, sockets)
                if ends.clients:
                    held[door] = ends
    if not held:
        return
    from hmp.targets.peers import holder

    found = owners([inode for ends in held.values() for inode in ends.clients])
    for door, ends in held.items():
        door.note = f"{HELD} {holder(ends, found)}"


def _ends(door: Door, sockets: Sequence[UnixSocket]) -> Ends:
    scheme, _, rest = door.target.partition(":")
    where = rest if scheme in ("gdb", "qga", "telnet", "unix") else door.target
    if where.startswith(("/", "@")):
        path = f"\0{where[1:]}" if where[0] == "@" else where
        return unix_ends(path, sockets)
    port = where.rpartition(":")[2]
    return tcp_ends(int(port)) if port.isdecimal() else Ends()
