"""The connection to a machine in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.qmp.connection import Connection
from hmp.qmp.errors import MachineGone, QMPError
from hmp.qmp.secrets import mask
from hmp.qmp.session import without_none

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol

    from hmp.qmp.session import Message, Trace

    class LocalMachine(Protocol):
        """What this connection needs of a machine."""

        version: tuple[int, int, int]
        on_event: Callable[[Message], None]

        @property
        def ended(self) -> bool:
            """Whether it has ended."""

        def execute(self, command: str, arguments: Message) -> Any:
            """Run a QMP command; raises QMPError."""

        def close(self) -> None:
            """Give back what it holds."""


class LocalConnection(Connection):
    """Runs QMP commands on a machine in this process, with no message in between.

    trace is told what the messages would have been.
    """

    has_hmp = False

    def __init__(self, machine: LocalMachine, trace: Trace | None = None) -> None:
        self.machine = machine
        self.trace = trace
        self.version = machine.version
        self.on_event = lambda event: None
        machine.on_event = self._event

    def _event(self, event: Message) -> None:
        if self.trace:
            self.trace("<-", event)
        self.on_event(event)

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value; see `Connection.execute`."""
        machine = self.machine
        if machine.ended:
            raise MachineGone("the embedded machine has ended")
        joined = without_none(arguments, members)
        if self.trace is None:
            return machine.execute(command, joined)
        return self._traced(self.trace, command, joined)

    def _traced(self, trace: Trace, command: str, arguments: Message) -> Any:
        request: Message = {"execute": command}
        if arguments:
            request["arguments"] = arguments
        trace("->", mask(request))
        try:
            value = self.machine.execute(command, arguments)
        except QMPError as error:
            trace("<-", {"error": {"class": error.error_class, "desc": error.desc}})
            raise
        trace("<-", {"return": value})
        return value

    def close(self) -> None:
        """Give the machine's resources back."""
        self.machine.close()
