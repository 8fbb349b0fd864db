"""The connection that the command line asks for: embedded, remote, started or recorded.

Parsed options come in, with the target as typed. `resolve_target` replaces a machine's
name by its address; `open_machine` then connects.
"""

from __future__ import annotations

from time import monotonic

from hmp.display.sink import show_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hmp.cli.options import Options
    from hmp.display.sink import Sink
    from hmp.monitor.entry import Table
    from hmp.monitor.monitor import Reach
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace
    from hmp.qmp.recording import Recorder

_REPLAY = "replay:"


_DEMONSTRATION = "a demonstration machine; for a real one: hmp NAME or SOCKET (hmp --list)"


class CommandLineError(Exception):
    """The options ask for something impossible; the text suggests a remedy.

    more: further lines.
    """

    def __init__(self, text: str, more: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.more = more


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
        return _launched(options, trace)
    if options.target is None:
        connection = _embedded_machine(options, table, trace, out)
        connection.notice = _DEMONSTRATION if session else ""
        # others may need a served one
        connection.demonstration = "" if options.monitors else _DEMONSTRATION
        return connection
    if options.target.startswith(_REPLAY):
        from hmp.qmp.replay import open_recording

        return open_recording(options.target.removeprefix(_REPLAY))
    from hmp.targets.address import parse_target

    try:
        target = parse_target(options.target)
    except ValueError as error:
        raise CommandLineError(str(error)) from error
    if not session:
        return target.open(timeout=options.timeout, wait=options.wait, trace=trace)
    if not options.hold:
        from hmp.targets.private_monitor import PrivateMonitorTarget

        target = PrivateMonitorTarget(target)
    from hmp.targets.questions import questions

    with questions():
        connection = target.open(timeout=options.timeout, wait=options.wait, trace=trace)
        # within the block, since ssh may ask for a password until the first reply
        connection.settle()
        return connection


def _launched(options: Options, trace: Trace | None) -> Connection:
    from hmp.qmp.errors import ConnectError
    from hmp.targets.launch import StartError, launch

    assert options.launch is not None
    try:
        return launch(
            options.launch, timeout=options.timeout, wait=options.wait, trace=trace
        )
    except StartError as error:
        # QEMU's reason is on the screen already, with all else that it wrote
        raise ConnectError(f"{error.ending}{_advice(error.reason)}") from error


def _advice(reason: str) -> str:
    """Return the advice for a QEMU that refuses an option of ours; else an empty string."""
    from hmp.cli.options import BY_NAME

    words, _, fault = reason.rpartition(": ")
    option = words.rpartition(" ")[2].partition("=")[0]
    if fault != "invalid option" or option not in BY_NAME:
        return ""
    return f"; {option} is an option of hmp: put it before the --"


def _embedded_machine(
    options: Options, table: Table, trace: Trace | None, out: Sink
) -> Connection:
    from hmp.library.opening import embedded
    from hmp.qapi import QAPIError
    from hmp.qmp.errors import QMPError

    try:
        return embedded(
            table,
            out.write,
            clock=options.clock,
            extend=options.extend,
            timeout=options.timeout,
            trace=trace,
        )
    except QMPError as error:
        raise CommandLineError(f"--clock: {error.desc}") from error
    except QAPIError as error:
        text, *more = str(error).split("\n")  # each file that includes another is one
        raise CommandLineError(text, more) from error


def resolve_target(options: Options) -> None:
    """Replace a name by its target: one of the configuration, or a running QEMU.

    Text with a slash or a colon is not a name, nor is an existing file. A read-only
    target makes the session read-only. With --wait, the machine may still have to start.
    Raises CommandLineError, ConfigError, ConnectError.
    """
    if options.wait is None:
        _resolve(options)
        return
    from hmp.targets.target import retry

    begun = monotonic()
    retry(lambda: _resolve(options), options.wait)
    # one limit for both: to find the name and to connect; 0 would be no waiting at all
    options.wait = max(options.wait - (monotonic() - begun), 0.001)


def _resolve(options: Options) -> None:
    name = options.target
    if not name or "/" in name:
        return
    from hmp.library.opening import is_name, resolved
    from hmp.targets.name_lookup import AmbiguousNameError

    if is_name(name):
        try:
            options.target, read_only = resolved(name, options.config)
        except AmbiguousNameError as error:
            raise CommandLineError(str(error)) from error
        options.read_only = options.read_only or read_only


def use_free_monitor(options: Options) -> str:
    """Choose a machine's human monitor while a client holds its QMP socket.

    Returns what to tell the user; empty if the target stays.
    """
    from hmp.targets.door_holders import free_human_monitor

    held = options.target
    human = free_human_monitor(held) if held else ""
    if not human:
        return ""
    options.target = human
    return f"a client holds {held}; this is the machine's human monitor, {human}"


def reaching(options: Options) -> Reach:
    """Return what connects to other machines by their TARGETs, for a monitor."""

    async def reach(target: str) -> tuple[list[Connection], bool]:
        from hmp.library.opening import reached

        return await reached(target, options.config, options.timeout)

    return reach


def machine_trace(options: Options, recorder: Recorder | None) -> Trace | None:
    """Return the callback for QMP messages: for --trace, --record, both, or None."""
    shown = show_message if options.trace else None
    if recorder is None:
        return shown
    from hmp.qmp.recording import both

    return both(shown, recorder.trace)
