"""What the prompt knows of the machine: its name and what state it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.monitor.events import RUN_STATES
from hmp.qmp.errors import BadReplyError, MachineGoneError, QMPError

if TYPE_CHECKING:
    from typing import Any

    from hmp.monitor.monitor import Monitor


class MachineState:
    """Name and run state, followed by events; connected: whether it can be asked."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.name = ""
        self.status = "running"
        self.connected = True

    @property
    def program(self) -> str:
        """What the prompt calls the machine."""
        return "qemu" if self.monitor.qmp.has_hmp else "hmp"

    @property
    def shown(self) -> str:
        """The state as the prompt shows it; nothing when all is well."""
        if not self.connected:
            return "disconnected"
        return "" if self.status == "running" else self.status

    def on_event(self, event: dict[str, Any]) -> None:
        """Follow what an event says."""
        self.status = RUN_STATES.get(event["event"], self.status)

    async def look_up(self) -> None:
        """Ask for name and state; what the machine does not tell stays as it is."""
        try:
            name = await self.monitor.qmp.execute("query-name")
            status = await self.monitor.qmp.execute("query-status")
            self.name, self.status = name.get("name", ""), status["status"]
        except (QMPError, BadReplyError, MachineGoneError):
            pass
