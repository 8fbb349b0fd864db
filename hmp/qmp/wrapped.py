"""Connections around a connection; the one that every handler gets checks replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.qmp.connection import Connection
from hmp.qmp.exchange import without_none
from hmp.qmp.shapes import check_reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from hmp.qmp.exchange import Listener, Message, Trace


class Wrapped(Connection):
    """A connection that does what the one inside does."""

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self.version = inner.version
        self.has_hmp = inner.has_hmp
        self.needs_loop = inner.needs_loop

    @property
    def on_event(self) -> Listener:
        """Called with each event; the inner connection's."""
        return self.inner.on_event

    @on_event.setter
    def on_event(self, listener: Listener) -> None:
        self.inner.on_event = listener

    @property
    def hidden(self) -> Sequence[str]:
        """The secrets of the line that is run; the inner connection's."""
        return self.inner.hidden

    @hidden.setter
    def hidden(self, values: Sequence[str]) -> None:
        self.inner.hidden = values

    @property
    def trace(self) -> Trace | None:
        """Told of every message; the inner connection's."""
        return self.inner.trace

    @trace.setter
    def trace(self, trace: Trace | None) -> None:
        self.inner.trace = trace

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command, unless it is held back; see `Connection.execute`."""
        joined = without_none(arguments, members)
        return await self.inner.execute(command, joined)

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band; see `Connection.execute_oob`."""
        return await self.execute(command, arguments)

    async def pause(self, seconds: float) -> None:
        """Wait, or until something comes; see `Connection.pause`."""
        await self.inner.pause(seconds)

    async def describe(self, command: str) -> str:
        """Return what there is to read about a QMP command."""
        return await self.inner.describe(command)

    def close(self) -> None:
        """Close the inner connection."""
        self.inner.close()


class Checked(Wrapped):
    """Takes no reply that is not what its schema says; see `check_reply`.

    execute and execute_oob raise BadReplyError as well, and so does schema.
    """

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value. Raises BadReplyError too."""
        value = await self.inner.execute(command, arguments, **members)
        check_reply(command, value)
        return value

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band. Raises BadReplyError too."""
        value = await self.inner.execute_oob(command, arguments)
        check_reply(command, value)
        return value
