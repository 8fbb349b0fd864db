"""A running machine's target by its name."""

from __future__ import annotations

from shlex import quote

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.discovery import FOREIGN, MONITORS, machines, machines_named
from hmp.targets.doors import AGENT
from hmp.targets.libvirt_target import find_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmp.targets.discovery import RunningMachine
    from hmp.targets.doors import Door
    from hmp.targets.processes import Host


class AmbiguousNameError(ValueError):
    """Several machines have the name, or the one that has it cannot be reached."""


def target_named(
    name: str, kinds: Sequence[str] = MONITORS, host: Host | None = None
) -> str:
    """Return the target of the caller's or root's machine that has a name.

    The name may be the one that the QEMU was started with, or one that its manager uses,
    such as Proxmox's number; a domain of libvirt that does not run has one, too. kinds: the
    doors to look for. host: as for `machines`.
    Raises AmbiguousNameError, ConnectError, NotYetError.
    """
    found = machines(host)
    known, others = machines_named(name, found)
    if known:
        door = pick(name, known, kinds, here=host is None)
        if door.note == FOREIGN:
            raise ConnectError(
                f"cannot connect to {name}: {door.target} is another user's socket"
            )
        return door.target
    if others:
        user, pid = others[0].user, others[0].pid
        reached = "".join(f"; its socket: {target}" for target in others[0].targets[:1])
        raise ConnectError(
            f"cannot connect to {name}: only your own and root's machines are found by"
            f" name, and process {pid} of user {user} calls itself so{reached}"
        )
    if host is None and find_domain(name) is not None:
        return f"qga:{name}" if kinds == (AGENT,) else f"libvirt:{name}"
    # the number that ps shows of a QEMU is easily taken for a name
    for machine in (m for m in found if str(m.pid) == name and m.targets and not m.user):
        raise ConnectError(
            f"cannot connect to {name}: that is the process of a QEMU;"
            f" try {quote(machine.name or machine.targets[0])}"
        )
    raise NotYetError(
        f"cannot connect to {name}: no such socket, configured target or running QEMU;"
        " see hmp --list"
    )


def pick(
    name: str,
    known: Sequence[RunningMachine],
    kinds: Sequence[str] = MONITORS,
    *,
    here: bool = True,
) -> Door:
    """Return the door to use of the only machine that has a name.

    It is another user's if the machine has nothing better. here: whether it runs on this
    host; of several doors of a kind, one without a client is chosen then. Raises
    AmbiguousNameError.
    """
    if len(known) > 1:
        # another user's socket under the same name must not make the name ambiguous
        known = [m for m in known if not _only_foreign(m, kinds)] or known
    if len(known) > 1:
        pids = ", ".join(str(machine.pid) for machine in known)
        raise AmbiguousNameError(f"several QEMUs are called '{name}': processes {pids}")
    found = [door for door in known[0].doors if door.kind in kinds]
    usable = [door for door in found if door.target and door.note != FOREIGN]
    usable += [door for door in found if door.note == FOREIGN]
    if here and len(usable) > 1:
        from hmp.targets.door_holders import free_door

        return free_door(usable)
    if usable:
        return usable[0]
    what = "guest agent" if kinds == (AGENT,) else "monitor"
    reason = f": {found[0].kind} {found[0].note}" if found else ""
    raise AmbiguousNameError(
        f"'{name}' is running but has no {what} that can be reached{reason}; see hmp --list"
    )


def _only_foreign(machine: RunningMachine, kinds: Sequence[str]) -> bool:
    notes = [d.note for d in machine.doors if d.target and d.kind in kinds]
    return bool(notes) and set(notes) == {FOREIGN}
