"""A real machine's monitors, opened to many clients at once over one connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hmp.monitor.guards import reads
from hmp.monitor.monitor import Monitor
from hmp.qmp.connection import Connection
from hmp.qmp.errors import MachineGoneError, connection_closed
from hmp.qmp.exchange import result, without_none
from hmp.qmp.secrets import mask, mask_reply, sensitive
from hmp.serving.monitors import Server
from hmp.serving.relay_client import RelayClient
from hmp.serving.remote_machine import RemoteMachine
from hmp.serving.shared_connection import SharedConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hmp.monitor.entry import Table
    from hmp.monitor.kinds import Kind
    from hmp.qmp.exchange import Message
    from hmp.serving.base_client import ServingHost
    from hmp.serving.monitor_options import MonitorOptions
    from hmp.serving.qmp_client import ControlClient
    from hmp.serving.tasks import Tasks
    from hmp.serving.telnet_decoder import TelnetDecoder

MOST_CLIENTS = 256
"""Clients that each monitor serves at a time."""


class RemoteSharedConnection(SharedConnection):
    """A human monitor's connection to a shared machine."""

    machine: RemoteMachine  # type: ignore[assignment] # it has what is used of an EmbeddedMachine
    trusted = False

    def __init__(self, machine: RemoteMachine, tasks: Tasks) -> None:
        super().__init__(machine, tasks)  # type: ignore[arg-type] # as above
        self.resemble(machine.connection)

    def _event(self, event: Message) -> None:
        # the connection leaves secrets in what QMP clients get; a human monitor shows none
        super()._event(mask_reply(event))

    def gone(self) -> MachineGoneError:
        """Return the error for a machine that has gone."""
        return self.machine.gone or connection_closed()

    async def execute(
        self, command: str, arguments: Mapping[str, Any] | None = None, /, **members: Any
    ) -> Any:
        """Run a QMP command and return its value; see `Connection.execute`."""
        return await self._submit(command, without_none(arguments, members), oob=False)

    async def execute_oob(self, command: str, arguments: Message | None = None, /) -> Any:
        """Run a QMP command out-of-band; see `Connection.execute_oob`."""
        return await self._submit(command, arguments or {}, oob=True)

    async def _submit(self, command: str, arguments: Message, oob: bool) -> Any:
        secret = sensitive(command, arguments, self.hidden)
        if self.trace:
            request = {"exec-oob" if oob else "execute": command, "arguments": arguments}
            self.trace("->", mask(request, self.hidden))
        # a line that is cancelled drops its replies, but not its commands
        reply = await asyncio.shield(self.machine.submit(command, arguments, oob=oob))
        if command != "query-qmp-schema":  # large, and without secrets
            reply = mask_reply(reply)
        if secret is not None:
            reply = secret.mask(reply)
        if self.trace:
            self.trace("<-", reply)
        return result(reply)

    async def describe(self, command: str) -> str:
        """Return the documentation of a QMP command; see `Connection.describe`."""
        return await Connection.describe(self, command)

    def post(self, command: str, arguments: Message) -> None:
        """Send a QMP command without waiting; see `Connection.post`."""
        self.machine.connection.post(command, arguments)


class SharedServer(Server):
    """The monitors of a remote machine, each for many clients at a time.

    read_only: refuse what might change the machine, whoever asks. The others are as for
    `Server`. When the machine goes away, the clients get the end of their connections.
    """

    machine: RemoteMachine  # type: ignore[assignment] # it has what is used of an EmbeddedMachine
    most = MOST_CLIENTS

    def __init__(
        self,
        connection: Connection,
        options: MonitorOptions,
        *,
        table: Table,
        read_only: bool = False,
        kinds: Mapping[str, Kind] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> None:

        def allows(command: str, arguments: Message) -> bool:
            return not read_only or reads(command, arguments, table)

        machine = RemoteMachine(connection, allows)
        super().__init__(
            machine,  # type: ignore[arg-type] # as above
            options,
            table=table,
            kinds=kinds,
            notice=notice,
        )
        self.read_only = read_only

    def view(self) -> RemoteSharedConnection:
        """Return another connection to the machine, for a monitor of this process."""
        return RemoteSharedConnection(self.machine, self._tasks)

    def _attach(self) -> None:
        self.machine.listeners.append(self._broadcast)
        self.machine.on_end.append(self._machine_ended)

    def _detach(self) -> None:
        if self._broadcast in self.machine.listeners:
            self.machine.listeners.remove(self._broadcast)

    def _control_client(
        self, pretty: bool, telnet: TelnetDecoder | None, host: ServingHost
    ) -> ControlClient:
        return RelayClient(self.machine, pretty, telnet, host)

    def _human_monitor(self) -> Monitor:
        return Monitor(self.view(), self._monitor_table(), read_only=self.read_only)
