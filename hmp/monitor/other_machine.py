"""Another machine than the monitor's own, for a line that concerns two."""

from __future__ import annotations

from contextlib import asynccontextmanager

from hmp.monitor.errors import CommandFailedError
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import MachineGoneError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@asynccontextmanager
async def other_machine(mon: Monitor, target: str) -> AsyncGenerator[Monitor]:
    """Within the block, a monitor on a TARGET, read-only if `mon` is.

    Raises CommandFailedError if it cannot be reached.
    """
    if mon.reach is None:
        raise CommandFailedError("Error: other machines cannot be reached from here\n")
    try:
        connections, read_only = await mon.reach(target)
    except (MachineGoneError, ValueError) as error:
        raise CommandFailedError(f"Error: {error}\n", str(error)) from error
    try:
        yield Monitor(connections[0], mon.commands, read_only=read_only or mon.read_only)
    finally:
        for connection in connections:
            connection.close()
