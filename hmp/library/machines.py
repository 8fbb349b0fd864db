"""Machines for programs: one that blocks, and one for an event loop.

Both run the lines of the monitor and QMP commands, and wait for events. They print nothing
and ask no questions. Their work is written once, in coroutines that the blocking form
drives by hand.
"""

from __future__ import annotations

from time import monotonic

from hmp.frontends.script import drive, driven
from hmp.library.closing import AsyncClosing, Closing
from hmp.library.python_names import command_name, member_names
from hmp.library.results import EventTimeoutError, Result
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import BadReplyError, MachineGoneError
from hmp.qmp.secrets import mask_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Callable,
        Coroutine,
        Iterator,
        Mapping,
    )
    from typing import Any, Generic, Self, TypeVar

    from hmp.monitor.entry import Table
    from hmp.monitor.events import Event
    from hmp.qmp.connection import Connection

    Reply = TypeVar("Reply")
else:
    from hmp import Generic

    Reply = None

LOOK = 0.5
"""Seconds between two looks at the events; an event ends the pause early."""


class _Base:
    """What both forms share.

    target: the text that the machine was reached by, or the command that was started.
    version: (major, minor, micro) of its program. monitor: for what is not offered here.
    """

    def __init__(
        self, connection: Connection, table: Table, target: str, read_only: bool
    ) -> None:
        self.target = target
        self.monitor = Monitor(connection, table, read_only=read_only)
        self.monitor.front = FrontEnd()
        self._taken = 0
        self._closed = False

    @property
    def version(self) -> tuple[int, int, int]:
        """(major, minor, micro) of the machine's program."""
        return self.monitor.connection.version

    @property
    def has_events(self) -> bool:
        """Whether an event is known that `events` has not returned yet."""
        return self.monitor.event_count > self._taken

    def _check_open(self) -> None:
        """Raise MachineGoneError if this connection was closed."""
        if self._closed:
            name = mask_target(self.target) or "the machine"
            raise MachineGoneError(
                f"the connection to {name} was closed by this program, by close() or at the"
                " end of its 'with' block"
            )

    async def _run(self, line: str, check: bool, monitor: Monitor) -> Result:
        self._check_open()
        call = await monitor.run(line)
        if call is None:
            raise ValueError("the line is empty")
        result = Result(call)
        if check and result.error is not None:
            raise result.error
        return result

    async def _execute(
        self, command: str, arguments: Mapping[str, Any] | None, members: dict[str, Any]
    ) -> Any:
        self._check_open()
        # arguments keep their names as QMP spells them, so that any command can be called
        joined = {**(arguments or {}), **member_names(command, members)}
        if None not in joined.values():
            return await self.monitor.raw.execute(command, joined)
        # None in arguments is null, which `execute` would leave out
        (outcome,) = await self.monitor.raw.execute_each([(command, joined)])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _wait(self, name: str, timeout: float | None, data: dict[str, Any]) -> Event:
        monitor = self.monitor
        self._check_open()
        # the event may have come before we were asked to wait for it
        begin = monitor.cause()
        end = None if timeout is None else monotonic() + timeout
        while True:
            for number, event in monitor.events_since(begin):
                if number not in monitor.awaited and _fits(event, name, data):
                    # by number, not by a place in the list: events that others wait for may
                    # come in between
                    monitor.awaited.add(number)
                    return event
            if wrong := monitor.wrong_event(begin, name):
                raise BadReplyError(wrong)
            begin = monitor.event_count
            await self._pause(end, f"no {name} within {timeout:g} s" if timeout else name)

    async def _events(self, timeout: float | None) -> AsyncGenerator[Event, None]:
        while True:
            try:
                event = await self._next_event(timeout)
            except EventTimeoutError:
                return
            yield event

    async def _next_event(self, timeout: float | None) -> Event:
        """Return the next event that was not returned yet. Raises EventTimeoutError."""
        self._check_open()
        end = None if timeout is None else monotonic() + timeout
        while True:
            for number, event in self.monitor.events_since(self._taken):
                # before it is returned, so that an exception in the caller cannot repeat it
                self._taken = number + 1
                return event
            if wrong := self.monitor.wrong_event():
                raise BadReplyError(wrong)
            await self._pause(end, "no event")

    async def _pause(self, end: float | None, text: str) -> None:
        left = LOOK if end is None else end - monotonic()
        known = self.monitor.event_count
        # also without time left, for what has arrived but was not read yet
        await self.monitor.qmp.pause(max(min(left, LOOK), 0))
        if left <= 0 and self.monitor.event_count == known:
            raise EventTimeoutError(text)

    def close(self) -> None:
        """Close the connection; end a QEMU that `launch` started. Idempotent."""
        self._closed = True
        self.monitor.connection.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({mask_target(self.target)!r})"


class Machine(_Base, Closing):
    """A machine with blocking methods. Use it in one thread at a time.

    Methods raise MachineGoneError when the machine cannot be reached any more, and after
    `close`.
    """

    def run(self, line: str, *, check: bool = True) -> Result:
        """Run a line of the monitor, such as ``info block``.

        Raises LineFailedError if it fails; with check=False, the error is in the result.
        Destructive commands run without a question.
        """
        return drive(self._run(line, check, self.monitor))

    @property
    def qmp(self) -> QMP[Any]:
        """QMP commands: ``vm.qmp.query_status()``, or ``vm.qmp("query-status")``."""
        return QMP(lambda *what: drive(self._execute(*what)))

    def wait(self, event: str, *, timeout: float | None = None, **data: Any) -> Event:
        """Return the next event of a name, with these members in its data.

        Events count from the last line on that may have changed the machine, so that one
        that it caused is not missed; each is returned once. timeout: in seconds; None: no
        limit. A name in data may have ``_`` for ``-``. Raises EventTimeoutError.
        """
        return drive(self._wait(event, timeout, data))

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """Yield the events since connecting as they come, each once.

        It ends when none has come for `timeout` seconds; 0: after those that have
        arrived; None: never.
        """
        return driven(self._events(timeout))


class AsyncMachine(_Base, AsyncClosing):
    """A machine for an event loop: the methods of `Machine` as coroutines.

    They may run at the same time. opened: the connection that blocks, from which the one
    for the loop was made.
    """

    opened: Connection | None = None
    _running = 0

    @classmethod
    async def over(
        cls, connection: Connection, table: Table, target: str, read_only: bool
    ) -> Self:
        """Return the machine for the running loop over a connection that blocks."""
        try:
            machine = cls(await connection.adopt(), table, target, read_only)
        except BaseException:  # a cancellation, too
            connection.close()
            raise
        machine.opened = connection
        return machine

    def close(self) -> None:
        """Close both forms of the connection. Idempotent."""
        # the loop's form first: it still uses the descriptor of the other
        super().close()
        if self.opened is not None:
            self.opened.close()

    async def run(self, line: str, *, check: bool = True) -> Result:
        """Run a line of the monitor; see `Machine.run`."""
        monitor = self.monitor
        if self._running:
            from hmp.monitor.beside import Beside  # late: most programs run one at a time

            monitor = Beside(monitor)
        self._running += 1
        try:
            return await self._run(line, check, monitor)
        finally:
            self._running -= 1

    @property
    def qmp(self) -> QMP[Coroutine[Any, Any, Any]]:
        """QMP commands as coroutines; see `Machine.qmp`."""
        return QMP(self._execute)

    async def wait(self, event: str, *, timeout: float | None = None, **data: Any) -> Event:
        """Return the next event of a name; see `Machine.wait`."""
        return await self._wait(event, timeout, data)

    def events(self, timeout: float | None = None) -> AsyncIterator[Event]:
        """Yield the events since connecting as they come; see `Machine.events`."""
        return self._events(timeout)


class QMP(Generic[Reply]):
    """A machine's QMP commands, as attributes and by calling it.

    Each raises QMPError with QEMU's description and error class.
    """

    def __init__(
        self, execute: Callable[[str, Mapping[str, Any] | None, dict[str, Any]], Reply]
    ) -> None:
        self._execute = execute

    def __call__(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Reply:
        """Run a command by its QMP name.

        arguments: by their QMP names; None is null. members: further ones, whose names may
        have ``_`` for ``-``; one that is None is left out.
        """
        return self._execute(command, arguments, members)

    def __getattr__(self, name: str) -> Callable[..., Reply]:
        # copy and pickle look such names up, and must not find QMP commands
        if name.startswith("__"):
            raise AttributeError(name)
        command = command_name(name)

        def run(arguments: Mapping[str, Any] | None = None, /, **members: Any) -> Reply:
            return self._execute(command, arguments, members)

        return run


_MISSING = object()


def _fits(event: Event, name: str, data: Mapping[str, Any]) -> bool:
    found = event.get("data", {})
    return event["event"] == name and all(
        found.get(key, found.get(key.replace("_", "-"), _MISSING)) == value
        for key, value in data.items()
    )
