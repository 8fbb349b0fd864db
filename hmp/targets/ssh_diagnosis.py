"""Why a socket of another host does not answer, by what that host says of its processes."""

from __future__ import annotations

import os
import re
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from hmp.display.sanitise import one_line
from hmp.qmp.errors import ConnectError
from hmp.targets.diagnosis import door_of, held_by, is_wrong
from hmp.targets.discovery import LIBVIRT, machines
from hmp.targets.doors import AGENT, SERIAL
from hmp.targets.ssh_host import captured, from_here
from hmp.targets.ssh_refusal import FIND_PATH

if TYPE_CHECKING:
    from hmp.targets.discovery import RunningMachine
    from hmp.targets.doors import Door
    from hmp.targets.ssh_master import Master
    from hmp.targets.ssh_mux import Destination

# /proc/net/unix has the server's end of each connection, and only `ss` knows the other one:
# on a host without `ss`, who holds the socket remains unknown.
_UNIX_ENDS = rf"""{FIND_PATH}
while read -r number count protocol flags type state inode path
do if listens
then found=$inode
elif [ "$flags $state $path" = "00000000 03 $p" ]
then ends="$ends $inode"
fi
done </proc/net/unix
for end in $ends
do client=$(ss -xn 2>/dev/null |
sed -n "s/.* $end  *[*] \([1-9][0-9]*\).*/\1/p" | head -n 1)
[ "$client" ] && held=$client
done
"""
_TCP_ENDS = r"""
p=$(cat)
t=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
while read -r number here there state queues timer retries user timeout inode rest
do case "$state $here $inode" in
"0A "*":$p "*) found=$inode;;
"01 "*" 0") ;;
"01 "*":$p "*) held=unknown; ends="$there $here";;
esac
done <<END
$t
END
while read -r number here there state queues timer retries user timeout inode rest
do [ "$here $there" = "$ends" ] && held=$inode
done <<END
$t
END
"""
_OWNERS = r"""
say() {
echo "$1 ${d#/proc/} $(sed -n "s/^State:[^A-Za-z]*\(.\).*/\1/p" $d/status) $(cat $d/comm)"
}
ls -l /proc/[0-9]*/fd 2>/dev/null | while read -r line
do case "$line" in
/proc/*) d=${line%/fd:};;
*"socket:[$found]") say server;;
*"socket:[$held]") say client;;
esac
done
[ "$held" ] && echo held
true
"""
"""Prints the processes whose sockets have the numbers ``found`` and ``held``."""
_ANSWER_LIMIT = 5.0


class _Process(NamedTuple):
    """A process of the host; name: its program's."""

    pid: int
    state: str
    name: str


def why_silent(ssh: Master, to: Destination, wanted: str) -> str:
    """Return why a server that lets us in does not answer; empty if that is unknown.

    wanted: see `StreamTarget.diagnosed`.
    """
    try:
        server, client, held = _ends(ssh, to)
        listed = machines(captured(ssh)) if server else []
    except ConnectError:
        return f"{ssh.host} does not answer any more"
    if server is None:
        return ""
    machine = next((m for m in listed if m.pid == server.pid), None)
    who = _called(ssh, server, machine)
    if server.state in "Tt":
        return f"{who} is stopped; resume it there with: kill -CONT {server.pid}"
    # HOST: and HOST:PATH have no place for a port of ssh's own, so none can be suggested
    short = "HOST" if ssh.host.port else str(ssh.host)
    see = f"hmp --list {short}: shows what can be reached"
    if machine is None:
        return "" if wanted == AGENT else f"{who} listens there, which is not a QEMU; {see}"
    door = next((door for door in machine.doors if _leads(door, to)), None)
    others = _others(ssh, machine, door)
    if is_wrong(door, wanted):
        right = [door.target] if door.kind != SERIAL and not ssh.host.port else others
        instead = f"try {quote(right[0])}" if right else see
        return f"{door_of(door, who)}; {instead}"
    if not held:
        return ""
    if machine.manager == LIBVIRT and others:
        return f"libvirt holds it; try {quote(others[0])}"
    return held_by(_called(ssh, client, None) if client else "another client", others)


def _ends(ssh: Master, to: Destination) -> tuple[_Process | None, _Process | None, bool]:
    """Return who listens, who is connected, and whether anyone is. Raises ConnectError."""
    ends, data = (_TCP_ENDS, b"%04X" % to.port) if to.port else (_UNIX_ENDS, None)
    output = ssh.run(ends + _OWNERS, data or os.fsencode(to.host), _ANSWER_LIMIT)
    lines = output.decode(errors="replace").splitlines()
    found: dict[str, _Process] = {}
    for line in lines:
        if match := re.fullmatch(r"(server|client) ([0-9]+) ([A-Za-z]) (.*)", line):
            found.setdefault(match[1], _Process(int(match[2]), match[3], match[4]))
    return found.get("server"), found.get("client"), "held" in lines


def _called(ssh: Master, process: _Process, machine: RunningMachine | None) -> str:
    if machine is None:
        name = one_line(process.name)
    else:
        name = f"QEMU '{one_line(machine.name)}'" if machine.name else "QEMU"
    return f"{name} (process {process.pid}) on {ssh.host}"


def _leads(door: Door, to: Destination) -> bool:
    """Whether a door of the host is the one that was tried."""
    if to.port:
        return not door.path and door.target.endswith(f":{to.port}")
    return to.host in (door.path, door.target)


def _others(ssh: Master, machine: RunningMachine, door: Door | None) -> list[str]:
    """Return a machine's other targets, as they are typed here; of another user's, none."""
    if machine.user or ssh.host.port:  # only ssh:// has ports
        return []
    for known in machine.doors:
        from_here(known, f"{ssh.host}:")
    return [t for t in machine.targets if door is None or t != door.target]
