"""QMP clients: the bytes of a connection carried to `hmp.qmp.server` and back."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from hmp.qmp.qjson.reader import BUSY, NOTHING
from hmp.qmp.server import ServerSession
from hmp.serving.client import LINGER, READ_LIMIT, TURN, Client

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

    from hmp.machine.machine import Machine
    from hmp.serving.client import Host
    from hmp.serving.telnet_decoder import TelnetDecoder


class ControlClient(Client):
    """A QMP client.

    Commands run one after the other; one that is a coroutine holds up those behind it,
    but for out-of-band ones, and nobody else. telnet: what takes telnet's own bytes out.
    """

    def __init__(
        self,
        machine: Machine,
        pretty: bool,
        telnet: TelnetDecoder | None,
        host: Host,
    ) -> None:
        super().__init__(host)
        self.machine = machine
        self.session = ServerSession(machine, pretty=pretty)
        self._telnet = telnet
        self._under_way = False
        self._scheduled = False
        self._at_end = False
        self._begun = 0  # commands that are awaited
        self._written: list[bytes] | None = None  # by the requests of this turn

    def begin(self) -> None:
        """Greet."""
        if self._telnet is not None:
            self.transport.write(self._telnet.offer())
        self.transport.write(self.session.greeting())

    def event(self, event: dict[str, Any]) -> None:
        """Send an event, if the client gets any."""
        data = self.session.event(event)
        if not data or self.transport.is_closing():
            return
        if self._written is not None:
            # a command of this client's emits it; what went before goes before
            self._written.append(data)
        else:
            self.send_unasked(data)

    def data_received(self, data: bytes) -> None:
        """Take requests."""
        if self._telnet is not None:
            data = self._telnet.feed(data)
        data = self.screened(data, hold=True)
        if data:
            self.session.feed(data)
            self._serve()

    def eof_received(self) -> bool:
        """Carry out what has come, then close."""
        self._at_end = True
        self.session.feed(self._first_line.rest())
        self._serve()
        return super().eof_received()

    def all_sent(self) -> None:
        """Wait no longer for a command that still runs a while later."""
        asyncio.get_running_loop().call_later(LINGER, self._check, self._begun)

    def _check(self, begun: int) -> None:
        if self.transport.is_closing():
            return
        if self._under_way and self._begun == begun:
            self.close()
        else:
            self.all_sent()

    def resume_writing(self) -> None:
        """Go on with the requests that wait."""
        super().resume_writing()
        self._serve()

    def _later(self) -> None:
        """Go on when others had their turn."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._scheduled = False
        self._serve()

    def _serve(self) -> None:
        """Carry out requests, as long as the client takes the replies."""
        if not (self._scheduled or self.transport.is_closing()):
            self._written = []
            try:
                done = self._steps()
            finally:
                self._flush()
                self._written = None
            if done and self._at_end and not self._under_way:
                self.close()
        if self.session.waiting > READ_LIMIT:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _flush(self) -> None:
        """Write what the requests of this turn have written."""
        if self._written:
            self.transport.write(b"".join(self._written))
            self._written.clear()

    def _steps(self) -> bool:
        """Carry out some requests; return whether there are no more."""
        until = monotonic() + TURN
        while monotonic() < until:
            if not self.reads:
                return False
            if self.machine.ended:
                return True
            if self._under_way:
                self._past()
                return False
            step = self.session.step()
            if step is NOTHING:
                return True
            if step is BUSY:
                break
            self._send(step)
        self._later()
        return False

    def _past(self) -> None:
        """Carry out what may go past the command that is under way."""
        for step in self.session.look_ahead():
            self._send(step, past=True)

    def _send(self, step: Any, past: bool = False) -> None:
        if isinstance(step, bytes):
            assert self._written is not None
            self._written.append(step)
            if len(step) > READ_LIMIT:
                self._flush()
            return
        self._begun += 1
        if not past:
            self._under_way = True
        self.host.tasks.start(self._finish(step, past), "a QMP command")

    async def _finish(self, step: Awaitable[bytes], past: bool) -> None:
        try:
            reply = await step
        finally:
            if not past:
                self._under_way = False
        if not self.transport.is_closing():
            self.transport.write(reply)
        if not past:
            self._serve()
