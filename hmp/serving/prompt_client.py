"""HMP clients over telnet with a terminal: passes bytes to and from a session.

The session itself, with editing, completion and colours, is `hmp.terminal.remote_session`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.qmp.errors import MachineGoneError
from hmp.serving.base_client import Client
from hmp.serving.telnet_decoder import TelnetDecoder
from hmp.terminal.remote import RemoteInput
from hmp.terminal.remote_session import KEYS_LIMIT, run_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor
    from hmp.serving.base_client import ServingHost
    from hmp.terminal.remote_session import RemoteSession

_PATIENCE = 0.5
"""Seconds that a client has to name its terminal; netcat never does."""


class PromptClient(Client):
    """A client of a human monitor that has a terminal."""

    def __init__(
        self,
        monitor: Monitor,
        kinds: Mapping[str, Kind] | None,
        host: ServingHost,
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
        self.send(self.telnet.offer())
        self.host.tasks.start(self._talk(), "a telnet session")

    def data_received(self, data: bytes) -> None:
        """Process keys; Ctrl-C cancels a running command."""
        data = self.screened(self.telnet.feed(data))
        if b"\x03" in data and self.session is not None and self.session.give_up():
            # a terminal, too, drops what was typed before Ctrl-C
            data = data.rpartition(b"\x03")[2]
            self.input.drop()
        self.input.feed(data)
        if self.input.waiting > KEYS_LIMIT:
            self.transport.pause_reading()
            self.look_for_hangup()

    def _keys_read(self) -> None:
        """Resume reading when the held keys are used up."""
        if self.input.waiting <= KEYS_LIMIT:
            self.stop_looking()
            self.transport.resume_reading()

    def eof_received(self) -> bool:
        """End the session: the client has stopped sending."""
        return False

    def all_sent(self) -> None:
        """End the session even if typed keys are still waiting."""
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the session, and cancel the running line."""
        self.input.close()
        self.takes.set()
        if self.session is not None:
            self.session.give_up()
        self.monitor.qmp.close()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Pause output."""
        super().pause_writing()
        self.takes.clear()

    def resume_writing(self) -> None:
        """Resume output."""
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
        """Send what the session draws."""
        self.send_unasked(data)

    @property
    def terminal(self) -> str:
        """The name of the terminal's type; empty if the client has not sent it."""
        return self.telnet.terminal

    @property
    def connected(self) -> bool:
        """Whether the client is still there."""
        return not self.transport.is_closing()

    def size(self) -> tuple[int, int]:
        """Return the columns and lines of the terminal."""
        return self.telnet.columns, self.telnet.lines

    async def _talk(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while not self.telnet.terminal:
                    self._told.clear()
                    await self._told.wait()
        try:
            await run_session(self)
        except MachineGoneError:
            pass  # the server closes the connection
        except Exception as error:
            self.host.complain(f"a session failed: {type(error).__name__}")
        finally:
            self.transport.close()
