"""``hmp --mcp``: from the options to the server for agents."""

from __future__ import annotations

import gc

from hmp.cli.open_machine import CommandLineError
from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from hmp.cli.options import Options
    from hmp.monitor.entry import Effect
    from hmp.qmp.recording import RecordingFile


def serve_agents(options: Options) -> NoReturn:
    """Serve agents on standard streams, and end the process with the client.

    Raises CommandLineError, ConfigError, ConnectError, TableError.
    """
    gc.enable()  # a server may run for days
    try:
        import mcp  # noqa: F401  # whether it is there
    except ModuleNotFoundError as error:
        raise CommandLineError(
            "--mcp needs the package mcp: install qemu-hmp[mcp]"
        ) from error
    from hmp.agents.agent_machines import Settings
    from hmp.agents.mcp_server import serve
    from hmp.fleet.node_sets import SetError

    settings = Settings(
        options.targets,
        exclude=options.exclude,
        everything=options.all,
        allowed=_allowed(options),
        timeout=options.timeout,
        wait=options.wait,
        extend=options.extend,
        config=options.config,
        hold=options.hold,
        recording=_recording(options),
    )
    try:
        serve(settings)
    except SetError as error:
        raise CommandLineError(str(error)) from error


def _allowed(options: Options) -> Effect:
    if options.allow == CHANGE:
        return CHANGE
    return DESTRUCTIVE if options.allow == DESTRUCTIVE else READ


def _recording(options: Options) -> RecordingFile | None:
    """Return the file of --record, open. Raises CommandLineError."""
    if options.record is None:
        return None
    if len(options.targets) != 1:
        raise CommandLineError("--record takes one machine: give one TARGET")
    from hmp.cli import OK, complain
    from hmp.qmp.recording import RecordingFile

    file = RecordingFile(options.record)

    def warn(text: str) -> None:
        complain(text, OK)

    file.complain = warn
    try:
        file.open()
    except OSError as error:
        raise CommandLineError(f"cannot write {file.name}: {error.strerror}") from error
    return file
