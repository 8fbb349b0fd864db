"""HMP clients on a plain socket, which get the same bytes as from QEMU's own monitor.

That is the banner, the prompt, and each key as QEMU's line editor echoes it, since
scripts that drive human monitors expect the prompt and strip the echo. Terminal codes in
the machine's strings are escaped.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING

from hmp.display.event_text import event_line
from hmp.display.sanitise import sanitise
from hmp.frontends.runner import LineFrontEnd, Runner
from hmp.frontends.state import banner
from hmp.monitor.call import shown
from hmp.qmp.errors import MachineGoneError
from hmp.serving.base_client import LINGER, READ_LIMIT, TURN, Client
from hmp.serving.line_keys import ERASE, LEFT, LineKeys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.monitor.call import Call
    from hmp.monitor.events import Event
    from hmp.monitor.monitor import Monitor
    from hmp.serving.base_client import ServingHost

PROMPT = "(qemu) "
LINE_LIMIT = READ_LIMIT
"""The longest accepted line, in bytes."""

_DRAWN = 200
"""Bytes of a line that are echoed key by key."""

# as terminals, files and QEMU's own line editor end lines
_LINE_END = re.compile(rb"\r\n|\n|\r")


@lru_cache
def echo(line: str) -> bytes:
    """Return a line as QEMU's line editor echoes it: redrawn for each key.

    Text beyond the length that people type is drawn once, and so is a line with bytes
    that no key produces: drawing noise key by key would be about a hundred times as long.
    """
    shown = sanitise(line)
    data = shown.encode(errors="backslashreplace")
    # a line that sanitising has changed has bytes that no key produces
    keys = range(min(len(data), _DRAWN) if shown == line else 0)
    drawn = b"".join(LEFT * key + data[: key + 1] + ERASE for key in keys)
    return drawn + data[len(keys) :] + b"\r\n"


class LineClient(Client, LineFrontEnd):
    """A client of a human monitor, and the front end for its handlers."""

    def __init__(
        self,
        monitor: Monitor,
        host: ServingHost,
    ) -> None:
        Client.__init__(self, host)
        LineFrontEnd.__init__(self)
        self.monitor = monitor
        self.runner = Runner(monitor, self)
        monitor.front = self
        self._lines: list[str] = []
        self._input = b""
        self._keys = LineKeys()
        self._at_end = False
        self._begun = 0  # lines
        self._skips = False  # whether the rest of an overlong line is being skipped
        self._after_return = False
        self._stirred = asyncio.Event()
        self._until = 0.0  # the time of other clients' turn

    def begin(self) -> None:
        """Show banner and prompt."""
        self.write(banner(self.monitor, "QEMU") + PROMPT)
        self._running = self.host.tasks.start(self._run(), "a human monitor")

    def data_received(self, data: bytes) -> None:
        """Process input."""
        self._input += self.screened(data)
        if len(self._input) > READ_LIMIT:
            self.transport.pause_reading()
            self.look_for_hangup()
        self._stirred.set()

    def all_sent(self) -> None:
        """Cancel a line that still runs a while later, as its client no longer can."""
        asyncio.get_running_loop().call_later(LINGER, self._check, self._begun)

    def _check(self, begun: int) -> None:
        if self._running.done():
            return
        if self._begun == begun and self.reads:
            self._running.cancel()
        else:
            self.all_sent()

    def eof_received(self) -> bool:
        """Run the received lines, then close."""
        self._at_end = True
        self._stirred.set()
        return super().eof_received()

    def resume_writing(self) -> None:
        """Continue with the waiting lines."""
        super().resume_writing()
        self._stirred.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Run no more lines, and cancel the running one."""
        self._running.cancel()
        self.monitor.qmp.close()
        super().connection_lost(exc)

    # The front end's methods for handlers

    def history(self) -> Iterable[str]:
        """Return the lines of this client."""
        return self._lines

    def show_event(self, event: Event) -> None:
        """Send an event that a line follows."""
        self.write(f"{event_line(event)}\n")

    def has_reader(self) -> bool:
        """Return whether the client is still there."""
        return not self.transport.is_closing()

    def write(self, text: str) -> None:
        """Send text, sanitised and with a terminal's line ends."""
        data = sanitise(text).replace("\n", "\r\n").encode(errors="backslashreplace")
        self.send_unasked(data)

    def echo(self, line: str) -> None:
        """Echo a line to the client, as QEMU does."""
        self.send_unasked(echo(line))

    def show_call(self, call: Call) -> None:
        """Send the output of a line."""
        self.write(shown(call))

    # The loop

    async def _run(self) -> None:
        try:
            # the client sees the end of the connection; the program itself reports why
            with suppress(MachineGoneError):
                while (line := await self._next_line()) is not None:
                    await self._run_bytes(line)
                    if self.monitor.ended:
                        break
                    self.write(PROMPT)
        finally:
            self.close()

    async def _run_bytes(self, line: bytes) -> None:
        if len(line) > LINE_LIMIT:
            self._keys.take()
            self.echo("")
            self.write(f"Error: the line is longer than {LINE_LIMIT} bytes\n")
            return
        if self._keys.needed_for(line):
            await self._draw(self._keys.type(line))
            self.send_unasked(b"\r\n")
            line = self._keys.take()
            text = line.decode(errors="backslashreplace")
        else:
            text = line.decode(errors="backslashreplace")
            self.echo(text)
        if text.strip():
            if not self.monitor.parse(text).holds_secret:
                self._lines.append(text)
            # a client may stay for years
            del self._lines[:-1000]
        self._begun += 1
        await self.runner.run_bytes(line)

    async def _next_line(self) -> bytes | None:
        """Return the next line, once the client reads its output; None at the end."""
        while True:
            if monotonic() > self._until:
                await asyncio.sleep(0)  # other clients' turn
                self._until = monotonic() + TURN
            if self.reads:
                line = self._cut()
                if line is not None:
                    return line
                if self._at_end:
                    return None
                if self._input and not self._skips and self._keys.drawn_singly(self._input):
                    keys, self._input = self._input, b""
                    await self._draw(self._keys.type(keys))
                    continue
            self._stirred.clear()
            if self.reads:
                self.transport.resume_reading()
            await self._stirred.wait()

    async def _draw(self, pieces: Iterable[bytes]) -> None:
        """Send what keys draw, as fast as the client reads it."""
        for piece in pieces:
            while not self.reads:
                self._stirred.clear()
                await self._stirred.wait()
            self.send_unasked(piece)

    def _cut(self) -> bytes | None:
        """Take a line from the input; all of the input if it is overlong or at the end."""
        while True:
            if self._after_return and self._input:
                # CR LF is one end of a line, even if the two come apart
                self._input = self._input.removeprefix(b"\n")
                self._after_return = False
            match = _LINE_END.search(self._input)
            ends = self._at_end and (self._input or self._keys.needed_for(b""))
            whole = len(self._input) > LINE_LIMIT or ends
            if match is None and not whole:
                return None
            end, rest = match.span() if match else (len(self._input), len(self._input))
            self._after_return = match is not None and match[0] == b"\r"
            line, self._input = self._input[:end], self._input[rest:]
            skipped, self._skips = self._skips, match is None
            if not skipped:
                return line
