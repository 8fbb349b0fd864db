"""A command over ssh, against a bare client of a socket that ssh forwards."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hmp.display import make_writer
from hmp.display.sink import Sink
from hmp.frontends.script import Script
from hmp.monitor.monitor import Monitor
from hmp.targets.address import parse_target
from hmp.targets.ssh_master import end_masters
from tests.fakes import tables
from tests.targets.sshd import Network

LINES = 5_000


@contextmanager
def doors(path: str) -> Iterator[tuple[Callable[[], float], str]]:
    """Yield what measures lines a second over ssh, and the path of a forwarded socket."""
    network = Network()
    os.environ["HMP_SSH"] = network.command()
    forwarded = network.folder / "forwarded"
    command = [*shlex.split(network.command()), "-N", "-L", f"{forwarded}:{path}", "near"]
    ssh = subprocess.Popen(command)
    try:
        _wait(forwarded)
        yield lambda: lines_a_second(f"near:{path}"), str(forwarded)
    finally:
        ssh.kill()
        ssh.wait()
        end_masters()
        del os.environ["HMP_SSH"]
        network.close()


def _wait(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))


def lines_a_second(target: str) -> float:
    """Return how many lines a script runs a second, once it is connected."""
    connection = parse_target(target).open()
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        out = Sink(null)
        script = Script(Monitor(connection, tables()), make_writer("text", out, out), False)
        script.run([b"info status"])
        begun = time.perf_counter()
        script.run([b"info status"] * LINES)
        return LINES / (time.perf_counter() - begun)
    finally:
        connection.close()
        os.close(null)
