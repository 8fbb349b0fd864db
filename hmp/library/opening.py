"""Opens the machine that a TARGET names, for programs and for the command line."""

from __future__ import annotations

import os
import sys

from hmp.frontends.script import answer
from hmp.monitor.entry import TableError
from hmp.monitor.monitor import Monitor
from hmp.monitor.registry import module_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hmp.machine.machine import Extension
    from hmp.monitor.entry import Table
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace

REPLAY = "replay:"
_PATIENCE = 10.0
"""Seconds that another machine may take for a reply, unless the user says otherwise."""


def is_name(text: str) -> bool:
    """Return whether a TARGET is a name, rather than an address or an existing file."""
    if "/" in text or ":" in text or os.path.exists(text):
        return False
    # a path with QEMU's options after it, as in vm.sock,server=on,wait=off
    if "," in text:
        from hmp.targets.socket_target import without_options

        return not os.path.exists(without_options(text))
    return True


def resolved(name: str, config: str | None = None) -> tuple[str, bool]:
    """Return the address of a named machine, and whether it is for reading only.

    A target of the configuration comes before a running machine. config: the path of the
    configuration file; None for the usual one. Raises AmbiguousNameError, ConfigError,
    ConnectError, NotYetError.
    """
    from hmp.frontends.config import load_config

    target = load_config(config, os.environ).targets.get(name)
    if target is not None:
        return os.path.expanduser(target.target), target.read_only
    from hmp.targets.name_lookup import target_named

    return target_named(name), False


def opened(
    address: str,
    *,
    timeout: float | None = None,
    wait: float | None = None,
    trace: Trace | None = None,
    private: bool = False,
) -> Connection:
    """Connect to the machine at an address, or open a recording.

    timeout, wait: in seconds, as for `hmp.targets.target.Target.open`, which also lists
    the errors. private: move to a private monitor where QEMU offers one. Raises ValueError
    for a text that cannot be an address.
    """
    if address.startswith(REPLAY):
        from hmp.qmp.replay import open_recording

        return open_recording(address.removeprefix(REPLAY))
    from hmp.targets.address import parse_target

    target = parse_target(address)
    if private:
        from hmp.targets.private_monitor import PrivateMonitorTarget

        target = PrivateMonitorTarget(target)
    return target.open(timeout=timeout, wait=wait, trace=trace)


async def reached(
    target: str, config: str | None = None, timeout: float | None = None
) -> tuple[list[Connection], bool]:
    """Connect to a machine by its TARGET, within an event loop or without.

    Returns the connections to close at the end, the one to use first, and whether the
    machine is for reading only. timeout: seconds for one reply; `_PATIENCE` by default.
    Raises what `resolved` and `opened` raise.
    """

    def connect() -> tuple[Connection, bool]:
        found = resolved(target, config) if is_name(target) else (target, False)
        connection = opened(found[0], timeout=timeout)
        # a machine that does not answer would otherwise hold up the one that asks
        connection.timeout = timeout or _PATIENCE
        return connection, found[1]

    # without asyncio's import, which takes longer than most scripts
    if "asyncio" not in sys.modules or _loop() is None:
        connection, read_only = connect()
        return [connection], read_only
    from hmp.frontends.in_thread import in_thread

    connection, read_only = await in_thread(connect)
    return [await connection.adopt(), connection], read_only


def _loop() -> object:
    """Return the event loop that runs this code, or None."""
    from asyncio import get_running_loop

    try:
        return get_running_loop()
    except RuntimeError:
        return None


def embedded(
    table: Table,
    output: Callable[[str], object],
    *,
    clock: str | None = None,
    extend: Iterable[str] = (),
    timeout: float | None = None,
    trace: Trace | None = None,
) -> Connection:
    """Return a new machine in this process.

    table: the commands for its human-monitor-command. output: takes what it prints. clock:
    the method of its alarm timer. extend: directories that extend it. Raises QMPError for
    the clock, QAPIError and TableError for the extensions.
    """
    from hmp.machine.machine import EmbeddedMachine
    from hmp.qmp.local import LocalConnection

    machine = EmbeddedMachine(clock=clock, output=output, extensions=_extensions(extend))
    connection = LocalConnection(machine, trace)
    connection.timeout = timeout
    # as in QEMU, each human-monitor-command runs in a fresh monitor without state
    machine.human_monitor = lambda line: answer(Monitor(connection, table), line)
    return connection


def _extensions(directories: Iterable[str]) -> list[Extension]:
    """Return the extensions of the embedded machine that `directories` contain."""
    from hmp.machine.machine import Extension
    from hmp.monitor.registry import machine_modules, machine_schema

    found: list[Extension] = []
    for directory in directories:
        path = machine_schema(directory)
        if os.path.isfile(path):
            try:
                functions, types = machine_modules(directory)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # an author's module may call sys.exit()
                raise TableError(module_error(error, [directory])) from error
            found.append(Extension(path, functions, types))
    return found
