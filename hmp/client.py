"""The monitor for programs: ``from hmp import connect, launch``.

    with connect("vm1") as vm:
        block = vm.run("info block")
        status = vm.qmp.query_status()["status"]
        vm.wait("DEVICE_DELETED", device="d1", timeout=5)

    with connect_all("vm[1-60]") as vms:  # at the same time, by target
        for name, result in vms.run("info status").items(): ...

It prints nothing and asks no questions. The blocking form imports no event loop and nothing
that draws on terminals.
"""

from __future__ import annotations

import os

from hmp import imported
from hmp.builtin import load_tables
from hmp.library.connecting import connecting
from hmp.library.machines import QMP, AsyncMachine, Machine
from hmp.library.opening import embedded, is_name, opened, resolved
from hmp.library.results import (
    Answers,
    EventTimeoutError,
    LineFailedError,
    Result,
    SomeFailedError,
)
from hmp.monitor.errors import ConfigError
from hmp.qmp.errors import (
    BadReplyError,
    ConnectError,
    MachineGoneError,
    NotYetError,
    ProtocolError,
    QMPError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from hmp.fleet.machine_sets import AsyncMachines, Machines, SetConnector
    from hmp.fleet.node_sets import SetError
    from hmp.monitor.entry import Table
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace

__all__ = [
    "QMP",
    "Answers",
    "AsyncMachine",
    "AsyncMachines",
    "BadReplyError",
    "ConfigError",
    "ConnectError",
    "EventTimeoutError",
    "LineFailedError",
    "Machine",
    "MachineGoneError",
    "Machines",
    "NotYetError",
    "ProtocolError",
    "QMPError",
    "Result",
    "SetError",
    "SomeFailedError",
    "aconnect",
    "aconnect_all",
    "connect",
    "connect_all",
    "launch",
]


def connect(
    target: str | None = None,
    *,
    timeout: float | None = None,
    wait: float | None = None,
    read_only: bool = False,
    extend: Sequence[str] = (),
    trace: Trace | None = None,
    output: Callable[[str], object] | None = None,
) -> Machine:
    """Connect to a machine and return it.

    target: any TARGET of the command line: a socket's path, HOST:PORT, a name; None is a
    new machine in this process. For a set, such as ``vm[1-60]``, the result is that of
    `connect_all`, which says so to type checkers as well. timeout: seconds that a command,
    and connecting, may take. wait: seconds that connecting may take instead, while the
    machine may still have to start. read_only: refuse commands that may change the machine.
    extend: directories with further commands. trace: called with "->" or "<-" and each QMP
    message. output: takes what a machine in this process prints. Raises ConnectError, which
    says what to do (NotYetError if the machine may still start), ProtocolError,
    ConfigError, and ValueError for a text that cannot be a target.
    """
    if target and _is_set(target):
        machines: Any = connect_all(
            target,
            timeout=timeout,
            wait=wait,
            read_only=read_only,
            extend=extend,
            trace=trace,
        )
        return machines  # type: ignore[no-any-return] # a checker cannot tell sets from names
    table = load_tables(extend, lazy=True)
    connection, only_reads = _connection(
        target, table, timeout, wait, extend, trace, output or _dropped
    )
    return Machine(connection, table, target or "", read_only or only_reads)


@connecting
async def aconnect(
    target: str | None = None,
    *,
    timeout: float | None = None,
    wait: float | None = None,
    read_only: bool = False,
    extend: Sequence[str] = (),
    trace: Trace | None = None,
    output: Callable[[str], object] | None = None,
) -> AsyncMachine:
    """Connect to a machine in an event loop; see `connect`.

    ``async with aconnect(…) as vm`` closes it at the end; ``vm = await aconnect(…)`` leaves
    that to ``vm.close()``. The loop runs on while a thread connects.
    """
    if target and _is_set(target):
        machines: Any = await aconnect_all(
            target,
            timeout=timeout,
            wait=wait,
            read_only=read_only,
            extend=extend,
            trace=trace,
        )
        return machines  # type: ignore[no-any-return] # as in connect
    from hmp.frontends.in_thread import made_in_thread

    table = load_tables(extend, lazy=True)
    connection, only_reads = await made_in_thread(
        lambda: _connection(
            target, table, timeout, wait, extend, trace, output or _dropped
        ),
        lambda made: made[0].close(),
    )
    return await AsyncMachine.over(connection, table, target or "", read_only or only_reads)


def connect_all(
    *targets: str,
    exclude: Sequence[str] = (),
    timeout: float | None = None,
    wait: float | None = None,
    read_only: bool = False,
    extend: Sequence[str] = (),
    trace: Trace | None = None,
    fanout: int | None = None,
) -> Machines:
    """Connect to the machines of sets, at the same time.

    targets: sets such as ``vm[1-60]``, ``web*``, ``@group``, or any TARGETs; without one,
    all machines of this host. exclude: sets to leave out. timeout: seconds that a command
    may take, 60 by default. fanout: machines that are asked at the same time, 64 by
    default. Others are as for `connect`. Machines that cannot be reached are in `errors` of
    what is returned. Raises SetError, ConfigError, and ConnectError if another host cannot
    be asked for its machines.
    """
    return _opening(
        targets, exclude, timeout, wait, read_only, extend, trace, fanout
    ).machines()


@connecting
async def aconnect_all(
    *targets: str,
    exclude: Sequence[str] = (),
    timeout: float | None = None,
    wait: float | None = None,
    read_only: bool = False,
    extend: Sequence[str] = (),
    trace: Trace | None = None,
    fanout: int | None = None,
) -> AsyncMachines:
    """Connect to the machines of sets in an event loop; see `connect_all`."""
    from hmp.frontends.in_thread import in_thread

    opening = await in_thread(
        _opening, targets, exclude, timeout, wait, read_only, extend, trace, fanout
    )
    return await opening.async_machines()


def launch(
    command: Sequence[str],
    *,
    timeout: float | None = None,
    read_only: bool = False,
    extend: Sequence[str] = (),
    trace: Trace | None = None,
) -> Machine:
    """Start a QEMU by its command line, and return the machine.

    It ends when the machine is closed, or with this program, however that ends. Needs no
    options for its monitor. Raises ConnectError; ValueError without words, or for a text.
    """
    from hmp.targets.launch import launch as start

    # a str is a sequence of str as well, so type checkers let it pass
    if isinstance(command, str):
        raise ValueError(f"the command line is a list of words: shlex.split({command!r})")
    if not command:
        raise ValueError("the command line is empty")
    table = load_tables(extend, lazy=True)
    name = " ".join(command)
    return Machine(start(command, timeout=timeout, trace=trace), table, name, read_only)


def _connection(
    target: str | None,
    table: Table,
    timeout: float | None,
    wait: float | None,
    extend: Iterable[str],
    trace: Trace | None,
    output: Callable[[str], object],
) -> tuple[Connection, bool]:
    """Return a connection, and whether the configuration makes it read-only."""
    # most likely an unset variable, which must not silently mean the machine in this
    # process
    if target == "":
        raise ValueError("the target is empty")
    if target is None:
        made = embedded(table, output, extend=extend, timeout=timeout, trace=trace)
        return made, False
    address, only_reads = resolved(target) if is_name(target) else (target, False)
    return opened(address, timeout=timeout, wait=wait, trace=trace), only_reads


def _is_set(target: str) -> bool:
    from hmp.fleet.sets import is_set

    return is_set(target)


def _opening(
    targets: Sequence[str],
    exclude: Sequence[str],
    timeout: float | None,
    wait: float | None,
    read_only: bool,
    extend: Sequence[str],
    trace: Trace | None,
    fanout: int | None,
) -> SetConnector:
    """Find the machines of sets. Raises SetError, ConfigError, ConnectError."""
    from hmp.fleet.at_once import FANOUT
    from hmp.fleet.machine_sets import SetConnector
    from hmp.fleet.sets import Sets
    from hmp.frontends.config import load_config

    sets = Sets(load_config(None, os.environ))
    return SetConnector(
        sets.members(targets, exclude, everything=not targets),
        load_tables(extend, lazy=True),
        timeout=timeout,
        wait=wait,
        read_only=read_only,
        trace=trace,
        fanout=fanout or FANOUT,
    )


def _dropped(text: str) -> None:
    """Discard the output of a machine in this process."""


_LATE = {
    "AsyncMachines": "hmp.fleet.machine_sets",
    "Machines": "hmp.fleet.machine_sets",
    "SetError": "hmp.fleet.node_sets",
}
"""Names of what only programs with sets need, and their modules."""


def __getattr__(name: str) -> Any:
    """Import the code for sets on first use."""
    if name in _LATE:
        return getattr(imported(_LATE[name]), name)
    raise AttributeError(f"module 'hmp.client' has no attribute '{name}'")
