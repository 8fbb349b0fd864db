"""Which processes and sockets are trusted: those of the caller and of root.

Any user can start a process that claims to be a QEMU of any name, and create a socket in
a directory that everyone can write to.
"""

from __future__ import annotations

import os
import re
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:/]*):(\d{1,5})")
_LISTENS = "0A"


def trusted(uid: int) -> bool:
    """Whether a user is the caller, or root."""
    return uid in (0, os.geteuid())


def process_owner(folder: str) -> int:
    """Return the owner of a process by its folder in ``/proc``; untrusted ones first.

    The folder's own owner is not enough: it is root for a process that is not dumpable.
    And the real user of a setuid program is the one who started it.
    Raises OSError when the process has ended.
    """
    try:
        with open(f"{folder}/status", encoding="ascii", errors="replace") as file:
            uids = [line.split()[1:5] for line in file if line.startswith("Uid:")]
    except FileNotFoundError:
        uids = []
    found = [int(uid) for uid in uids[0]] if uids else [os.stat(folder).st_uid]
    return next((uid for uid in found if not trusted(uid)), found[0])


def socket_owner(target: str, proc: str = "/proc") -> int | None:
    """Return the user who owns the socket of a local target; None if unknown."""
    match = _HOST_AND_PORT.fullmatch(target)
    if match:
        owners = list(_listeners(int(match[2]), proc))
        foreign = [uid for uid in owners if not trusted(uid)]
        return next(iter(foreign + owners), None)
    try:
        found = os.stat(target)
    except (OSError, ValueError):
        return None
    return found.st_uid if stat.S_ISSOCK(found.st_mode) else None


def _listeners(port: int, proc: str) -> Iterator[int]:
    """Yield the users that listen on a TCP port of this host."""
    for name in ("tcp", "tcp6"):
        try:
            with open(f"{proc}/net/{name}", encoding="ascii") as file:
                rows = [line.split() for line in file]
        except OSError:
            continue
        for row in rows[1:]:
            if row[3] == _LISTENS and int(row[1].rpartition(":")[2], 16) == port:
                yield int(row[7])


def is_foreign(target: str) -> bool:
    """Whether a local target is another user's socket."""
    owner = socket_owner(target)
    return owner is not None and not trusted(owner)


def user_name(uid: int) -> str:
    """Return the name of a user, or the number if it has no name."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
