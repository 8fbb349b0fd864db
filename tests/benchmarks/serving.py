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
        self.took: list[float] = []

    def ask_each(self) -> None:
        """Have each of them ask something."""
        for client in self.clients:
            begun = time.perf_counter()
            client.socket.sendall(REQUEST)
            client.file.readline()
            self.took.append(time.perf_counter() - begun)

    def rate(self) -> float:
        """Return the requests a second that the slowest tenth of requests would allow."""
        return 1 / statistics.quantiles(self.took, n=10)[-1]


def crowds() -> tuple[float, float]:
    """Return the rates of clients beside one that never reads, and of others without it."""
    with crowd(deaf=True) as disturbed, crowd(deaf=False) as calm:
        for _ in range(100):
            disturbed.ask_each()
            calm.ask_each()
        return disturbed.rate(), calm.rate()


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
