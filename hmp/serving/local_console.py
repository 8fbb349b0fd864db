"""The program's local front ends while it serves clients: script and terminal session.

They run in the event loop next to the clients, and show the machine's output and messages
for the operator.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from time import monotonic
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line, sanitise
from hmp.display.sink import say
from hmp.frontends.files import in_stoppable_thread, read_file
from hmp.frontends.lines import MOMENT, LineSplitter, split_lines
from hmp.frontends.runner import is_command
from hmp.frontends.script import Script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hmp.display.output import Writer
    from hmp.display.sink import Sink
    from hmp.monitor.monitor import Monitor
    from hmp.terminal.session import SessionOptions, TerminalSession

_CHUNK = 1 << 16
_PAUSE = 0.1
_AHEAD = 1 << 16
"""Bytes of results that may wait to be written before the next line is run."""
_STUCK = 16 << 20
"""Bytes that may wait for whoever reads the machine's output; more are dropped."""
_DROPPED = "... and more, not shown\n"
_FLOOD = 1 << 18
"""Characters that may wait to be shown above the prompt; more are dropped."""


class LocalConsole:
    """The source of local lines; this base class has none, for a program that only serves.

    out: the sink for the machine's output. over: whether all lines have been read and
    run. failed: whether a line has failed.
    """

    over = False
    failed = False

    def __init__(self, out: Sink) -> None:
        self.out = out
        self._drops = False

    async def work(self) -> None:
        """Run all lines. Raises MachineGoneError."""
        self.over = True

    def stop(self) -> None:
        """End, since the machine has ended."""

    def show(self, text: str) -> None:
        """Show output of the machine; drop it if its reader does not read."""
        drops, self._drops = self._drops, self.out.waiting > _STUCK
        if not self._drops:
            self.out.write(text)
        elif not drops:
            self.out.write(_DROPPED)
        self.out.flush()

    def notice(self, text: str) -> None:
        """Show the operator a line."""
        say(2, one_line(f"hmp: {text}") + "\n")


class ScriptConsole(Script, LocalConsole):
    """Lines from standard input, files and the command line.

    sources: the options ``-c`` and ``-f`` in order; none of them is standard input.
    prompt: shown before each line of a terminal that can only print.
    """

    def __init__(
        self,
        monitor: Monitor,
        writer: Writer,
        out: Sink,
        *,
        stop_on_error: bool,
        sources: list[bytes | None],
        prompt: str = "",
    ) -> None:
        Script.__init__(self, monitor, writer, stop_on_error)
        LocalConsole.__init__(self, out)
        self.sources = sources
        self.prompt = prompt
        self._stopped = asyncio.Event()
        self._until: float | None = None  # when to stop counting the lines after ``quit``

    def stop(self) -> None:
        """Read no more."""
        self._stopped.set()

    def notice(self, text: str) -> None:
        """Show the operator a line, after any output printed earlier."""
        self.writer.complain(one_line(f"hmp: {text}") + "\n")

    async def work(self) -> None:
        """Run the lines. Raises MachineGoneError, OSError."""
        lines = self._lines()
        try:
            async for data in lines:
                # the printer writes in its own time; without this, a fast script would fill
                # the memory
                while self.out.waiting > _AHEAD and not self._stopped.is_set():
                    await asyncio.sleep(_PAUSE)
                if self._stopped.is_set():
                    break
                if not await self.runner.run_bytes(data) and self.stop_on_error:
                    break
                if self.monitor.ended:
                    self._until = monotonic() + MOMENT
                    async for data in lines:  # the loop around it is over
                        self.unrun += is_command(data)
                    self.report_unrun()
                    break
                if self._stopped.is_set():
                    break
        finally:
            self.writer.flush()
        self.over = True

    async def read_file(self, path: str) -> bytes:
        """Return the contents of a file. Raises OSError."""
        return await in_stoppable_thread(read_file, path)

    async def _lines(self) -> AsyncIterator[bytes]:
        for source in self.sources:
            if source is None:
                async for line in self._read_lines():
                    yield line
            else:
                for line in split_lines(source):
                    yield line
                    await asyncio.sleep(0)

    async def _read_lines(self) -> AsyncIterator[bytes]:
        """Yield the lines of standard input as they arrive."""
        splitter = LineSplitter()
        while True:
            self._ask()
            chunk = await self._read()
            if not chunk:
                break
            for line in splitter.feed(chunk):
                yield line
                # the clients' turn between two lines
                await asyncio.sleep(0)
        for line in splitter.end():
            yield line

    def _ask(self) -> None:
        self.writer.out.write("" if self.monitor.ended else self.prompt)
        self.writer.flush()

    async def _read(self) -> bytes:
        """Wait for input and read it; return nothing when the console is stopped.

        After ``quit``, lines are only counted, for a moment; then it returns nothing.
        """
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        try:
            loop.add_reader(0, ready.set)
        except PermissionError:
            return os.read(0, _CHUNK)  # a file, which never blocks
        counting = self._until is not None
        events = [ready] if counting else [ready, self._stopped]
        limit = None
        if self._until is not None:
            # whoever has sent no line after ``quit`` may wait for our end
            limit = max(self._until - monotonic(), 0) if self.unrun else 0
        waits = [asyncio.ensure_future(each.wait()) for each in events]
        try:
            await asyncio.wait(waits, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(0)
            for wait in waits:
                wait.cancel()
        if counting and not ready.is_set():
            self.more = True
            return b""
        return b"" if self._stopped.is_set() and not counting else os.read(0, _CHUNK)


class TerminalConsole(LocalConsole):
    """The terminal session, with other output shown above its prompt."""

    def __init__(self, monitor: Monitor, out: Sink, options: SessionOptions) -> None:
        super().__init__(out)
        self.monitor = monitor
        self.options = options
        self._session: TerminalSession | None = None
        self._context: contextvars.Context | None = None
        self._waiting = ""  # text to be shown above the prompt
        self._shower: asyncio.Task[None] | None = None

    async def work(self) -> None:
        """Run the session. Raises MachineGoneError."""
        from hmp.frontends.state import banner
        from hmp.terminal.session import TerminalSession

        self._context = contextvars.copy_context()
        self._session = session = TerminalSession(self.monitor, self.out, self.options)
        try:
            await session.output.show(banner(self.monitor))
            await session.run()
        finally:
            self._session = None
            self._show(self._waiting)
            self._waiting = ""
        self.over = True

    def stop(self) -> None:
        """End the session, since the machine has ended."""
        self.monitor.ended = True
        if self._session is not None:
            self._session.end()

    def show(self, text: str) -> None:
        """Show output of the machine, above the prompt if one is shown."""
        self._show(sanitise(text))

    def notice(self, text: str) -> None:
        """Show the operator a line, above the prompt if one is shown."""
        if self._session is None:
            super().notice(text)
        else:
            self._show(one_line(f"hmp: {text}") + "\n")

    def _show(self, text: str) -> None:
        session = self._session
        if session is None or not session.prompt.session.app.is_running:
            self.out.write(text)
            self.out.flush()
            return
        self._waiting += text
        if len(self._waiting) > _FLOOD:
            self._waiting = f"{self._waiting[:_FLOOD]}\n{_DROPPED}"
        if self._shower is None:
            # not in the context of a client, which may have its own prompt_toolkit session
            self._shower = asyncio.get_running_loop().create_task(
                self._show_waiting(session), name="show", context=self._context
            )

    async def _show_waiting(self, session: TerminalSession) -> None:
        """Show all waiting text at once, as the prompt is redrawn each time."""
        try:
            while self._waiting:
                # a pager may run for long
                if session.output.suspended:
                    await asyncio.sleep(_PAUSE)
                    continue
                text, self._waiting = self._waiting, ""
                await session.output.show(text)
        finally:
            self._shower = None
