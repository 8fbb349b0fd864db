"""The machine's name and run state, for the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.monitor.events import RUN_STATES
from hmp.qmp.errors import BadReplyError, MachineGoneError, QMPError

if TYPE_CHECKING:
    from typing import Any

    from hmp.monitor.monitor import Monitor


class MachineState:
    """Name and run state, updated by events; connected: whether it can be queried."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.name = ""
        self.status = "running"
        self.connected = True

    @property
    def program(self) -> str:
        """The machine's name in the prompt."""
        return "qemu" if self.monitor.qmp.has_hmp else "hmp"

    @property
    def shown(self) -> str:
        """The state as the prompt shows it; empty if the machine runs normally."""
        if not self.connected:
            return "disconnected"
        return "" if self.status == "running" else self.status

    def on_event(self, event: dict[str, Any]) -> None:
        """Update the state by an event."""
        self.status = RUN_STATES.get(event["event"], self.status)

    async def look_up(self) -> None:
        """Query name and state; keep the old value of one that the machine refuses."""
        try:
            name = await self.monitor.qmp.execute("query-name")
            status = await self.monitor.qmp.execute("query-status")
            self.name, self.status = name.get("name", ""), status["status"]
        except (QMPError, BadReplyError, MachineGoneError):
            pass
