"""A session on a set of machines, from the command line to its end."""

from __future__ import annotations

import asyncio
import os
import selectors
from typing import TYPE_CHECKING

from hmp.builtin import KINDS, load_tables
from hmp.cli import FAILED, OK, SIGNALLED
from hmp.cli.fleet import members_of, sets
from hmp.cli.open_machine import CommandLineError, reaching
from hmp.display import make_writer
from hmp.display.sink import Sink
from hmp.fleet.fleet_connection import FleetConnection
from hmp.fleet.fleet_machine import ReachOptions
from hmp.fleet.fleet_monitor import FleetMonitor
from hmp.fleet.fleet_state import FleetState
from hmp.frontends.config import load_config

if TYPE_CHECKING:
    from hmp.cli.options import Options


def run_fleet_session(options: Options, *, screen: bool) -> int:
    """Run a session on a set of machines; return the exit status.

    screen: whether the terminal can edit lines. Raises CommandLineError, ConfigError,
    ConnectError, MachineGoneError, QueryError, TableError.
    """
    if options.record:
        raise CommandLineError("--record takes one machine")
    return _terminal(options) if screen else _plain(options)


def _monitor(options: Options, connection: FleetConnection) -> FleetMonitor:
    connection.timeout = options.timeout
    monitor = FleetMonitor(
        connection,
        load_tables(options.extend, lazy=True),
        members_of(options),
        lambda words: sets(options).members(words),
        ReachOptions(
            options.timeout,
            options.hold,
            options.config,
            again=not options.no_reconnect,
        ),
        others=lambda pids: sets(options).offered(pids),
        read_only=options.read_only,
    )
    monitor.reach = reaching(options)
    return monitor


def _terminal(options: Options) -> int:
    from hmp.terminal.run_session import run_session
    from hmp.terminal.session import SessionOptions

    monitor = _monitor(options, FleetConnection())
    number = run_session(
        monitor,
        Sink(1),
        SessionOptions(
            config=load_config(options.config, os.environ),
            kinds=KINDS,
            yes=options.yes,
            state=FleetState(monitor),
        ),
    )
    return SIGNALLED + number if number else OK


def _plain(options: Options) -> int:
    """Run a session without a screen editor; its event loop rests while it reads a line."""
    from hmp.frontends.plain import PlainSession

    out, err = Sink(1), Sink(2)
    writer = make_writer(options.output or "text", out, err, options.query, options.raw)
    config = load_config(options.config, os.environ)
    config.confirm = config.confirm and not options.yes
    selector = selectors.DefaultSelector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        connection = FleetConnection(selector.fileno(), runner.run)
        monitor = _monitor(options, connection)
        prompts = out if out.terminal else err
        session = PlainSession(
            monitor, writer, prompts, config, KINDS, runner.run, FleetState(monitor)
        )
        try:
            runner.run(connection.adopt())
            return OK if session.run_session() else FAILED
        finally:
            runner.run(_closed(connection))


async def _closed(connection: FleetConnection) -> None:
    connection.close()
