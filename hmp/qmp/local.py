"""The connection to a machine in this process.

Commands come in and run as function calls, without QMP messages; `trace` and recordings
see the messages that a socket would have carried.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from time import sleep

from hmp.qmp.connection import Connection
from hmp.qmp.errors import MachineGoneError, QMPError
from hmp.qmp.exchange import without_none
from hmp.qmp.secrets import mask, mask_reply, sensitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any, Protocol

    from hmp.qmp.exchange import Message, Trace
    from hmp.qmp.masking import Sensitive

    class LocalMachine(Protocol):
        """The part of a machine that this connection uses."""

        version: tuple[int, int, int]
        listeners: list[Callable[[Message], None]]

        @property
        def ended(self) -> bool:
            """Whether the machine has ended."""
            ...

        @property
        def needs_loop(self) -> bool:
            """Whether commands may have to be awaited."""
            ...

        def execute(self, command: str, arguments: Message) -> Any:
            """Run a QMP command, or return an awaitable; raises QMPError."""

        def describe(self, command: str) -> str:
            """Return the documentation of a command; empty if it has none."""
            ...

        def close(self) -> None:
            """Release the machine's resources."""


class LocalConnection(Connection):
    """Runs QMP commands on a machine in this process.

    trace: called with the messages that a socket would have carried.
    """

    has_hmp = False
    trusted = True

    def __init__(self, machine: LocalMachine, trace: Trace | None = None) -> None:
        self.machine = machine
        self.trace = trace
        self.version = machine.version
        self.needs_loop = machine.needs_loop
        self.on_event = lambda event: None
        self._stir: Callable[[], object] = lambda: None
        machine.listeners.append(self._event)

    def _event(self, event: Message) -> None:
        self._stir()
        if self.trace:
            self.trace("<-", event)
        self.on_event(event)

    def gone(self) -> MachineGoneError:
        """Return the error for a machine that has ended."""
        return MachineGoneError("the demonstration machine has ended")

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value; see `Connection.execute`."""
        machine = self.machine
        if machine.ended:
            raise self.gone()
        joined = without_none(arguments, members)
        secret = sensitive(command, joined, self.hidden) if joined else None
        if self.trace is not None or secret is not None:
            return await self._traced(self.trace or _to_nobody, command, joined, secret)
        value = machine.execute(command, joined)
        # inspect.isawaitable says the same, but every script would import inspect for it
        return await self._awaited(value) if hasattr(value, "__await__") else value

    async def _awaited(self, value: Coroutine[Any, Any, Any]) -> Any:
        """Wait for a command that is a coroutine."""
        return await value

    async def _traced(
        self, trace: Trace, command: str, arguments: Message, secret: Sensitive | None
    ) -> Any:
        """Run a command whose messages are traced or contain secrets."""
        request: Message = {"execute": command}
        if arguments:
            request["arguments"] = arguments
        trace("->", mask(request, self.hidden))
        try:
            value = self.machine.execute(command, arguments)
            if hasattr(value, "__await__"):
                value = await self._awaited(value)
        except QMPError as error:
            shown = {"class": error.error_class, "desc": error.desc}
            reply = _masked({"error": shown}, secret)
            trace("<-", reply)
            raise QMPError(reply["error"]["desc"], error.error_class) from error
        reply = _masked({"return": value}, secret)
        trace("<-", reply)
        return reply["return"]

    async def pause(self, seconds: float) -> None:
        """Wait for a time or until something arrives; see `Connection.pause`."""
        if self.machine.ended:
            raise self.gone()
        if not await self._pause_in_loop(seconds):
            sleep(seconds)

    async def _pause_in_loop(self, seconds: float) -> bool:
        """Wait while other tasks run; return False outside of an event loop."""
        # a script has no loop, and must not import asyncio only to learn that, which takes
        # longer than all else
        if "asyncio" not in sys.modules:
            return False
        import asyncio

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        came = asyncio.Event()
        self._stir = came.set
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await came.wait()
        return True

    async def describe(self, command: str) -> str:
        """Return the documentation of a QMP command; see `Connection.describe`."""
        return self.machine.describe(command)

    def close(self) -> None:
        """Release the machine's resources."""
        if self._event in self.machine.listeners:
            self.machine.listeners.remove(self._event)
        self.machine.close()


def _masked(reply: Message, secret: Sensitive | None) -> Message:
    """Return a reply with its secrets masked."""
    masked = mask_reply(reply)
    return masked if secret is None else secret.mask(masked)


def _to_nobody(arrow: str, message: Message) -> None:
    """Ignore a message."""
