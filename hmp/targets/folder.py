"""The folder from which a machine opens files."""

from __future__ import annotations

import os

from hmp.targets.socket_table import owners, unix_ends

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.qmp.connection import Connection

_HERE = ("localhost", "127.0.0.1", "::1")


def working_folder(qmp: Connection) -> str | None:
    """Return the working folder of the process at the other end of a connection.

    That of this process if it is unknown; None if the machine is on another host.
    """
    path = getattr(qmp.target, "path", None)
    host = getattr(qmp.target, "host", None)
    if not isinstance(path, str):
        return None if host is not None and host not in _HERE else os.getcwd()
    # relative names begin there for QEMU, wherever this program was started
    for pid in owners(unix_ends(path).listening).values():
        try:
            return os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            break
    return os.getcwd()
