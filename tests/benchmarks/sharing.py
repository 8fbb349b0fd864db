"""What clients get of a shared monitor, and how long a private one takes."""

from __future__ import annotations

import json
import select
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hmp.targets.private_monitor import PrivateMonitorTarget
from hmp.targets.socket_target import SocketTarget
from tests.qemu.machines import RunningQemu
from tests.serving.program import BlockingClient, Program

CLIENTS = 8
REQUESTS = 10_000
MONITORS = 100
REQUEST = b'{"execute": "query-status"}\n'


@contextmanager
def shared(qemu: RunningQemu) -> Iterator[Path]:
    """Share a machine's monitor; yield the path of the shared one."""
    with tempfile.TemporaryDirectory(prefix="hmpb") as folder:
        path = Path(folder) / "q"
        option = f"unix:{path},server=on,wait=off"
        with Program(qemu.path, "-monitor", "none", "-qmp", option):
            BlockingClient(path).close()
            yield path


def together(path: Path) -> float:
    """Return the requests a second that many clients get in all, each in lockstep."""
    clients = [BlockingClient(path) for _ in range(CLIENTS)]
    poll = select.epoll()
    sockets = {client.socket.fileno(): client.socket for client in clients}
    for client in clients:
        client.negotiate()
        poll.register(client.socket, select.EPOLLIN)
    begun = time.perf_counter()
    for sock in sockets.values():
        sock.sendall(REQUEST)
    done = 0
    while done < REQUESTS:
        for number, _ in poll.poll():
            if sockets[number].recv(1 << 16).endswith(b"\n"):
                done += 1
                sockets[number].sendall(REQUEST)
    took = time.perf_counter() - begun
    for client in clients:
        client.close()
    return done / took


def private_monitors(path: str) -> float:
    """Return how many private monitors a second hmp makes, one after the other."""
    begun = time.perf_counter()
    for _ in range(MONITORS):
        connection = PrivateMonitorTarget(SocketTarget(path)).open()
        assert not connection.notice
        connection.close()
    return MONITORS / (time.perf_counter() - begun)


def bare_monitors(path: str) -> float:
    """Return the same for nothing but the calls."""
    begun = time.perf_counter()
    for number in range(MONITORS):
        _bare_monitor(path, f"bare-{number}")
    return MONITORS / (time.perf_counter() - begun)


def _bare_monitor(path: str, name: str) -> None:
    address = {"type": "fd", "data": {"str": name}}
    backend = {"type": "socket", "data": {"addr": address, "server": False}}
    monitor = {"qom-type": "monitor-qmp", "chardev": name, "close-action": "delete"}
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.socket(socket.AF_UNIX) as foothold:
        foothold.connect(path)
        with foothold.makefile("rb") as file:
            file.readline()
            _ask(foothold, file, "qmp_capabilities")
            request = {"execute": "getfd", "arguments": {"fdname": name}}
            socket.send_fds(foothold, [json.dumps(request).encode()], [theirs.fileno()])
            file.readline()
            theirs.close()
            _ask(foothold, file, "chardev-add", id=name, backend=backend)
            _ask(foothold, file, "object-add", id=name, **monitor)
        with ours.makefile("rb") as file:
            file.readline()
            _ask(ours, file, "qmp_capabilities")


def _ask(sock: socket.socket, file: Any, command: str, **arguments: Any) -> None:
    sock.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
    assert b"return" in file.readline()
