"""Blocking work beside an event loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    Arguments = ParamSpec("Arguments")
    Value = TypeVar("Value")


async def in_thread(
    work: Callable[Arguments, Value], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Value:
    """Run blocking work in a thread of its own; return its value, or raise its error.

    If the caller is cancelled, the thread runs on: a system call that hangs, say on a dead
    mount, cannot be interrupted. The program does not wait for the thread when it exits,
    unlike with `asyncio.to_thread`.
    """
    return await made_in_thread(lambda: work(*arguments, **named), lambda value: None)


async def made_in_thread(
    make: Callable[[], Value], unmake: Callable[[Value], object]
) -> Value:
    """Make something in a thread, as by `in_thread`.

    unmake: called, in a thread too, with what was made although the caller was cancelled.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Value] = loop.create_future()

    def settle(error: BaseException | None, values: list[Value]) -> None:
        if done.done():
            if values:
                _begin(lambda: unmake(values[0]))
        elif error is None:
            done.set_result(values[0])
        else:
            done.set_exception(error)

    def run() -> None:
        values: list[Value] = []
        problem: BaseException | None = None
        try:
            values.append(make())
        except BaseException as error:
            problem = error
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, problem, values)

    _begin(run)
    return await done


def _begin(work: Callable[[], object]) -> None:
    """Run something in a thread that the end of the program does not wait for."""
    threading.Thread(target=work, daemon=True).start()
