"""Which QMP commands only read: told by their names, as QEMU gives them.

For ``--read-only`` and ``explain``. What is not known to read is taken to change.
"""

from __future__ import annotations

_PREFIXES = ("query-", "x-query-", "qom-list", "x-debug-query-")
_NAMES = frozenset(
    {
        "device-list-properties",
        "qmp_capabilities",
        "qom-get",
        "trace-event-get-state",
        "x-accel-stats",
        "xen-event-list",
    }
)


def only_reads(command: str) -> bool:
    """Return whether a QMP command leaves the machine, and its host, as they are."""
    return command in _NAMES or command.startswith(_PREFIXES)
