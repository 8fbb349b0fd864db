"""Questions that several machines of a set ask, each put to the user once."""

from __future__ import annotations

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any


class SharedAnswers:
    """The user's answers to what several machines ask for the same line.

    awaited: how many machines wait for one.
    """

    def __init__(self) -> None:
        self._questions: dict[str, asyncio.Task[Any]] = {}
        self.awaited = 0

    async def once(self, question: str, ask: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Return the answer to a question, which only the first machine puts."""
        if question not in self._questions:
            self._questions[question] = asyncio.get_running_loop().create_task(ask())
        self.awaited += 1
        try:
            return await self._questions[question]
        finally:
            self.awaited -= 1

    def clear(self) -> None:
        """Forget the answers, so that the next line asks again."""
        self._questions.clear()

    def cancel(self) -> None:
        """Cancel the questions; no machine's own cancellation does, as they share them."""
        for question in self._questions.values():
            question.cancel()
