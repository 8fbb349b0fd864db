"""The connection of a session on a set: all connections together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import sleep

from hmp.fleet.fleet_event_log import FleetEventLog
from hmp.frontends.in_thread import in_thread
from hmp.monitor.guards import reads
from hmp.qmp.connection import Connection
from hmp.qmp.errors import MachineGoneError, QMPError
from hmp.qmp.exchange import without_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any

    from hmp.fleet.fleet_monitor import FleetMonitor
    from hmp.qmp.exchange import Message, Trace


class FleetConnection(Connection):
    """The connections of a set, for what concerns no machine in particular.

    Help and the like are asked of the first connected machine, which only reads. fd:
    is readable when any machine has sent something while the loop does not run; -1 if it
    always runs. drive: runs the loop until a coroutine is done. arrival: set when a machine
    has sent an event.
    """

    needs_loop = True
    trusted = True  # the machine's own monitor has checked the reply
    door = "a set of machines"

    def __init__(
        self,
        fd: int = -1,
        drive: Callable[[Coroutine[Any, Any, None]], object] = lambda coroutine: None,
    ) -> None:
        self.fd = fd
        self.drive = drive
        self.fleet: FleetMonitor | None = None
        self.arrival = asyncio.Event()
        self.trace: Trace | None = None
        self.on_event = lambda event: None

    @property
    def _lead(self) -> Connection | None:
        """The first connected machine."""
        lead = self.fleet.lead if self.fleet is not None else None
        return lead.qmp if lead is not None else None

    @property
    def version(self) -> tuple[int, int, int]:  # type: ignore[override] # a constant there
        """The version of the first connected machine."""
        return self._lead.version if self._lead is not None else (0, 0, 0)

    @property
    def has_hmp(self) -> bool:  # type: ignore[override] # it is a constant there
        """Whether the first connected machine has its own human monitor."""
        # without any machine, all that may work is offered
        return self._lead is None or self._lead.has_hmp

    async def adopt(self) -> Connection:
        """Connect to all machines, and give them a moment to answer.

        Raises MachineGoneError if none can be reached.
        """
        assert self.fleet is not None
        await self.fleet.begin()
        return self

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command that reads on the first connected machine.

        Raises QMPError for any other, MachineGoneError if no machine is there.
        """
        joined = without_none(arguments, members)
        assert self.fleet is not None
        if not reads(command, joined, self.fleet.commands):
            raise QMPError(f"{command} has to run on each machine")
        if self._lead is None:
            raise MachineGoneError("no machine of the set is connected")
        return await self._lead.execute(command, joined)

    def post(self, command: str, arguments: Message) -> None:
        """Do nothing: no machine in particular is meant."""

    async def pause(self, seconds: float) -> None:
        """Wait for some seconds, or until a machine sends an event."""
        self.arrival.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.arrival.wait()

    async def rest(self, seconds: float) -> None:
        """Wait, also while the loop rests, as that of a plain session does."""
        if self.fd < 0:
            await asyncio.sleep(seconds)
        else:
            await in_thread(sleep, seconds)

    def fileno(self) -> int:
        """Return what is readable when a machine has sent something."""
        return self.fd

    def take_events(self) -> None:
        """Let the loop deliver what has arrived, and what arrives at the same time."""
        self.drive(asyncio.sleep(FleetEventLog.GATHERED))

    def close(self) -> None:
        """Close the connections of all machines."""
        if self.fleet is not None:
            self.fleet.close()
