"""Sets of machines for programs: results and errors by target.

`Machines` blocks and works in threads; `AsyncMachines` is for an event loop.
"""

from __future__ import annotations

from threading import Event as Flag
from time import monotonic

from hmp.fleet.at_once import at_once, reach
from hmp.frontends.script import driven
from hmp.library.closing import AsyncClosing, Closing
from hmp.library.machines import LOOK, QMP, AsyncMachine, Machine
from hmp.library.results import Answers
from hmp.qmp.readable import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Semaphore
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Collection,
        Coroutine,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from typing import Any, TypeVar

    from hmp.fleet.sets import SetMember
    from hmp.library.results import Result
    from hmp.monitor.entry import Table
    from hmp.monitor.events import Event
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace

    Form = TypeVar("Form", Machine, AsyncMachine)
    Value = TypeVar("Value")

_TURN = 100
"""At most so many events of one machine in a row: it may send them without a pause."""


class Machines(Closing, dict[str, Machine]):
    """The machines of a set that were reached, by target; methods run on all at once.

    The others need not wait for a machine that fails or hangs. errors: by target, why a
    machine could not be reached; every call fails for these, too.
    Methods raise SomeFailedError, which has the answers of the machines that succeeded.
    """

    def __init__(self, found: Answers[Machine], fanout: int) -> None:
        super().__init__(found)
        self.errors = found.errors
        self._fanout = fanout

    def each(
        self, work: Callable[[Machine], Value], *, check: bool = True
    ) -> Answers[Value]:
        """Call a function with each machine, in threads, and return what it returns.

        check: raise SomeFailedError if it fails; without, the errors are in the answers.
        """
        answers = _gathered(lambda name: work(self[name]), self, self._fanout)
        answers.errors |= self.errors
        return answers.checked() if check else answers

    def run(self, line: str, *, check: bool = True) -> Answers[Result]:
        """Run a line of the monitor; see `Machine.run`, and `each` for check."""
        return self.each(lambda machine: machine.run(line), check=check)

    @property
    def qmp(self) -> QMP[Answers[Any]]:
        """QMP commands; see `Machine.qmp`."""
        return QMP(
            lambda command, arguments, members: self.each(
                lambda machine: machine.qmp(command, arguments, **members)
            )
        )

    def wait(
        self, event: str, *, timeout: float | None = None, **data: Any
    ) -> Answers[Event]:
        """Wait for an event of each machine; see `Machine.wait`."""
        return self.each(lambda machine: machine.wait(event, timeout=timeout, **data))

    def events(self, timeout: float | None = None) -> Iterator[tuple[str, Event]]:
        """Yield the events of all as they come, each once, with the machine's target.

        It ends when none has come for `timeout` seconds (None: never), or when no machine
        is left. One that goes away has its error in `errors` from then on.
        """
        return driven(_events(self, self.errors, timeout, _come, _until_readable))

    def close(self) -> None:
        """Close all connections. Idempotent."""
        _gathered(lambda name: self[name].close(), self, self._fanout)


class AsyncMachines(AsyncClosing, dict[str, AsyncMachine]):
    """The machines of a set for an event loop: the methods of `Machines` as coroutines."""

    def __init__(self, found: Answers[AsyncMachine]) -> None:
        super().__init__(found)
        self.errors = found.errors

    async def each(
        self, work: Callable[[AsyncMachine], Awaitable[Value]], *, check: bool = True
    ) -> Answers[Value]:
        """Await what a function returns for each machine; see `Machines.each`."""
        answers = await _awaited(lambda name: work(self[name]), self)
        answers.errors |= self.errors
        return answers.checked() if check else answers

    async def run(self, line: str, *, check: bool = True) -> Answers[Result]:
        """Run a line of the monitor; see `Machines.run`."""
        return await self.each(lambda machine: machine.run(line), check=check)

    @property
    def qmp(self) -> QMP[Coroutine[Any, Any, Answers[Any]]]:
        """QMP commands as coroutines; see `Machine.qmp`."""
        return QMP(
            lambda command, arguments, members: self.each(
                lambda machine: machine.qmp(command, arguments, **members)
            )
        )

    async def wait(
        self, event: str, *, timeout: float | None = None, **data: Any
    ) -> Answers[Event]:
        """Wait for an event of each machine; see `Machine.wait`."""
        return await self.each(lambda machine: machine.wait(event, timeout=timeout, **data))

    def events(self, timeout: float | None = None) -> AsyncIterator[tuple[str, Event]]:
        """Yield the events of all as they come; see `Machines.events`."""
        return _events(self, self.errors, timeout, AsyncMachine.events, _until_first)

    def close(self) -> None:
        """Close all connections. Idempotent."""
        for machine in self.values():
            machine.close()


class SetConnector:
    """Connects to the machines of a set; the fields are the parameters of `connect_all`."""

    def __init__(
        self,
        members: Sequence[SetMember],
        table: Table,
        *,
        timeout: float | None,
        wait: float | None,
        read_only: bool,
        trace: Trace | None,
        fanout: int,
    ) -> None:
        self.members = {member.name: member for member in members}
        self.table = table
        self.timeout = timeout
        self.wait = wait
        self.read_only = read_only
        self.trace = trace
        self.fanout = fanout

    def machines(self) -> Machines:
        """Connect to the machines, which block."""
        found = _gathered(self._machine, self.members, self.fanout)
        return Machines(found, self.fanout)

    async def async_machines(self) -> AsyncMachines:
        """Connect to the machines in an event loop; a thread connects each."""
        from asyncio import Semaphore

        turns = Semaphore(self.fanout)
        made: list[AsyncMachine] = []

        async def machine(name: str) -> AsyncMachine:
            made.append(await self._async_machine(name, turns))
            return made[-1]

        try:
            return AsyncMachines(await _awaited(machine, self.members))
        except BaseException:  # a cancellation
            for each in made:
                each.close()
            raise

    def _reach(self, name: str) -> tuple[Connection, bool]:
        connection, only_reads = reach(
            self.members[name], timeout=self.timeout, wait=self.wait, trace=self.trace
        )
        return connection, self.read_only or only_reads

    def _machine(self, name: str) -> Machine:
        connection, read_only = self._reach(name)
        return Machine(connection, self.table, name, read_only)

    async def _async_machine(self, name: str, turns: Semaphore) -> AsyncMachine:
        from hmp.frontends.in_thread import made_in_thread

        async with turns:
            connection, read_only = await made_in_thread(
                lambda: self._reach(name), lambda made: made[0].close()
            )
        return await AsyncMachine.over(connection, self.table, name, read_only)


async def _events(
    machines: Mapping[str, Form],
    errors: dict[str, Exception],
    timeout: float | None,
    come: Callable[[Form, float], AsyncIterator[Event]],
    pause: Callable[[Collection[Form], float], Awaitable[None]],
) -> AsyncGenerator[tuple[str, Event], None]:
    """Yield the events of machines with their targets; see `Machines.events`.

    come: returns the events of one that come within some seconds. pause: waits for so many
    seconds, or until something comes from any.
    """
    left = dict(machines)
    end = _end(timeout)
    while left:
        came = False
        # a copy, since a machine that fails is taken out
        for name, machine in list(left.items()):
            try:
                turn = 0
                async for event in come(machine, 0):
                    came = True
                    yield name, event
                    turn += 1
                    if turn == _TURN:
                        break
            except Exception as error:
                errors[name] = error
                del left[name]
        seconds = LOOK if end is None else min(end - monotonic(), LOOK)
        # the timeout is for silence, so each event begins it anew
        if came:
            end = _end(timeout)
        elif seconds <= 0:
            return
        else:
            await pause(left.values(), seconds)


def _end(timeout: float | None) -> float | None:
    """Return when a time from now on is over; None: never."""
    return None if timeout is None else monotonic() + timeout


async def _come(machine: Machine, timeout: float) -> AsyncIterator[Event]:
    """Yield the events of a machine as `Machine.events` does."""
    for event in machine.events(timeout):
        yield event


async def _until_readable(machines: Iterable[Machine], seconds: float) -> None:
    """Block until something comes from one of the machines, or the time is over."""
    connections = [machine.monitor.connection for machine in machines]
    readable([c for c in connections if c.fileno() >= 0], seconds)


async def _until_first(machines: Collection[AsyncMachine], seconds: float) -> None:
    """Wait until something comes from one of the machines, or the time is over."""
    # what came to one while others were looked at would not end its pause
    if not any(machine.has_events for machine in machines):
        await _first_of(machine.monitor.qmp.pause(seconds) for machine in machines)


def _gathered(
    work: Callable[[str], Value], names: Iterable[str], fanout: int
) -> Answers[Value]:
    """Call a function for each name in threads; return the values and errors."""
    answers: Answers[Value] = Answers()
    wanted = list(names)
    finished: list[str] = []
    done = Flag()

    def run(name: str) -> None:
        try:
            answers[name] = work(name)
        except Exception as error:
            answers.errors[name] = error
        finally:
            # appending is one step, so the threads need no lock, and the last one sees all
            finished.append(name)
            if len(finished) == len(wanted):
                done.set()

    if wanted:
        at_once(run, wanted, fanout)
        done.wait()
    return answers.in_order(wanted)


async def _first_of(pauses: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait until the first of the pauses ends, however it does, and end the others."""
    from asyncio import FIRST_COMPLETED, ensure_future, gather, wait

    tasks = [ensure_future(pause) for pause in pauses]
    if not tasks:
        return
    try:
        await wait(tasks, return_when=FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await gather(*tasks, return_exceptions=True)


async def _awaited(
    work: Callable[[str], Awaitable[Value]], names: Iterable[str]
) -> Answers[Value]:
    """Await a function for all names together; return the values and errors."""
    from asyncio import gather

    answers: Answers[Value] = Answers()

    async def run(name: str) -> None:
        try:
            answers[name] = await work(name)
        except Exception as error:
            answers.errors[name] = error

    wanted = list(names)
    await gather(*map(run, wanted))
    return answers.in_order(wanted)
