"""A machine far away: a relay that holds each message back, 50 ms each way."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from hmp.builtin import load_tables
from hmp.frontends.script import answer
from hmp.monitor.monitor import Monitor
from hmp.targets.address import parse_target

DELAY = 0.05
LINES = ("info status", "info block -v", "info stats vm", "info snapshots", "info network")


@contextmanager
def far(path: str) -> Iterator[str]:
    """Relay a Unix socket's connections one after the other, delayed; yield the address."""
    folder = tempfile.mkdtemp(prefix="hmpr")
    address = str(Path(folder) / "far")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        Thread(target=_serve, args=(listener, path), daemon=True).start()
        try:
            yield address
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            shutil.rmtree(folder)


def _serve(listener: socket.socket, path: str) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        machine = socket.socket(socket.AF_UNIX)
        machine.connect(path)
        ways = [
            Thread(target=_carry, args=pair, daemon=True)
            for pair in ((near, machine), (machine, near))
        ]
        for way in ways:
            way.start()
        for way in ways:
            way.join()
        near.close()
        machine.close()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    """Carry bytes, each as late as if the way took `DELAY`; many may be on the way."""
    reading, writing = os.pipe()
    late = Thread(target=_deliver, args=(reading, sink), daemon=True)
    late.start()
    with suppress(OSError):
        while data := source.recv(1 << 16):
            head = f"{time.monotonic() + DELAY!r} {len(data)}\n".encode()
            os.write(writing, head)
            _write(writing, data)
    os.close(writing)
    late.join()


def _write(fd: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def _deliver(reading: int, sink: socket.socket) -> None:
    with os.fdopen(reading, "rb") as file, suppress(OSError):
        while head := file.readline():
            due, size = head.split()
            data = file.read(int(size))
            time.sleep(max(float(due) - time.monotonic(), 0))
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def seconds(path: str, lines: tuple[str, ...] = LINES) -> list[float]:
    """Return how long each line takes on a machine behind the relay."""
    found = []
    with far(path) as address:
        connection = parse_target(address).open()
        monitor = Monitor(connection, load_tables())
        for line in lines:
            begun = time.perf_counter()
            answer(monitor, line)
            found.append(time.perf_counter() - begun)
        connection.close()
    return found


def slowest(path: str) -> float:
    """Return the time of the slowest of the lines."""
    return max(seconds(path))


def tree(path: str) -> float:
    """Return the time of ``info qom-tree``, which goes down level by level."""
    return seconds(path, ("info qom-tree",))[0]
