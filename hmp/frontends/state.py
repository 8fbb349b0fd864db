"""The machine's name and run state, the prompt that shows them, and a session's banner."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.monitor.entry import READ
from hmp.monitor.events import RUN_STATES
from hmp.monitor.from_text import asked
from hmp.qmp.errors import COMMAND_NOT_FOUND, BadReplyError, MachineGoneError, QMPError

if TYPE_CHECKING:
    from typing import Any

    from hmp.monitor.monitor import Monitor


def banner(monitor: Monitor, program: str = "") -> str:
    """Return the first line of a session.

    program: the program's name; by default it depends on the machine.
    """
    version = ".".join(map(str, monitor.qmp.version))
    own = "QEMU" if monitor.qmp.has_hmp else "hmp"
    title = monitor.title or f"{program or own} {version} monitor"
    if monitor.qmp.is_agent and not program:
        title = f"QEMU guest agent {version}"
    mode = ", read-only" if monitor.read_only else ""
    return f"{title}{mode} - type 'help' for more information\n"


class MachineState:
    """Name and run state, updated by events.

    connected: whether it can be queried. has_guest: whether it has a state; a storage
    daemon has none.
    """

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.name = ""
        self.status = "running"
        self.connected = True
        self.has_guest = True

    @property
    def program(self) -> str:
        """The machine's name in the prompt."""
        if self.monitor.qmp.is_agent:
            return "qga"
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

    @property
    def may_be_old(self) -> bool:
        """Whether the last line may have changed the state without any event."""
        if self.status != "running":
            return True  # the end of a migration has no event
        entry = self.monitor.line.entry
        reads = entry is not None and entry.effect == READ
        return not (self.monitor.connection.sends_events or reads)

    async def look_up(self) -> None:
        """Query name and state; keep the old value of one that the machine refuses."""
        qmp = asked(self.monitor.qmp)
        try:
            both = qmp.together()
            name, status = both.execute("query-name"), both.execute("query-status")
            self.name, self.status = (await name).get("name", ""), (await status)["status"]
        except QMPError as error:
            self.has_guest = error.error_class != COMMAND_NOT_FOUND
        except (BadReplyError, MachineGoneError):
            pass  # the next line reports it; the prompt does not

    def prompt(self, template: str) -> list[tuple[str, str]]:
        """Return the prompt for the present state: parts, each with the name of its style.

        template: the text, with placeholders in braces; see `hmp.frontends.config`.
        """
        values = {
            "program": ("", self.program),
            "name": ("class:prompt.name", one_line(self.name)),
            "state": ("class:prompt.state", one_line(self.shown)),
            "mode": ("class:prompt.mode", "RO" if self.monitor.read_only else ""),
            "version": ("", ".".join(map(str, self.monitor.qmp.version))),
        }
        parts: list[tuple[str, str]] = []
        for literal, field, _, _ in Formatter().parse(template):
            parts.append(("", literal))
            style, text = values.get(field or "", ("", ""))
            if text:
                # a blank before the name and the state
                blank = " " if field in ("name", "state", "mode") else ""
                parts += [("", blank), (style, text)]
        return parts
