"""The real prompt over telnet: editing, completion, colours, events as they arrive.

Each connection has its own monitor and history. A client has no access to the operator's:
neither history, nor pager, nor signals. Keys come in by `hmp.terminal.remote`, and the
output leaves through `Remote.write`.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session, run_in_terminal
from prompt_toolkit.document import Document

from hmp.completion.cache import WordCache
from hmp.display.event_text import event_line
from hmp.display.richtext import present
from hmp.display.sanitise import one_line
from hmp.display.screen import Screen
from hmp.frontends.aside import aside
from hmp.frontends.config import Config
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.events import EventLog
from hmp.monitor.frontend import FrontEnd, banner
from hmp.monitor.line import is_comment
from hmp.terminal.completer import Fetcher, LineCompleter
from hmp.terminal.history import PrivateHistory
from hmp.terminal.parsing import LineParser
from hmp.terminal.prompt import BROWSE, Prompt
from hmp.terminal.remote import RemoteInput, RemoteSink, RemoteStream, make_output
from hmp.terminal.state import MachineState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor

_EVENT_PAUSE = 0.1
KEYS_LIMIT = 4096
"""Characters of a line, and those that may wait before reading pauses."""


class Remote(Protocol):
    """The other end of a remote session: a terminal that a client has.

    kinds: what completion knows of kinds of things. input: the keys. takes: set while the
    client takes what is sent. terminal: the name of the terminal's type, if it is known.
    """

    monitor: Monitor
    kinds: Mapping[str, Kind] | None
    input: RemoteInput
    takes: asyncio.Event
    session: RemoteSession | None

    @property
    def terminal(self) -> str:
        """The name of the terminal's type; empty when the client has not said."""

    @property
    def connected(self) -> bool:
        """Whether the client is still connected."""

    def size(self) -> tuple[int, int]:
        """Return the columns and lines of the terminal."""

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection ends."""


async def run_session(remote: Remote) -> None:
    """Run a session on a remote terminal until it ends. Raises MachineGoneError."""
    stream = RemoteStream(remote.write)
    output = make_output(stream, remote.size, remote.terminal)
    with create_app_session(input=remote.input, output=output):
        remote.session = RemoteSession(remote, RemoteSink(stream))
        await remote.session.run()


class RemoteSession(FrontEnd):
    """A monitor on a client's terminal: its prompt, and its front end for handlers.

    The abilities of the operator's session beyond commands, such as running programs and
    writing files, are missing on purpose: clients must not have them.
    """

    interactive = detailed = True

    def __init__(self, client: Remote, sink: RemoteSink) -> None:
        super().__init__()
        self.client = client
        self.monitor = monitor = client.monitor
        self.sink = sink
        self.state = MachineState(monitor)
        self.knowledge = WordCache()
        self.fetcher = Fetcher(monitor, self.knowledge)
        self.parse = LineParser(monitor, self.aliases)
        self.past = PrivateHistory(None, self._is_secret)
        self.prompt = Prompt(
            Config(),
            self.state,
            self.past,
            LineCompleter(
                monitor, self.knowledge, client.kinds or {}, self.fetcher, self.aliases
            ),
            self.parse,
            self.screen_now(),
        )
        self.prompt.session.default_buffer.on_text_insert += lambda _: self._cut()
        self._events = EventLog()
        self._wake = asyncio.Event()
        self._line: asyncio.Task[bool] | None = None
        monitor.front = self
        monitor.listeners.append(self._on_event)

    def _is_secret(self, line: str) -> bool:
        return self.parse(line).holds_secret

    def screen_now(self) -> Screen:
        """Return the client's screen in its present size."""
        terminal = self.client.terminal or "ansi"
        screen = Screen(-1, {"TERM": terminal, "FORCE_COLOR": "1"})
        screen.width, screen.height = self.client.size()
        return screen

    def _cut(self) -> None:
        """Cut a line that has grown beyond the limit."""
        buffer = self.prompt.session.default_buffer
        if len(buffer.text) > KEYS_LIMIT:
            buffer.document = Document(buffer.text[:KEYS_LIMIT])

    # The machine

    def _on_event(self, event: dict[str, Any]) -> None:
        self.state.on_event(event)
        self.knowledge.expire()
        if not self.following:
            self._events.add(event)
            self._wake.set()

    async def _follow_events(self) -> None:
        await self.state.look_up()
        self.prompt.session.app.invalidate()
        while True:
            await self._wake.wait()
            self._wake.clear()
            lines = self._events.take()
            await self.show("".join(f"{one_line(line)}\n" for line in lines))
            await asyncio.sleep(_EVENT_PAUSE)

    # The front end for handlers

    def history(self) -> list[str]:
        """Return the lines of this connection."""
        return self.past.lines

    def show_event(self, event: dict[str, Any]) -> None:
        """Show an event that a line follows."""
        self.sink.write(f"{event_line(event)}\n")
        self.sink.flush()

    def has_reader(self) -> bool:
        """Return whether the client is still connected."""
        return self.client.connected

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo."""
        answer = await self._ask(PromptSession(is_password=True), prompt)
        if answer is None:
            raise CommandFailedError("", "no password was given")
        return answer

    async def confirm(self, question: str) -> bool:
        """Ask for confirmation; anything but "y" or "yes" means no."""
        answer = await self._ask(PromptSession(), f"{one_line(question)} [y/N] ")
        return (answer or "").strip().lower() in ("y", "yes")

    async def run_line(self, text: str) -> bool:
        """Run another line and show its result; return whether it succeeded."""
        return await self._run_one(text, None)

    # The loop

    async def show(self, text: str) -> None:
        """Write text of ours, above the prompt if it is shown."""

        def write() -> None:
            self.sink.write(text, ours=True)
            self.sink.flush()

        if self.prompt.session.app.is_running:
            await run_in_terminal(write)
        else:
            write()

    async def run(self) -> None:
        """Read and run lines until the end. Raises MachineGoneError."""
        await self.show(banner(self.monitor))
        loop = asyncio.get_running_loop()
        follower = loop.create_task(self._follow_events(), name="show events")
        try:
            while not self.monitor.ended:
                line = await self._read()
                if line is None:
                    break
                await self._run(line.removeprefix(BROWSE))
        finally:
            follower.cancel()
            self.fetcher.stop()

    async def _read(self) -> str | None:
        """Return a line, read once the client has taken our output; None at the end."""
        while not self.client.input.closed:
            await self.client.takes.wait()
            try:
                return await self._ask(self.prompt.session)
            except KeyboardInterrupt:
                continue
        return None

    async def _ask(
        self, prompt: PromptSession[str], message: str | None = None
    ) -> str | None:
        """Return the text typed at a prompt; None at the end of input."""
        prompt.app.erase_when_done = False  # F1 sets it; no browser here
        with _signals_left_alone(prompt), suppress(EOFError):
            return await prompt.prompt_async(
                message, handle_sigint=False, set_exception_handler=False
            )
        return None

    async def _run_one(self, text: str, column: int | None) -> bool:
        """Run a line and show its result.

        column: the screen column of the line if it was typed.
        """
        call = None if is_comment(text) else await self.monitor.run(text)
        self.knowledge.expire()
        if call is None:
            return True
        # in a thread, so that one client's large view does not delay the others
        await self.show(await aside(present, call, self.screen_now(), column))
        return call.error is None

    def give_up(self) -> bool:
        """Cancel the running line; return whether there was one."""
        return self._line is not None and self._line.cancel()

    async def _run(self, line: str) -> None:
        loop = asyncio.get_running_loop()
        self._line = loop.create_task(
            self._run_one(line, self.prompt.width), name="run a line"
        )
        try:
            await self._line
        except asyncio.CancelledError:
            if not self._line.cancelled():
                raise  # the session itself is cancelled, not only the line
            rest = self.monitor.unfinished or "the machine may still carry it out"
            await self.show(f"stopped waiting; {one_line(rest)}\n")
        finally:
            self._line = None


@contextmanager
def _signals_left_alone(prompt: PromptSession[str]) -> Iterator[None]:
    """Keep prompt_toolkit from handling SIGWINCH, which concerns another terminal.

    Each prompt sets a handler for it at its start; a remote terminal must not.
    """
    loop = asyncio.get_running_loop()
    ours = signal.getsignal(signal.SIGWINCH)
    # the loop's present callback; asyncio has no public way to read it
    handles = getattr(loop, "_signal_handlers", {})
    before = handles.get(signal.SIGWINCH)

    def restore(_: object = None) -> None:
        if handles.get(signal.SIGWINCH) is before:
            return
        loop.remove_signal_handler(signal.SIGWINCH)
        if before is not None:
            loop.add_signal_handler(signal.SIGWINCH, before._callback, *before._args)
        else:
            signal.signal(signal.SIGWINCH, ours)

    prompt.app.before_render += restore
    try:
        yield
    finally:
        prompt.app.before_render -= restore
        restore()
