"""The monitor of a session on a set of machines: a line runs on all of them at once.

It takes the place of the monitor of one machine, so that prompt, completion, help,
history, aliases and pipes are those of every session. Each machine has a monitor of its
own; their calls come back as one `GatheredCall`. Lines that concern the session itself,
such as ``help`` or ``watch``, run here, once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.fleet.at_once import FANOUT, check_found, is_qemu
from hmp.fleet.fleet_event_log import FleetEventLog
from hmp.fleet.fleet_machine import FleetMachine
from hmp.fleet.fleet_table import ALL, HERE, SIGNS, TAKEN_OUT, FleetTable
from hmp.fleet.known_words import words_of
from hmp.fleet.node_sets import SetError, fold, how_many
from hmp.fleet.question import Question
from hmp.fleet.round import Round
from hmp.fleet.shared_answers import SharedAnswers
from hmp.frontends.in_thread import in_thread
from hmp.monitor.errors import CommandFailedError, DeclinedError
from hmp.monitor.gathered import GatheredCall
from hmp.monitor.kinds import Kind
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import MachineGoneError
from hmp.qmp.halted import halted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Any

    from hmp.fleet.fleet_connection import FleetConnection
    from hmp.fleet.fleet_machine import ReachOptions
    from hmp.fleet.fleet_table import Row
    from hmp.fleet.sets import SetMember
    from hmp.monitor.call import Call
    from hmp.monitor.entry import Table
    from hmp.monitor.kinds import Word
    from hmp.monitor.line import Line
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message, Trace

    Find = Callable[[Sequence[str]], Sequence[SetMember]]
    """Returns the machines that words name. Raises SetError, ConnectError."""

_BEGIN = 2.0
"""Seconds that the first prompt waits for another machine to answer."""
_REASONS = 3
"""The most machines of which a line says why they do not answer."""
_ONE = "migrate-to"
"""The command that is for one machine, as it needs another one of its own."""


class FleetMonitor(Monitor):
    """A monitor on a set of machines.

    members: the machines at first. find: finds the machines of a set. reaching: how they
    are reached. others: finds groups and machines to offer, but those of some processes; it
    may take long. machines: those of the set by name, in its order, once `begin` has run.
    """

    def __init__(
        self,
        connection: FleetConnection,
        table: Table,
        members: Sequence[SetMember],
        find: Find,
        reaching: ReachOptions,
        *,
        others: Callable[[Collection[int]], Iterable[Word]] = lambda pids: (),
        read_only: bool = False,
    ) -> None:
        offered = Kind("machine", local=True, on_request=lambda context: True)

        @offered.fetcher
        async def offer(qmp: Connection, context: str) -> Iterable[Word]:
            # it blocks: local words are fetched in a thread
            return others({machine.pid for machine in self._there()})

        super().__init__(
            connection,
            FleetTable(table, self._choose, self._known, offered),
            read_only=read_only,
        )
        connection.fleet = self
        self.initialised = True  # each machine's own monitor looks whether it is
        self._fleet_connection = connection
        self.find = find
        self.reaching = reaching
        self.machines: dict[str, FleetMachine] = {}
        self.turns = asyncio.Semaphore(FANOUT)
        self._members = {one_line(member.name): member for member in members}
        self._first = dict(self._members)
        self._processes: dict[int, FleetMachine] = {}
        self._show: Trace | None = None
        self.answers = SharedAnswers()

    # The machines

    async def begin(self) -> None:
        """Connect to all machines. Raises MachineGoneError if none can be reached."""
        self._add(list(self._members.values()))
        await self._settle(list(self.machines.values()))
        if not self.present:
            first = next(iter(self.machines.values()))
            raise MachineGoneError(
                f"none of {len(self.machines)} machines can be reached;"
                f" {first.name}: {first.problem}"
            )

    def _add(self, members: Sequence[SetMember]) -> list[FleetMachine]:
        """Start to connect to machines that are new; return those."""
        new = {one_line(member.name): member for member in members}
        self._members |= new
        added = [FleetMachine(new[name], self) for name in new if name not in self.machines]
        self.machines |= {machine.name: machine for machine in added}
        return added

    async def _settle(self, machines: Sequence[FleetMachine]) -> None:
        """Wait until machines have answered or refused, but not for those that hang.

        Connecting to many takes long, as each waits for its turn; so this waits as long as
        more of them answer. Announce who cannot be reached.
        """
        waits = [asyncio.ensure_future(machine.settled.wait()) for machine in machines]
        before = -1
        # ends with the first interval in which no further machine has answered
        while waits and before < self.present:
            before = self.present
            await asyncio.wait(waits, timeout=_BEGIN)
        for wait in waits:
            wait.cancel()
        for machine in machines:
            if machine.connection is None:
                machine.give_up()

    def _there(self) -> list[FleetMachine]:
        """Return the machines that are there."""
        return [each for each in self.machines.values() if each.connection is not None]

    @property
    def lead(self) -> Monitor | None:
        """The monitor of the first connected machine."""
        return next((machine.monitor for machine in self._there()), None)

    @property
    def title(self) -> str:  # type: ignore[override] # it is a constant there
        """The number of machines."""
        return how_many(len(self.machines))

    @property
    def present(self) -> int:
        """The number of machines that are there."""
        return len(self._there())

    def leave_out_twins(self, machine: FleetMachine) -> None:
        """Keep only the first of two machines that are one QEMU, reached by two sockets."""
        pid = machine.pid
        other = self._processes.setdefault(pid, machine)
        if other.pid != pid:  # it has ended, and this one has its number
            self._processes[pid] = machine
        elif other is not machine and is_qemu(pid):
            # the first in the set, whichever was connected first
            first, twin = sorted((other, machine), key=list(self.machines.values()).index)
            self._processes[pid] = first
            twin.announce(f"left out, as it is the same machine as {first.name}")
            self.machines.pop(twin.name).close()
            self._first.pop(twin.name, None)

    def close(self) -> None:
        """Close all connections."""
        for machine in self.machines.values():
            machine.close()

    async def _choose(self, sign: str, words: str) -> list[Row]:
        """Change the set, or return a row for each machine.

        Raises CommandFailedError for a set that cannot be found.
        """
        if words:
            await self._change(sign, words)
            return []
        if self.line.text.strip()[0] in SIGNS:
            raise CommandFailedError(
                f"Error: {sign} needs machines, such as {sign}vm[1-3]\n"
            )
        return [machine.row() for machine in self.machines.values()]

    def _known(self) -> list[tuple[str, str]]:
        """Return the machines that the session has or had, each with its state."""
        return [
            (name, self.machines[name].state if name in self.machines else TAKEN_OUT)
            for name in self._members
        ]

    async def _change(self, sign: str, words: str) -> None:
        try:
            found = await self._found(sign, words)
        except (ValueError, MachineGoneError) as error:
            raise CommandFailedError(f"Error: {one_line(str(error))}\n") from error
        names = [one_line(member.name) for member in found]
        if sign == "-":
            left = [name for name in self.machines if name not in names]
            if len(left) == len(self.machines):
                raise CommandFailedError(f"Error: the session has none of {fold(names)}\n")
        else:
            left = [*(self.machines if sign == "+" else ()), *names]
        if not left:
            raise CommandFailedError("Error: no machine would be left\n")
        for name in [name for name in self.machines if name not in left]:
            self.machines.pop(name).close()
        added = self._add([m for m in found if one_line(m.name) in left])
        self.machines = {name: self.machines[name] for name in left}
        await self._settle(added)

    async def _found(self, sign: str, words: str) -> Sequence[SetMember]:
        """Return the machines of a set; ``@NAME`` is a group if no machine has the name.

        Raises SetError, ConnectError.
        """
        if sign == "@" and words == ALL:
            return list(self._first.values())
        found = await in_thread(self.find, words.split())
        if sign == "-":
            return found
        try:
            new = [m for m in found if one_line(m.name) not in self._members]
            await in_thread(check_found, new, self.reaching.config)
        except MachineGoneError:
            if sign != "@":
                raise
            with suppress(SetError):
                return await self._found("", f"@{words}")
            raise
        return found

    async def rest(self, seconds: float) -> None:
        """Wait; see `FleetConnection.rest`."""
        await self._fleet_connection.rest(seconds)

    # Events and messages of the machines

    def take_event(self, event: Message, name: str) -> None:
        """Take an event of a machine."""
        self._fleet_connection.arrival.set()
        self._on_event({**event, "target": name})

    def event_log(self) -> FleetEventLog:
        """Return a log that shows what several machines have in common once."""
        return FleetEventLog()

    def show_messages(self, show: Trace | None) -> None:
        """Show the QMP messages of all machines, or stop doing so."""
        self._show = show
        for machine in self.machines.values():
            if machine.monitor is not None:
                machine.monitor.show_messages(self.shower(machine.name))

    def shower(self, name: str) -> Trace | None:
        """Return what shows the messages of a machine; None if nothing does."""
        show = self._show
        if show is None:
            return None
        return lambda arrow, message: show(f"{name}: {arrow}", message)

    def connections(self, name: str) -> Mapping[str, Connection | None]:
        """Return the connections of all machines; None for those that are away."""
        return {machine.name: machine.connection for machine in self.machines.values()}

    def choose(self, name: str) -> None:
        """Leave all machines but one."""
        for other in [each for each in self.machines if each != name]:
            self.machines.pop(other).close()

    async def words(self, kind: Kind, context: str) -> tuple[Word, ...]:
        """Return the words of all machines; see `hmp.fleet.known_words`."""
        if kind.local:
            return await super().words(kind, context)
        there = self._there()
        pairs = [(each.name, each.monitor) for each in there if each.monitor is not None]
        return await words_of(pairs, kind, context)

    # Lines

    def _call_of(self, line: Line) -> Call:
        if self._is_ours(line):
            return super()._call_of(line)
        return GatheredCall(line, self.qmp.version, fold)

    async def _result(self, call: Call) -> Any:
        """Run a line on all machines, or here."""
        if not isinstance(call, GatheredCall):
            return await super()._result(call)
        self.line = call.line
        await self._run_on_all(call)
        return call.value

    def _is_ours(self, line: Line) -> bool:
        if line.entry is None:
            return False
        # of ``info`` itself only its history is of the session
        ours = line.entry.names[0] in HERE
        inner = line.words and line.text[slice(*line.words[0])] == "info"
        return line.entry.names[0] == "history" if inner else ours

    async def _run_on_all(self, call: GatheredCall) -> None:
        """Run a line on all machines that are there. Raises CommandError."""
        there = self._there()
        self._check(call.line, there)
        going = await self._agreed_for_all(call, there)
        self.answers.clear()
        running = Round(going, call.line.text, there)

        async def show(missing: Sequence[FleetMachine]) -> None:
            if self.depth != 1 or not self.front.shows_parts or self.answers.awaited:
                return
            running.collect(call)
            if call.parts:
                await self.front.show_part(call, stopped=False)
                call.earlier += [part for _, part in call.parts]
                call.parts.clear()
            names = fold(machine.name for machine in missing)
            self.front.tell(f"no answer yet from {names}; Ctrl-C stops waiting")
            whys = [f"{each.name}: {why}" for each in missing if (why := halted(each.pid))]
            for why in whys[:_REASONS]:
                self.front.tell(why)

        self.front.before_wait()
        try:
            await running.wait(self._draw, show, again=call.endless)
        except asyncio.CancelledError:
            self.answers.cancel()
            running.collect(call)
            await self._show_stopped(call)
            raise
        running.collect(call)
        # with only some of the machines at first, the others are there for ``@all``
        whole = self._first.keys() <= self.machines.keys()
        ends = all(machine.monitor and machine.monitor.ended for machine in going)
        self.ended = bool(going) and whole and ends

    def _check(self, line: Line, there: Sequence[FleetMachine]) -> None:
        """Raise CommandError for a line that is wrong on any machine of these."""
        # a command that is unknown here is sent, as a QEMU may have it; a register has a
        # value there
        wrong = line.error if line.entry is not None else None
        if wrong is not None and wrong.register is None:
            raise wrong
        if line.entry is not None and line.entry.names[0] == _ONE and len(there) > 1:
            example = f"such as @{there[0].name}"
            raise CommandFailedError(f"Error: {_ONE} is for one machine: {example}\n")
        if not there:
            raise CommandFailedError("Error: no machine of the set is connected\n")

    async def _agreed_for_all(
        self, call: GatheredCall, there: Sequence[FleetMachine]
    ) -> Sequence[FleetMachine]:
        """Ask whether a destructive line shall run; return the machines on which it shall.

        The errors of the other machines go into the call. Raises CommandFailedError.
        """
        entry = call.entry
        if self.read_only or entry is None or not entry.asks_user:
            return there
        question = Question(call, there)
        await question.look_ahead(entry)
        if not await question.answered(self.front):
            raise DeclinedError
        call.parts += question.refusals()
        refused = [machine for machine, _ in question.refused]
        return [machine for machine in there if machine not in refused]

    def _draw(self, what: str, done: int, total: int) -> None:
        """Draw how far all machines are together, unless one asks something."""
        if not self.answers.awaited:
            self.front.progress(what, done, total)

    async def _show_stopped(self, call: GatheredCall) -> None:
        """Show what came before Ctrl-C, and name the machines that have not answered."""
        call.continues = f"{fold(call.unanswered)} had not answered"
        left = [self.machines[name] for name in call.unanswered if name in self.machines]
        works = {each.monitor.call.continues for each in left if each.monitor is not None}
        if works := works - {""}:
            call.continues += f"; {', '.join(sorted(works))}"
        elif call.may_change:
            call.continues += ", and may still carry it out"
        if call.parts and self.depth == 1:
            await self.front.show_part(call, stopped=True)
