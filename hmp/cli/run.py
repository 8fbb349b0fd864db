"""A run of the program: puts options, tables, machine and front end together."""

from __future__ import annotations

import gc
import os

from hmp.builtin import KINDS, load_tables
from hmp.cli import FAILED, OK, SIGNALLED, complain
from hmp.cli.missed_signals import end_in_order, notice_signals
from hmp.cli.open_machine import (
    CommandLineError,
    machine_trace,
    open_machine,
    reaching,
    resolve_target,
    use_free_monitor,
)
from hmp.display import make_writer
from hmp.display.sink import Sink, say
from hmp.frontends.lines import read_lines, split_lines
from hmp.frontends.script import Script, drive
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import NotYetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from hmp.cli.options import Options
    from hmp.cli.script_move import ScriptMove
    from hmp.display.output import Writer
    from hmp.frontends.lines import Lines
    from hmp.frontends.script import Driver
    from hmp.monitor.entry import Table
    from hmp.qmp.connection import Connection
    from hmp.qmp.recording import Recorder, RecordingFile
    from hmp.serving.local_console import LocalConsole
    from hmp.serving.monitor_options import MonitorOptions
    from hmp.terminal.session import SessionOptions

_PARTING = 1.0
"""Seconds that the reader of the output may pause at the end before the rest is dropped."""


def run(options: Options) -> int:
    """Run what the options ask for; return the exit status. Raises many exceptions."""
    if options.config is not None:
        _check_config(options.config)
    notice_signals()  # again, where `--top` had an event loop
    if _is_fleet(options):
        return _run_fleet(options)
    if options.query:
        # an expression selects from values, which only JSON has
        options.output = "json"
    name = options.target
    try:
        resolve_target(options)
    except NotYetError as error:
        from hmp.cli.loose_words import refuse_command, unquoted

        if not options.sources:
            refuse_command(options.targets)
        elif advice := unquoted(options, options.targets):
            raise NotYetError(f"{error}; {advice}") from error
        raise
    named = options.target != name and not _is_script(options)
    if named and (notice := use_free_monitor(options)):
        complain(notice, OK)
    # lazily: a run of one command imports one of the forty modules
    table = load_tables(options.extend, lazy=True)
    if options.clock == "help":
        return _show_clocks()
    return _run_on_machine(options, table)


def _run_on_machine(options: Options, table: Table) -> int:
    """Connect to the machine, and run lines on it, or a session, or serve it."""
    out, err = Sink(1), Sink(2)
    # a program reads what does not go to a terminal, and needs plain text
    style = options.output or ("rich" if out.terminal and not _is_dumb() else "text")
    writer = make_writer(style, out, err, options.query, options.raw)
    recorder, recording = _recorder(options.record)
    trace = machine_trace(options, recorder)
    # with JSON output, nothing but JSON may go to standard output
    prints = err if style == "json" else out
    session = not _is_script(options)
    if (options.target or "").startswith("gdb:"):
        end_in_order()
    connection = open_machine(options, table, prints, trace, session=session)
    monitor = None
    try:
        monitor = Monitor(connection, table, read_only=options.read_only)
        monitor.reach = reaching(options)
        if recorder is not None and recording is not None:
            _record(monitor, recorder, recording)
        _begin_work()
        if options.monitors:
            return _serve(monitor, writer, options)
        if _is_terminal_session(options):
            return _session(monitor, out, options)
        if session:
            return _plain_session(monitor, writer, options)
        return _script(monitor, writer, options)
    finally:
        notice_signals()  # again, after the event loop of a session
        last = monitor.connection if monitor else connection
        last.close()
        # a session has a copy of the socket, and --top needs it again
        if last is not connection:
            connection.close()
        if recording is not None:
            recording.finish()


def _is_fleet(options: Options) -> bool:
    """Return whether the targets are a set of machines."""
    if len(options.targets) > 1 or options.all or options.exclude:
        return True
    target = options.target
    # most targets have none of these, so they need no import to be judged
    if target is None or not any(mark in target for mark in ",[*?@"):
        return False
    from hmp.fleet.sets import is_set

    return is_set(target)


def _run_fleet(options: Options) -> int:
    if len(options.targets) > 1:
        from hmp.cli.loose_words import refuse_line

        refuse_line(options)
    if options.monitors:
        raise CommandLineError(
            f"'{options.target}' is a set, and the monitors of one machine can be opened"
        )
    if not _is_script(options):
        from hmp.cli.fleet_session import run_fleet_session

        return run_fleet_session(options, screen=_is_terminal_session(options))
    from hmp.cli.fleet import run_fleet

    return run_fleet(options, _sources(options, lambda: None))


def _begin_work() -> None:
    """Collect garbage from now on, but not what `hmp.cli.main.program` has loaded."""
    if not gc.isenabled():
        # what lives to the end anyway need not be looked at in each collection
        gc.freeze()
        gc.enable()


def _check_config(path: str) -> None:
    """Check a configuration given with --config, even if this run does not use it."""
    from hmp.frontends.config import given, load_config

    config = load_config(path, os.environ)
    # completion, which knows no options, offers its targets
    given.append(path)
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

    def warn(text: str) -> None:
        if not monitor.front.warn(text):
            complain(text, OK)

    file.complain = warn
    recorder.begin(monitor.connection)
    try:
        file.open()
    except OSError as error:
        raise CommandLineError(f"cannot write {file.name}: {error.strerror}") from error
    monitor.recordings.append(recorder.begin_line)
    monitor.recorded = recorder.trace


def _is_script(options: Options) -> bool:
    """Whether the lines come from options or from a file, and the run ends after them."""
    return not options.monitors and bool(options.sources or not os.isatty(0))


def _is_terminal_session(options: Options) -> bool:
    """Whether the session is interactive: lines and results both use a terminal."""
    if options.sources or options.output in ("text", "json"):
        return False
    return os.isatty(0) and os.isatty(1) and not _is_dumb()


def _is_dumb() -> bool:
    """Return whether the terminal can only print."""
    from hmp.display.screen import Screen

    return Screen(1, os.environ).dumb


def _session(monitor: Monitor, out: Sink, options: Options) -> int:
    from hmp.terminal.run_session import run_session

    number = run_session(monitor, out, _session_options(monitor, options))
    return SIGNALLED + number if number else OK


def _session_options(monitor: Monitor, options: Options) -> SessionOptions:
    from hmp.frontends.config import load_config
    from hmp.terminal.session import SessionOptions

    target = getattr(monitor.connection, "target", None)
    return SessionOptions(
        config=load_config(options.config, os.environ),
        kinds=KINDS,
        target=None if options.no_reconnect else target,
        yes=options.yes,
        # while it is served to others it stays
        ends_machine=bool(options.launch) and not options.monitors,
        # elsewhere, standard error takes them without harm to the prompt
        trace=options.trace and os.path.sameopenfile(1, 2),
    )


def _serve(monitor: Monitor, writer: Writer, options: Options) -> int:
    """Serve the machine's monitors, besides our own front end."""
    from hmp.language.qemu_opts import OptionsError
    from hmp.serving.printer import PrintedSink, Printer
    from hmp.serving.program import read_options, run_program, share
    from hmp.serving.sockets import ListenError

    stays = not options.sources
    printer = Printer()
    if not _is_terminal_session(options):
        writer.out, writer.err = PrintedSink(1, printer), PrintedSink(2, printer)
    try:
        monitors = read_options(options.monitors)
        front = _front(monitor, writer, options, monitors)
        if options.target is not None or options.launch:
            return share(monitor, monitors, front, stays=stays, kinds=KINDS)
        from hmp.machine.machine import EmbeddedMachine
        from hmp.qmp.local import LocalConnection

        assert isinstance(monitor.connection, LocalConnection)
        table, machine = monitor.commands, monitor.connection.machine
        assert isinstance(machine, EmbeddedMachine)
        return run_program(machine, monitors, front, stays=stays, table=table, kinds=KINDS)
    except (OptionsError, ListenError) as error:
        raise CommandLineError(str(error)) from error
    finally:
        # the results of the lines of the command line are not lost
        printer.drain(_PARTING if stays else None)


def _front(
    monitor: Monitor, writer: Writer, options: Options, monitors: MonitorOptions
) -> LocalConsole:
    """Return the local front end of a serving program, on the streams that are free."""
    from hmp.serving.local_console import LocalConsole, ScriptConsole, TerminalConsole

    stdio = monitors.take_stdio()
    json = options.output == "json"
    # so that nothing but JSON, or QMP, goes to standard output
    machine_output = writer.err if json or (stdio and stdio.control) else writer.out
    if stdio.control if stdio else not monitors.local:
        return LocalConsole(machine_output)
    if _is_terminal_session(options):
        return TerminalConsole(monitor, writer.out, _session_options(monitor, options))
    sources = [
        os.fsencode(text) if kind == "line" else None if text == "-" else _read_file(text)
        for kind, text in options.sources or [("file", "-")]
    ]
    return ScriptConsole(
        monitor,
        writer,
        machine_output,
        stop_on_error=options.stop_on_error,
        sources=sources,
        prompt="(hmp) " if os.isatty(0) and not options.sources else "",
    )


def _plain_session(monitor: Monitor, writer: Writer, options: Options) -> int:
    from hmp.frontends.config import load_config
    from hmp.frontends.plain import PlainSession

    if monitor.connection.notice:
        complain(monitor.connection.notice, OK)
    prompts = writer.out if writer.out.terminal else writer.err
    config = load_config(options.config, os.environ)
    config.confirm = config.confirm and not options.yes
    driver = _driver(monitor.qmp)
    session = PlainSession(monitor, writer, prompts, config, KINDS, driver)
    session.ends_machine = bool(options.launch)
    return OK if session.run_session() else FAILED


def _script(monitor: Monitor, writer: Writer, options: Options) -> int:
    moving = _script_move(monitor, writer, options)
    script = Script(monitor, writer, options.stop_on_error, _driver(monitor.qmp))
    script.advises = bool(options.sources)
    if moving is not None:
        script.before_line = moving.before_line

    try:
        before_wait = moving.before_wait if moving else writer.flush
        sources = _sources(options, before_wait)
        # a script without lines fails as well
        if all(script.run(lines, name) for lines, name in sources):
            monitor.connection.settle()
        elif monitor.ended:
            for lines, _ in sources:
                script.skip(lines)
    except KeyboardInterrupt:
        script.interrupted()
        raise
    finally:
        script.part()
        writer.flush()
    return FAILED if script.failed else OK


def _script_move(monitor: Monitor, writer: Writer, options: Options) -> ScriptMove | None:
    """Return what moves a script to a private monitor; None if it has to stay."""
    if options.hold or monitor.connection.target is None:
        return None
    from hmp.targets.target import may_move

    if not may_move(monitor.connection):
        return None
    from hmp.cli.script_move import ScriptMove

    return ScriptMove(monitor, writer.flush)


def _driver(connection: Connection) -> Driver[Any]:
    """Return the runner of coroutines: an event loop only if the connection needs it."""
    if not connection.needs_loop:
        return drive
    import asyncio

    return asyncio.Runner().run


def _sources(
    options: Options, before_wait: Callable[[], None]
) -> Iterator[tuple[Lines | list[bytes], str]]:
    """Yield the lines and file name of each -c and -f, or else of standard input.

    before_wait: called before each read of standard input, which may block.
    """
    for kind, text in options.sources or [("file", "-")]:
        if kind == "line":
            yield split_lines(os.fsencode(text)), ""
        elif text == "-":
            yield read_lines(0, before_wait), ""
        else:
            yield split_lines(_read_file(text)), text


def _read_file(path: str) -> bytes:
    from hmp.frontends.files import read_file  # late: lines of -c need no file

    try:
        return read_file(path)
    except OSError as error:
        raise CommandLineError(f"cannot read {path}: {error.strerror}") from error


def _show_clocks() -> int:
    """List the alarm timers of this host, with * before the one in use."""
    from hmp.machine.alarm import METHODS

    for index, name in enumerate(METHODS):
        say(1, f"{' ' if index else '*'} {name}\n")
    return OK
