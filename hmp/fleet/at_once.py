"""Work on many machines at the same time, in threads that the exit does not wait for."""

from __future__ import annotations

import os
from _thread import start_new_thread
from itertools import count

from hmp.library.opening import opened, resolved
from hmp.qmp.errors import MachineGoneError, NoReplyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    from hmp.fleet.sets import SetMember
    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Trace

    Item = TypeVar("Item")

FANOUT = 64
"""Machines that are asked at the same time."""
CLOSE_LIMIT = 2.0
"""Seconds in which a machine that was stopped to be asked may be continued at the end."""
LIMIT = 60.0
"""Seconds that a machine of a set may take for one reply, unless the user says more."""


def at_once(work: Callable[[Item], object], items: Sequence[Item], fanout: int) -> None:
    """Start to work on all items, each in one of as many threads as the fan-out.

    Returns at once. work: raises nothing, and keeps its result itself. The threads do not
    keep the program from ending; `threading` would wait until each has begun.
    """
    turns = count()

    def run() -> None:
        # `next` of a count is one step, so that no two threads take the same item
        while (turn := next(turns)) < len(items):
            work(items[turn])

    for _ in range(min(fanout, len(items))):
        start_new_thread(run, ())


def reason(error: Exception) -> str:
    """Return why a machine of a set does not answer, or the author's line of a bug."""
    # ValueError: an address that cannot be read, or a set
    if isinstance(error, MachineGoneError | NoReplyError | ValueError):
        return str(error)
    from hmp.monitor.registry import module_error

    return f"internal error: {module_error(error)}"


def reach(
    member: SetMember,
    *,
    timeout: float | None,
    wait: float | None = None,
    trace: Trace | None = None,
    config: str | None = None,
    limit: float | None = LIMIT,
    private: bool = False,
) -> tuple[Connection, bool]:
    """Connect to a machine of a set; also return whether it is for reading only.

    limit: seconds for one reply without a timeout; None: no limit. private: as for
    `opened`. Raises what that and `resolved` raise.
    """
    address, read_only = member.address, member.read_only
    if address is None:
        address, read_only = resolved(member.name, config)
    connection = opened(address, timeout=timeout, wait=wait, trace=trace, private=private)
    connection.timeout = timeout or limit
    return connection, read_only


def check_found(members: Iterable[SetMember], config: str | None) -> None:
    """Check that each machine has an address, and a path a socket.

    Raises what `resolved` raises for a name that nothing has.
    """
    for member in members:
        # a configured target may be started later; a path that was typed is a slip
        typed = member.address == member.name and ":" not in member.name
        if member.address is None or (typed and not os.path.exists(member.name)):
            resolved(member.name, config)


def is_qemu(pid: int) -> bool:
    """Return whether a process that listens for clients is one machine, a QEMU.

    Other programs may pass on what many machines say.
    """
    from hmp.targets.processes import local_process

    return bool(pid) and local_process(pid) is not None
