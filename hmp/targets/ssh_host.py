"""The machines of another host, by a shell script that runs there."""

from __future__ import annotations

import re
from copy import copy
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.captured import CAPTURE, read_capture
from hmp.targets.discovery import FOREIGN, machines, machines_named
from hmp.targets.doors import GDB
from hmp.targets.processes import Host
from hmp.targets.ssh_address import destination, parse_host
from hmp.targets.ssh_master import master
from hmp.targets.ssh_refusal import look

if TYPE_CHECKING:
    from hmp.targets.discovery import RunningMachine
    from hmp.targets.doors import Door
    from hmp.targets.ssh_master import Master
    from hmp.targets.ssh_mux import Destination


_NAMES = 10
"""The most machines that an error names."""


class _Listing:
    """The processes and machines of a host; begun: when they were asked for."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.begun = 0.0
        self.host = Host([])
        self.machines: list[RunningMachine] = []


_listings: dict[Master, _Listing] = {}


def _listed(ssh: Master) -> _Listing:
    """Return the machines of a host; those who wait for their turn share the next list.

    Raises ConnectError.
    """
    asked = monotonic()
    # setdefault is atomic: the threads of a set may all want the same host
    listing = _listings.setdefault(ssh, _Listing())
    with listing.lock:
        if listing.begun < asked:
            begun = monotonic()
            listing.host = captured(ssh)
            listing.machines = machines(listing.host)
            listing.begun = begun
        return listing


def machine_destination(ssh: Master, name: str) -> Destination:
    """Return where the host's machine of a name listens. Raises ConnectError."""
    from hmp.targets.name_lookup import pick
    from hmp.targets.socket_target import parse_local

    listing = _listed(ssh)
    found, _ = machines_named(name, listing.machines)
    where = f"cannot connect to {ssh.host}:{name}"
    if not found:
        names = {m.name for m in listing.machines if m.name and not m.user}
        some = ", ".join(sorted(names)[:_NAMES])
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        known = f"; it has {some}{more}" if names else ""
        raise NotYetError(f"{where}: no QEMU of that name runs on {ssh.host}{known}")
    try:
        door = pick(name, found, here=False)
    except ValueError as error:
        raise ConnectError(f"{where}: {error}") from error
    if door.note == FOREIGN:
        raise ConnectError(f"{where}: {door.target} is another user's socket")
    if door.target.startswith("libvirt:"):
        raise ConnectError(
            f"{where}: libvirt holds it; try qemu+ssh://{ssh.host}/system/{name}"
        )
    if door.kind == GDB:
        door = copy(door)  # the list is of others, too
        from_here(door, f"{ssh.host}:")
        raise ConnectError(f"{where}: it has only a gdb server; try {door.target}")
    to = destination(parse_local(door.target))
    seen = to.port or listing.host.socket_owner(to.host) is not None
    if not seen and _is_foreign(ssh, to.host):
        raise ConnectError(f"{where}: {to.host} is another user's socket")
    return to


def captured(ssh: Master) -> Host:
    """Return the processes of the host that may be QEMUs. Raises ConnectError."""
    return read_capture(ssh.run(CAPTURE))


def machines_of(where: str, states: bool = False) -> list[RunningMachine]:
    """Return the machines of ``[USER@]HOST:``, with targets to type here.

    states: ask for theirs, too. Raises ValueError for what is not a host, ConnectError.
    """
    ssh = master(parse_host(where))
    found = machines(captured(ssh), versions=True)
    if states:
        from hmp.targets.run_states import ask
        from hmp.targets.ssh_states import FarHost

        ask(found, FarHost(ssh))
    for machine in found:
        for door in machine.doors:
            from_here(door, where)
    return found


def from_here(door: Door, where: str) -> None:
    """Rewrite the target of another host's door as it is typed here."""
    scheme, _, rest = door.target.partition(":")
    if scheme == "libvirt":
        door.target = f"qemu+ssh://{where[:-1]}/system/{rest}"
        return
    prefix, address = "", door.target
    if scheme in ("gdb", "qga", "telnet"):
        # no scheme is needed for telnet: a telnet server is recognised by what it sends
        # first
        prefix, address = f"{scheme}:".removeprefix("telnet:"), rest
    if address.startswith("/"):
        door.target = f"{prefix}{where}{address}"
    elif re.fullmatch(r"(\[.*\]|[^:]*):[0-9]+", address):
        door.target = f"{prefix}{where}tcp:{address}"
    elif door.target:
        door.note = f"{door.target} on that host"
        door.target = ""


def _is_foreign(ssh: Master, path: str) -> bool:
    """Whether a path of the host belongs to neither root nor the user who logged in."""
    user, *listed = look(ssh, path)
    words = listed[0].split() if listed else []
    return len(words) > 2 and words[2].isdecimal() and words[2] not in ("0", user)
