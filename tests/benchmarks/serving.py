"""What our QMP server does for its clients: many requests, many clients, a bad one."""

from __future__ import annotations

import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.serving.program import BlockingClient, Program

CLIENTS = 200
REQUEST = b'{"execute": "query-status"}\n'


@contextmanager
def served(count: int) -> Iterator[list[Path]]:
    """Start the program with so many QMP monitors; yield where they are."""
    folder = Path(tempfile.mkdtemp(prefix="hmpb"))
    paths = [folder / str(number) for number in range(count)]
    options = [
        part for path in paths for part in ("-qmp", f"unix:{path},server=on,wait=off")
    ]
    try:
        with Program("-monitor", "none", *options):
            BlockingClient(paths[-1]).close()
            yield paths
    finally:
        shutil.rmtree(folder)


class Crowd:
    """Clients that are all connected, each to a monitor of its own."""

    def __init__(self, clients: list[BlockingClient]) -> None:
        self.clients = clients

    def rate(self) -> float:
        """Return the requests a second that the worst percent of requests would allow."""
        took = []
        for _ in range(50):
            for client in self.clients:
                begun = time.perf_counter()
                client.socket.sendall(REQUEST)
                client.file.readline()
                took.append(time.perf_counter() - begun)
        return 1 / statistics.quantiles(took, n=100)[-1]


@contextmanager
def crowd(deaf: bool) -> Iterator[Crowd]:
    """Connect to as many monitors; deaf: one more client asks for much, and never reads."""
    with served(CLIENTS + 1) as paths, ExitStack() as stack:
        clients = [stack.enter_context(BlockingClient(path)) for path in paths]
        for client in clients:
            client.negotiate()
        if deaf:
            _ask_for_much(clients[-1].socket)
        yield Crowd(clients[:-1])


def _ask_for_much(sock: socket.socket) -> None:
    """Send requests until they are not taken any more."""
    sock.settimeout(0.5)
    try:
        while True:
            sock.sendall(b'{"execute": "query-qmp-schema"}\n' * 100)
    except TimeoutError:
        pass
