"""One line on all machines at once.

It is started, its questions are put once, it is waited for, and its results are gathered.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from hmp.fleet.node_sets import fold
from hmp.monitor.errors import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from typing import Any, TypeVar

    from hmp.fleet.fleet_machine import FleetMachine
    from hmp.monitor.call import Call
    from hmp.monitor.gathered import GatheredCall

    Value = TypeVar("Value")

_PATIENCE, _REDRAWN = 0.5, 0.2
"""Seconds until a line that still runs gets a bar, and between two drawings of it."""
_STILL = 1.0
"""Seconds without any answer until those that have come are shown."""
_LEFT_OUT = 3.0
"""Seconds without any answer until a line that is run again and again omits the rest."""


class Round:
    """A line that runs on machines. To be made within an event loop.

    session: all machines that the line is for, in the order in which results are shown.
    """

    def __init__(
        self, machines: Sequence[FleetMachine], text: str, session: Iterable[FleetMachine]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.machines = machines
        self._order = {machine.name: place for place, machine in enumerate(session)}
        for machine in machines:
            machine.share, machine.work = 0.0, ""
        self._collected: set[asyncio.Task[Call | None]] = set()
        self._omits = False
        self._tasks = [loop.create_task(_run(machine, text)) for machine in machines]

    async def wait(
        self,
        draw: Callable[[str, int, int], None],
        show: Callable[[Sequence[FleetMachine]], Coroutine[Any, Any, None]],
        again: bool,
    ) -> None:
        """Wait for all machines; draw the progress of those that take long.

        show: shows what has come if nothing more does, so that one that hangs does not
        hide the others' results; called with the missing ones. again: whether the line
        will be run again; then it ends without those that hang.
        """
        if not self._tasks:
            return  # all have refused before
        try:
            came, left = await asyncio.wait(self._tasks, timeout=_PATIENCE)
            last = monotonic()
            waits = True
            while left:
                draw(*self._progress())
                came, left = await asyncio.wait(left, timeout=_REDRAWN)
                if came:
                    last, waits = monotonic(), True
                # a machine that reports progress is not stuck, so its result is waited for
                elif waits and monotonic() - last > _STILL and not self._works():
                    waits = False
                    await show(self._missing())
                some = len(left) < len(self._tasks)
                if again and some and monotonic() - last > _LEFT_OUT:
                    self._omits = True
                    await self._cancel()
                    return
        except asyncio.CancelledError:
            await self._cancel()
            raise

    async def _cancel(self) -> None:
        """Stop waiting; what has been answered by then is still to be collected."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    def _progress(self) -> tuple[str, int, int]:
        """Return which machines are missing, and how much of the whole work is done."""
        missing = self._missing()
        total = len(self.machines)
        done = total - len(missing) + sum(machine.share for machine in missing)
        works = self._works()
        what = f"{works.pop()}: " if len(works) == 1 else ""
        names = fold(machine.name for machine in missing)
        # in thousandths, as the shares of machines are fractions
        return f"{what}{len(missing)} left, {names}", int(done * 1000), total * 1000

    def _missing(self) -> list[FleetMachine]:
        """Return the machines that have not answered."""
        pairs = zip(self.machines, self._tasks, strict=True)
        return [machine for machine, task in pairs if not task.done()]

    def _works(self) -> set[str]:
        """Return what the missing machines say that they are doing."""
        return {machine.work for machine in self._missing() if machine.work}

    def collect(self, call: GatheredCall) -> None:
        """Put the results of the machines that have answered since into a call."""
        call.unanswered.clear()
        for machine, task in zip(self.machines, self._tasks, strict=True):
            if task in self._collected:
                continue
            if task.done():
                self._collected.add(task)
            if task.cancelled() and self._omits:
                omitted = CommandFailedError("Error: no answer\n")
                call.parts.append((machine.name, call.part(omitted)))
            elif task.cancelled() or not task.done():
                call.unanswered.append(machine.name)
            elif task.exception() is not None:  # its reason names the machine
                lost = CommandFailedError("Error: the machine was lost meanwhile\n")
                call.parts.append((machine.name, call.part(lost)))
            elif (part := task.result()) is not None:
                call.parts.append((machine.name, part))
        # machines that refused beforehand come first otherwise
        call.parts.sort(key=lambda part: self._order[part[0]])
        call.settle()


async def in_time(
    works: Iterable[Coroutine[Any, Any, Value]], limit: float
) -> list[asyncio.Task[Value] | None]:
    """Run coroutines for so many seconds; return their tasks, None for those cut off."""
    tasks = [asyncio.ensure_future(work) for work in works]
    if tasks:
        await asyncio.wait(tasks, timeout=limit)
    for task in tasks:
        task.cancel()  # has no effect on one that is done
    return [task if task.done() and not task.cancelled() else None for task in tasks]


async def _run(machine: FleetMachine, text: str) -> Call | None:
    assert machine.monitor is not None
    return await machine.monitor.run(text)
