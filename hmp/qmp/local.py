"""The connection to a machine in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.qmp.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from hmp.qmp.session import Message

    class LocalMachine(Protocol):
        """What this connection needs of a machine."""

        version: tuple[int, int, int]
        running: bool
        on_event: Callable[[Message], None]

        def execute(self, command: str, arguments: Message) -> Any:
            """Run a QMP command; raises QMPError."""


class LocalConnection(Connection):
    """Runs QMP commands on a machine in this process."""

    has_hmp = False
