"""The machines of a session: connections, renewed when they break, and their monitors."""

from __future__ import annotations

import asyncio
from time import time
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.fleet.at_once import reach, reason
from hmp.fleet.sample import NO_ANSWER
from hmp.frontends.in_thread import in_thread
from hmp.monitor.call import Call
from hmp.monitor.confirmation import foreseen
from hmp.monitor.events import RUN_STATES
from hmp.monitor.from_text import asked
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import BadReplyError, MachineGoneError, QMPError
from hmp.qmp.halted import halted

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from hmp.fleet.fleet_table import Row
    from hmp.fleet.sets import SetMember
    from hmp.fleet.shared_answers import SharedAnswers
    from hmp.monitor.entry import Entry, Table
    from hmp.monitor.line import Line
    from hmp.monitor.monitor import Reach
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message, Trace

    class Fleet(Protocol):
        """What a machine needs of its session; see `hmp.fleet.fleet_monitor`.

        front, commands, read_only, ended, reach: as of any monitor. reaching: how machines
        are reached. turns: limits how many connect at once. answers: to what several
        machines ask.
        """

        front: FrontEnd
        commands: Table
        read_only: bool
        ended: bool
        reach: Reach | None
        reaching: ReachOptions
        turns: asyncio.Semaphore
        answers: SharedAnswers

        async def rest(self, seconds: float) -> None:
            """Wait, also while the loop rests."""

        def take_event(self, event: Message, name: str) -> None:
            """Take an event of a machine."""

        def shower(self, name: str) -> Trace | None:
            """Return what shows the messages of a machine; None if nothing does."""

        def leave_out_twins(self, machine: FleetMachine) -> None:
            """Keep only the first of two machines that are one QEMU."""


AWAY, GONE, BACK = "not reached", "gone", "back"
"""The events of a machine that is not there at first, is lost, or is there again."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 5.0
"""Seconds between two attempts to reach a machine."""
_GREETING = 2.0
"""Seconds that a machine may take for its name and state before it counts as there."""


class ReachOptions:
    """How machines are reached.

    timeout: seconds for one reply. hold: keep the sockets instead of private monitors.
    config: the path of the configuration. again: whether to connect again to machines that
    were lost.
    """

    def __init__(
        self,
        timeout: float | None = None,
        hold: bool = False,
        config: str | None = None,
        again: bool = True,
    ) -> None:
        self.timeout = timeout
        self.hold = hold
        self.config = config
        self.again = again


class FleetMachine:
    """A machine of the set.

    name: what it is called, on one line. read_only: whether its target says that it is for
    reading only. connection: None while it cannot be reached.
    status: its run state. problem: why it cannot be reached. settled: set after the first
    attempt. share: how much of the work of the running line it has done, 0 to 1; work: what
    it calls that.
    """

    def __init__(self, member: SetMember, fleet: Fleet) -> None:
        self.member = member
        self.fleet = fleet
        self.name = one_line(member.name)
        self.connection: Connection | None = None
        self.monitor: _MemberMonitor | None = None
        self.read_only = False
        self.status = ""
        self.problem = ""
        self.settled = asyncio.Event()
        self.share = 0.0
        self.work = ""
        self._opened: Connection | None = None
        self._closed = False
        self._lost: asyncio.Future[MachineGoneError] | None = None
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._keep(), name=f"keep {self.name}")

    # The connection

    async def _keep(self) -> None:
        """Connect, and connect again whenever the connection breaks, until cancelled."""
        pause = 0.0
        while True:
            if pause:
                await self.fleet.rest(pause)
            try:
                # at most FANOUT threads, and as many logins of ssh, at the same time
                async with self.fleet.turns:
                    connection = await in_thread(self._open)
                await self._use(connection)
            except Exception as error:
                self._drop()
                self.problem = reason(error)
                self.settled.set()
                pause = min(max(pause * 1.2, _FIRST_PAUSE), _LONGEST_PAUSE)
                continue
            assert self._lost is not None
            gone = await self._lost
            self._drop()
            self.problem = str(gone)
            ended = self.monitor is not None and self.monitor.ended
            if not (ended or self.fleet.ended):
                self.announce(GONE)
            if not self.fleet.reaching.again:
                return
            pause = _FIRST_PAUSE

    def _open(self) -> Connection:
        """Connect, blocking. Raises what `reach` raises."""
        reaching = self.fleet.reaching
        connection, self.read_only = reach(
            self.member,
            timeout=reaching.timeout,
            limit=None,
            config=reaching.config,
            private=not reaching.hold,
        )
        if self._closed:
            # a thread cannot be cancelled, so it may come back with a connection that
            # nothing needs
            connection.close()  # the machine has been taken out
        return connection

    async def _use(self, connection: Connection) -> None:
        """Serve the loop with a new connection. Raises MachineGoneError."""
        self._opened = connection
        adopted = await connection.adopt()
        lost: asyncio.Future[MachineGoneError] = asyncio.get_running_loop().create_future()

        def lose(gone: MachineGoneError) -> None:
            self.connection = None
            if not lost.done():
                lost.set_result(gone)

        self._lost = lost
        adopted.on_lost = lose
        if self.monitor is None:
            self.monitor = _MemberMonitor(adopted, self)
        else:
            # the monitor remains, and with it its CPU and its events
            self.monitor.ended = False
            self.monitor.attach(adopted)
        self.monitor.show_messages(self.fleet.shower(self.name))
        self.connection = adopted
        self.fleet.leave_out_twins(self)
        try:
            async with asyncio.timeout(_GREETING):
                await self.look_up()
        except TimeoutError:
            pass  # it is busy; its lines wait, too
        if self.settled.is_set():
            self.announce(BACK)
        self.settled.set()

    async def foresee(self, line: Line) -> str | None:
        """Return what a line will do here; see `_MemberMonitor.foresee`."""
        return None if self.monitor is None else await self.monitor.foresee(line)

    def give_up(self) -> None:
        """Stop waiting for the first answer, and say so; it may come later."""
        self.problem = self.problem or "no answer yet"
        self.settled.set()
        self.announce(AWAY)

    async def look_up(self) -> None:
        """Query the run state, and keep the old one if the machine refuses."""
        assert self.monitor is not None
        try:
            value: Any = await asked(self.monitor.qmp).execute("query-status")
            self.status = value["status"]
        except (QMPError, BadReplyError, MachineGoneError):
            pass  # a storage daemon has no state; a lost machine is reported otherwise

    def _drop(self) -> None:
        """Close the connection, and the blocking one that was opened for it."""
        for connection in (self.connection, self._opened):
            if connection is not None:
                connection.close()
        self.connection = self._opened = None

    def close(self) -> None:
        """Close the connection for good."""
        self._closed = True
        self.settled.set()
        self._task.cancel()
        self._drop()

    # Events

    def announce(self, what: str) -> None:
        """Show an event of the connection, unless the machine has been taken out."""
        if self._closed:
            return
        stamp = {"seconds": int(time()), "microseconds": 0}
        self.fleet.take_event({"event": what, "timestamp": stamp}, self.name)

    def take_event(self, event: Message) -> None:
        """Note the run state that an event reports, and pass it on."""
        self.status = RUN_STATES.get(event["event"], self.status)
        self.fleet.take_event(event, self.name)

    @property
    def pid(self) -> int:
        """The process that listens for us, while it is connected; 0 if not known."""
        return 0 if self.connection is None else self.connection.pid

    @property
    def state(self) -> str:
        """The run state, or why it is not known."""
        if self.connection is not None:
            return self.status or NO_ANSWER
        return "gone" if self.monitor is not None else "not reached"

    def row(self) -> Row:
        """Return what `targets` shows of the machine."""
        there = self.connection
        stopped = halted(self.pid)
        return {
            "machine": self.name,
            "state": NO_ANSWER if stopped else self.state,
            "version": "" if there is None else ".".join(map(str, there.version)),
            "detail": one_line(self.problem) if there is None else stopped,
        }


class _MemberMonitor(Monitor):
    """The monitor of one machine of the set."""

    def __init__(self, connection: Connection, machine: FleetMachine) -> None:
        fleet = machine.fleet
        reads = fleet.read_only or machine.read_only
        super().__init__(connection, fleet.commands, read_only=reads)
        self.front = _MemberFront(machine)
        self.reach = fleet.reach
        self.listeners.append(machine.take_event)

    async def foresee(self, line: Line) -> str | None:
        """Return what a line will do, or does in general; None if it needs no question.

        Raises CommandError for one that would fail, QMPError, MachineGoneError.
        """
        call = Call(line, self.qmp.version, 0)
        return None if call.entry is None else await foreseen(self, call, call.entry)

    async def confirm(self, call: Call, entry: Entry[Any]) -> None:
        """Do not ask; the user has been asked for all machines."""


class _MemberFront(FrontEnd):
    """The session's front end, as the handlers of one machine see it.

    Questions that several machines ask are put once.
    """

    def __init__(self, machine: FleetMachine) -> None:
        super().__init__()
        self.machine = machine
        session = machine.fleet.front
        self.interactive = session.interactive
        self.detailed = session.detailed
        self.local = session.local
        self.stop_on_error = session.stop_on_error

    @property
    def _session(self) -> FrontEnd:
        return self.machine.fleet.front

    def progress(self, what: str, done: int, total: int) -> None:
        """Note how far the machine is; the bar shows all machines together."""
        self.machine.work = what
        self.machine.share = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0

    def before_wait(self) -> None:
        """Flush the output of earlier lines."""
        self._session.before_wait()

    def warn(self, text: str) -> bool:
        """Show a warning with the machine's name."""
        return self._session.warn(f"{self.machine.name}: {text}")

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password, once for all machines."""
        fleet = self.machine.fleet
        ask: Callable[[], Any] = lambda: fleet.front.ask_secret(prompt)  # noqa: E731
        answer: str = await fleet.answers.once(prompt, ask)
        return answer

    async def confirm(self, question: str) -> bool:
        """Ask for confirmation, once for all machines."""
        fleet = self.machine.fleet
        ask: Callable[[], Any] = lambda: fleet.front.confirm(question)  # noqa: E731
        answer: bool = await fleet.answers.once(question, ask)
        return answer

    async def read_file(self, path: str) -> bytes:
        """Return a file of this host; see `FrontEnd.read_file`."""
        return await self._session.read_file(path)
