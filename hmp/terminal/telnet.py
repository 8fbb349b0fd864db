"""The real prompt over telnet: editing, completion, colours, events as they come.

Each connection has a monitor and a history of its own; nothing of the operator's, neither
history nor pager nor signals, is for those who come this way.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session, run_in_terminal
from prompt_toolkit.document import Document

from hmp.cli.config import Config
from hmp.completion.cache import WordCache
from hmp.display.event_text import event_line
from hmp.display.richtext import present
from hmp.display.sanitise import one_line
from hmp.display.screen import Screen
from hmp.frontends.aside import aside
from hmp.monitor.errors import CommandFailedError
from hmp.monitor.events import EventLog
from hmp.monitor.frontend import FrontEnd, banner
from hmp.monitor.line import is_comment
from hmp.qmp.errors import MachineGoneError
from hmp.serving.client import Client
from hmp.serving.telnet_decoder import TelnetDecoder
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
    from hmp.serving.client import Host

_PATIENCE = 0.5
"""Seconds that a client has to tell of its terminal; netcat never will."""
_EVENT_PAUSE = 0.1
_KEYS_LIMIT = 4096
"""Characters that are held before no more are read; and those of a line."""


class PromptClient(Client):
    """A client of a human monitor that has a terminal."""

    def __init__(
        self,
        monitor: Monitor,
        kinds: Mapping[str, Kind] | None,
        host: Host,
    ) -> None:
        super().__init__(host)
        self.monitor = monitor
        self.kinds = kinds
        self.telnet = TelnetDecoder(characters=True)
        self.input = RemoteInput(self._keys_read)
        self.session: RemoteSession | None = None
        self._told = asyncio.Event()
        self.telnet.on_change = self._told.set
        self.takes = asyncio.Event()
        self.takes.set()

    def begin(self) -> None:
        """Offer telnet, and run a session."""
        self.transport.write(self.telnet.offer())
        self.host.tasks.start(self._talk(), "a telnet session")

    def data_received(self, data: bytes) -> None:
        """Take keys; Ctrl-C gives up a command that runs."""
        data = self.screened(self.telnet.feed(data))
        if b"\x03" in data and self.session is not None and self.session.give_up():
            data = data.rpartition(b"\x03")[2]
            self.input.drop()
        self.input.feed(data)
        if self.input.waiting > _KEYS_LIMIT:
            self.transport.pause_reading()
            self.look_for_hangup()

    def _keys_read(self) -> None:
        """Take more when those that were held are used up."""
        if self.input.waiting <= _KEYS_LIMIT:
            self.stop_looking()
            self.transport.resume_reading()

    def eof_received(self) -> bool:
        """End: nobody types any more."""
        return False

    def all_sent(self) -> None:
        """End, too, when keys wait that were typed before."""
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the session; give up the line that runs."""
        self.input.close()
        self.takes.set()
        if self.session is not None:
            self.session.give_up()
        self.monitor.qmp.close()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Hold back."""
        super().pause_writing()
        self.takes.clear()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self.takes.set()

    def close(self) -> None:
        """End the session, and with it the connection."""
        self.monitor.ended = True
        if self.session is None:
            self.transport.close()
        else:
            self.session.give_up()
        self.input.close()

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection ends."""
        if data and not self.transport.is_closing():
            self.send_unasked(data)

    def size(self) -> tuple[int, int]:
        """Return the columns and lines of the terminal."""
        return self.telnet.columns, self.telnet.lines

    async def _talk(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while not self.telnet.terminal:
                    self._told.clear()
                    await self._told.wait()
        stream = RemoteStream(self.write)
        output = make_output(stream, self.size, self.telnet.terminal)
        try:
            with create_app_session(input=self.input, output=output):
                self.session = RemoteSession(self, RemoteSink(stream))
                await self.session.run()
        except MachineGoneError:
            pass  # whoever serves us closes us
        except Exception as error:
            self.host.complain(f"a session failed: {type(error).__name__}")
        finally:
            self.transport.close()


class RemoteSession(FrontEnd):
    """A monitor on a client's terminal, and what handlers ask of it.

    What the operator's own session can do beyond commands, such as run programs and
    write files, is not for others.
    """

    interactive = detailed = True

    def __init__(self, client: PromptClient, sink: RemoteSink) -> None:
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
        """Return the client's screen as it is now."""
        terminal = self.client.telnet.terminal or "ansi"
        screen = Screen(-1, {"TERM": terminal, "FORCE_COLOR": "1"})
        screen.width, screen.height = self.client.size()
        return screen

    def _cut(self) -> None:
        """Keep a line from growing without an end."""
        buffer = self.prompt.session.default_buffer
        if len(buffer.text) > _KEYS_LIMIT:
            buffer.document = Document(buffer.text[:_KEYS_LIMIT])

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

    # What handlers ask of the front end

    def history(self) -> list[str]:
        """Return the lines of this connection."""
        return self.past.lines

    def show_event(self, event: dict[str, Any]) -> None:
        """Show an event that a line follows."""
        self.sink.write(f"{event_line(event)}\n")
        self.sink.flush()

    def has_reader(self) -> bool:
        """Return whether the client is still there."""
        return not self.client.transport.is_closing()

    async def ask_secret(self, prompt: str) -> str:
        """Ask for a password without echo."""
        answer = await self._ask(PromptSession(is_password=True), prompt)
        if answer is None:
            raise CommandFailedError("", "no password was given")
        return answer

    async def confirm(self, question: str) -> bool:
        """Ask whether to go on; anything but a yes is a no."""
        answer = await self._ask(PromptSession(), f"{one_line(question)} [y/N] ")
        return (answer or "").strip().lower() in ("y", "yes")

    async def run_line(self, text: str) -> bool:
        """Run another line and show what comes; return whether it went well."""
        return await self._run_one(text, None)

    # The loop

    async def show(self, text: str) -> None:
        """Write text of ours, above the prompt when it is up."""

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
        """Return a line, once the client takes what we send; None at the end."""
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
        """Return what is typed at a prompt; None at the end of input."""
        prompt.app.erase_when_done = False  # F1 sets it, for a browser that is not here
        with _signals_left_alone(prompt), suppress(EOFError):
            return await prompt.prompt_async(
                message, handle_sigint=False, set_exception_handler=False
            )
        return None

    async def _run_one(self, text: str, column: int | None) -> bool:
        """Run a line and show what comes.

        column: where on the screen the line stands that was typed, if it was.
        """
        call = None if is_comment(text) else await self.monitor.run(text)
        self.knowledge.expire()
        if call is None:
            return True
        # beside the loop: one client's picture holds up nobody else
        await self.show(await aside(present, call, self.screen_now(), column))
        return call.error is None

    def give_up(self) -> bool:
        """Give up the line that runs; return whether there was one."""
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
                raise  # it is we who are to end
            rest = self.monitor.unfinished or "the machine may still carry it out"
            await self.show(f"gave up waiting; {one_line(rest)}\n")
        finally:
            self._line = None


@contextmanager
def _signals_left_alone(prompt: PromptSession[str]) -> Iterator[None]:
    """Take prompt_toolkit's hands off SIGWINCH, which is about another terminal.

    Each prompt sets a handler for it as it begins, and ours has no use for one.
    """
    loop = asyncio.get_running_loop()
    ours = signal.getsignal(signal.SIGWINCH)
    # what the loop calls for it; there is no other way to learn that
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
