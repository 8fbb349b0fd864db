"""QMP clients: passes the bytes of a connection to `hmp.qmp.server` and back."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from hmp.qmp.qjson.reader import BUSY, NOTHING
from hmp.serving.base_client import LINGER, READ_LIMIT, TURN, Client

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

    from hmp.machine.machine import EmbeddedMachine
    from hmp.qmp.server import ServerSession
    from hmp.serving.base_client import ServingHost
    from hmp.serving.remote_machine import RemoteMachine
    from hmp.serving.telnet_decoder import TelnetDecoder


class ControlClient(Client):
    """A QMP client.

    Commands run one after another; a coroutine delays the client's later commands,
    except out-of-band ones, but no other client. telnet: decodes the telnet protocol.
    """

    def __init__(
        self,
        machine: EmbeddedMachine | RemoteMachine,
        session: ServerSession,
        telnet: TelnetDecoder | None,
        host: ServingHost,
    ) -> None:
        super().__init__(host)
        self.machine = machine
        self.session = session
        self._telnet = telnet
        self._under_way = False
        self._scheduled = False
        self._at_end = False
        self._begun = 0  # commands that are awaited
        self._written: list[bytes] | None = None  # output of this turn's requests
        self._last = b""  # SHUTDOWN, until the reply to the command that caused it

    def begin(self) -> None:
        """Greet."""
        if self._telnet is not None:
            self.send(self._telnet.offer())
        self.send(self.session.greeting())

    def event(self, event: dict[str, Any]) -> None:
        """Send an event, if the client gets any."""
        data = self.session.event(event)
        if not data or self.transport.is_closing():
            return
        if event["event"] == "SHUTDOWN" and (self._under_way or self._written is not None):
            # unlike in QEMU, the reply to quit comes first: a client that ends when it
            # sees SHUTDOWN must know by then that its command succeeded
            self._last = data
        elif self._written is not None:
            # the client's own command emits it; earlier output must be sent first
            self._written.append(data)
        else:
            self.send_unasked(data)

    def data_received(self, data: bytes) -> None:
        """Process requests."""
        if self._telnet is not None:
            data = self._telnet.feed(data)
        data = self.screened(data, hold=True)
        if data:
            self.session.feed(data)
            self._serve()

    def eof_received(self) -> bool:
        """Execute the received requests, then close."""
        self._at_end = True
        self.session.feed(self._first_line.rest())
        self._serve()
        return super().eof_received()

    def all_sent(self) -> None:
        """Stop waiting for a command that still runs a while later."""
        asyncio.get_running_loop().call_later(LINGER, self._check, self._begun)

    def _check(self, begun: int) -> None:
        if self.transport.is_closing():
            return
        if self._under_way and self._begun == begun:
            self.close()
        else:
            self.all_sent()

    def resume_writing(self) -> None:
        """Continue with the waiting requests."""
        super().resume_writing()
        self._serve()

    def _later(self) -> None:
        """Continue after other clients' turn."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._scheduled = False
        self._serve()

    def _serve(self) -> None:
        """Execute requests while the client reads the replies."""
        if not (self._scheduled or self.transport.is_closing()):
            self._written = []
            try:
                done = self._steps()
            finally:
                self._flush()
                self._written = None
                # an event waits for the reply to the command that caused it
                if not self._under_way:
                    self._announce()
            if done and self._at_end and not self._under_way:
                self.close()
        if self.session.waiting > READ_LIMIT:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _flush(self) -> None:
        """Send the output of this turn's requests."""
        if self._written:
            self.send(b"".join(self._written))
            self._written.clear()

    def _announce(self) -> None:
        """Send the event that waited for the reply to the last command."""
        if self._last:
            self.send_unasked(self._last)
            self._last = b""

    def close(self) -> None:
        """Send the remaining output, and close the connection."""
        self._announce()
        super().close()

    def _steps(self) -> bool:
        """Execute some requests; return whether none are left."""
        until = monotonic() + TURN
        while monotonic() < until:
            if not self.reads:
                return False
            if self.machine.ended:
                return True
            # like QEMU: a client's commands run one by one, but for those out-of-band
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
        """Execute the requests that may overtake the running command."""
        for step in self.session.look_ahead(self._may_pass):
            self._send(step, past=True)

    def _may_pass(self) -> bool:
        """Whether another request may overtake."""
        return True

    def _send(self, step: Any, past: bool = False) -> None:
        if isinstance(step, bytes):
            assert self._written is not None
            self._written.append(step)
            # a large reply shall not wait in memory for small ones
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
        self.send(reply)
        self._announce()
        if not past:
            self._serve()
