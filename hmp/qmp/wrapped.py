"""Connections that wrap another one; `CheckedConnection` checks replies for handlers."""

from __future__ import annotations

from hmp.qmp.connection import Connection
from hmp.qmp.errors import BadReplyError
from hmp.qmp.exchange import without_none
from hmp.qmp.shapes import check_reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from hmp.qmp.exchange import Listener, Message, Request, Trace


class WrappedConnection(Connection):
    """A connection that forwards everything to an inner one."""

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self.resemble(inner)
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
        """The secrets of the running line; the inner connection's."""
        return self.inner.hidden

    @hidden.setter
    def hidden(self, values: Sequence[str]) -> None:
        self.inner.hidden = values

    @property
    def trace(self) -> Trace | None:
        """Called with every message; the inner connection's."""
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
        # through `execute`, so that a subclass that holds commands back does so here too
        return await self.execute(command, arguments)

    async def pause(self, seconds: float) -> None:
        """Wait for a time or until something arrives; see `Connection.pause`."""
        await self.inner.pause(seconds)

    async def describe(self, command: str) -> str:
        """Return the documentation of a QMP command."""
        return await self.inner.describe(command)

    def close(self) -> None:
        """Close the inner connection."""
        self.inner.close()


class CheckedConnection(WrappedConnection):
    """Rejects replies that do not match their schema; see `check_reply`.

    execute, execute_oob and schema raise BadReplyError as well.
    """

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value. Raises BadReplyError too."""
        value = await self.inner.execute(command, arguments, **members)
        check_reply(command, value)
        return value

    async def execute_each(self, requests: Sequence[Request], /) -> list[Any]:
        """Run QMP commands, sent together. A BadReplyError is an outcome, too."""
        outcomes = await self.inner.execute_each(requests)
        for index, (command, _) in enumerate(requests):
            if not isinstance(outcomes[index], Exception):
                try:
                    check_reply(command, outcomes[index])
                except BadReplyError as error:
                    outcomes[index] = error
        return outcomes

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band. Raises BadReplyError too."""
        value = await self.inner.execute_oob(command, arguments)
        check_reply(command, value)
        return value
