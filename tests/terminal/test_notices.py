from __future__ import annotations

import asyncio

from hmp.terminal.notices import Notices
from tests.fakes import until


def test_events_are_shown_as_they_come() -> None:
    """What comes together is one write, sanitised; nothing is written for nothing."""
    shown: list[str] = []

    async def show(text: str) -> None:
        shown.append(text)

    async def run() -> None:
        notices = Notices(show)
        await notices.flush()
        task = asyncio.create_task(notices.follow())
        notices.add({"event": "STOP"})
        notices.add({"event": "RESUME", "data": {"x": "\x1b[2J"}})
        await until(lambda: shown, "the events")
        notices.add({"event": "WAKEUP"})
        await until(lambda: len(shown) == 2, "the next event")
        notices.add({"event": "SUSPEND"})
        task.cancel()
        await notices.flush()

    asyncio.run(run())

    assert shown == [
        "--:--:-- STOP\n--:--:-- RESUME  x=\\x1b[2J\n",
        "--:--:-- WAKEUP\n",
        "--:--:-- SUSPEND\n",
    ]
