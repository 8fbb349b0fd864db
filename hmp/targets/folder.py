"""The folder from which a machine opens files."""

from __future__ import annotations

import os

from hmp.targets.socket_table import owners, tcp_ends, unix_ends
from hmp.targets.socket_target import HERE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hmp.qmp.connection import Connection


def working_folder(qmp: Connection) -> str | None:
    """Return the working folder of the process at the other end of a connection.

    That of this process if it is unknown; None if the machine is on another host.
    """
    target: Any = qmp.target
    while inner := getattr(target, "inner", None):
        target = inner  # a private monitor, or a human monitor on a socket
    if isinstance(path := getattr(target, "path", None), str):
        ends = unix_ends(path)
    elif host := getattr(target, "host", ""):
        if host not in HERE:
            return None
        ends = tcp_ends(target.port)
    elif hasattr(target, "local"):
        return "/" if target.local else None  # where libvirt starts QEMU
    else:
        return os.getcwd()
    # relative names begin there for QEMU, wherever this program was started
    for pid in owners(ends.listening).values():
        try:
            return os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            break
    return os.getcwd()
