"""A session with a screen editor, on this terminal or a remote one.

Lines from the prompt go to the runner; results and events are shown above the prompt.
"""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession

from hmp.display.event_text import event_line
from hmp.display.sanitise import one_line, sanitise
from hmp.frontends.base_session import Session
from hmp.frontends.in_thread import in_thread
from hmp.frontends.runner import interrupted
from hmp.monitor.availability import lacking, unfit
from hmp.monitor.errors import LineError
from hmp.monitor.messages import message_text
from hmp.terminal.completer import Fetcher, LineCompleter
from hmp.terminal.history import PromptHistory
from hmp.terminal.keys import BROWSE, NO_SLIP, Slip, take_system_keys
from hmp.terminal.notices import Notices
from hmp.terminal.prompt import Prompt, prompted
from hmp.terminal.screen_output import UNDO_ECHO

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any

    from hmp.frontends.config import Config
    from hmp.frontends.state import MachineState
    from hmp.monitor.call import Call
    from hmp.monitor.events import Event
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor
    from hmp.terminal.screen_output import ScreenOutput
    from hmp.terminal.watch import Watch


class ScreenSession(Session):
    """A monitor on a terminal: its prompt, and its front end for handlers.

    kinds: kinds by type letter, for arguments whose entry declares none. history: the
    path of the history file; None to keep the lines in memory. state: as for `Session`.
    ends_machine: as for `FrontEnd`.
    """

    detailed = True

    def __init__(
        self,
        monitor: Monitor,
        output: ScreenOutput,
        config: Config,
        kinds: Mapping[str, Kind],
        history: str | None,
        state: MachineState | None = None,
        ends_machine: bool = False,
    ) -> None:
        super().__init__(monitor, config, kinds, history, state)
        self.output = output
        self.fetcher = Fetcher(monitor, self.word_cache)
        completer = LineCompleter(
            monitor, self.word_cache, kinds, self.fetcher, self.aliases
        )
        past = PromptHistory(self.past)
        self.prompt = Prompt(
            config,
            self.state,
            past,
            completer,
            self.parse,
            output.screen(),
            self.local,
            "ends the machine" if ends_machine else "leaves",
        )
        self.ends_machine = ends_machine
        self.notices = Notices(output.show_folded, monitor.event_log())
        self._messages: list[str] = []
        self._default, self._slip = "", NO_SLIP
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[bool] | None = None
        self._watch: Watch | None = None
        self._ends = False

    # The machine

    def note_event(self, event: Event) -> None:
        """Show an event above the prompt."""
        self.notices.add(event)

    def _in_background(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _prepare(self) -> None:
        """Load the tables and query the machine, while the prompt is already shown."""
        # loading takes time, and the user waits only for the first prompt
        rendered = asyncio.Event()
        self.prompt.session.app.after_render += lambda _: rendered.set()
        await rendered.wait()
        for entry in self.monitor.commands:
            if entry.subtable is not None:
                # which imports all of its modules
                len(entry.subtable)
        self.word_cache.unfit = unfit(self.monitor)
        await self._look_up()
        if not (self.monitor.qmp.has_hmp and self.state.has_guest):
            self.word_cache.lacking = await lacking(self.monitor)
        self.say_what_is_not_kept()

    async def _look_up(self) -> None:
        await self.state.look_up()
        self.prompt.session.app.invalidate()

    # The front end for handlers

    def progress(self, what: str, done: int, total: int) -> None:
        """Draw progress; a frame of `watch` would lose its last row to it."""
        if self._watch is not None and self._watch.drawn:
            return
        self.before_wait()
        self.output.progress(what, done, total)

    def later(self, seconds: float, work: Callable[[], None]) -> asyncio.TimerHandle:
        """Return what calls a function after some seconds, while a line waits."""
        return asyncio.get_running_loop().call_later(seconds, work)

    def tell_of_wait(self, why: str) -> None:
        """Draw that a line waits for the machine, below the reason."""
        if self.output.suspended:
            return  # the line has a screen of its own, as `top` does
        said = "no answer yet; Ctrl-C stops waiting"
        if self._watch is not None and self._watch.drawn:
            self._watch.tell_of_wait(said, why)
            return
        if why:
            self.output.write(f"{why}\n")
        self.output.progress(said, 0, 0)

    def write_event(self, event: Event) -> None:
        """Write an event at once."""
        self.output.write(f"{event_line(event)}\n")

    def warn(self, text: str) -> bool:
        """Show a warning above the prompt."""
        self.note(f"hmp: {text}")
        return True

    def tell(self, text: str) -> None:
        """Show a sentence above the prompt."""
        self.note(text)

    def note(self, line: str) -> None:
        """Show a line above the prompt."""
        self._in_background(self.output.show_folded(f"{one_line(line)}\n"), "note")

    def trace(self, on: bool) -> None:
        """Show the QMP messages as they pass, above the prompt, or stop doing so."""
        loop, context = asyncio.get_running_loop(), copy_context()

        def show(arrow: str, message: dict[str, Any]) -> None:
            self._messages.append(sanitise(message_text(arrow, message)))
            # the connection may be read in another thread, or for several sessions
            loop.call_soon_threadsafe(show_soon, context=context)

        def show_soon() -> None:
            self._in_background(self.show_messages(), "show messages")

        self.monitor.show_messages(show if on else None)

    async def show_messages(self) -> None:
        """Show the QMP messages that wait for it."""
        if self._messages:
            text = "".join(self._messages)
            self._messages.clear()
            await self.output.show(text)

    async def ask(self, prompt: str, *, secret: bool = False) -> str | None:
        """Return the answer to a question; None if there was none."""
        self.before_wait()
        asker: PromptSession[str] = PromptSession(is_password=secret)
        take_system_keys(asker)
        text = _folded(prompt, self.output.screen().width)
        try:
            return await prompted(asker, text)
        except (EOFError, KeyboardInterrupt):
            return None

    async def watch(self, text: str, interval: float, field: str | None) -> None:
        """Run a line every interval seconds, and mark the changes."""
        from hmp.terminal.watch import Watch

        self._watch = Watch(self.runner, self.output, text, interval, field)
        try:
            with self.output.held():
                await self._watch.run()
        finally:
            self._watch = None

    async def top(self, interval: float) -> None:
        """Show what the machine does, on the whole screen."""
        from hmp.terminal.top_screen import Live, Top

        name = self.state.name or "this one"
        live = Live(lambda: self.monitor.connections(name))
        self.output.suspend()
        try:
            chosen = await Top(live.look, self.output.screen, interval).run()
        finally:
            self.output.resume()
        if chosen is not None:
            self.monitor.choose(chosen)

    # The front end for the runner

    async def present(self, call: Call, typed: bool) -> str:
        """Show the result of a line, or its error."""
        from hmp.display.richtext import present  # late: the first prompt needs no views

        column = self.prompt.width if typed else None
        # in a thread, so that Ctrl-C and other tasks are handled meanwhile
        text = await in_thread(present, call, self.output.screen(), column)
        await self.show_messages()  # which came before it
        if call.error is None:
            await self.output.show_long(text)
        else:
            await self.output.show(text)
        return text

    async def repeat(self, line: str) -> None:
        """Show one of several lines with the prompt, before its result."""
        prompt = "".join(part[1] for part in self.prompt.text())
        await self.output.show(f"{one_line(prompt)}{one_line(line)}\n")

    async def say(self, text: str) -> None:
        """Show text that hmp itself has made."""
        await self.output.show(text)

    async def show_part(self, call: Call, stopped: bool) -> None:
        """Show what has come of a line so far."""
        if stopped:
            await self.say(UNDO_ECHO)
        await self.present(call, typed=False)

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    def correct(self, text: str, error: LineError) -> None:
        """Let the next prompt offer a line for correction, with the cursor at the error."""
        self._slip = Slip(text, error.column, error.desc)

    # The loop

    async def ready(self) -> bool:
        """Wait until the next line can be read; return False at the end of the session."""
        return True

    async def run_lines(self) -> None:
        """Read and run lines until the end. Raises MachineGoneError."""
        self._in_background(self._prepare(), "prepare")
        self._in_background(self.notices.follow(), "show events")
        while not self.monitor.ended and await self.ready():
            await self.output.show("")  # without an echo before it
            line = await self.prompt.read(self._default, self._slip)
            self._default, self._slip = "", NO_SLIP
            if line is None:
                break
            await self._take(line)

    def stop_tasks(self) -> None:
        """End the background tasks."""
        for task in list(self._tasks):
            task.cancel()
        self.fetcher.stop()

    async def _take(self, line: str) -> None:
        """Run the typed line, or open the help browser."""
        # a key of the prompt can ask for something only by ending it with a result
        if line.startswith(BROWSE):
            await self._browse(line.removeprefix(BROWSE))
        else:
            await self.guarded(self.runner.run_typed(line))
            if self.state.may_be_old:
                self._in_background(self._look_up(), "look the machine up")
            await self.notices.flush()
            self.say_what_is_not_kept()

    async def browse(self) -> None:
        """Let the user browse the help; the next prompt starts with the chosen command."""
        await self._browse("")

    async def _browse(self, typed: str) -> None:
        from hmp.terminal.browser import HelpBrowser

        # the browser draws on the whole screen, so nothing else may be shown meanwhile
        self.output.suspend()
        try:
            browser = HelpBrowser(self.monitor, self.output, typed, self.runner.kinds)
            chosen = await browser.run()
        finally:
            self.output.resume()
        self._default = typed if chosen is None else chosen

    async def guarded(self, work: Coroutine[Any, Any, bool]) -> None:
        """Do work that Ctrl-C cancels, without ending the session."""
        self._running = asyncio.get_running_loop().create_task(work, name="run a line")
        # Ctrl-C after Enter: the prompt was gone, and the task did not exist yet
        begun = not self.prompt.take_interrupt()
        if not begun:
            self._running.cancel()
        try:
            await self._running
        except asyncio.CancelledError:
            # the whole session is being cancelled, not this line
            if self._ends or not self._running.cancelled():
                raise
            said = interrupted(self.monitor) if begun else "not run"
            await self.say(UNDO_ECHO + (f"{one_line(said)}\n" if said else ""))
        finally:
            self._running = None


def _folded(question: str, width: int) -> str:
    """Return a question on lines of at most so many cells, its last words on one line."""
    from textwrap import fill  # late: the first prompt has no questions

    ask = "Continue? [y/N]"
    # no-break spaces keep these words on one line
    kept = question.rstrip().replace(ask, ask.replace(" ", "\xa0"))
    text = fill(kept, max(width, len(ask)), break_on_hyphens=False, break_long_words=False)
    return text.replace("\xa0", " ") + " "
