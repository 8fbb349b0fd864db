"""A monitor of our own, so that the one that we came by stays free for others.

QEMU 11.1 and later let a client create a monitor. A session creates one through whatever
connection it has, its foothold, moves to it and closes the foothold. The monitor's far end
is a descriptor that we pass, or, where none can be passed, a socket that QEMU opens beside
the foothold's. QEMU deletes the monitor as soon as our end is closed, however that comes.

Three commands do all of it: ``getfd``, ``chardev-add`` and ``object-add``. If one of them
fails, ``closefd``, ``chardev-remove`` and ``object-del`` take back what the others made.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.qmp import RUN_LINE
from hmp.qmp.blocking import CONNECT_LIMIT, BlockingConnection
from hmp.qmp.errors import ConnectError, MachineGoneError, QMPError
from hmp.targets.target import StreamTarget, Target, may_move

if TYPE_CHECKING:
    import _socket
    from collections.abc import Coroutine
    from typing import Any, TypeVar

    from hmp.qmp.connection import Connection
    from hmp.qmp.exchange import Message, Trace

    Value = TypeVar("Value")

_IN_LINES = {"object-add": "object_add", "object-del": "object_del"}
"""Commands that have other names in QEMU's human monitor."""
_UNKNOWN_TYPE = "'monitor-qmp'"
"""What the error of a QEMU that lacks the type contains."""


class PrivateMonitorTarget(Target):
    """A target whose connections move to a private monitor where QEMU offers one."""

    __slots__ = ("inner",)

    def __init__(self, inner: Target) -> None:
        self.inner = inner

    def __str__(self) -> str:
        return str(self.inner)

    def open(
        self,
        *,
        timeout: float | None = None,
        wait: float | None = None,
        trace: Trace | None = None,
    ) -> Connection:
        """Connect, and move to a private monitor; see `Target.open`."""
        connection = move(self.inner.open(timeout=timeout, wait=wait, trace=trace))
        connection.target = self
        return connection


def move(foothold: Connection) -> Connection:
    """Return a connection to a new private monitor, and close the foothold.

    If the machine offers none, return the foothold; if it should but cannot, with a
    `notice` that says why. Events that arrive meanwhile are delivered by the returned
    connection. It blocks. Raises MachineGoneError.
    """
    if not may_move(foothold):
        return foothold
    # without a limit, a machine that hangs would hang the start of the session
    limit, foothold.timeout = foothold.timeout, foothold.timeout or CONNECT_LIMIT
    events: list[Message] = []
    listener = foothold.on_event
    foothold.on_event = events.append
    try:
        private = _create(foothold)
        # all events before this reply; the private monitor has the later ones
        _finish(foothold.execute("query-version"))
    except QMPError as error:
        if _UNKNOWN_TYPE not in error.desc:
            holds = f"this session holds {foothold.target} itself"
            foothold.notice = f"{holds}: no private monitor: {error.desc}"
        return _resume(foothold, events)
    finally:
        foothold.timeout, foothold.on_event = limit, listener
    foothold.close()
    later: list[Message] = []
    private.on_event = later.append
    _finish(private.execute("query-version"))
    # while both monitors existed, each delivered the same events
    events += (event for event in later if event not in events)
    private.timeout, private.on_event = limit, listener
    private.target, private.caution = foothold.target, foothold.caution
    private.pid, private.sandboxed = foothold.pid, foothold.sandboxed
    return _resume(private, events)


def _resume(connection: Connection, events: list[Message]) -> Connection:
    """Have a connection deliver events before all others."""
    if isinstance(connection, BlockingConnection):
        connection.session.put_back(events)
    else:
        for event in events:
            connection.on_event(event)
    return connection


def _create(foothold: Connection) -> BlockingConnection:
    """Create a private monitor. Raises QMPError, MachineGoneError."""
    # other hosts, and other containers, may have a process of the same number
    name = f"hmp-{os.getpid()}-{os.urandom(4).hex()}"
    problem = QMPError("the connection can pass no file descriptor")
    if foothold.passes_descriptors:
        try:
            return _through_descriptor(foothold, name)
        except QMPError as error:
            problem = error
    target = foothold.target
    target = target.inner if isinstance(target, PrivateMonitorTarget) else target
    neighbour = target.neighbour(name) if isinstance(target, Target) else None
    # a QEMU without the type has no use for a path either
    if neighbour is None or _UNKNOWN_TYPE in problem.desc:
        raise problem
    return _through_path(foothold, name, *neighbour)


def _through_descriptor(foothold: Connection, name: str) -> BlockingConnection:
    """Create a monitor on one end of a socket pair. Raises QMPError, MachineGoneError."""
    ours, theirs = socket.socketpair()
    try:
        # QEMU has a copy of the descriptor once it has replied
        with theirs:
            end = [theirs.fileno()]
            _finish(foothold.execute_with_descriptors("getfd", {"fdname": name}, end))
        address = {"type": "fd", "data": {"str": name}}
        try:
            _add(foothold, name, {"addr": address, "server": False})
        except QMPError:
            _take_back(foothold, "closefd", "fdname", name)
            raise
        return _negotiate(foothold, ours)
    except BaseException:
        ours.close()
        raise


def _through_path(
    foothold: Connection, name: str, path: str, neighbour: StreamTarget
) -> BlockingConnection:
    """Create a monitor on a socket of the machine's host, and connect to it.

    Raises QMPError, MachineGoneError.
    """
    address = {"type": "unix", "data": {"path": path}}
    _add(foothold, name, {"addr": address, "server": True, "wait": False})
    try:
        try:
            sock = neighbour.connect(CONNECT_LIMIT)
        except ConnectError as error:
            raise QMPError(f"the socket {path} of QEMU cannot be reached") from error
        return _negotiate(foothold, sock)
    except BaseException:
        _take_back(foothold, "object-del", "id", name)
        _take_back(foothold, "chardev-remove", "id", name)
        raise


def _add(foothold: Connection, name: str, backend: Message) -> None:
    """Create a chardev and the monitor on it. Raises QMPError, MachineGoneError."""
    chardev = {"id": name, "backend": {"type": "socket", "data": backend}}
    # QEMU removes the monitor itself when we disconnect, even if we are killed
    monitor = {"id": name, "chardev": name, "close-action": "delete"}
    _run(foothold, "chardev-add", chardev, f"socket,id={name},{_options(backend)}")
    options = "".join(f",{key}={value}" for key, value in monitor.items())
    try:
        monitor["qom-type"] = "monitor-qmp"
        _run(foothold, "object-add", monitor, f"monitor-qmp{options}")
    except QMPError:
        _take_back(foothold, "chardev-remove", "id", name)
        raise


def _options(backend: Message) -> str:
    """Return the options of a socket chardev, as QEMU's human monitor takes them."""
    address = backend["addr"]
    if address["type"] == "fd":
        return f"fd={address['data']['str']},server=off"
    path = address["data"]["path"].replace(",", ",,")
    return f"path={path},server=on,wait=off"


def _run(foothold: Connection, command: str, arguments: Message, words: str) -> None:
    """Run a QMP command, or the line of the human monitor that does the same.

    Raises QMPError, MachineGoneError.
    """
    if foothold.takes_qmp:
        _finish(foothold.execute(command, arguments))
        return
    line = {"command-line": f"{_IN_LINES.get(command, command)} {words}"}
    if text := _finish(foothold.execute(RUN_LINE, line)).strip():
        raise QMPError(text.removeprefix("Error: "))


def _take_back(foothold: Connection, command: str, key: str, name: str) -> None:
    """Undo a command, as far as the machine lets us. Raises MachineGoneError."""
    with suppress(QMPError):
        _run(foothold, command, {key: name}, name)


def _negotiate(foothold: Connection, sock: _socket.socket) -> BlockingConnection:
    """Negotiate with the new monitor. Raises QMPError, MachineGoneError."""
    try:
        name = getattr(foothold, "name", str(foothold.target))
        private = BlockingConnection(
            sock, name, timeout=foothold.timeout, trace=foothold.trace
        )
        private.settle()
        return private
    except MachineGoneError as error:
        raise QMPError(f"it does not answer ({error})") from error


def _finish(coroutine: Coroutine[Any, Any, Value]) -> Value:
    """Run a coroutine of a connection that blocks, which never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: Value = done.value
        return value
    raise RuntimeError("a blocking connection has suspended")
