"""How signals cancel what a session runs, tried in this process."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any

import pytest

from hmp.terminal import signals
from hmp.terminal.signals import Interrupter, handled, is_abandoned
from tests.fakes import LIMIT

USED = (signal.SIGURG, signal.SIGVTALRM, signal.SIGUSR1, signal.SIGINT)


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Give back the handlers that were there."""
    before = {number: signal.getsignal(number) for number in USED}
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


async def waits() -> None:
    """Wait for something that never comes."""
    await asyncio.sleep(LIMIT)


async def computes() -> None:
    """Compute without end, and let the loop do nothing."""
    end = monotonic() + LIMIT
    while monotonic() < end:
        pass


async def hangs() -> None:
    """Hang in a system call."""
    sleep(LIMIT)


def soon() -> None:
    """Let a signal come while the main thread does something else."""
    threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGUSR1)).start()


@pytest.mark.parametrize("work", [waits, computes, hangs])
@pytest.mark.parametrize("more", [False, True])
def test_a_signal_cancels_a_task(work: Callable[[], Any], more: bool) -> None:
    """Whether it waits, computes or hangs; a second signal changes nothing."""

    async def session() -> None:
        with Interrupter() as interrupter:
            for _ in range(2):  # the second time like the first
                task = asyncio.ensure_future(work())

                def came(*_: object, task: asyncio.Task[None] = task) -> None:
                    interrupter.cancel(task)
                    if more:
                        interrupter.cancel(task)

                signal.signal(signal.SIGUSR1, came)
                soon()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await asyncio.sleep(0)
                assert interrupter._victims == ()

    asyncio.run(session())


def test_a_task_that_another_waits_for_may_compute() -> None:
    """It is interrupted, and the other cancelled."""

    async def session() -> None:
        async def outer() -> None:
            await inner

        with Interrupter() as interrupter:
            inner = asyncio.get_running_loop().create_task(computes())
            task = asyncio.get_running_loop().create_task(outer())
            signal.signal(signal.SIGUSR1, lambda *_: interrupter.cancel(task, inner))
            soon()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(session())


def test_nothing_is_left_in_the_end() -> None:
    """But that a timer which has still expired does no harm."""

    async def session() -> None:
        signal.set_wakeup_fd(-1)
        with Interrupter() as interrupter:
            assert signal.getsignal(signal.SIGURG) == interrupter._overdue
            assert signal.getsignal(signal.SIGVTALRM) == interrupter._overdue
            # whatever arrives wakes a loop that waits
            assert signal.set_wakeup_fd(-1) != -1
        assert signal.getsignal(signal.SIGURG) == signal.SIG_DFL
        assert signal.getsignal(signal.SIGVTALRM) == signal.SIG_IGN
        assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)

    asyncio.run(session())


def frame(*modules: str) -> Any:
    """Return a stack of frames, the innermost first; a name may follow a module."""
    made = None
    for text in reversed(modules):
        module, _, name = text.partition(" ")
        code = SimpleNamespace(co_name=name)
        made = SimpleNamespace(f_globals={"__name__": module}, f_code=code, f_back=made)
    return made


@pytest.mark.parametrize(
    ("stack", "delicate"),
    [
        ([], False),
        (["commands.block", "hmp.monitor.monitor"], False),
        (["commands.block", "asyncio.events _run", "asyncio.base_events"], False),
        (["asyncio.events call_soon"], True),
        (["re", "asyncio.tasks"], True),
        (["hmp.monitor.monitor", "threading"], True),
        (["subprocess"], True),
        (["importlib._bootstrap", "commands.block"], True),
        (["prompt_toolkit.renderer"], True),
        (["hmp.qmp.aio"], True),
        (["json.decoder", "hmp.qmp.codec"], True),
        (["hmp.qmp.shapes", "hmp.qmp.wrapped"], False),
        (["hmp.frontends.in_thread"], True),
        (["hmp.frontends.outlet"], False),
        (["hmp.terminal.programs"], True),
        (["hmp.terminal.screen_output"], True),
        (["hmp.terminal.watch"], False),
        (["asyncio.events _run", "hmp.qmp.aio"], False),
    ],
)
def test_where_an_exception_has_to_wait(stack: list[str], delicate: bool) -> None:
    """Within what others share, and what their state would be left broken of."""
    assert signals._is_delicate(frame(*stack)) is delicate


def test_signals_are_handled_within_a_block() -> None:
    """Except those that are ignored; SIGINT may be, in the background."""
    came: list[int] = []
    numbers = (signal.SIGUSR1, signal.SIGINT, signal.SIGURG)
    signal.signal(signal.SIGUSR1, signal.default_int_handler)
    for number in numbers[1:]:
        signal.signal(number, signal.SIG_IGN)
    with handled(numbers, came.append):
        for number in numbers:
            os.kill(os.getpid(), number)

    assert came == [signal.SIGUSR1, signal.SIGINT]
    assert signal.getsignal(signal.SIGUSR1) == signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_a_task_that_runs_although_its_loop_ends() -> None:
    """Its loop does not know it."""

    async def session() -> bool:
        return is_abandoned()

    assert not asyncio.run(session())
