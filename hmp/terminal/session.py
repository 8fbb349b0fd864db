"""The terminal session: prompt, lines, events, until the user or the machine ends it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

from hmp.errors import CommandFailed
from hmp.events import RUN_STATES, EventLog
from hmp.front import Front
from hmp.knowledge import Knowledge
from hmp.paths import state_directory
from hmp.progress import ProgressLine
from hmp.qmp.aio import adopt
from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.errors import MachineGone, QMPError
from hmp.qmp.secrets import mask_line
from hmp.sanitise import sanitise
from hmp.screen import Screen
from hmp.terminal.completer import Fetcher, LineCompleter
from hmp.terminal.history import PrivateHistory
from hmp.terminal.lexer import LineLexer
from hmp.terminal.pager import page, pager_command
from hmp.terminal.parsing import LineParser
from hmp.terminal.toolbar import describe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from hmp.kind import Kind
    from hmp.monitor import Call, Monitor
    from hmp.output import Sink

_EVENT_PAUSE = 0.1
"""Seconds between two looks at the events that wait, so that a flood is one write."""

_STYLE = Style.from_dict(
    {
        "prompt.name": "bold",
        "prompt.paused": "ansiyellow",
        "bottom-toolbar": "noreverse bg:ansibrightblack fg:ansiwhite",
        "bottom-toolbar.dim": "",
        "bottom-toolbar.wrong": "bg:ansired fg:ansiwhite",
        # as ANSI colours, which are readable on light and dark screens alike
        "pygments.name.function": "fg:ansicyan bold noinherit",
        "pygments.name.attribute": "fg:ansimagenta noinherit",
        "pygments.literal.string": "fg:ansigreen noinherit",
        "pygments.literal.number": "fg:ansiblue noinherit",
        "pygments.literal": "fg:ansimagenta noinherit",
        "pygments.keyword.constant": "fg:ansiyellow noinherit",
        "pygments.error": "fg:ansired underline noinherit",
    }
)


class Session(Front):
    """A monitor on a terminal, and what handlers ask of it.

    out takes all that is shown. The session follows the machine's name and state by
    its events.
    """

    interactive = detailed = screen = True

    def __init__(
        self, monitor: Monitor, out: Sink, kinds: Mapping[str, Kind] | None = None
    ) -> None:
        self.monitor = monitor
        self.knowledge = Knowledge()
        self.fetcher = Fetcher(monitor, self.knowledge)
        completer = LineCompleter(monitor, self.knowledge, kinds, self.fetcher)
        self.out = out
        self.events = EventLog()
        self.name = ""
        self.status = "running"
        self.lost: MachineGone | None = None
        self._show_events: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self.parse = LineParser(monitor)
        self.past = PrivateHistory(history_path(), self._is_secret)
        monitor.front = self
        monitor.listeners.append(self.on_event)
        screen = self._screen()
        self.bar = ProgressLine(screen)
        self.prompt: PromptSession[str] = PromptSession(
            self._prompt,
            history=self.past,
            auto_suggest=AutoSuggestFromHistory(),
            completer=completer,
            complete_while_typing=False,
            lexer=LineLexer(self.parse),
            bottom_toolbar=self._toolbar,
            style=_STYLE,
            color_depth=None if screen.colours else ColorDepth.DEPTH_1_BIT,
        )
        completer.buffer = self.prompt.default_buffer

    def _screen(self) -> Screen:
        return Screen(self.out.fd, os.environ)

    def _is_secret(self, line: str) -> bool:
        parsed = self.parse(line)
        return mask_line(parsed.masked()) != line

    # What the prompt shows

    @property
    def program(self) -> str:
        """What the prompt calls the machine."""
        return "qemu" if self.monitor.qmp.has_hmp else "hmp"

    def _prompt(self) -> StyleAndTextTuples:
        parts: StyleAndTextTuples = [("", f"({self.program}")]
        if self.name:
            parts += [("", " "), ("class:prompt.name", sanitise(self.name))]
        if self.status != "running":
            parts += [("", " "), ("class:prompt.paused", sanitise(self.status))]
        return [*parts, ("", ") ")]

    def _prompt_width(self) -> int:
        from rich.cells import cell_len

        return cell_len("".join(part[1] for part in self._prompt()))

    def _toolbar(self) -> StyleAndTextTuples:
        text = self.prompt.default_buffer.document.text_before_cursor
        return describe(self.parse(text))

    # The machine

    def on_event(self, event: dict[str, Any]) -> None:
        """Take an event of the machine."""
        self.status = RUN_STATES.get(event["event"], self.status)
        self.knowledge.expire()
        self.events.add(event)
        self._wake.set()

    def on_lost(self, gone: MachineGone) -> None:
        """End the session when the machine is gone."""
        self.lost = gone
        if self.prompt.app.is_running and not self.monitor.ended:
            self.prompt.app.exit(exception=gone)

    async def look_up(self) -> None:
        """Load the tables, and ask for the machine's name and state.

        While the prompt is up already.
        """
        for entry in self.monitor.commands:
            if entry.subtable is not None:
                len(entry.subtable)
        try:
            name = await self.monitor.qmp.execute("query-name")
            self.name = name.get("name", "")
            status = await self.monitor.qmp.execute("query-status")
            self.status = status["status"]
        except (QMPError, MachineGone, KeyError, TypeError, AttributeError):
            return
        self.prompt.app.invalidate()

    async def _follow_events(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.flush_events()
            await asyncio.sleep(_EVENT_PAUSE)

    async def flush_events(self) -> None:
        """Show the events that wait."""
        lines = self.events.take()
        if lines:
            await self.show("".join(f"{sanitise(line)}\n" for line in lines))

    # What goes to the terminal

    async def show(self, text: str) -> None:
        """Write text to the terminal, above the prompt when it is up."""

        def write() -> None:
            self.out.write(self.bar.cleared() + text, ours=True)
            self.out.flush()

        if self.prompt.app.is_running:
            await run_in_terminal(write)
        else:
            write()

    def history(self) -> list[str]:
        """Return the lines of the session."""
        return self.past.lines

    def progress(self, what: str, done: int, total: int) -> None:
        """Draw how far something is, on the line below the last output."""
        self.out.write(self.bar.shown(what, done, total), ours=True)
        self.out.flush()

    def write(self, text: str) -> None:
        """Show text of ours that comes before a result."""
        self.out.write(self.bar.cleared() + text, ours=True)
        self.out.flush()

    def trace(self, on: bool) -> None:
        """Show the QMP messages as they pass, or no longer."""
        self.monitor.qmp.trace = self._show_message if on else None

    def _show_message(self, arrow: str, message: dict[str, Any]) -> None:
        text = sanitise(f"{arrow} {json.dumps(message)}\n")
        asyncio.get_running_loop().create_task(self.show(text), name="show a message")

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo."""
        asker: PromptSession[str] = PromptSession(is_password=True)
        try:
            return await asker.prompt_async(prompt)
        except (EOFError, KeyboardInterrupt):
            raise CommandFailed("", "no password was given") from None

    async def show_call(self, call: Call) -> None:
        """Show the result of a call, or its error."""
        from hmp.richtext import present

        screen = self._screen()
        text = present(call, screen, self._prompt_width())
        if text.count("\n") >= screen.height - 1 and call.error is None:
            pager = pager_command(os.environ)
            if pager is not None and await asyncio.to_thread(page, text, pager):
                return
        await self.show(text)

    # The loop

    async def run(self) -> None:
        """Read and run lines until the end. Raises MachineGone."""
        loop = asyncio.get_running_loop()
        background = [
            loop.create_task(self.look_up(), name="look up the machine"),
            loop.create_task(self._follow_events(), name="show events"),
        ]
        try:
            while not self.monitor.ended:
                line = await self._read()
                if line is None:
                    break
                await self._run_line(line)
                if self.lost is not None and not self.monitor.ended:
                    raise self.lost
        finally:
            for task in background:
                task.cancel()
            self.fetcher.stop()
            await self.flush_events()
            self.past.trim()

    async def _read(self) -> str | None:
        """Return a line; None at the end of input."""
        while True:
            try:
                return await self.prompt.prompt_async()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return None

    async def _run_line(self, line: str) -> None:
        if line.startswith("#"):
            return
        loop = asyncio.get_running_loop()
        task = loop.create_task(self.monitor.run(line), name="run a line")
        loop.add_signal_handler(signal.SIGINT, task.cancel)
        try:
            call = await task
        except asyncio.CancelledError:
            rest = self.monitor.unfinished or "the machine may still carry it out"
            await self.show(f"gave up waiting; {rest}\n")
            return
        finally:
            loop.remove_signal_handler(signal.SIGINT)
        self.knowledge.expire()
        if call is not None:
            await self.show_call(call)
        await self.flush_events()


def history_path() -> str | None:
    """Return where the history is kept; None when HMP_HISTORY is set to nothing."""
    path = os.environ.get("HMP_HISTORY")
    if path is not None:
        return path or None
    return os.path.join(state_directory(os.environ), "history")


def run_session(
    monitor: Monitor, out: Sink, kinds: Mapping[str, Kind] | None = None
) -> None:
    """Run a terminal session on a monitor.

    kinds: what arguments name that have no kind of their own, by type letter. Raises
    MachineGone.
    """
    asyncio.run(_session(monitor, out, kinds))


async def _session(monitor: Monitor, out: Sink, kinds: Mapping[str, Kind] | None) -> None:
    qmp = monitor.qmp
    connection = await adopt(qmp) if isinstance(qmp, BlockingConnection) else None
    if connection is not None:
        monitor.attach(connection)
    session = Session(monitor, out, kinds)
    if connection is not None:
        connection.on_lost = session.on_lost
    try:
        await session.show(banner(monitor))
        await session.run()
    finally:
        if connection is not None:
            connection.close()


def banner(monitor: Monitor) -> str:
    """Return the line that a session begins with."""
    version = ".".join(map(str, monitor.qmp.version))
    program = "QEMU" if monitor.qmp.has_hmp else "hmp"
    return f"{program} {version} monitor - type 'help' for more information\n"
