"""The terminal session: lines from the prompt, results and events above it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession

from hmp.completion.cache import WordCache
from hmp.display.event_text import event_line
from hmp.display.sanitise import one_line, sanitise
from hmp.frontends.aside import aside
from hmp.frontends.config import Config
from hmp.frontends.files import beside, read_file
from hmp.frontends.paths import state_directory
from hmp.monitor.errors import CommandFailedError, LineError
from hmp.monitor.frontend import FrontEnd
from hmp.qmp.errors import MachineGoneError
from hmp.qmp.secrets import mask_line
from hmp.terminal.completer import Fetcher, LineCompleter
from hmp.terminal.history import PrivateHistory
from hmp.terminal.notices import Notices
from hmp.terminal.parsing import LineParser
from hmp.terminal.prompt import BROWSE, Prompt
from hmp.terminal.reconnect import Link
from hmp.terminal.runner import Runner
from hmp.terminal.screen_output import Stage
from hmp.terminal.shell import expand_near
from hmp.terminal.signals import Interrupter, handled
from hmp.terminal.state import MachineState

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping
    from typing import Any

    from hmp.display.sink import Sink
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor
    from hmp.qmp.connection import Reachable

_GRACE = 0.5
"""Seconds that a line has to finish after the machine has gone."""
_UNDO_ECHO = "\r\x1b[K"
"""Removes the ^C that the terminal has echoed."""


class SessionOptions:
    """The settings of a session.

    kinds: kinds by type letter, for arguments whose entry declares none. target: the
    address to reconnect to if the connection breaks; None: do not reconnect. yes: do not
    ask for confirmation of destructive commands.
    """

    def __init__(
        self,
        *,
        config: Config | None = None,
        kinds: Mapping[str, Kind] | None = None,
        target: Reachable | None = None,
        yes: bool = False,
    ) -> None:
        self.config = config or Config()
        self.kinds = {} if kinds is None else kinds
        self.target = target
        self.yes = yes


class TerminalSession(FrontEnd):
    """A monitor on a terminal: its prompt, and its front end for handlers."""

    interactive = detailed = screen = local = expands = True

    def __init__(self, monitor: Monitor, out: Sink, options: SessionOptions) -> None:
        super().__init__()
        self.monitor = monitor
        self.options = options
        self.config = options.config
        self.aliases.update(options.config.aliases)
        self.stage = Stage(out, options.config.pager)
        self.state = MachineState(monitor)
        self.link = Link(monitor, options.target, self._on_lost, self._on_back)
        self.knowledge = WordCache()
        self.fetcher = Fetcher(monitor, self.knowledge)
        self.parse = LineParser(monitor, self.aliases)
        self.past = PrivateHistory(history_path(self.config), self._is_secret)
        completer = LineCompleter(
            monitor, self.knowledge, options.kinds, self.fetcher, self.aliases
        )
        self.prompt = Prompt(
            self.config, self.state, self.past, completer, self.parse, self.stage.screen()
        )
        self.stage.app = self.prompt.session.app
        self.lost: MachineGoneError | None = None
        self._default, self._cursor, self._note = "", 0, ""
        self.notices = Notices(self.stage.show)
        self.runner = Runner(
            monitor,
            self.stage,
            aliases=self.aliases,
            knowledge=self.knowledge,
            kinds=options.kinds,
            column=lambda: self.prompt.width,
            mend=self._leave,
        )
        monitor.front = self
        monitor.listeners.append(self._on_event)

    def _is_secret(self, line: str) -> bool:
        """Whether a line, or a line that it expands to as an alias, contains a secret."""
        return mask_line(line) != line or any(
            self.parse(each).holds_secret for each in expand_near(line, self.aliases)
        )

    # The machine

    def _on_event(self, event: dict[str, Any]) -> None:
        self.state.on_event(event)
        self.knowledge.expire()
        if not self.following:
            self.notices.add(event)

    def _on_lost(self, gone: MachineGoneError) -> None:
        """Report the loss once; end the session if it cannot reconnect."""
        if self.monitor.ended:
            return
        self.state.connected = False
        self.lost = gone
        app = self.prompt.session.app
        if self.options.target is None:
            if app.is_running:
                app.exit(exception=gone)
            return
        text = f"{one_line(str(gone))}; waiting for it to come back\n"
        self._in_background(self.stage.show(text), "say that it is gone")

    async def _on_back(self) -> None:
        self.state.connected = True
        self.lost = None
        self.knowledge.expire()
        await self.state.look_up()
        await self.stage.show(f"connected to {one_line(str(self.options.target))} again\n")
        self.prompt.session.app.invalidate()

    def _in_background(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare(self) -> None:
        """Load the tables and query the machine, while the prompt is already shown."""
        rendered = asyncio.Event()
        self.prompt.session.app.after_render += lambda _: rendered.set()
        await rendered.wait()
        for entry in self.monitor.commands:
            if entry.subtable is not None:
                len(entry.subtable)
        await self._look_up()
        self._say_what_is_not_kept()

    async def _look_up(self) -> None:
        await self.state.look_up()
        self.prompt.session.app.invalidate()

    # The front end for handlers

    def history(self) -> list[str]:
        """Return the lines of the session."""
        return self.past.lines

    def progress(self, what: str, done: int, total: int) -> None:
        """Draw progress."""
        self.stage.progress(what, done, total)

    def show_event(self, event: dict[str, Any]) -> None:
        """Show an event that a line follows."""
        line = f"{event_line(event)}\n"
        if self.stage.outlet is None:
            self.stage.write(line)
        else:
            self.stage.outlet.write(line)

    def has_reader(self) -> bool:
        """Return whether the pipe of the events has a reader; the terminal always has."""
        outlet = self.stage.outlet
        try:
            return outlet is None or outlet.has_reader()
        except OSError as error:
            raise CommandFailedError(f"Error: cannot write: {error.strerror}\n") from error

    def warn(self, text: str) -> bool:
        """Show a warning above the prompt."""
        self.note(f"hmp: {text}")
        return True

    def note(self, line: str) -> None:
        """Show a line above the prompt."""
        self._in_background(self.stage.show(f"{one_line(line)}\n"), "note")

    def trace(self, on: bool) -> None:
        """Show the QMP messages as they pass, or stop doing so."""
        self.monitor.show_messages(self._show_message if on else None)

    def _show_message(self, arrow: str, message: dict[str, Any]) -> None:
        text = sanitise(f"{arrow} {json.dumps(message)}\n")
        self._in_background(self.stage.show(text), "show a message")

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo."""
        answer = await self._ask(prompt, secret=True)
        if answer is None:
            raise CommandFailedError("", "no password was given")
        return answer

    async def confirm(self, question: str) -> bool:
        """Ask for confirmation, unless the user does not want to be asked."""
        if self.options.yes or not self.config.confirm:
            return True
        answer = await self._ask(f"{one_line(question)} [y/N] ")
        return (answer or "").strip().lower() in ("y", "yes")

    async def _ask(self, prompt: str, secret: bool = False) -> str | None:
        asker: PromptSession[str] = PromptSession(is_password=secret)
        try:
            return await asker.prompt_async(prompt, handle_sigint=False)
        except (EOFError, KeyboardInterrupt):
            return None

    async def run_line(self, text: str) -> bool:
        """Run another line and show its result; return whether it succeeded."""
        return await self.runner.run(text)

    async def read_file(self, path: str) -> bytes:
        """Return the contents of a file. Raises OSError."""
        return await beside(read_file, path)

    async def watch(self, text: str, interval: float, field: str | None) -> None:
        """Run a line every interval seconds, and mark the changes."""
        from hmp.terminal.watch import Watch

        with self.stage.held():
            await Watch(self.monitor, self.stage, text, interval, field).run()

    async def draw_screen(self, device: str | None, head: int | None) -> None:
        """Draw the guest's screen below the line."""
        from hmp.display.picture import PictureError
        from hmp.display.screenshot import read_picture, take_screenshot

        screen = self.stage.screen()

        async def read(path: str) -> bytes:
            return await aside(read_picture, path)

        shot = await take_screenshot(self.monitor, screen, device, head, read)
        try:
            await self.stage.pour(await aside(shot.drawn, screen))
        except PictureError as error:
            raise CommandFailedError(f"Error: {error}\n") from error

    # The loop

    async def run(self, endings: Iterable[signal.Signals] = ()) -> None:
        """Read and run lines until the end or a signal. Raises MachineGoneError."""
        self._main = asyncio.current_task()
        self._tasks: set[asyncio.Task[None]] = set()
        signals = (signal.SIGINT, *endings)
        # one handler for the whole session, so that Ctrl-C can never end it
        with Interrupter() as self._interrupter, handled(signals, self._signal):
            self._in_background(self._prepare(), "prepare")
            self._in_background(self.notices.follow(), "show events")
            try:
                await self._run_lines()
            except asyncio.CancelledError:
                if not self._ends:
                    raise
            finally:
                await self._wind_up()
        if self.lost is not None and not self.monitor.ended:
            raise self.lost

    async def _run_lines(self) -> None:
        while not self.monitor.ended:
            line = await self.prompt.read(self._default, self._cursor, self._note)
            self._default, self._cursor, self._note = "", 0, ""
            if line is None:
                break
            await self._take(line)
            if self.lost is not None and self.options.target is None:
                break

    async def _wind_up(self) -> None:
        """End the background tasks, and restore the terminal."""
        for task in list(self._tasks):
            task.cancel()
        self.fetcher.stop()
        with suppress(OSError):  # the terminal may be gone
            await self.notices.flush()
        self.past.trim()

    async def _take(self, line: str) -> None:
        """Run the typed line, or open the help browser."""
        if line.startswith(BROWSE):
            await self._browse(line.removeprefix(BROWSE))
        else:
            await self._guarded(self.runner.run_typed(line))
            if self.state.status != "running":
                # not every change has an event: the end of a migration has none
                self._in_background(self._look_up(), "look the machine up")
            await self.notices.flush()
            self._say_what_is_not_kept()

    def _say_what_is_not_kept(self) -> None:
        """Report an error of the history file once."""
        if self.past.problem and not self._said:
            self._said = self.warn(self.past.problem)

    _said = False

    async def browse(self) -> None:
        """Let the user browse the help; the next prompt starts with the chosen command."""
        await self._browse("")

    async def _browse(self, typed: str) -> None:
        from hmp.terminal.browser import HelpBrowser

        self.stage.lend()
        try:
            browser = HelpBrowser(self.monitor, self.stage, typed, self.options.kinds)
            chosen = await browser.run()
        finally:
            self.stage.take_back()
        self._default = typed if chosen is None else chosen
        self._cursor = len(self._default)

    def _signal(self, number: int) -> None:
        lines = [self._running] if self._running is not None else []
        if number == signal.SIGINT:
            self._interrupt(lines)
        elif self._main is not None:
            self.ended_by = number
            self._ends = True
            self._interrupter.cancel(self._main, *lines)

    def _interrupt(self, lines: list[asyncio.Task[bool]]) -> None:
        """Cancel the running line, unless a program has the terminal and so the Ctrl-C."""
        if self.stage.lent:
            self.stage.interrupt()
        elif lines:
            self._interrupter.cancel(*lines)
        else:
            self.prompt.interrupt()

    def end(self) -> None:
        """End the session, from within its loop; a line that is nearly done may finish."""
        self.monitor.ended = self._ends = True
        if self._main is None:
            return
        if self._running is None:
            self._main.cancel()
        else:
            asyncio.get_running_loop().call_later(_GRACE, self._main.cancel)

    async def _guarded(self, work: Coroutine[Any, Any, bool]) -> None:
        """Do work that Ctrl-C cancels, without ending the session."""
        known = self.lost
        self._running = asyncio.get_running_loop().create_task(work, name="run a line")
        begun = not self.prompt.take_interrupt()
        if not begun:
            self._running.cancel()
        try:
            await self._running
        except asyncio.CancelledError:
            if self._ends:
                raise
            rest = self.monitor.unfinished
            said = "" if begun else "not run\n"
            if begun and rest is not None:
                rest = rest or "the machine may still carry it out"
                said = f"stopped waiting; {one_line(rest)}\n"
            await self.stage.show(_UNDO_ECHO + said)
        except MachineGoneError as gone:
            # otherwise the loss was reported when it happened, or will be at the end
            if known is not None and self.options.target is not None:
                await self.stage.show(f"not connected: {one_line(str(gone))}\n")
        finally:
            self._running = None

    ended_by = 0
    """The signal that has ended the session."""
    _ends = False
    _main: asyncio.Task[Any] | None = None
    _running: asyncio.Task[bool] | None = None

    def _leave(self, text: str, error: LineError) -> None:
        """Put a line into the next prompt to be corrected, with the cursor at the error.

        Not if text was typed ahead: that is meant for an empty line.
        """
        if not self.prompt.typed_ahead():
            self._default, self._cursor = text, error.column
            self._note = f"{error.desc} (fix it, or press Ctrl-C to start over)"


def history_path(config: Config) -> str | None:
    """Return the path of the history file; None to keep no file."""
    path = os.environ.get("HMP_HISTORY", config.history)
    if path is not None:
        return os.path.expanduser(path) or None
    return os.path.join(state_directory(os.environ), "history")
