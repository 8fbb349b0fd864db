"""Which QMP commands only read, judged by QEMU's naming of its commands.

For ``--read-only`` and ``explain``. An unknown command counts as one that changes.
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
    """Return whether a QMP command changes neither the machine nor its host."""
    return command in _NAMES or command.startswith(_PREFIXES)
