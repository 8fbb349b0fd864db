"""Which QMP commands only read, judged by QEMU's naming of its commands.

For ``--read-only`` and ``explain``. An unknown command counts as one that changes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_PREFIXES = (
    "query-",
    "x-query-",
    "qom-list",
    "x-debug-query-",
    "guest-get-",
    "guest-network-get-",
    "guest-sync",
)
_NAMES = frozenset(
    {
        "device-list-properties",
        "guest-exec-status",
        # closing and seeking change only the agent's own handle
        "guest-file-close",
        "guest-file-read",
        "guest-file-seek",
        "guest-fsfreeze-status",
        "guest-info",
        "guest-ping",
        "guest-ssh-get-authorized-keys",
        "qmp_capabilities",
        "qom-get",
        "trace-event-get-state",
        "x-accel-stats",
        "xen-event-list",
    }
)
_OPEN = "guest-file-open"
_READING = (None, "r", "rb")
"""The modes in which a file of the guest is opened for reading only."""


def only_reads(command: str, arguments: Mapping[str, Any] | None = None) -> bool:
    """Return whether a QMP command changes neither the machine nor its host."""
    if command == _OPEN and arguments is not None:
        return arguments.get("mode") in _READING
    return command in _NAMES or command.startswith(_PREFIXES)
