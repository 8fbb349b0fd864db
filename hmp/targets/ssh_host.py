"""What a host can say about its machines, by a shell script that runs there.

Its processes become a folder that looks like ``/proc``, so that `hmp.targets.discovery`
reads them as it reads ours.
"""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.ssh_mux import Destination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hmp.targets.ssh_master import Master

_LOOK = r"""
LC_ALL=C; export LC_ALL
p=$(cat; echo .); p=${p%.}
id -u
ls -ldn -- "$p" 2>&1 | head -n 1
[ -w "$p" ] && echo writable
[ -r /proc/net/unix ] && while read -r number count protocol flags type state inode path
do [ "${path##*/}" = "${p##*/}" ] && [ "$flags" = 00010000 ] && echo listens
done </proc/net/unix
"""
"""Prints who asks, and a line of ``ls`` for the path on standard input."""

_PROCESSES = r"""
LC_ALL=C; export LC_ALL
hex() { od -An -v -tx1 | tr -d " \n"; echo; }
echo "user $(id -u)"
cd /proc || exit
for p in $(grep -lae qemu -e kvm [0-9]*/cmdline 2>/dev/null)
do p=${p%/cmdline}
echo "process $p"
echo "status $(grep ^Uid: $p/status | hex)"
echo "cmdline $(hex <$p/cmdline)"
echo "cwd $(readlink $p/cwd | hex)"
done 2>/dev/null
"""
"""Prints what `_write_processes` reads; a process cannot put words of its own into it."""

_ROOT = 0
_OTHER = 2**31 - 1
"""A user who is neither we nor root."""


def explain(ssh: Master, to: Destination, name: str, refusal: str) -> ConnectError:
    """Return why the host does not open a socket; refusal: what ssh says."""
    where = f"cannot connect to {name}"
    if "prohibited" in refusal and to.port:
        return ConnectError(f"{where}: the ssh server of {ssh.host} forbids forwarding")
    if to.port:
        reason = refusal.partition(": ")[2] or refusal
        return NotYetError(f"{where}: {reason.lower()}")
    try:
        lines = _look(ssh, to.host)
    except ConnectError as error:
        return ConnectError(f"{where}: {refusal}; {error}")
    return _path_problem(ssh, to.host, where, lines)


def _path_problem(ssh: Master, path: str, where: str, lines: list[str]) -> ConnectError:
    """Return the error for a socket, by what `_LOOK` printed."""
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
    return ConnectError(
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
    from hmp.targets.discovery import running_machines
    from hmp.targets.socket_target import parse_local
    from hmp.targets.ssh_target import destination

    with tempfile.TemporaryDirectory(prefix="hmp-") as proc:
        _write_processes(proc, ssh.run(_PROCESSES))
        machines = running_machines(proc)
    found = [machine for machine in machines if machine.name == name]
    where = f"cannot connect to {ssh.host}:{name}"
    if not found:
        names = ", ".join(sorted({machine.name for machine in machines if machine.name}))
        known = f"; it has {names}" if names else ""
        raise NotYetError(f"{where}: no QEMU of that name runs on {ssh.host}{known}")
    if len(found) > 1:
        pids = ", ".join(str(machine.pid) for machine in found)
        raise ConnectError(f"{where}: several QEMUs are called '{name}': processes {pids}")
    if not found[0].targets:
        raise ConnectError(f"{where}: it is running but has no QMP socket")
    to = destination(parse_local(found[0].targets[0]))
    if not to.port and _is_foreign(ssh, to.host):
        raise ConnectError(f"{where}: {to.host} is another user's socket")
    return to


def _is_foreign(ssh: Master, path: str) -> bool:
    """Whether a path of the host belongs to neither root nor the user who logged in."""
    user, *listed = _look(ssh, path)
    words = listed[0].split() if listed else []
    return len(words) > 2 and words[2].isdecimal() and words[2] not in ("0", user)


def _write_processes(folder: str, data: bytes) -> None:
    """Write what `_PROCESSES` printed as files under a folder."""
    user, here = -1, ""
    for kind, value in _entries(data):
        if kind == "user" and value.isdecimal():
            user = int(value)
        elif kind == "process" and value.isdecimal():
            here = f"{folder}/{value}"
            os.mkdir(here)
        elif here and kind in ("status", "cmdline", "cwd"):
            content = bytes.fromhex(value)
            if kind == "cwd":
                os.symlink(content.removesuffix(b"\n") or b"/", f"{here}/cwd")
                continue
            if kind == "status":
                content = _as_ours(content, user)
            with open(f"{here}/{kind}", "wb") as file:
                file.write(content)


def _entries(data: bytes) -> Iterator[tuple[str, str]]:
    for line in data.decode("ascii", "replace").splitlines():
        kind, _, value = line.partition(" ")
        yield kind, value


def _as_ours(status: bytes, user: int) -> bytes:
    """Return a line of user ids in which the host's user is the one here."""
    known = {_ROOT: _ROOT, user: os.geteuid()}
    uids = [known.get(int(uid), _OTHER) for uid in status.split()[1:] if uid.isdigit()]
    return b"Uid:\t" + b"\t".join(b"%d" % uid for uid in uids) + b"\n"
