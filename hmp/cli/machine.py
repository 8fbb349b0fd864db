"""The connection that the command line asks for: embedded, remote, started or recorded.

Parsed options come in, with the target as typed. `resolve_target` replaces a machine's
name by its address; `open_machine` then connects.
"""

from __future__ import annotations

import os
from time import monotonic

from hmp.display.sink import show_message
from hmp.frontends.script import answer
from hmp.monitor.entry import TableError
from hmp.monitor.monitor import Monitor
from hmp.monitor.registry import module_error
from hmp.targets.waiting import patiently

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.cli.options import Options
    from hmp.display.sink import Sink
    from hmp.machine.machine import Extension
    from hmp.monitor.table import Table
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace
    from hmp.qmp.recording import Recorder

_REPLAY = "replay:"


class CommandLineError(Exception):
    """The options ask for something impossible; the text suggests a remedy."""


def open_machine(
    options: Options, table: Table, out: Sink, trace: Trace | None, *, session: bool
) -> Connection:
    """Connect to the machine that the options select.

    table: the commands for the embedded machine's human-monitor-command. out: the sink
    for the embedded machine's output. session: whether this becomes a session, so that ssh
    may ask for a password, and it moves to a private monitor. Raises CommandLineError,
    ConnectError, ProtocolError.
    """
    if options.launch:
        from hmp.targets.launch import launch

        return launch(options.launch, timeout=options.timeout, trace=trace)
    if options.target is None:
        return _embedded_machine(options, table, trace, out)
    if options.target.startswith(_REPLAY):
        from hmp.qmp.recording import open_recording

        return open_recording(options.target.removeprefix(_REPLAY))
    from hmp.targets.address import parse_target

    try:
        target = parse_target(options.target)
    except ValueError as error:
        raise CommandLineError(str(error)) from error
    if not session:
        return target.open(timeout=options.timeout, wait=options.wait, trace=trace)
    if not options.hold:
        from hmp.targets.private_monitor import Beside

        target = Beside(target)
    from hmp.targets.questions import questions

    with questions():
        return target.open(timeout=options.timeout, wait=options.wait, trace=trace)


def _embedded_machine(
    options: Options, table: Table, trace: Trace | None, out: Sink
) -> Connection:
    from hmp.machine.machine import Machine
    from hmp.qapi import QAPIError
    from hmp.qmp.errors import QMPError
    from hmp.qmp.local import LocalConnection

    extensions = _extensions(options.extend)
    try:
        machine = Machine(clock=options.clock, output=out.write, extensions=extensions)
    except QMPError as error:
        raise CommandLineError(f"--clock: {error.desc}") from error
    except QAPIError as error:
        raise CommandLineError(str(error)) from error
    connection = LocalConnection(machine, trace)
    connection.timeout = options.timeout
    # as in QEMU, each human-monitor-command runs in a fresh monitor without state
    machine.human_monitor = lambda line: answer(Monitor(connection, table), line)
    return connection


def _extensions(directories: Iterable[str]) -> list[Extension]:
    """Return the extensions of the embedded machine that `directories` contain."""
    from hmp.machine.machine import Extension
    from hmp.monitor.registry import machine_modules, machine_schema

    found = []
    for directory in directories:
        path = machine_schema(directory)
        if os.path.isfile(path):
            try:
                functions, types = machine_modules(directory)
            except (Exception, SystemExit) as error:
                raise TableError(module_error(error)) from error
            found.append(Extension(path, functions, types))
    return found


def resolve_target(options: Options) -> None:
    """Replace a name by its target: one of the configuration, or a running QEMU.

    Text with a slash or a colon is not a name, nor is an existing file. A read-only
    target makes the session read-only. With --wait, the machine may still have to start.
    Raises CommandLineError, ConfigError, ConnectError.
    """
    begun = monotonic()
    patiently(lambda: _resolve(options), options.wait)
    if options.wait is not None:
        options.wait = max(options.wait - (monotonic() - begun), 0.001)


def _resolve(options: Options) -> None:
    name = options.target
    if not name or "/" in name or ":" in name or os.path.exists(name):
        return
    if "," in name:
        from hmp.targets.socket_target import without_options

        if os.path.exists(without_options(name)):
            return
    from hmp.frontends.config import load_config

    target = load_config(options.config, os.environ).targets.get(name)
    if target is not None:
        options.target = os.path.expanduser(target.target)
        options.read_only = options.read_only or target.read_only
        return
    from hmp.targets.names import AmbiguousNameError, target_named

    try:
        options.target = target_named(name)
    except AmbiguousNameError as error:
        raise CommandLineError(str(error)) from error


def machine_trace(options: Options, recorder: Recorder | None) -> Trace | None:
    """Return the callback for QMP messages: for --trace, --record, both, or None."""
    shown = show_message if options.trace else None
    if recorder is None:
        return shown
    from hmp.qmp.recording import both

    return both(shown, recorder.trace)
