from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from hmp.serving.tasks import Tasks
from tests.fakes import LIMIT
from tests.serving.served import run


def test_they_end_with_the_server() -> None:
    """What runs is cancelled, also what has not begun; nothing is left."""
    log: list[str] = []

    async def forever(name: str) -> None:
        try:
            log.append(name)
            await asyncio.Event().wait()
        finally:
            log.append(f"{name} ends")

    async def main() -> None:
        tasks = Tasks()
        tasks.start(forever("one"), "one")
        await asyncio.sleep(0)
        tasks.start(forever("two"), "two")
        await tasks.end()
        assert len(asyncio.all_tasks()) == 1
        await tasks.end()

    run(main())
    assert log == ["one", "one ends"]


def test_one_that_has_ended_is_not_kept() -> None:
    """A server of many clients would grow for ever."""

    async def work() -> None:
        await asyncio.sleep(0)

    async def main() -> None:
        tasks = Tasks()
        ended = weakref.ref(tasks.start(work(), "work"))
        while ended() is not None:
            await asyncio.sleep(0)
            gc.collect()
        await tasks.end()

    run(asyncio.wait_for(main(), LIMIT))


def test_who_started_one_may_wait_for_it() -> None:
    """Its result, or its error."""

    async def value(what: str) -> str:
        if what == "error":
            raise QMPError("it failed")
        return what

    async def main() -> None:
        tasks = Tasks()
        assert await tasks.start(value("x"), "x") == "x"
        with pytest.raises(QMPError, match="it failed"):
            await tasks.start(value("error"), "x")

    run(main())


def test_only_bugs_are_told() -> None:
    """A command's error that nobody waits for any more is none."""
    told: list[dict[str, Any]] = []

    async def fail(error: Exception) -> None:
        raise error

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
        tasks = Tasks()
        tasks.start(fail(QMPError("it failed")), "a command")
        tasks.start(fail(KeyError("x")), "a session")
        await asyncio.sleep(0)
        await tasks.end()

    run(main())
    assert [what["message"] for what in told] == ["a session failed"]
