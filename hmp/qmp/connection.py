"""What the monitor asks of a machine, wherever it is.

`Connection` is the one interface: `hmp.qmp.blocking` and `hmp.qmp.aio` reach a
QMP server by its socket, `hmp.qmp.local` a machine in this process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.qmp.errors import BadReplyError, QMPError
from hmp.qmp.executes import Executes
from hmp.qmp.introspected import Introspected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from hmp.qmp.exchange import Exchange, Listener, Message, Trace


class Connection(Executes):
    """A machine that takes QMP commands.

    version: (major, minor, micro) of the server. has_hmp: whether it has a human
    monitor of its own, which takes what we pass on. needs_loop: whether `execute` may
    suspend, so that an event loop must run it. missed: what a line asked that a recording
    does not know; nothing on all other machines. trusted: whether replies are checked
    against the machine's own schema where they are made. on_event: called with each event;
    set it before the first command. trace: told of every message; None when nobody is.
    hidden: the secrets of the line that is run, which no message is shown with.
    timeout: seconds that one reply may take; None is without limit.
    """

    needs_loop = False
    missed = ""
    trusted = False
    hidden: Sequence[str] = ()
    timeout: float | None = None
    trace: Trace | None
    _schema: Introspected | None = None
    version: tuple[int, int, int]
    has_hmp: bool
    on_event: Callable[[Message], None]

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band, where the machine offers that.

        For commands that must get through while another one blocks. Otherwise it is
        run like any other. Raises as `execute` does.
        """
        return await self.execute(command, arguments)

    async def pause(self, seconds: float) -> None:
        """Wait that long, or until something comes from the machine.

        For those who look again and again how far something is; events come meanwhile.
        Raises MachineGoneError.
        """
        raise NotImplementedError

    async def schema(self) -> Introspected:
        """Return the machine's QMP interface by its own account, asked for once.

        Raises QMPError, MachineGoneError, and BadReplyError where replies are checked.
        """
        if self._schema is None:
            entries: Any = await self.execute("query-qmp-schema")
            self._schema = Introspected(entries)
        return self._schema

    async def describe(self, command: str) -> str:
        """Return what there is to read about a QMP command; empty when nothing is.

        Raises MachineGoneError.
        """
        try:
            return (await self.schema()).describe(command)
        except (QMPError, BadReplyError, RecursionError):
            return ""  # a machine that cannot tell

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command that is not waited for, and drop its reply.

        For listeners, which cannot wait. A machine without events of its own has none
        that lead to it. Raises MachineGoneError.
        """

    def close(self) -> None:
        """End the connection. It can be called twice."""
        raise NotImplementedError


class SessionConnection(Connection):
    """A connection whose events and messages pass through a `Exchange`."""

    session: Exchange

    @property
    def on_event(self) -> Listener:
        """Called with each event as it is read."""
        return self.session.on_event

    @on_event.setter
    def on_event(self, listener: Listener) -> None:
        self.session.on_event = listener

    @property
    def hidden(self) -> Sequence[str]:
        """The secrets of the line that is run."""
        return self.session.hidden

    @hidden.setter
    def hidden(self, values: Sequence[str]) -> None:
        self.session.hidden = values

    @property
    def trace(self) -> Trace | None:
        """Told of every message; None when nobody is."""
        return self.session.trace

    @trace.setter
    def trace(self, trace: Trace | None) -> None:
        self.session.trace = trace
