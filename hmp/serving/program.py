"""The program ``hmp`` while it serves a machine's monitors.

It serves until the machine ends, by a client's or the local ``quit``, or by a signal. As
in QEMU, the end of standard input does not end it. But if no more clients can come,
because standard input was the only monitor, or if all lines were on the command line, it
ends after them.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.language.qemu_opts import OptionsError
from hmp.machine.schema_types import ShutdownCause
from hmp.qmp.errors import MachineGoneError
from hmp.serving.local_console import LocalConsole, TerminalConsole
from hmp.serving.monitor_options import MonitorOptions
from hmp.serving.monitors import Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hmp.machine.machine import EmbeddedMachine
    from hmp.monitor.entry import Table
    from hmp.monitor.kinds import Kind
    from hmp.monitor.monitor import Monitor

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# a shell's status for a program that SIGINT has ended
INTERRUPTED = 130


def read_options(given: Iterable[tuple[str, str]]) -> MonitorOptions:
    """Read the options of the command line, (name, text) each.

    Raises OptionsError, which names the option.
    """
    options = MonitorOptions()
    take = {
        "-chardev": options.chardev,
        "-mon": options.mon,
        "-qmp": options.qmp,
        "-qmp-pretty": lambda text: options.qmp(text, pretty=True),
        "-monitor": options.monitor,
    }
    for name, text in given:
        try:
            take[name](text)
        except OptionsError as error:
            raise OptionsError(f"{name} {text}: {error}") from error
    # to find conflicts of all options before anything is opened
    options.monitors()
    return options


class _Notices(logging.Handler):
    """Shows the operator log records, sanitised as they may contain clients' input."""

    def __init__(self, front: LocalConsole) -> None:
        super().__init__()
        self.front = front

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record."""
        self.front.notice(self.format(record))


class _Program:
    """One run of the serving program; ending: what a signal ends."""

    def __init__(self, server: Server, front: LocalConsole, ending: str) -> None:
        self.machine = server.machine
        self.server = server
        self.front = front
        self.ending = ending
        self.interrupted = False

    def _signal(self, number: int) -> None:
        """End the machine, so that its clients get the event."""
        self.interrupted = number == signal.SIGINT and not self.front.over
        self.front.notice(f"terminating on signal {number}")
        self.machine.shutdown(ShutdownCause.HOST_SIGNAL)

    async def run(self, stays: bool) -> None:
        """Serve, and run the front end; stays: keep serving after its last line."""
        loop = asyncio.get_running_loop()
        self._take_signals()
        try:
            async with self.server:
                await self._run_front()
                if stays and not self.machine.ended:
                    await self._serve_on()
                if not self.machine.ended:
                    # QEMU's reason when its window is closed
                    self.machine.shutdown(ShutdownCause.HOST_UI)
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    def _take_signals(self) -> None:
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._signal, number)

    async def _serve_on(self) -> None:
        """Keep serving after the front end's last line."""
        if self.server.addresses and isinstance(self.front, TerminalConsole):
            self.front.notice(
                f"info: still serving clients; press Ctrl-C to end {self.ending}"
            )
        await self.server.deserted()

    async def _run_front(self) -> None:
        if self.machine.ended:
            return  # while we waited for clients
        if isinstance(self.front, TerminalConsole):
            # Ctrl-C is a key in the session
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        watch = asyncio.ensure_future(self._stop_front())
        try:
            # a client may end the machine in the middle of a line
            with suppress(MachineGoneError):
                await self.front.work()
        finally:
            watch.cancel()
            self._take_signals()

    async def _stop_front(self) -> None:
        await self.server.ended()
        self.front.stop()


def run_program(
    machine: EmbeddedMachine,
    options: MonitorOptions,
    front: LocalConsole,
    *,
    stays: bool,
    table: Table,
    kinds: Mapping[str, Kind],
) -> int:
    """Serve the machine's monitors next to a front end; return the exit status.

    stays: whether to keep serving after the front end's last line. Raises OptionsError,
    ListenError, and the front end's errors.
    """
    machine.output = front.show
    logging.getLogger().addHandler(_Notices(front))
    server = Server(machine, options, table=table, kinds=kinds, notice=front.notice)
    program = _Program(server, front, "the machine")
    asyncio.run(program.run(stays))
    if program.interrupted:
        return INTERRUPTED
    return int(front.failed)


def share(
    monitor: Monitor,
    options: MonitorOptions,
    front: LocalConsole,
    *,
    stays: bool,
    kinds: Mapping[str, Kind],
) -> int:
    """Serve the monitors of the remote machine that a monitor is connected to.

    That monitor continues over the shared connection. A signal ends the serving, but not
    the machine. Returns the exit status; stays is as for `run_program`. Raises
    MachineGoneError when the machine goes away, unless the monitor has ended it, and what
    `run_program` raises.
    """
    logging.getLogger().addHandler(_Notices(front))
    return asyncio.run(_share(monitor, options, front, stays, kinds))


async def _share(
    monitor: Monitor,
    options: MonitorOptions,
    front: LocalConsole,
    stays: bool,
    kinds: Mapping[str, Kind],
) -> int:
    from hmp.serving.shared_server import SharedServer

    connection = await monitor.connection.adopt()
    server = SharedServer(
        connection,
        options,
        table=monitor.commands,
        read_only=monitor.read_only,
        kinds=kinds,
        notice=front.notice,
    )
    monitor.attach(server.view())
    program = _Program(server, front, "it")
    try:
        await program.run(stays)
    finally:
        connection.close()
    if program.interrupted:
        return INTERRUPTED
    if server.machine.gone is not None and not monitor.ended:
        raise server.machine.gone
    return int(front.failed)
