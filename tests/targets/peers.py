"""Programs at the two ends of sockets, under any name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNDER_ANY_NAME = {**os.environ, "PYTHONHOME": sys.base_prefix}
"""What Python needs to find its library when it is called otherwise."""

LISTEN = """
import socket, sys, time
where = sys.argv[3]
if where.isdecimal():
    listening = socket.create_server(("127.0.0.1", int(where)))
    print(listening.getsockname()[1], flush=True)
else:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(where)
    listening.listen()
    print(flush=True)
kept = []
while True:
    kept.append(listening.accept())
    try:
        kept[-1][0].sendall(sys.argv[4].encode())
    except OSError:
        pass
"""
"""Listens, greets each client with a text, and keeps it."""

HOLD = """
import socket, sys, time
where = sys.argv[1]
if where.isdecimal():
    sock = socket.create_connection(("127.0.0.1", int(where)))
else:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(where)
sock.recv(1)
print(flush=True)
time.sleep(3600)
"""
"""Connects, and keeps the connection once it has been greeted."""

ONE_CLIENT = LISTEN.replace("while True:", "for _ in range(1):") + "time.sleep(3600)"


@contextmanager
def program(*arguments: str, name: str = "python3") -> Iterator[subprocess.Popen[bytes]]:
    """Run Python under a name, until it has printed a line; kill it at the end."""
    argv = [name, *arguments]
    with subprocess.Popen(
        argv, executable=sys.executable, stdout=subprocess.PIPE, env=UNDER_ANY_NAME
    ) as process:
        assert process.stdout is not None
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def server(
    where: str, *options: str, banner: str = "", name: str = "qemu-system-x86_64"
) -> Iterator[tuple[int, str]]:
    """Run a program that listens, and says it is a QEMU; its process and its line."""
    with program("-c", LISTEN, "-x", "-x", where, banner, *options, name=name) as process:
        assert process.stdout is not None
        yield process.pid, process.stdout.readline().decode().strip()
