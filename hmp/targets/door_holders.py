"""Which clients hold the doors of this host's machines: QEMU serves one client at each."""

from __future__ import annotations

from hmp.targets.discovery import HELD
from hmp.targets.doors import HUMAN, QMP, SERIAL
from hmp.targets.socket_table import Ends, owners, tcp_ends, unix_ends, unix_sockets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hmp.targets.discovery import RunningMachine
    from hmp.targets.doors import Door
    from hmp.targets.socket_table import UnixSocket


def free_door(doors: Sequence[Door]) -> Door:
    """Return the first door, or the next that has no client, while the first has one."""
    first = doors[0]
    # a gdb server would pause the machine; another user's socket, by its note, is not safe
    kinds = first.kind, HUMAN if first.kind == QMP else ""
    others = [door for door in doors if door.kind in kinds and door.note == first.note]
    if len(others) > 1:
        sockets = unix_sockets()
        return next((d for d in others if not _ends(d, sockets).clients), first)
    return first


def free_target(machine: RunningMachine) -> str:
    """Return what to type to reach a machine that has a monitor within reach."""
    return free_door([d for d in machine.doors if d.target in machine.targets]).target


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
