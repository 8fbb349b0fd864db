"""The real prompt over telnet: editing, completion, colours, events as they arrive.

Each connection has its own monitor, history and aliases. A client has no access to what is
the operator's: neither files and programs, nor pager, nor signals. Keys come in by
`hmp.terminal.remote`, and the output leaves through `Remote.write`.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

from prompt_toolkit.application import create_app_session, get_app_session
from prompt_toolkit.document import Document

from hmp.display.screen import Screen
from hmp.frontends.config import Config
from hmp.frontends.state import banner
from hmp.terminal.remote import RemoteInput, RemoteSink, RemoteStream, make_output
from hmp.terminal.screen_output import ScreenOutput
from hmp.terminal.screen_session import ScreenSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor

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
        ...

    @property
    def connected(self) -> bool:
        """Whether the client is still connected."""
        ...

    def size(self) -> tuple[int, int]:
        """Return the columns and lines of the terminal."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes, unless the connection ends."""


async def run_session(remote: Remote) -> None:
    """Run a session on a remote terminal until it ends. Raises MachineGoneError."""
    stream = RemoteStream(remote.write)
    output = make_output(stream, remote.size, remote.terminal)
    with create_app_session(input=remote.input, output=output):
        remote.session = RemoteSession(remote, RemoteSink(stream))
        await remote.session.run()


class RemoteScreenOutput(ScreenOutput):
    """Shows text on a client's terminal, as fast as the client takes it."""

    def __init__(self, client: Remote, sink: RemoteSink) -> None:
        self.client = client
        super().__init__(sink)

    def screen(self) -> Screen:
        """Return the client's screen in its present size."""
        terminal = self.client.terminal or "ansi"
        screen = Screen(-1, {"TERM": terminal, "FORCE_COLOR": "1"})
        screen.width, screen.height = self.client.size()
        return screen

    async def show_long(self, text: str) -> None:
        """Write text without a pager, which would run on this host."""
        await self.pour(text)

    async def room(self) -> None:
        """Let other tasks run, and wait until the client takes more."""
        await asyncio.sleep(0)
        await self.client.takes.wait()


class RemoteSession(ScreenSession):
    """The session on a client's terminal.

    The abilities of the operator's session beyond commands, such as running programs and
    writing files, are missing on purpose: clients must not have them.
    """

    def __init__(self, client: Remote, sink: RemoteSink) -> None:
        self.client = client
        output = RemoteScreenOutput(client, sink)
        super().__init__(client.monitor, output, Config(), client.kinds or {}, None)
        self.prompt.session.default_buffer.on_text_insert += lambda _: self._cut()

    def _cut(self) -> None:
        """Cut a line that has grown beyond the limit."""
        buffer = self.prompt.session.default_buffer
        if len(buffer.text) > KEYS_LIMIT:
            buffer.document = Document(buffer.text[:KEYS_LIMIT])

    def has_reader(self) -> bool:
        """Return whether the client is still connected."""
        return self.client.connected

    async def ready(self) -> bool:
        """Wait until the client has taken our output; return False if it has left."""
        await self.client.takes.wait()
        return not self.client.input.closed

    async def run(self) -> None:
        """Read and run lines until the end. Raises MachineGoneError."""
        _leave_signals_alone(asyncio.get_running_loop())
        await self.say(banner(self.monitor))
        try:
            await self.run_lines()
        except EOFError:
            pass  # the client has left from within the help browser
        finally:
            self.stop_tasks()

    def give_up(self) -> bool:
        """Cancel the running line; return whether there was one."""
        return self._running is not None and self._running.cancel()


def _leave_signals_alone(loop: asyncio.AbstractEventLoop) -> None:
    """Keep prompt_toolkit from handling SIGWINCH for the prompts of remote sessions.

    Each prompt sets a handler while it is shown; that signal concerns another terminal,
    whose handler may be the operator's prompt or belong to the program that serves.
    """
    if loop in _LEFT_ALONE:
        return
    _LEFT_ALONE.add(loop)
    add, remove = loop.add_signal_handler, loop.remove_signal_handler

    def remote(number: int) -> bool:
        prompts = get_app_session()
        return number == signal.SIGWINCH and isinstance(prompts.input, RemoteInput)

    def add_unless_remote(number: int, callback: Callable[..., Any], *args: Any) -> None:
        if not remote(number):
            add(number, callback, *args)

    def remove_unless_remote(number: int) -> bool:
        return remote(number) or remove(number)

    # prompt_toolkit has no option for this
    methods: Any = loop
    methods.add_signal_handler = add_unless_remote
    methods.remove_signal_handler = remove_unless_remote


_LEFT_ALONE: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
"""The event loops that leave signals alone."""
