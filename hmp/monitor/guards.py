"""Connections around a connection: one for read-only sessions, one for ``explain``.

`ReadOnly` refuses any command that might change the machine before it is sent.
`Explaining` records the commands, and sends only those that read.
"""

from __future__ import annotations

from hmp.monitor.entry import READ
from hmp.monitor.line import parse_line
from hmp.qmp.errors import QMPError
from hmp.qmp.exchange import without_none
from hmp.qmp.read_only import only_reads
from hmp.qmp.secrets import hide, mask, mask_line
from hmp.qmp.wrapped import Wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hmp.monitor.line import Line
    from hmp.monitor.table import Table
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Listener, Message

_HMP = "human-monitor-command"


class ReadOnly(Wrapped):
    """Refuses all but reads: QMP commands by their names, monitor lines by the table."""

    def __init__(self, inner: Connection, table: Table) -> None:
        super().__init__(inner)
        self.table = table

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command that reads. Raises QMPError for others, unsent."""
        joined = without_none(arguments, members)
        if not (only_reads(command) or self._is_reading_line(command, joined)):
            what = self._name(joined) if command == _HMP else f"'{command}'"
            raise QMPError(f"{what} is refused: this session is read-only")
        return await super().execute(command, joined)

    def _is_reading_line(self, command: str, arguments: Message) -> bool:
        if command != _HMP:
            return False
        entry = self._parsed(arguments).entry
        return entry is not None and entry.effect == READ

    def _parsed(self, arguments: Message) -> Line:
        return parse_line(str(arguments.get("command-line", "")), self.table)

    def _name(self, arguments: Message) -> str:
        """Return the command of a line for QEMU's monitor, as a user knows it."""
        line = self._parsed(arguments)
        name = " ".join(line.text[start:end] for start, end in line.words[:2])
        return f"'{name}'" if line.entry else f"the unknown command '{name}'"


class Explaining(Wrapped):
    """Records all commands in messages; runs only those that read."""

    def __init__(self, inner: Connection) -> None:
        super().__init__(inner)
        self.messages: list[Message] = []

    @property
    def on_event(self) -> Listener:
        """The listener of the inner connection, which keeps receiving the events."""
        return self.inner.on_event

    @on_event.setter
    def on_event(self, listener: Listener) -> None:
        pass

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Record the message; run it if it reads, else return an empty result."""
        joined = without_none(arguments, members)
        self.messages.append(self._message(command, joined))
        if only_reads(command):
            return await super().execute(command, joined)
        return "" if command == _HMP else {}

    def _message(self, command: str, arguments: Message) -> Message:
        """Return what would be sent, its secrets masked."""
        if command == _HMP and not self.takes_qmp:
            line = str(arguments.get("command-line", ""))
            return {"line": hide(mask_line(line), self.hidden)}
        message: Message = {"execute": command}
        if arguments:
            message["arguments"] = arguments
        return mask(message, self.hidden)
