"""The monitor for programs: ``from hmp import connect, launch``.

    with connect("vm1") as vm:
        block = vm.run("info block")
        status = vm.qmp.query_status()["status"]
        vm.wait("DEVICE_DELETED", device="d1", timeout=5)

It prints nothing and asks no questions. The blocking form imports no event loop and nothing
that draws on terminals.
"""

from __future__ import annotations

from hmp.builtin import load_tables
from hmp.library.machines import QMP, AsyncMachine, Machine
from hmp.library.opening import embedded, is_name, opened, resolved
from hmp.library.results import EventTimeoutError, LineFailedError, Result
from hmp.qmp.errors import ConnectError, MachineGoneError, QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hmp.monitor.table import Table
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace

__all__ = [
    "QMP",
    "AsyncMachine",
    "ConnectError",
    "EventTimeoutError",
    "LineFailedError",
    "Machine",
    "MachineGoneError",
    "QMPError",
    "Result",
    "aconnect",
    "connect",
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
    new machine in this process. timeout: seconds that a command, and connecting, may take.
    wait: seconds that connecting may take instead, while the machine may still have to
    start. read_only: refuse commands that may change the machine. extend: directories with
    further commands. trace: called with "->" or "<-" and each QMP message. output: takes
    what a machine in this process prints. Raises ConnectError, which says what to do, and
    ValueError for a text that cannot be a target.
    """
    table = load_tables(extend, lazy=True)
    connection, only_reads = _connection(
        target, table, timeout, wait, extend, trace, output or _dropped
    )
    return Machine(connection, table, target or "", read_only or only_reads)


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

    The loop runs on while a thread connects.
    """
    from hmp.frontends.aside import aside

    table = load_tables(extend, lazy=True)
    connection, only_reads = await aside(
        _connection, target, table, timeout, wait, extend, trace, output or _dropped
    )
    adopted = await connection.adopt()
    machine = AsyncMachine(adopted, table, target or "", read_only or only_reads)
    machine.opened = connection
    return machine


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
    options for its monitor. Raises ConnectError.
    """
    from hmp.targets.launch import launch as start

    table = load_tables(extend, lazy=True)
    connection = start(command, timeout=timeout, trace=trace)
    return Machine(connection, table, " ".join(command), read_only)


def _connection(
    target: str | None,
    table: Table,
    timeout: float | None,
    wait: float | None,
    extend: Iterable[str],
    trace: Trace | None,
    output: Callable[[str], object],
) -> tuple[Connection, bool]:
    """Return a connection, and whether the configuration says that it is for reading."""
    if target == "":
        raise ValueError("the target is empty")
    if target is None:
        made = embedded(table, output, extend=extend, timeout=timeout, trace=trace)
        return made, False
    address, only_reads = resolved(target) if is_name(target) else (target, False)
    return opened(address, timeout=timeout, wait=wait, trace=trace), only_reads


def _dropped(text: str) -> None:
    """Drop what a machine in this process prints."""
