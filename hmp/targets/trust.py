"""Which processes and sockets are trusted: those of the caller and of root.

Any user can start a process that claims to be a QEMU of any name, and create a socket in
a directory that everyone can write to.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Ports = Mapping[int, list[int]]

_HOST_AND_PORT = r"(\[[^\]]*\]|[^:/]*):(\d{1,5})"
_LISTENS = "0A"


def trusted(uid: int) -> bool:
    """Whether a user is the caller, or root."""
    return uid in (0, os.geteuid())


def socket_owner(target: str, ports: Ports | None = None) -> int | None:
    """Return the user who owns the socket of a local target; None if unknown.

    ports: what `listeners` returned, to ask for several targets.
    """
    import re

    match = re.fullmatch(_HOST_AND_PORT, target)
    if match:
        owners = (listeners() if ports is None else ports).get(int(match[2]), [])
        # a port on which several users listen is as bad as the worst of them
        foreign = [uid for uid in owners if not trusted(uid)]
        return next(iter(foreign + owners), None)
    try:
        found = os.stat(target)
    except (OSError, ValueError):
        return None
    return found.st_uid if stat.S_ISSOCK(found.st_mode) else None


def listeners(proc: str = "/proc") -> dict[int, list[int]]:
    """Return the users that listen on each TCP port of this host."""
    found: dict[int, list[int]] = {}
    for name in ("tcp", "tcp6"):
        try:
            with open(f"{proc}/net/{name}", encoding="utf-8") as file:
                rows = [line.split() for line in file]
        except OSError:
            continue  # tcp6 is missing from a kernel without IPv6
        for row in rows[1:]:
            if row[3] == _LISTENS:
                port = int(row[1].rpartition(":")[2], 16)
                found.setdefault(port, []).append(int(row[7]))
    return found


def user_name(uid: int) -> str:
    """Return the name of a user, or the number if it has no name."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
