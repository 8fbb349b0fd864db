"""Readings of all machines of a set, again and again, for ``top``.

Each machine has a thread, which connects and asks, so that one that hangs delays only
itself. The caller of `Gauges.look` sets the pace, and waits for none longer than it says.
"""

from __future__ import annotations

from threading import Condition, Thread
from time import monotonic

from hmp.fleet.at_once import CLOSE_LIMIT, is_qemu, reason
from hmp.fleet.sample import Sampler, unanswered
from hmp.frontends.script import drive
from hmp.qmp.halted import halted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hmp.fleet.sample import Reading
    from hmp.fleet.sets import SetMember
    from hmp.qmp.connection import Connection

    Connect = Callable[[SetMember], Connection]


INTERVAL = 2.0
"""Seconds between two looks, unless the user says otherwise."""
PATIENCE = 1.0
"""Seconds that a look waits for a machine that has answered before."""


class Gauges:
    """Asks the machines of a set; connect: opens a machine, and may raise what that does.

    A machine that goes away is connected to again when it is next asked. Of two sockets of
    one QEMU, the second to be reached is left out.
    """

    def __init__(self, members: Sequence[SetMember], connect: Connect) -> None:
        changed = Condition()
        self._changed = changed
        processes: dict[int, str] = {}
        self._gauges = [_Gauge(m, connect, changed, processes) for m in members]

    @property
    def twins(self) -> list[tuple[str, str]]:
        """The names that are left out, each with that of the same machine."""
        return [(gauge.member.name, gauge.twin) for gauge in self._gauges if gauge.twin]

    def look(self, patience: float | None = None) -> list[Reading]:
        """Return what each machine does now, within `PATIENCE`.

        A machine that still owes an answer is not waited for. patience: seconds to wait for
        every machine instead, as the last look does to learn the reasons.
        """
        end = monotonic() + (patience or PATIENCE)
        with self._changed:
            there = [gauge for gauge in self._gauges if not gauge.twin]
            # one that hangs would otherwise delay each of the following looks
            awaited = [gauge for gauge in there if patience or not gauge.asked]
            for gauge in awaited:
                gauge.ask()
            while any(gauge.asked for gauge in awaited):
                left = end - monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            return [gauge.shown() for gauge in self._gauges if not gauge.twin]

    def release(self, name: str) -> SetMember:
        """Leave a machine alone until the next look; return it.

        Its monitor is free for another client then, unless the machine hangs.
        """
        gauge = next(gauge for gauge in self._gauges if gauge.member.name == name)
        with self._changed:
            self._changed.wait_for(lambda: not gauge.asked, timeout=1)
            gauge.close()
        return gauge.member

    def end(self) -> None:
        """Leave no machine stopped that is stopped to be asked, by its gdb server."""
        gauges = [gauge for gauge in self._gauges if gauge.resumes]
        with self._changed:
            self._changed.wait_for(
                lambda: not any(gauge.asked for gauge in gauges), timeout=CLOSE_LIMIT
            )
            for gauge in gauges:
                gauge.close()


class _Gauge:
    """Asks one machine; asked: whether its answer is awaited.

    twin: the name of another gauge that asks the same machine. processes: the name by which
    each QEMU was reached first.
    """

    def __init__(
        self,
        member: SetMember,
        connect: Connect,
        changed: Condition,
        processes: dict[int, str],
    ) -> None:
        self.member = member
        self.asked = False
        self.twin = ""
        self._connect = connect
        self._changed = changed
        self._processes = processes
        self._sampler: Sampler | None = None
        self._reading: Reading | None = None
        self._begun = False

    @property
    def resumes(self) -> bool:
        """Whether the machine may be stopped until it has answered."""
        typed = (self.member.address or "").startswith("gdb:")
        return typed or (self._sampler is not None and self._sampler.connection.resumes)

    def ask(self) -> None:
        """Ask for a reading."""
        self.asked = True
        if not self._begun:
            self._begun = True
            Thread(target=self._work, daemon=True, name="gauge").start()
        self._changed.notify_all()

    def shown(self) -> Reading:
        """Return the answer, or a reading that says why none came."""
        reading = self._reading
        # numbers of an earlier look would be wrong now, but the reason of an error is still
        # the best
        if reading is None or (self.asked and "error" not in reading):
            sampler = self._sampler
            stopped = halted(sampler.connection.pid) if sampler is not None else ""
            why = stopped or f"no answer within {PATIENCE:g} s"
            return unanswered(self.member.name, why)
        return reading

    def close(self) -> None:
        """Close the connection."""
        if self._sampler is not None:
            connection = self._sampler.connection
            if not self.twin:
                self._processes.pop(connection.pid, None)
            connection.close()
            self._sampler = None

    def _work(self) -> None:
        """Answer whenever asked, until the machine proves to be the twin of another."""
        while not self.twin:
            with self._changed:
                self._changed.wait_for(lambda: self.asked)
            reading = self._answer()
            with self._changed:
                self._reading = reading
                self.asked = False
                self._changed.notify_all()

    def _answer(self) -> Reading:
        name = self.member.name
        try:
            if self._sampler is None:
                self._sampler = Sampler(self._connect(self.member))
                pid = self._sampler.connection.pid
                # setdefault is one step, so of two threads with one process only one asks
                first = self._processes.setdefault(pid, name)
                if first != name and is_qemu(pid):
                    self.twin = first
                    self.close()
                    return {}
            # outside of the lock, as it may take long
            return drive(self._sampler.reading(name))
        except Exception as error:
            self.close()
            return unanswered(name, reason(error))
