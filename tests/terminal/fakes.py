"""Stand-ins for the terminal tests."""

from __future__ import annotations

from hmp.builtin import load_tables
from hmp.monitor.monitor import Monitor
from hmp.qmp.connection import Connection


class NoMachine(Connection):
    """A connection that nobody asks anything of."""

    version = (0, 0, 0)
    has_hmp = False


def idle_monitor() -> Monitor:
    """Return a monitor with the real tables and no machine."""
    return Monitor(NoMachine(), load_tables())
