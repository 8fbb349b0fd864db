"""The program ``hmp``: puts options, tables, machine and front end together.

Exit status: 0 all commands succeeded, 1 a command failed, 2 usage, 3 the machine
could not be reached or went away; 130 after Ctrl-C in a script, and 141 when the
reader of standard output went away, as for any program that a signal ends; 128 plus
the signal's number after a signal that ends a session.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp import __version__
from hmp.builtin import KINDS, load_tables
from hmp.cli.command_line import parse_command_line
from hmp.cli.machine import (
    CommandLineError,
    machine_trace,
    open_machine,
    resolve_target,
)
from hmp.display.output import QueryError, Sink, make_writer, say
from hmp.display.sanitise import one_line
from hmp.display.screen import Screen
from hmp.frontends.script import Script, drive, read_lines, split_lines
from hmp.monitor.entry import TableError
from hmp.monitor.errors import ConfigError
from hmp.monitor.monitor import Monitor
from hmp.monitor.registry import module_error
from hmp.qmp.errors import MachineGoneError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from hmp.display.output import Writer
    from hmp.frontends.script import Driver
    from hmp.monitor.monitor import Call
    from hmp.qmp.connection import Connection
    from hmp.qmp.recording import Recorder, RecordingFile
    from hmp.serving.local_console import LocalConsole
    from hmp.serving.monitor_options import MonitorOptions
    from hmp.terminal.session import SessionOptions

OK, FAILED, USAGE, GONE = 0, 1, 2, 3
INTERRUPTED, CLOSED_PIPE = 130, 141
SIGNALLED = 128


def main() -> int:
    """Run hmp with the process's arguments; return the exit status."""
    _open_standard_streams()
    options = parse_command_line(sys.argv[1:])
    try:
        return _run(options)
    except (TableError, CommandLineError, ConfigError, QueryError) as error:
        return _complain(str(error), USAGE)
    except MachineGoneError as error:
        return _complain(one_line(str(error)), GONE)
    except ModuleNotFoundError as error:
        # hmp runs from a checkout without its dependencies
        return _complain(f"{error}; install hmp with its dependencies", USAGE)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the output is closed; Python must not try to flush it again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return CLOSED_PIPE
    except OSError as error:
        return _complain(f"input or output failed: {error.strerror}", FAILED)
    except Exception as error:
        if os.environ.get("HMP_DEBUG"):
            raise
        place = module_error(error)
        return _complain(f"internal error: {place} (HMP_DEBUG=1 shows more)", FAILED)


def _open_standard_streams() -> None:
    """Open standard streams that the caller closed, lest a socket takes their number.

    All are opened for reading only, so that writing to one is an error rather than lost.
    """
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)


def _complain(text: str, status: int) -> int:
    with suppress(OSError):  # the exit status still reports it
        say(2, f"hmp: {text}\n")
    return status


def _run(options: Namespace) -> int:
    if options.version:
        return _show_version()
    if options.list:
        return _list_machines()
    if options.shell_completion:
        from hmp.cli.shell_completion import script

        say(1, script(options.shell_completion))
        return OK
    if options.config is not None:
        _check_config(options.config)
    if options.query:
        options.output = "json"
    resolve_target(options)
    table = load_tables(options.extend, lazy=True)
    if options.clock == "help":
        return _show_clocks()
    out, err = Sink(1), Sink(2)
    dumb = Screen(1, os.environ).dumb
    style = options.output or ("rich" if out.terminal and not dumb else "text")
    writer = make_writer(style, out, err, options.query)
    # with JSON output, nothing but JSON may go to standard output
    recorder, recording = _recorder(options.record)
    trace = machine_trace(options, recorder)
    connection = open_machine(options, table, err if style == "json" else out, trace)
    try:
        monitor = Monitor(connection, table, read_only=options.read_only)
        if recorder is not None and recording is not None:
            _record(monitor, recorder, recording)
        if options.monitors:
            return _serve(monitor, writer, options)
        if _is_terminal_session(options):
            return _session(monitor, out, options)
        if os.isatty(0) and not options.sources:
            return _plain_session(monitor, writer, options.yes)
        return _script(monitor, writer, options)
    finally:
        connection.close()


def _check_config(path: str) -> None:
    """Check a configuration given with --config, even if this run does not use it."""
    from hmp.frontends.config import load_config

    config = load_config(path, os.environ)
    if config.keys or config.theme:
        from hmp.terminal.prompt import check_settings

        check_settings(config)


def _recorder(path: str | None) -> tuple[Recorder | None, RecordingFile | None]:
    """Return the recorder, which takes all messages, and its file, not open yet."""
    if path is None:
        return None, None
    from hmp.qmp.recording import Recorder, RecordingFile

    file = RecordingFile(path)
    return Recorder(file), file


def _record(monitor: Monitor, recorder: Recorder, file: RecordingFile) -> None:
    """Start recording lines and messages, next to any other trace."""

    def complain(text: str) -> None:
        if not monitor.front.warn(text):
            _complain(text, OK)

    file.complain = complain
    recorder.begin(monitor.connection)
    try:
        file.open()
    except OSError as error:
        raise CommandLineError(f"cannot write {file.name}: {error.strerror}") from error
    monitor.recordings.append(recorder.begin_line)
    monitor.recorded = recorder.trace


def _is_terminal_session(options: Namespace) -> bool:
    """Whether the session is interactive: lines and results both use a terminal."""
    if options.sources or options.output in ("text", "json"):
        return False
    screen = Screen(1, os.environ)
    return os.isatty(0) and os.isatty(1) and not screen.dumb


def _session(monitor: Monitor, out: Sink, options: Namespace) -> int:
    from hmp.terminal.run import run_session

    number = run_session(monitor, out, _session_options(monitor, options))
    return SIGNALLED + number if number else OK


def _session_options(monitor: Monitor, options: Namespace) -> SessionOptions:
    from hmp.frontends.config import load_config
    from hmp.terminal.session import SessionOptions

    target = getattr(monitor.connection, "target", None)
    return SessionOptions(
        config=load_config(options.config, os.environ),
        kinds=KINDS,
        target=None if options.no_reconnect else target,
        yes=options.yes,
    )


def _serve(monitor: Monitor, writer: Writer, options: Namespace) -> int:
    """Serve the embedded machine's monitors, besides our own front end."""
    from hmp.language.options import OptionsError
    from hmp.machine.machine import Machine
    from hmp.serving.program import read_options, run_program
    from hmp.serving.sockets import ListenError

    machine = getattr(monitor.connection, "machine", None)
    assert isinstance(machine, Machine)  # see parse_command_line
    try:
        monitors = read_options(options.monitors)
        return run_program(
            machine,
            monitors,
            _front(monitor, writer, options, monitors),
            stays=not options.sources,
            table=monitor.commands,
            kinds=KINDS,
        )
    except (OptionsError, ListenError) as error:
        raise CommandLineError(str(error)) from error


def _front(
    monitor: Monitor, writer: Writer, options: Namespace, monitors: MonitorOptions
) -> LocalConsole:
    """Return the local front end of a serving program, on the streams that are free."""
    from hmp.serving.local_console import LocalConsole, ScriptFront, TerminalFront

    stdio = monitors.take_stdio()
    json = options.output == "json"
    machine_output = writer.err if json or (stdio and stdio.control) else writer.out
    if stdio.control if stdio else not monitors.local:
        return LocalConsole(machine_output)
    if _is_terminal_session(options):
        return TerminalFront(monitor, writer.out, _session_options(monitor, options))
    sources = [
        os.fsencode(text) if kind == "line" else None if text == "-" else _read_file(text)
        for kind, text in options.sources or [("file", "-")]
    ]
    return ScriptFront(
        monitor,
        writer,
        machine_output,
        stop_on_error=options.stop_on_error,
        sources=sources,
        prompt="(hmp) " if os.isatty(0) and not options.sources else "",
    )


def _list_machines() -> int:
    from hmp.targets.discovery import listing, others_machines, running_machines

    say(1, listing(running_machines(), others_machines()))
    return OK


def _plain_session(monitor: Monitor, writer: Writer, yes: bool) -> int:
    from hmp.frontends.plain import PlainSession

    prompts = writer.out if writer.out.terminal else writer.err
    session = PlainSession(monitor, writer, prompts, yes=yes)
    return OK if session.run_session() else FAILED


def _script(monitor: Monitor, writer: Writer, options: Namespace) -> int:
    script = Script(monitor, writer, options.stop_on_error, _driver(monitor.qmp))
    try:
        for lines, name in _sources(options, writer):
            if not script.run(lines, name):
                break
    except KeyboardInterrupt:
        if monitor.unfinished:
            writer.complain(f"hmp: stopped waiting; {monitor.unfinished}\n")
        raise
    finally:
        writer.flush()
    return FAILED if script.failed else OK


def _driver(connection: Connection) -> Driver[Call | None]:
    """Return the runner of coroutines: an event loop only if the connection needs it."""
    if not connection.needs_loop:
        return drive
    import asyncio

    return asyncio.Runner().run


def _sources(options: Namespace, writer: Writer) -> Iterator[tuple[Iterable[bytes], str]]:
    """Yield the lines and file name of each -c and -f, or else of standard input."""
    for kind, text in options.sources or [("file", "-")]:
        if kind == "line":
            yield split_lines(os.fsencode(text)), ""
        elif text == "-":
            yield read_lines(0, writer.flush), ""
        else:
            yield split_lines(_read_file(text)), text


def _read_file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise CommandLineError(f"cannot read {path}: {error.strerror}") from error


def _show_clocks() -> int:
    """List the alarm timers of this host, with * before the one in use."""
    from hmp.machine.alarm import METHODS

    for index, name in enumerate(METHODS):
        say(1, f"{' ' if index else '*'} {name}\n")
    return OK


def _show_version() -> int:
    say(1, f"hmp {__version__}\n")
    return OK
