"""The machines that an agent may name, each opened when it is first used.

Without TARGETs these are the running ones that ``hmp --list`` shows, and a machine in this
process; never any other address, since some addresses run a program.
"""

from __future__ import annotations

import asyncio
import os
from functools import cached_property

from hmp.agents.permission import Gate, Permission, RefusedError
from hmp.agents.recordings import Recording
from hmp.builtin import load_tables
from hmp.display.sanitise import one_line
from hmp.fleet.sets import SetMember, Sets
from hmp.frontends.config import load_config
from hmp.frontends.in_thread import in_thread, made_in_thread
from hmp.library.machines import AsyncMachine
from hmp.library.opening import embedded, opened, resolved
from hmp.monitor.call import Call
from hmp.monitor.frontend import FrontEnd
from hmp.qmp.errors import MachineGoneError
from hmp.qmp.secrets import mask_target
from hmp.qmp.wrapped import CheckedConnection
from hmp.targets.discovery import RunningMachine, as_json
from hmp.targets.discovery import machines as processes_here
from hmp.targets.run_states import machines_here

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Any

    from hmp.monitor.entry import Effect
    from hmp.qmp.connection import Connection
    from hmp.qmp.recording import RecordingFile

EMBEDDED = "embedded"
"""The name of the machine in this process."""
_SHOWN = 20
"""Names that an error lists."""


class Settings:
    """The settings for machines from the command line, named as its options.

    allowed: the worst effect that tools may have. recording: the file of --record.
    """

    def __init__(
        self,
        targets: Sequence[str] = (),
        *,
        exclude: Sequence[str] = (),
        everything: bool = False,
        allowed: Effect = "read",
        timeout: float | None = None,
        wait: float | None = None,
        extend: Sequence[str] = (),
        config: str | None = None,
        hold: bool = False,
        recording: RecordingFile | None = None,
    ) -> None:
        self.targets = targets
        self.exclude = exclude
        self.everything = everything
        self.allowed: Effect = allowed
        self.timeout = timeout
        self.wait = wait
        self.extend = extend
        self.config = config
        self.hold = hold
        self.recording = recording


class AgentFrontEnd(FrontEnd):
    """An agent as handlers see it; it gets all details."""

    detailed = True


class OpenMachine:
    """A machine in use; lock: held by the call that runs a line."""

    def __init__(
        self, machine: AsyncMachine, permission: Permission, recording: Recording
    ) -> None:
        self.machine = machine
        self.recording = recording
        self.lock = asyncio.Lock()
        monitor = self.monitor = machine.monitor
        monitor.front = AgentFrontEnd()
        self.gate = Gate(monitor.raw, permission)
        monitor.raw = self.gate
        # the gate is innermost, so that no other way leads past it
        monitor.qmp = (
            self.gate if monitor.connection.trusted else CheckedConnection(self.gate)
        )
        recording.follow(monitor)
        self._permission = permission
        self._lost = False
        monitor.connection.on_lost = self._lose

    async def run(self, text: str, level: Effect) -> Call:
        """Run a line, and return its result without secrets.

        level: the worst effect that the calling tool has. Raises RefusedError, ValueError
        for a blank line, MachineGoneError.
        """
        async with self.lock:
            line = self.monitor.parse(text)
            # only the first of several lines would have been judged
            if line.blank or "\n" in text:
                raise ValueError("give one line")
            # judged before it runs, so that nothing of a refused line is sent
            self._permission.check(line, level)
            self.gate.begin(line, level)
            try:
                call = await self.monitor.run(text)
            except MachineGoneError as error:
                self._lose(error)
                raise
            assert call is not None  # the line is not blank
            call.value = self.gate.masked(call.value)
            return call

    @property
    def gone(self) -> bool:
        """Whether the connection has ended."""
        return self._lost or self.monitor.ended

    def _lose(self, error: MachineGoneError) -> None:
        self._lost = True


class AgentMachines:
    """The machines that an agent may name, and the connections that are open."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.table = load_tables(settings.extend, lazy=True)
        self.permission = Permission(self.table, settings.allowed)
        self.fixed = bool(settings.targets or settings.everything)
        self._open: dict[str, OpenMachine] = {}
        self._opening: dict[str, asyncio.Lock] = {}

    @cached_property
    def members(self) -> dict[str, SetMember]:
        """The machines of the TARGETs by name.

        Raises SetError, ConfigError, ConnectError.
        """
        settings = self.settings
        sets = Sets(load_config(settings.config, os.environ))
        found = sets.members(settings.targets, settings.exclude, settings.everything)
        return {member.name: member for member in found}

    def listed(self) -> list[dict[str, Any]]:
        """Return the machines, each with its name for the tools. It blocks."""
        if self.fixed:
            return [
                {"machine": name, "target": mask_target(member.address or name)}
                for name, member in self.members.items()
            ]
        here = _distinct(machines_here())
        found = [{"machine": _called(m), **as_json(m)} for m in here]
        return [*found, {"machine": EMBEDDED, "program": "hmp", "state": "running"}]

    def names(self) -> list[str]:
        """Return the names of all machines. It blocks."""
        if self.fixed:
            return list(self.members)
        return [*filter(None, map(_called, _distinct(processes_here()))), EMBEDDED]

    async def opened(self, name: str | None) -> OpenMachine:
        """Return a machine, connected. None: the only one.

        Raises RefusedError for one that may not be named, ConnectError.
        """
        if name is None:
            name = await self._only()
        # one that does not answer must not hold up the others
        async with self._opening.setdefault(name, asyncio.Lock()):
            machine = self._open.get(name)
            if machine is not None and machine.gone:
                machine.machine.close()
                machine = None
            if machine is None:
                machine = self._open[name] = await self._connected(name)
            return machine

    def recordings(self) -> dict[str, str]:
        """Return the recordings of the sessions so far, by the machines' names."""
        return {name: machine.recording.text for name, machine in self._open.items()}

    def close(self) -> None:
        """Close all connections, and finish the recording."""
        for machine in self._open.values():
            machine.machine.close()
        if self.settings.recording is not None:
            self.settings.recording.finish()

    async def _only(self) -> str:
        names = await in_thread(self.names)
        if self.fixed and len(names) == 1:
            return names[0]
        raise RefusedError(f"name the machine: {_some(names)}")

    async def _connected(self, name: str) -> OpenMachine:
        recording = Recording(self.settings.recording)
        connection, read_only = await made_in_thread(
            lambda: self._connect(name, recording), lambda made: made[0].close()
        )
        machine = await AsyncMachine.over(connection, self.table, name, read_only)
        return OpenMachine(machine, self.permission, recording)

    def _connect(self, name: str, recording: Recording) -> tuple[Connection, bool]:
        settings = self.settings
        trace = recording.recorder.trace
        # a TARGET may have the same name
        if not self.fixed and name == EMBEDDED:
            made = embedded(
                self.table,
                _dropped,
                extend=settings.extend,
                timeout=settings.timeout,
                trace=trace,
            )
            return made, False
        address, read_only = self._address(name)
        connection = opened(
            address,
            timeout=settings.timeout,
            wait=settings.wait,
            trace=trace,
            private=not settings.hold,
        )
        return connection, read_only

    def _address(self, name: str) -> tuple[str, bool]:
        """Return where a machine is, and whether it is for reading only."""
        if not self.fixed:
            return self._listed_address(name), False
        member = self.members.get(name)
        if member is None:
            raise RefusedError(f"'{name}' is not one of {_some(self.members)}")
        if member.address is None:
            return resolved(name, self.settings.config)
        return member.address, member.read_only

    def _listed_address(self, name: str) -> str:
        found = [m for m in _distinct(processes_here()) if _called(m)]
        # a target leads to one machine; names are what machines call themselves
        if any(name in m.targets for m in found):
            return name
        targets = [m.targets[0] for m in found if name in m.names]
        if len(targets) == 1:
            return targets[0]
        if targets:
            raise RefusedError(f"several machines are called '{name}': {_some(targets)}")
        names = _some([*map(_called, found), EMBEDDED])
        raise RefusedError(f"no running machine is called '{name}'; these are: {names}")


def _some(names: Collection[str]) -> str:
    """Return the first names of many."""
    first, rest = [*map(one_line, names)][:_SHOWN], [*names][_SHOWN:]
    more = f" and {len(rest)} more, see list_machines" if rest else ""
    return f"{', '.join(first)}{more}"


def _distinct(found: Iterable[RunningMachine]) -> list[RunningMachine]:
    """Return the machines, but one of those that claim the same name and socket.

    Only one of them listens there: the one that has answered, if any has.
    """
    ways: dict[tuple[str, str | int], RunningMachine] = {}
    for machine in found:
        way = _called(machine), machine.targets[0] if machine.targets else machine.pid
        if way not in ways or machine.state:
            ways[way] = machine
    return list(ways.values())


def _called(machine: RunningMachine) -> str:
    """Return the name of a machine for the tools; empty for one out of reach."""
    # another user's machine may call itself like one of ours
    if machine.user or not machine.targets:
        return ""
    return machine.name or machine.targets[0]


def _dropped(text: str) -> None:
    """Discard the output of the machine in this process."""
