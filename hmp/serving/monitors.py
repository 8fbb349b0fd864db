"""A machine's monitors, served inside any program's event loop.

    async with serve(machine, qmp="unix:/run/me.sock,server=on,wait=off") as server:
        await server.ended()

The program keeps control of its process: no signal handlers are set, and no threads or
loops are created. All calls must be made in the loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hmp.qmp.server import ServerSession
from hmp.qmp.throttle import Throttle
from hmp.serving.backend import Backend, SocketBackend, StdioBackend
from hmp.serving.base_client import ServingHost
from hmp.serving.hmp_client import LineClient
from hmp.serving.monitor_options import MonitorOptions, SocketChardev, StdioChardev
from hmp.serving.qmp_client import ControlClient
from hmp.serving.shared_connection import HumanMonitorCommand, make_monitor
from hmp.serving.tasks import Tasks
from hmp.serving.telnet_decoder import TelnetDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from hmp.machine.machine import EmbeddedMachine
    from hmp.monitor.entry import Table
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor
    from hmp.serving.base_client import Client
    from hmp.serving.monitor_options import MonitorOption

_log = logging.getLogger("hmp.serving")


class Server:
    """The monitors of a machine; an asynchronous context manager.

    options: the monitors to open. table: the commands of human monitors; None: hmp's
    own. kinds: the kinds of words for completion on telnet. notice: called with one line
    of text for the operator; None logs it as a warning of "hmp.serving".

    Raises OptionsError for a monitor on an unknown chardev. Entering it opens the monitors
    and waits for a client if an option says so; it raises ListenError, and TableError
    if hmp's own table cannot be loaded. Leaving it closes them, cancels the commands
    that still run for clients, and removes Unix sockets. The machine is left unchanged.
    When the machine ends, its clients are notified and disconnected at once.

    most: the clients that a monitor serves at a time; one, as in QEMU.
    """

    most = 1

    def __init__(
        self,
        machine: EmbeddedMachine,
        options: MonitorOptions,
        *,
        table: Table | None = None,
        kinds: Mapping[str, Kind] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> None:
        self.machine = machine
        self.notice = notice or _log.warning
        self.kinds = kinds
        self._table = table
        self._monitors = options.monitors()
        self._unused = options.unused()
        self._backends: list[Backend] = []
        self._throttle = Throttle()
        self._timer: asyncio.TimerHandle | None = None
        self._alarm: int | None = None
        self._ended = asyncio.Event()
        self._tasks = Tasks()
        self._human_monitor_command = HumanMonitorCommand(
            machine, self._monitor_table, self._tasks
        )

    def _monitor_table(self) -> Table:
        if self._table is None:
            from hmp.builtin import load_tables

            self._table = load_tables()
        return self._table

    @property
    def addresses(self) -> list[str]:
        """The listening addresses, in the order of the options, as QEMU writes them."""
        sockets = [b for b in self._backends if isinstance(b, SocketBackend)]
        return [backend.address for backend in sockets if backend.address]

    # Opening and closing

    async def __aenter__(self) -> Server:
        await self.start()
        try:
            await self.connected()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Open the monitors. On ListenError or TableError, nothing is left open."""
        # now, so that an error in the table shows before the first client comes
        if not all(monitor.control for monitor in self._monitors):
            self._monitor_table()
        self._backends = [self._backend(monitor) for monitor in self._monitors]
        try:
            for backend in self._backends:
                backend.open()
        except BaseException:
            await self._close_backends()
            raise
        self._attach()
        for chardev in self._unused:
            self.notice(f"warning: {chardev.text}: no -mon uses it, so it is not opened")
        for backend in self._backends:
            self._warn(backend)
            backend.start()

    def _attach(self) -> None:
        """Attach to the machine's commands, events and timers."""
        self._human_monitor_command.install()
        self.machine.listeners.append(self._event)
        self._watch_alarm()

    def _detach(self) -> None:
        """Undo `_attach`; no-op before it."""
        if self._event in self.machine.listeners:
            self.machine.listeners.remove(self._event)
        self._unwatch_alarm()
        if self._timer is not None:
            self._timer.cancel()
        self._human_monitor_command.remove()

    def _warn(self, backend: Backend) -> None:
        """Warn the operator about a monitor that other hosts can reach."""
        if isinstance(backend, SocketBackend) and backend.exposed:
            self.notice(
                f"warning: {backend.option.text}: a monitor has no authentication:"
                f" whoever can connect to {backend.address} controls the machine"
            )

    async def connected(self) -> None:
        """Wait until every monitor with ``wait=on`` has had a client."""
        for backend in self._backends:
            if isinstance(backend, SocketBackend) and backend.option.wait:
                if not backend.connected.is_set():
                    where = f"{backend.address},server=on"
                    text = f"{backend.option.text}: waiting for connection on: {where}"
                    # the words in which QEMU says that it waits
                    self.notice(f"info: {text}")
                await self._first(backend.connected, self._ended)

    async def ended(self) -> None:
        """Wait until the machine has ended."""
        await self._ended.wait()

    async def deserted(self) -> None:
        """Wait until no more clients can come, or the machine has ended."""
        for backend in self._backends:
            await self._first(backend.finished, self._ended)

    async def _first(self, *events: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in events]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def close(self) -> None:
        """Close the monitors; clients get a moment to read their remaining output.

        Commands that still run for clients are cancelled.
        """
        self._detach()
        await self._close_backends()
        await self._tasks.end()

    async def _close_backends(self) -> None:
        await asyncio.gather(*(backend.close() for backend in self._backends))

    # Clients

    def _backend(self, monitor: MonitorOption) -> Backend:
        chardev = monitor.chardev

        def make_client(on_lost: Callable[[], None]) -> Client:
            return self._client(monitor, on_lost)

        if isinstance(chardev, SocketChardev):
            return SocketBackend(chardev, make_client, self.most)
        kind = StdioBackend if isinstance(chardev, StdioChardev) else Backend
        return kind(make_client)

    def _client(self, monitor: MonitorOption, on_lost: Callable[[], None]) -> Client:
        chardev = monitor.chardev
        telnet = isinstance(chardev, SocketChardev) and chardev.telnet

        def complain(text: str) -> None:
            self.notice(f"warning: {chardev.text}: {text}")

        host = ServingHost(on_lost, complain, self._tasks)
        if monitor.control:
            decoder = TelnetDecoder() if telnet else None
            return self._control_client(monitor.pretty, decoder, host)
        human = self._human_monitor()
        if telnet:
            from hmp.serving.prompt_client import PromptClient

            return PromptClient(human, self.kinds, host)
        return LineClient(human, host)

    def _control_client(
        self, pretty: bool, telnet: TelnetDecoder | None, host: ServingHost
    ) -> ControlClient:
        session = ServerSession(self.machine, pretty=pretty)
        return ControlClient(self.machine, session, telnet, host)

    def _human_monitor(self) -> Monitor:
        return make_monitor(self.machine, self._monitor_table(), self._tasks)

    # Events

    def _event(self, event: dict[str, Any]) -> None:
        """Take an event of the machine."""
        loop = asyncio.get_running_loop()
        if self._throttle.admit(event, loop.time()):
            self._broadcast(event)
        self._rest()
        if self.machine.ended:
            self._unwatch_alarm()
            # after the reply to the command that ended the machine
            loop.call_soon(self._machine_ended)

    def _broadcast(self, event: dict[str, Any]) -> None:
        for backend in self._backends:
            # a copy, since a client that cannot be written to is removed meanwhile
            for client in list(backend.clients):
                if isinstance(client, ControlClient):
                    client.event(event)

    def _rest(self) -> None:
        """Schedule the sending of events that the rate limit holds back."""
        due = self._throttle.due
        # QEMU's rate limits: of events that repeat quickly, the last one is sent later
        if due is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(due, self._release)

    def _release(self) -> None:
        self._timer = None
        for event in self._throttle.release(asyncio.get_running_loop().time()):
            self._broadcast(event)
        self._rest()

    def _machine_ended(self) -> None:
        self._ended.set()
        for backend in self._backends:
            backend.stop()

    def _watch_alarm(self) -> None:
        """Call the machine's timers whenever its alarm timer fires."""
        self._alarm = self.machine.timers.alarm.fileno()
        if self._alarm is not None:
            asyncio.get_running_loop().add_reader(self._alarm, self.machine.timers.poll)

    def _unwatch_alarm(self) -> None:
        if self._alarm is not None:
            asyncio.get_running_loop().remove_reader(self._alarm)
            self._alarm = None


def serve(
    machine: EmbeddedMachine,
    *,
    qmp: str | Iterable[str] = (),
    monitor: str | Iterable[str] = (),
    table: Table | None = None,
    notice: Callable[[str], None] | None = None,
) -> Server:
    """Return a server for a machine's monitors, to be entered with ``async with``.

    qmp, monitor: one or several devices, in the syntax of QEMU's options ``-qmp`` and
    ``-monitor``: ``unix:PATH,server=on,wait=off``, ``tcp:HOST:PORT,…``, ``telnet:…``,
    ``stdio``. The others are as for `Server`. Raises OptionsError.
    """
    options = MonitorOptions()
    for text in [qmp] if isinstance(qmp, str) else qmp:
        options.qmp(text)
    for text in [monitor] if isinstance(monitor, str) else monitor:
        options.monitor(text)
    return Server(machine, options, table=table, notice=notice)
