"""The QEMUs, storage daemons and guest agents that run on a host, and how to reach them.

What a process says of itself is only its command line. A name counts when the process is
the caller's or root's, or libvirt's and libvirt confirms it; any other process is shown
with its user.
"""

from __future__ import annotations

import re

from hmp.targets.doors import AGENT, GDB, HUMAN, ON_PTY, QMP, SERIAL, Door, doors
from hmp.targets.managers import manager_of
from hmp.targets.processes import this_host
from hmp.targets.qemu_options import (
    read_agent_options,
    read_daemon_options,
    read_options,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from hmp.targets.processes import Host, Process
    from hmp.targets.qemu_options import Setting

RUNNING = "running"
FOREIGN = "another user's"
HELD = "held by"
MONITORS = (QMP, HUMAN, GDB)
"""The kinds of doors that a machine's monitor has."""
_ORDER = (*MONITORS, AGENT, SERIAL)
"""The kinds of doors, the preferred ones first."""
LIBVIRT = "libvirt"
_LIBVIRT_MONITOR = "charmonitor"
# where libvirt keeps a domain's monitor: /var/lib/libvirt/qemu/domain-1-NAME/monitor.sock
_LIBVIRT_SOCKET = r".*/domain-[^/]+/monitor\.sock"
_WITHOUT_GUEST = ("qemu-storage-daemon", "qemu-ga")
"""The programs that run no machine, and so have no state but their process's."""
_HOLDERS = ("incus", "LXD", "kata")
"""The managers, besides libvirt, that are connected to the monitor all the time."""


class RunningMachine:
    """A running machine, storage daemon or agent.

    names: its own name and the one that its manager uses, if it has any. doors: the best
    first. manager: empty if unknown. user: the owner, if that is neither the caller nor
    root: then the names count for nothing. process_state: running, stopped, traced or
    ended. run_state: the machine's own; empty until `hmp.targets.run_states` has asked.
    """

    __slots__ = (
        "doors",
        "manager",
        "names",
        "pid",
        "process_state",
        "program",
        "run_state",
        "user",
        "version",
    )

    def __init__(
        self,
        pid: int,
        names: Sequence[str] = (),
        doors: Sequence[Door] = (),
        program: str = "",
        version: str = "",
        process_state: str = RUNNING,
        manager: str = "",
        user: str = "",
    ) -> None:
        self.pid = pid
        self.names = tuple(names)
        self.doors = doors
        self.program = program
        self.version = version
        self.process_state = process_state
        self.run_state = ""
        self.manager = manager
        self.user = user

    @property
    def name(self) -> str:
        """Its name; empty if it has none."""
        return self.names[0] if self.names else ""

    @property
    def state(self) -> str:
        """Its process's state, or that of the machine in it; empty if unknown."""
        if self.process_state != RUNNING or self.program in _WITHOUT_GUEST:
            return self.process_state
        return self.run_state

    @property
    def qmp_target(self) -> str:
        """What to type to reach its QMP; empty if it has none, or runs no guest."""
        ways = (d.target for d in self.doors if d.target and d.kind == QMP)
        return "" if self.program in _WITHOUT_GUEST else next(ways, "")

    @property
    def targets(self) -> tuple[str, ...]:
        """What to type to reach its monitor; the best first."""
        return tuple(d.target for d in self.doors if d.target and d.kind in MONITORS)


def machines(host: Host | None = None, versions: bool = False) -> list[RunningMachine]:
    """Return all machines of a host, or of this one, other users' included.

    versions: find these out, too, which takes some milliseconds a program.
    """
    host = host or this_host()
    found = [machine_of(host, process, versions) for process in host.processes]
    _close_replaced(host, found)
    return found


def _close_replaced(host: Host, found: Sequence[RunningMachine]) -> None:
    """Close the doors whose socket another QEMU replaced: they would lead to that one."""
    claims: dict[str, list[tuple[RunningMachine, Door]]] = {}
    for machine in found:
        for door in machine.doors:
            if door.path and door.target:
                claims.setdefault(door.target, []).append((machine, door))
    for target, claimed in claims.items():
        pids = [machine.pid for machine, _ in claimed]
        # a look at the socket itself, only where several processes claim its path
        owner = host.listener(_address(target)) if len({*pids}) > 1 else 0
        for machine, door in claimed:
            if owner in pids and machine.pid != owner:
                door.target = ""
                door.note = f"at {door.path}, which process {owner} has taken over"


def as_json(machine: RunningMachine) -> dict[str, Any]:
    """Return a machine as one JSON object."""
    return {
        "pid": machine.pid,
        "name": machine.name or None,
        "names": list(machine.names),
        "state": machine.state or None,
        "program": machine.program,
        "version": machine.version or None,
        "manager": machine.manager or None,
        "user": machine.user or None,
        # a script would connect to it without looking whose it is
        "target": None if machine.user else next(iter(machine.targets), None),
        "doors": [
            {"kind": door.kind, "target": door.target or None, "note": door.note or None}
            for door in machine.doors
            if door.kind != SERIAL
        ],
    }


def machines_named(
    name: str, found: Iterable[RunningMachine]
) -> tuple[list[RunningMachine], list[RunningMachine]]:
    """Return the machines that have a name, and other users' that claim it.

    A name that a QEMU was started with goes before those that managers use.
    """
    claimed = [m for m in found if name in m.names]
    known = [m for m in claimed if not m.user]
    return [m for m in known if m.name == name] or known, [m for m in claimed if m.user]


def machine_of(host: Host, process: Process, versions: bool = False) -> RunningMachine:
    """Return the machine that a process is, or claims to be; see `machines`."""
    user = next((uid for uid in process.users if not host.trusted(uid)), None)
    # another user's process could name any file with -readconfig
    settings = _settings(process, files=user is None)
    found = list(_doors(process, settings))
    name, number = _name(settings)
    manager, alias = _manager(process, settings, found)
    if manager == LIBVIRT and name:
        found = [_through_libvirt(process, door, name) for door in found]
        # libvirt runs QEMU as a user of its own; root's pid file says that it is libvirt's
        if user is not None and host.vouched(name, process.pid):
            user = None
    for door in found:
        _note(host, process, door, manager)
    return RunningMachine(
        process.pid,
        [*dict.fromkeys(filter(None, (name, number, alias)))],
        sorted(found, key=_rank),
        process.program,
        process.version() if versions and user is None else "",
        process.state,
        manager,
        "" if user is None else host.user_name(user),
    )


def _rank(door: Door) -> tuple[bool, bool, int]:
    """Return the place of a door: the best first, closed ones last."""
    return not door.target, door.note.startswith(HELD), _ORDER.index(door.kind)


def _settings(process: Process, files: bool) -> list[Setting]:
    """Return the options that a process was started with.

    files: whether to read those that -readconfig names.
    """
    if process.program == "qemu-ga":
        return [("agent", read_agent_options(process.arguments))]
    if process.program == "qemu-storage-daemon":
        return read_daemon_options(process.arguments)
    return read_options(process.arguments, process.read_file if files else _unread)


def _unread(path: str) -> None:
    """Read nothing, since the process and its files are not trusted."""


def _doors(process: Process, settings: Sequence[Setting]) -> Iterator[Door]:
    """Yield the doors, with the paths of pseudo-terminals where they are certain."""
    found = list(doors(settings, process.folder))
    on_ptys = [door for door in found if door.note == ON_PTY]
    terminals = process.terminals() if on_ptys else []
    # the options do not say which of several terminals belongs to which door
    if len(on_ptys) == len(terminals) == 1:
        on_ptys[0].target, on_ptys[0].note = terminals[0], ""
    yield from found


def _name(settings: Iterable[Setting]) -> tuple[str, str]:
    """Return a machine's name, and the number that Proxmox gives it; each may be empty."""
    name = number = ""
    for group, values in settings:
        if group == "name":
            name = values.get("guest", name)
        elif group == "id":  # Proxmox's
            number = values.get("", "")
    return name, number


def _manager(
    process: Process, settings: Sequence[Setting], found: Iterable[Door]
) -> tuple[str, str]:
    """Return the manager of a machine, and the manager's name for it."""
    for group, values in settings:
        # libvirt always gives its monitor this id, wherever it keeps the socket
        if group == "chardev" and values.get("id") == _LIBVIRT_MONITOR:
            return LIBVIRT, ""
    places = [door.path for door in found if door.path]
    places += [
        values.get("", "")
        for group, values in settings
        if group in ("readconfig", "pidfile")
    ]
    return manager_of([*places, f"{process.folder}/"])


def _through_libvirt(process: Process, door: Door, name: str) -> Door:
    """Return the way through libvirt instead of a socket that it holds."""
    # libvirt passes the monitor's socket as a descriptor, or puts it in a folder of its own
    held = not door.target or re.fullmatch(_LIBVIRT_SOCKET, door.path)
    if not held or door.kind not in (QMP, AGENT):
        return door
    if process.contained:
        return Door(door.kind, "", f"{HELD} a libvirt in its own container")
    scheme = "libvirt" if door.kind == QMP else "qga"
    return Door(door.kind, f"{scheme}:{name}", f"{HELD} {LIBVIRT}")


def _note(host: Host, process: Process, door: Door, manager: str) -> None:
    """Rewrite the door as seen from outside its process, and note what is special."""
    if not door.target:
        return
    if door.path:
        reached = process.reachable(door.path)
        door.target = door.target.removesuffix(door.path) + reached
    elif process.other_network and not door.target.startswith(("/", "libvirt:", "qga:")):
        door.note = f"in another network: nsenter -t {process.pid} -n hmp {door.target}"
        door.target = ""
        return
    if _is_foreign(host, _address(door.target)):
        door.note = FOREIGN
    elif door.kind == QMP and manager in _HOLDERS:
        door.note = f"{HELD} {manager}"


def _is_foreign(host: Host, address: str) -> bool:
    """Return whether a socket is another user's, and so cannot be trusted."""
    owner = host.socket_owner(address)
    return owner is not None and not host.trusted(owner)


def _address(target: str) -> str:
    """Return the socket of a target, without the prefix that selects its kind."""
    scheme, colon, rest = target.partition(":")
    return rest if colon and scheme in ("gdb", "qga", "telnet", "unix") else target
