"""A machine far away: a relay that holds each message back, 50 ms each way."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from hmp.builtin import load_tables
from hmp.client import connect
from hmp.frontends.script import answer
from hmp.monitor.monitor import Monitor
from hmp.targets.address import parse_target

DELAY = 0.05
RUNS = 3
SLOW = {
    "info qom-tree": "one round for each level of the tree",
    "info trace-events": "one round, but the reply lists some thousand events",
}
"""Lines that may take longer than the others, and why."""


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


def lines() -> list[str]:
    """Return all ``info`` lines of the table that need no argument, but the slow ones."""
    table = load_tables().get("info")
    assert table is not None
    assert table.subtable is not None
    found = [f"info {entry.names[0]}" for entry in table.subtable if not entry.needs]
    return [line for line in found if line not in SLOW]


def seconds(path: str, wanted: Iterable[str]) -> dict[str, float]:
    """Return how long each line takes at best on a machine behind the relay.

    Lines that the machine does not know are left out.
    """
    found: dict[str, float] = {}
    with far(path) as address:
        connection = parse_target(address).open()
        monitor = Monitor(connection, load_tables())
        answer(monitor, "info status")
        for line in wanted:
            for _ in range(RUNS):
                begun = time.perf_counter()
                text = answer(monitor, line)
                took = time.perf_counter() - begun
                if not text.startswith("unknown command"):
                    found[line] = min(took, found.get(line, took))
        connection.close()
    return found


def own_monitor(path: str, wanted: Iterable[str]) -> float:
    """Return how long the lines take in QEMU's own monitor behind the relay, at best."""
    total = 0.0
    with far(path) as address, socket.socket(socket.AF_UNIX) as sock:
        sock.connect(address)
        _prompt(sock)
        for line in wanted:
            taken = []
            for _ in range(RUNS):
                begun = time.perf_counter()
                sock.sendall(f"{line}\n".encode())
                _prompt(sock)
                taken.append(time.perf_counter() - begun)
            total += min(taken)
    return total


def _prompt(sock: socket.socket) -> None:
    """Read up to the prompt after a result; QEMU draws the one before with the echo."""
    text = b""
    while not text.endswith(b"\n(qemu) "):
        text += sock.recv(1 << 16)


def slowest(path: str) -> float:
    """Return the time of the slowest line; print those that take two rounds or more."""
    found = seconds(path, lines())
    for line, took in sorted(found.items(), key=lambda item: -item[1]):
        if took > 4 * DELAY:
            print(f"     {line}: {took:.3f} s")
    return max(found.values())


def first(path: str) -> float:
    """Return how long it takes at best to connect, and to run one command."""
    taken = []
    with far(path) as address:
        for _ in range(RUNS):
            begun = time.perf_counter()
            with connect(address) as machine:
                machine.qmp.query_status()
                taken.append(time.perf_counter() - begun)
    return min(taken)


def tree(path: str) -> float:
    """Return the time of ``info qom-tree``, which goes down level by level."""
    return seconds(path, ["info qom-tree"])["info qom-tree"]


def against_monitor(path: str, monitor: str) -> tuple[float, float]:
    """Return the seconds of all lines, ours and those of QEMU's own monitor."""
    found = seconds(path, lines())
    return sum(found.values()), own_monitor(monitor, found)
