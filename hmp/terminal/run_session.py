"""Runs a terminal session from start to end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.frontends.state import banner
from hmp.qmp.stream import said
from hmp.terminal.session import TerminalSession
from hmp.terminal.signals import ENDINGS, is_abandoned

if TYPE_CHECKING:
    from hmp.display.sink import Sink
    from hmp.monitor.monitor import Monitor
    from hmp.terminal.session import SessionOptions


def run_session(monitor: Monitor, out: Sink, options: SessionOptions) -> int:
    """Run a terminal session on a monitor; return the signal that ended it, or 0.

    Raises MachineGoneError.
    """
    session = TerminalSession(monitor, out, options)
    try:
        asyncio.run(_session(session))
    except OSError:
        if not session.ended_by:  # a signal may mean that the terminal is gone
            raise
    return session.ended_by


async def _session(session: TerminalSession) -> None:
    if is_abandoned():
        return
    monitor = session.monitor
    loop = asyncio.get_running_loop()

    def show(line: str) -> None:
        with suppress(RuntimeError):  # the session has ended
            loop.call_soon_threadsafe(session.note, line)

    said.append(show)
    notice = monitor.connection.notice
    try:
        await session.reconnector.take_over(monitor.connection)
        await session.output.show_folded(banner(monitor))
        if notice:
            await session.output.show_folded(f"hmp: {one_line(notice)}\n")
        await session.run(ENDINGS)
    finally:
        session.reconnector.close()
        said.remove(show)
