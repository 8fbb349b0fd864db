from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator
from time import monotonic_ns

import pytest

from hmp.machine.alarm import (
    METHODS,
    SECOND,
    AlarmTimer,
    DynTicks,
    Timers,
    UnixTimer,
    make_alarm,
)
from hmp.machine.machine import EmbeddedMachine
from hmp.qmp.errors import QMPError
from tests.fakes import LIMIT

linux = pytest.mark.skipif("dynticks" not in METHODS, reason="only Linux has timerfd")


@pytest.fixture
def dynticks() -> Iterator[DynTicks]:
    """Return a timer of the kernel."""
    timer = DynTicks()
    yield timer
    timer.close()


@pytest.fixture
def unix() -> Iterator[UnixTimer]:
    """Return the interval timer of this process."""
    timer = UnixTimer()
    yield timer
    timer.close()


def fired(timer: DynTicks, seconds: float) -> bool:
    """Return whether a timer fires within a time."""
    fd = timer.fileno()
    assert fd is not None
    return bool(select.select([fd], [], [], seconds)[0])


@linux
def test_dynticks_counts_down_to_its_deadline(dynticks: DynTicks) -> None:
    """By the kernel's own account, in nanoseconds."""
    dynticks.arm(monotonic_ns() + 60 * SECOND)
    first, second = dynticks.remaining(), dynticks.remaining()

    assert first is not None
    assert second is not None
    assert 59 * SECOND < second < first <= 60 * SECOND


@linux
@pytest.mark.parametrize("delay", [2_000_000, 0, -SECOND])
def test_dynticks_fires_at_its_deadline_or_at_once(dynticks: DynTicks, delay: int) -> None:
    """It fires once, and is off then."""
    deadline = monotonic_ns() + delay
    dynticks.arm(deadline)

    assert fired(dynticks, LIMIT)
    assert monotonic_ns() >= deadline
    assert dynticks.remaining() is None


@linux
def test_dynticks_that_is_off_does_not_fire(dynticks: DynTicks) -> None:
    """Neither before it is set, nor when it was set and switched off."""
    assert dynticks.remaining() is None
    dynticks.arm(monotonic_ns() + SECOND)
    dynticks.arm(None)

    assert dynticks.remaining() is None
    assert not fired(dynticks, 0)


@linux
def test_dynticks_is_quiet_again_when_it_is_set_anew(dynticks: DynTicks) -> None:
    """Its descriptor tells of the last deadline only."""
    dynticks.arm(1)
    assert fired(dynticks, LIMIT)
    dynticks.arm(monotonic_ns() + 60 * SECOND)

    assert not fired(dynticks, 0)


@linux
def test_dynticks_that_is_closed_does_nothing(dynticks: DynTicks) -> None:
    """Its descriptor is given back, once."""
    fd = dynticks.fileno()
    assert fd is not None
    dynticks.close()
    dynticks.close()
    dynticks.arm(1)

    assert dynticks.remaining() is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_unix_ticks_as_long_as_there_is_a_deadline(unix: UnixTimer) -> None:
    """Whatever the deadline is; then it is off."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    try:
        unix.arm(monotonic_ns() + 60 * SECOND)
        left = unix.remaining()
        ticks = [signal.sigtimedwait([signal.SIGALRM], LIMIT) for _ in range(3)]
        unix.arm(None)
        signal.sigtimedwait([signal.SIGALRM], 0)
        late = signal.sigtimedwait([signal.SIGALRM], 0.03)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])

    assert left is not None
    assert 0 < left <= SECOND // 50
    assert all(ticks)
    assert late is None
    assert unix.remaining() is None
    assert unix.fileno() is None


def test_unix_gives_the_signal_back() -> None:
    """Also when it is closed twice; set once more, it does not end the process."""
    before = signal.getsignal(signal.SIGALRM)
    timer = UnixTimer()
    assert signal.getsignal(signal.SIGALRM) is not before
    timer.close()
    timer.close()
    timer.arm(1)

    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_best_alarm_is_the_first() -> None:
    """Unless another is asked for by its name."""
    for method, name in [(None, next(iter(METHODS))), *((name, name) for name in METHODS)]:
        alarm = make_alarm(method)
        alarm.close()

        assert alarm.name == name


def test_an_alarm_that_there_is_not() -> None:
    """The error tells which there are."""
    with pytest.raises(QMPError, match=f"alarm timer 'hpet', only {', '.join(METHODS)}$"):
        make_alarm("hpet")


def test_the_interval_timer_is_the_main_threads() -> None:
    """Elsewhere it cannot be had, and the error says so."""
    errors: list[str] = []

    def make() -> None:
        try:
            make_alarm("unix")
        except QMPError as error:
            errors.append(error.desc)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()

    assert errors == [
        "alarm timer 'unix': the alarm timer 'unix' works in the main thread only"
    ]


class FakeAlarm(AlarmTimer):
    """An alarm that only knows what it is set to."""

    def __init__(self) -> None:
        self.deadline: int | None = None

    def arm(self, deadline: int | None) -> None:
        """Keep the deadline."""
        self.deadline = deadline

    def remaining(self) -> int | None:
        """Return the deadline."""
        return self.deadline


def make_timers() -> tuple[Timers, FakeAlarm]:
    """Return timers on a fake alarm."""
    alarm = FakeAlarm()
    return Timers(alarm), alarm


def busy(nanoseconds: int) -> None:
    """Let time pass."""
    until = monotonic_ns() + nanoseconds
    while monotonic_ns() < until:
        pass


def nothing() -> None:
    """Be called."""


def test_the_alarm_is_set_to_the_first_deadline() -> None:
    """Whatever order the timers are added in."""
    timers, alarm = make_timers()
    assert alarm.deadline is None
    before = monotonic_ns()
    for delay in (30 * SECOND, 10 * SECOND, 20 * SECOND):
        timers.add(delay, nothing)

    assert alarm.deadline is not None
    assert before + 10 * SECOND <= alarm.deadline <= monotonic_ns() + 10 * SECOND


def test_what_is_due_is_called_once_and_in_order() -> None:
    """What is not due stays, and the alarm is set to it."""
    timers, alarm = make_timers()
    called: list[str] = []
    timers.stop()  # so that all begin at one moment
    timers.add(60 * SECOND, lambda: called.append("later"))
    timers.add(1, lambda: called.append("second"))
    timers.add(0, lambda: called.append("first"))
    timers.start()
    busy(10)
    timers.poll()
    timers.poll()

    assert called == ["first", "second"]
    assert alarm.deadline is not None
    assert alarm.deadline > monotonic_ns() + 50 * SECOND


def test_timers_of_one_moment_keep_their_order() -> None:
    """Those that were added first are called first; callbacks need not be comparable."""
    timers, _ = make_timers()
    called: list[int] = []
    timers.stop()
    for number in range(5):
        timers.add(0, lambda number=number: called.append(number))  # type: ignore[misc]
    timers.start()
    timers.poll()

    assert called == [0, 1, 2, 3, 4]


def test_a_callback_may_add_a_timer() -> None:
    """As a clock that ticks does."""
    timers, alarm = make_timers()
    timers.add(0, lambda: timers.add(60 * SECOND, nothing))
    timers.poll()

    assert alarm.deadline is not None
    assert alarm.deadline > monotonic_ns() + 50 * SECOND


def test_nothing_is_called_while_the_machine_stands_still() -> None:
    """The alarm is off, also for timers that are added then."""
    timers, alarm = make_timers()
    called: list[int] = []
    timers.add(0, lambda: called.append(1))
    timers.stop()
    timers.add(0, lambda: called.append(2))
    busy(10)
    timers.poll()

    assert alarm.deadline is None
    assert called == []
    timers.start()
    timers.poll()
    assert called == [1, 2]


def test_deadlines_move_by_as_long_as_the_machine_stood() -> None:
    """To the nanosecond, within what can be measured from outside."""
    timers, alarm = make_timers()
    timers.add(60 * SECOND, nothing)
    before = alarm.deadline
    outer = monotonic_ns()
    timers.stop()
    inner = monotonic_ns()
    busy(1_000_000)
    inner = monotonic_ns() - inner
    timers.start()
    outer = monotonic_ns() - outer

    assert before is not None
    assert alarm.deadline is not None
    assert inner <= alarm.deadline - before <= outer


def test_a_timer_that_is_added_while_it_stands_counts_from_the_start() -> None:
    """No time passes for the machine in between."""
    timers, alarm = make_timers()
    timers.stop()
    busy(1_000_000)
    timers.add(SECOND, nothing)
    started = monotonic_ns()
    timers.start()

    assert alarm.deadline is not None
    assert started + SECOND <= alarm.deadline <= monotonic_ns() + SECOND


def test_starting_what_runs_changes_nothing() -> None:
    """There is no time to make up for."""
    timers, alarm = make_timers()
    timers.add(SECOND, nothing)
    before = alarm.deadline
    timers.start()

    assert alarm.deadline == before


@pytest.mark.parametrize("restart", [False, True])
def test_a_callback_may_stop_the_machine(restart: bool) -> None:
    """What else was due waits, and is called once when it goes on."""
    timers, _ = make_timers()
    called: list[str] = []

    def stop() -> None:
        called.append("stop")
        timers.stop()
        if restart:
            timers.start()

    timers.add(0, stop)
    timers.add(1, lambda: called.append("other"))
    busy(10)
    timers.poll()
    if not restart:
        assert called == ["stop"]
        timers.start()
    busy(100_000)
    timers.poll()
    timers.poll()

    assert called == ["stop", "other"]


@pytest.fixture(params=METHODS)
def machine(request: pytest.FixtureRequest) -> Iterator[EmbeddedMachine]:
    """Return a machine with each alarm timer that there is."""
    made = EmbeddedMachine(clock=request.param, output=lambda text: None)
    yield made
    made.close()


def test_the_machines_alarm_is_set_for_its_clock(machine: EmbeddedMachine) -> None:
    """A second at most, and always a little less."""
    reply = machine.execute("query-alarm-clock", {})

    assert set(reply) == {"clock-name", "next-deadline"}
    assert 0 < reply["next-deadline"] <= SECOND


def test_the_deadline_is_absent_while_the_machine_is_paused(
    machine: EmbeddedMachine,
) -> None:
    """... and there again when it goes on."""
    machine.execute("stop", {})
    paused = machine.execute("query-alarm-clock", {})
    machine.execute("cont", {})

    assert set(paused) == {"clock-name"}
    assert "next-deadline" in machine.execute("query-alarm-clock", {})


def test_the_methods_are_listed_with_the_one_in_use(machine: EmbeddedMachine) -> None:
    """One is current, and it is the clock's name."""
    methods = machine.execute("query-alarm-methods", {})
    clock = machine.execute("query-alarm-clock", {})["clock-name"]

    assert [item["method-name"] for item in methods] == list(METHODS)
    assert [item["method-name"] for item in methods if item["current"]] == [clock]
