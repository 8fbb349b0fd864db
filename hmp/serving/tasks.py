"""The server's background tasks, which have to end with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hmp.qmp.errors import QMPError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any


class Tasks:
    """Tasks that run in the background until they finish or `end` cancels them."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run an awaitable; the caller may await the task for its result."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        # the caller that should get a QMPError may have gone; any other error is a bug
        if error is not None and not isinstance(error, QMPError):
            task.get_loop().call_exception_handler(
                {"message": f"{task.get_name()} failed", "exception": error, "task": task}
            )

    async def end(self) -> None:
        """Cancel the running tasks, and wait until they have ended."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
