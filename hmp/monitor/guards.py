"""Connections that wrap another one: for read-only or careful sessions, and ``explain``.

`ReadOnly` refuses any command that might change the machine before it is sent. `Careful`
asks before the first one.
`Explaining` records the commands, and sends only those that read.
"""

from __future__ import annotations

from hmp.monitor.entry import READ
from hmp.monitor.errors import DeclinedError
from hmp.monitor.from_text import asked
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.line import parse_line
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import QMPError
from hmp.qmp.exchange import without_none
from hmp.qmp.masking import hide
from hmp.qmp.read_only import only_reads
from hmp.qmp.secrets import mask, mask_line
from hmp.qmp.wrapped import WrappedConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from typing import Any

    from hmp.language.qdict import QDict
    from hmp.monitor.entry import Entry, Table
    from hmp.monitor.monitor import Monitor
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Listener, Message, Request


class _Guard(WrappedConnection):
    """Checks each command before it is sent; those that only read pass."""

    def __init__(self, inner: Connection, table: Table) -> None:
        super().__init__(inner)
        self.table = table

    async def execute_each(self, requests: Sequence[Request], /) -> list[Any]:
        """Run QMP commands, sent together if all of them read."""
        if all(reads(command, members, self.table) for command, members in requests):
            return await self.inner.execute_each(requests)
        return await super().execute_each(requests)


class ReadOnly(_Guard):
    """Refuses all but reads: QMP commands by their names, monitor lines by the table."""

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command that reads. Raises QMPError for others, unsent."""
        joined = without_none(arguments, members)
        if not reads(command, joined, self.table):
            what = (
                _typed_name(joined, self.table) if command == RUN_LINE else f"'{command}'"
            )
            raise QMPError(f"{what} is refused: this session is read-only")
        return await super().execute(command, joined)


class Careful(_Guard):
    """Asks before a command that might change the machine; `agree` returns the answer."""

    def __init__(
        self,
        inner: Connection,
        table: Table,
        agree: Callable[[], Coroutine[Any, Any, bool]],
    ) -> None:
        super().__init__(inner, table)
        self.agree = agree

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command. Raises CommandFailedError if the user does not agree."""
        joined = without_none(arguments, members)
        if not (reads(command, joined, self.table) or await self.agree()):
            raise DeclinedError
        return await super().execute(command, joined)


def guarded(connection: Connection, monitor: Monitor) -> Connection:
    """Return the connection as a monitor's handlers may use it."""
    if monitor.read_only:
        return ReadOnly(connection, monitor.commands)
    return Careful(connection, monitor.commands, monitor.agree_to_change)


def reads(command: str, arguments: Message, table: Table) -> bool:
    """Whether a QMP command only reads; a monitor line is judged by the table."""
    if command != RUN_LINE:
        return only_reads(command, arguments)
    entry = parse_line(str(arguments.get("command-line", "")), table).entry
    # an unknown line may do anything
    return entry is not None and entry.effect == READ


def _typed_name(arguments: Message, table: Table) -> str:
    """Return the command of a line for QEMU's monitor, as a user knows it."""
    line = parse_line(str(arguments.get("command-line", "")), table)
    name = " ".join(line.text[start:end] for start, end in line.words[:2])
    return f"'{name}'" if line.entry else f"the unknown command '{name}'"


class RehearsedError(Exception):
    """A handler has got as far as sending something."""


class Rehearsal(WrappedConnection):
    """Answers queries from QEMU's texts, and stops the handler at any other command."""

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a query. Raises RehearsedError for all else."""
        if only_reads(command):
            try:
                return await asked(self.inner).execute(command, arguments, **members)
            except QMPError as error:
                raise RehearsedError from error
        raise RehearsedError


class _NoUser(FrontEnd):
    """Stops the handler when it asks for a password; the line itself asks for it."""

    async def ask_secret(self, prompt: str) -> str:
        """Raise RehearsedError."""
        raise RehearsedError


async def rehearse(monitor: Monitor, args: QDict, entry: Entry[Any]) -> None:
    """Let the handler look at a line first. Raises CommandError if it refuses it."""
    assert entry.handler is not None  # only handlers check
    kept = monitor.qmp, monitor.raw, monitor.front
    # handlers use either of the two
    monitor.qmp = monitor.raw = Rehearsal(monitor.qmp)
    monitor.front = _NoUser()
    try:
        await entry.handler(monitor, args)
    except (RehearsedError, QMPError):
        pass  # it would send something
    finally:
        monitor.qmp, monitor.raw, monitor.front = kept


class Explaining(WrappedConnection):
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
        # a monitor around this connection must not take the events from the session's own
        pass

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Record the message; run it if it reads, else return an empty result."""
        joined = without_none(arguments, members)
        self.messages.append(self._message(command, joined))
        if only_reads(command, joined):
            return await super().execute(command, joined)
        return "" if command == RUN_LINE else {}

    def _message(self, command: str, arguments: Message) -> Message:
        """Return the command that would be sent, with its secrets masked."""
        if command == RUN_LINE and not self.takes_qmp:
            line = str(arguments.get("command-line", ""))
            return {"line": hide(mask_line(line), self.hidden)}
        message: Message = {"execute": command}
        if arguments:
            message["arguments"] = arguments
        return mask(message, self.hidden)
