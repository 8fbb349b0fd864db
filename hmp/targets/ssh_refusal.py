"""Why a host does not open a socket to us, by a shell script that looks there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.socket_target import REFUSED

if TYPE_CHECKING:
    from hmp.targets.ssh_master import Master
    from hmp.targets.ssh_mux import Destination

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
        lines = look(ssh, to.host)
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
        return NotYetError(f"{where}: {REFUSED}")
    # the server may also have begun to listen after the refusal
    return NotYetError(
        f"{where}: refused; too many clients wait there, or the ssh server of {ssh.host}"
        " forbids forwarding (AllowStreamLocalForwarding)"
    )


def _denied(ssh: Master, where: str) -> ConnectError:
    return ConnectError(
        f"{where}: permission denied on {ssh.host}; log in as the user that QEMU runs as"
    )


def look(ssh: Master, path: str) -> list[str]:
    """Return the lines that `_LOOK` prints about a path. Raises ConnectError."""
    return ssh.run(_LOOK, os.fsencode(path)).decode(errors="replace").splitlines()
