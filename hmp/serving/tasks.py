"""What runs beside the event loop's callbacks, and has to end with the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hmp.qmp.errors import QMPError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any


class Tasks:
    """Tasks that go on by themselves, until they end or `end` cancels them."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run something; who wants its result awaits the task."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        # who waited for a command's error may have gone; anything else is a bug of ours
        if error is not None and not isinstance(error, QMPError):
            task.get_loop().call_exception_handler(
                {"message": f"{task.get_name()} failed", "exception": error, "task": task}
            )

    async def end(self) -> None:
        """Cancel what still runs, and wait until it has ended."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
