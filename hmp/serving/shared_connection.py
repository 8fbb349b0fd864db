"""A machine that several monitors of this process share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hmp.machine import schema_types
from hmp.machine.control import check_cpu_index
from hmp.monitor.call import shown
from hmp.monitor.monitor import Monitor
from hmp.qapi import bind
from hmp.qmp import RUN_LINE
from hmp.qmp.local import LocalConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from hmp.machine.machine import EmbeddedMachine
    from hmp.monitor.entry import Table
    from hmp.qapi import Bound
    from hmp.serving.tasks import Tasks


class SharedConnection(LocalConnection):
    """A monitor's connection to the machine; closing it does not end the machine.

    As in QEMU, cancelling a line drops its commands' replies, but not the commands.
    """

    def __init__(self, machine: EmbeddedMachine, tasks: Tasks) -> None:
        super().__init__(machine)
        self._tasks = tasks

    async def _awaited(self, value: Coroutine[Any, Any, Any]) -> Any:
        return await asyncio.shield(self._tasks.start(value, "a command of a line"))

    def close(self) -> None:
        """Stop receiving the machine's events."""
        if self._event in self.machine.listeners:
            self.machine.listeners.remove(self._event)


def make_monitor(machine: EmbeddedMachine, table: Table, tasks: Tasks) -> Monitor:
    """Return a new human monitor on a machine, with its own state.

    tasks: runs the commands that have to be awaited.
    """
    return Monitor(SharedConnection(machine, tasks), table)


class HumanMonitorCommand:
    """The QMP command human-monitor-command, for a machine in an event loop.

    The machine's own implementation cannot wait, but a line may run QMP commands that are
    coroutines. table: returns the commands of the human monitor.
    """

    def __init__(
        self, machine: EmbeddedMachine, table: Callable[[], Table], tasks: Tasks
    ) -> None:
        self.machine = machine
        self.table = table
        self.tasks = tasks
        self._before: Bound | None = None

    def install(self) -> None:
        """Replace the machine's own implementation."""
        self._before = self.machine.commands[RUN_LINE]
        self.machine.commands |= bind(
            self.machine.schema,
            {"qmp_human_monitor_command": self._make()},
            types=schema_types,
            only=lambda command: command.name == RUN_LINE,
        )

    def remove(self) -> None:
        """Restore the machine's own implementation."""
        if self._before is not None:
            self.machine.commands[RUN_LINE] = self._before
            self._before = None

    def _make(self) -> Callable[..., object]:
        async def qmp_human_monitor_command(
            command_line: str, cpu_index: int | None = None
        ) -> str:
            """Run a line in a fresh monitor without state, as QEMU does."""
            check_cpu_index(cpu_index)
            monitor = make_monitor(self.machine, self.table(), self.tasks)
            try:
                call = await monitor.run(command_line)
                # as QEMU's monitor ends its lines
                return "" if call is None else shown(call).replace("\n", "\r\n")
            finally:
                monitor.qmp.close()

        return qmp_human_monitor_command
