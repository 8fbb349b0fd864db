"""What a host can say about its machines, by shell scripts that run there."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.captured import CAPTURE, read_capture
from hmp.targets.discovery import FOREIGN, machines, machines_named
from hmp.targets.doors import GDB
from hmp.targets.ssh_mux import Destination

if TYPE_CHECKING:
    from hmp.targets.discovery import RunningMachine
    from hmp.targets.doors import Door
    from hmp.targets.processes import Host
    from hmp.targets.ssh_master import Master

FIND_PATH = r"""
LC_ALL=C; export LC_ALL
p=$(cat; echo .); p=${p%.}
r=$(readlink -f -- "$p" 2>/dev/null)
listens() {
case "$flags $path" in
"00010000 $p"|"00010000 $r") return 0;;
"00010000 "/*) return 1;;
"00010000 "*) [ "${path##*/}" = "${p##*/}" ];;
*) return 1;;
esac
}
"""
"""Reads the path on standard input. ``listens`` is for an entry of ``/proc/net/unix``.

There, a path is as the server gave it, and so may be relative.
"""

_LOOK = rf"""{FIND_PATH}
id -u
ls -ldnL -- "$p" 2>&1 | head -n 1
[ -w "$p" ] && echo writable
[ -r /proc/net/unix ] && while read -r number count protocol flags type state inode path
do listens && echo listens
done </proc/net/unix
"""
"""Prints who asks, and a line of ``ls`` for the path."""


def explain(ssh: Master, to: Destination, name: str, refusal: str) -> ConnectError:
    """Return why the host does not open a socket; refusal: ssh's message."""
    where = f"cannot connect to {name}"
    if "prohibited" in refusal and to.port:
        return ConnectError(f"{where}: the ssh server of {ssh.host} forbids forwarding")
    if to.port:
        # "Connection failed: Connection refused": the second half says it all
        reason = refusal.partition(": ")[2] or refusal
        return NotYetError(f"{where}: {reason.lower()}")
    try:
        lines = _look(ssh, to.host)
    except ConnectError as error:
        return ConnectError(f"{where}: {refusal}; {error}")
    return _path_problem(ssh, to.host, where, lines)


def _path_problem(ssh: Master, path: str, where: str, lines: list[str]) -> ConnectError:
    """Return the error for a socket, by the output of `_LOOK`."""
    listed = lines[1] if len(lines) > 1 else ""
    if "No such file" in listed:
        return NotYetError(
            f"{where}: no such socket on {ssh.host}; is the machine running, with"
            f" -qmp unix:{path},server=on,wait=off?"
        )
    if "Permission denied" in listed:
        return _denied(ssh, where)
    if not listed.startswith("s"):
        return ConnectError(f"{where}: not a socket")
    if "writable" not in lines[2:]:
        return _denied(ssh, where)
    if "listens" not in lines[2:]:
        return NotYetError(f"{where}: connection refused; the QEMU has probably exited")
    # the server may also have begun to listen after the refusal
    return NotYetError(
        f"{where}: refused; too many clients wait there, or the ssh server of {ssh.host}"
        " forbids forwarding (AllowStreamLocalForwarding)"
    )


def _denied(ssh: Master, where: str) -> ConnectError:
    return ConnectError(
        f"{where}: permission denied on {ssh.host}; log in as the user that QEMU runs as"
    )


def _look(ssh: Master, path: str) -> list[str]:
    """Return the lines that `_LOOK` prints about a path. Raises ConnectError."""
    return ssh.run(_LOOK, os.fsencode(path)).decode(errors="replace").splitlines()


def machine_destination(ssh: Master, name: str) -> Destination:
    """Return where the host's machine of a name listens. Raises ConnectError."""
    from hmp.targets.name_lookup import pick
    from hmp.targets.socket_target import parse_local
    from hmp.targets.ssh_target import destination

    listed = machines(captured(ssh))
    found, _ = machines_named(name, listed)
    where = f"cannot connect to {ssh.host}:{name}"
    if not found:
        names = ", ".join(sorted({m.name for m in listed if m.name and not m.user}))
        known = f"; it has {names}" if names else ""
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
        from_here(door, f"{ssh.host}:")
        raise ConnectError(f"{where}: it has only a gdb server; try {door.target}")
    to = destination(parse_local(door.target))
    if not to.port and _is_foreign(ssh, to.host):
        raise ConnectError(f"{where}: {to.host} is another user's socket")
    return to


def captured(ssh: Master) -> Host:
    """Return the processes of the host that may be QEMUs. Raises ConnectError."""
    return read_capture(ssh.run(CAPTURE))


def machines_of(where: str, states: bool = False) -> list[RunningMachine]:
    """Return the machines of ``[USER@]HOST:``, with targets to type here.

    states: ask for theirs, too. Raises ValueError for what is not a host, ConnectError.
    """
    from hmp.targets.ssh_master import master
    from hmp.targets.ssh_target import parse_host

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
    """Change a door of another host to the way from here."""
    scheme, _, rest = door.target.partition(":")
    if scheme == "libvirt":
        door.target = f"qemu+ssh://{where[:-1]}/system/{rest}"
        return
    prefix, address = "", door.target
    if scheme in ("gdb", "qga", "telnet"):
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
    user, *listed = _look(ssh, path)
    words = listed[0].split() if listed else []
    return len(words) > 2 and words[2].isdecimal() and words[2] not in ("0", user)
