"""The terminal session: the one on the terminal of the user who started the program.

It reconnects, handles signals, and may use this host's programs and files.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from hmp.display.sanitise import one_line
from hmp.frontends.config import Config
from hmp.frontends.cooked import NONE, end_of_input
from hmp.frontends.files import in_stoppable_thread, read_file
from hmp.frontends.history_file import history_path
from hmp.frontends.in_thread import in_thread
from hmp.monitor.call import Call, presented
from hmp.monitor.errors import CommandFailedError
from hmp.qmp.errors import MachineGoneError
from hmp.terminal.reconnect import Reconnector
from hmp.terminal.screen_output import ScreenOutput
from hmp.terminal.screen_session import ScreenSession
from hmp.terminal.signals import Interrupter, handled

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping
    from typing import Any

    from hmp.display.sink import Sink
    from hmp.frontends.shell import Redirect
    from hmp.frontends.state import MachineState
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor
    from hmp.qmp.connection import Reachable

_GRACE = 0.5
"""Seconds that a line has to finish after the machine has gone."""


class SessionOptions:
    """The settings of a session.

    kinds: kinds by type letter, for arguments whose entry declares none. target: the
    address to reconnect to if the connection breaks; None: do not reconnect. yes: do not
    ask for confirmation of destructive commands. state: as for `Session`. ends_machine: as
    for `FrontEnd`. trace: whether to show the QMP messages.
    """

    def __init__(
        self,
        *,
        config: Config | None = None,
        kinds: Mapping[str, Kind] | None = None,
        target: Reachable | None = None,
        yes: bool = False,
        state: MachineState | None = None,
        ends_machine: bool = False,
        trace: bool = False,
    ) -> None:
        self.config = config or Config()
        self.kinds: Mapping[str, Kind] = {} if kinds is None else kinds
        self.target = target
        self.yes = yes
        self.state = state
        self.ends_machine = ends_machine
        self.trace = trace


class TerminalSession(ScreenSession):
    """The session on our own terminal.

    ended_by: the signal that has ended it; 0 if none has.
    """

    screen = local = True

    def __init__(self, monitor: Monitor, out: Sink, options: SessionOptions) -> None:
        config = options.config
        output = ScreenOutput(out, config.pager)
        super().__init__(
            monitor,
            output,
            config,
            options.kinds,
            history_path(config),
            options.state,
            options.ends_machine,
        )
        self.options = options
        self.confirms = config.confirm and not options.yes
        # connects again in the background while the prompt stays usable
        self.reconnector = Reconnector(
            monitor, options.target, self._on_lost, self._on_back
        )
        self.lost: MachineGoneError | None = None
        self.ended_by = 0
        self._main: asyncio.Task[Any] | None = None

    # The machine

    def _on_lost(self, gone: MachineGoneError) -> None:
        """Report the loss once; end the session if it cannot reconnect."""
        if self.monitor.ended:
            return
        self.state.connected = False
        self.lost = gone
        app = self.prompt.session.app
        if self.options.target is None:
            # the prompt raises it where it is read; without a prompt, the next line does
            if app.is_running:
                app.exit(exception=gone)
            return
        text = f"{one_line(str(gone))}; waiting for it to come back\n"
        self._in_background(self.output.show_folded(text), "say that it is gone")

    async def _on_back(self) -> None:
        self.state.connected = True
        self.lost = None
        self.word_cache.expire()
        await self.state.look_up()
        target = one_line(str(self.options.target))
        await self.output.show_folded(f"connected to {target} again\n")
        self.prompt.session.app.invalidate()

    # The front end for handlers and the runner

    async def read_file(self, path: str) -> bytes:
        """Return the contents of a file. Raises OSError."""
        limit = self.monitor.connection.timeout
        return await in_stoppable_thread(partial(read_file, seconds=limit), path)

    async def draw_screen(self, device: str | None, head: int | None) -> None:
        """Draw the guest's screen below the line."""
        from hmp.display.picture import BLOCKS, PictureError, protocol
        from hmp.display.screenshot import read_picture, take_screenshot

        screen = self.output.screen()

        async def read(path: str) -> bytes:
            return await in_thread(read_picture, path)

        kind = protocol(os.environ) if screen.colours else BLOCKS
        shot = await take_screenshot(self.monitor, kind, device, head, read)
        try:
            await self.output.pour(await in_thread(shot.drawn, screen))
        except PictureError as error:
            raise CommandFailedError(f"Error: {error}\n") from error

    async def text(self, call: Call) -> str:
        """Return a result as text for a program or a file."""
        return await in_thread(presented, call, lambda call: call.lines())

    async def send(self, text: str, redirect: Redirect) -> str:
        """Send text to a shell command or a file; return the error, or empty."""
        limit = self.monitor.connection.timeout
        return await self.output.redirect(text, redirect, limit)

    async def shell(self, command: str) -> str:
        """Run a shell command on the terminal; return the error, or empty."""
        return await self.output.shell(command)

    # The loop

    async def ready(self) -> bool:
        """Return False when the machine is gone for good."""
        return self.lost is None or self.options.target is not None

    async def run(self, endings: Iterable[signal.Signals] = ()) -> None:
        """Read and run lines until the end or a signal. Raises MachineGoneError."""
        self._main = asyncio.current_task()
        if self.options.trace:
            self.trace(True)
        signals = (signal.SIGINT, *endings)
        with (
            # one handler for the whole session, so that Ctrl-C can never end it
            Interrupter() as self._interrupter,
            handled(signals, self._signal),
            # Ctrl-D while a line runs is a key for the next prompt
            end_of_input(NONE),
        ):
            try:
                await self.run_lines()
            except asyncio.CancelledError:
                # cancelled by a signal or by end(): that is how a session ends
                if not self._ends:
                    raise
            finally:
                await self._wind_up()
        if self.lost is not None and not self.monitor.ended:
            raise self.lost

    async def _wind_up(self) -> None:
        """End the background tasks, and show the notices that are left."""
        self.stop_tasks()
        if self.monitor.left_jobs and self.lost is None and not self.ended_by:
            await self._leave_jobs()
        with suppress(OSError):  # the terminal may be gone
            await self.show_messages()
            await self.notices.flush()
        self.past.trim()

    async def _leave_jobs(self) -> None:
        """Dismiss the jobs whose lines stopped waiting; name those that continue."""
        from hmp.monitor.jobs import PARTING, leave_jobs, left_behind

        with suppress(TimeoutError):
            await asyncio.wait_for(leave_jobs(self.monitor), 2 * PARTING)
        lines = left_behind(self.monitor)
        with suppress(OSError):
            said = "".join(f"hmp: {one_line(line)}\n" for line in lines)
            await self.output.show_folded(said)

    def _signal(self, number: int) -> None:
        # before the task is created, the prompt remembers the Ctrl-C; see `take_interrupt`
        lines = [self._running] if self._running is not None else []
        if number == signal.SIGINT:
            self._interrupt(lines)
        elif self._main is not None:
            self.ended_by = number
            self._ends = True
            self._interrupter.cancel(self._main, *lines)

    def _interrupt(self, lines: list[asyncio.Task[bool]]) -> None:
        """Cancel the running line, unless a program has the terminal and so the Ctrl-C."""
        if self.output.suspended:
            self.output.interrupt()
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
            # the line that ends the session (quit) has its result still to show
            asyncio.get_running_loop().call_later(_GRACE, self._main.cancel)

    async def confirm(self, question: str) -> bool:
        """Ask for confirmation. Raises MachineGoneError: the line would change nothing."""
        if self.lost is not None:
            raise self.lost
        return await super().confirm(question)

    async def guarded(self, work: Coroutine[Any, Any, bool]) -> None:
        """Do work that Ctrl-C cancels; work that needs a machine that is gone fails."""
        known = self.lost
        try:
            await super().guarded(work)
        except MachineGoneError as gone:
            # otherwise the loss was reported when it happened, or will be at the end
            if known is not None and self.options.target is not None:
                said = f"not connected: {one_line(str(gone))}\n"
                await self.output.show_folded(said)
