"""Many machines at once, against a bare event loop that makes the same requests."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.program import ROOT

BARE = """
import asyncio, json, sys

async def one(path):
    reader, writer = await asyncio.open_unix_connection(path)
    await reader.readline()
    writer.write(b'{"execute": "qmp_capabilities"}')
    await reader.readline()
    writer.write(b'{"execute": "query-status"}')
    status = json.loads(await reader.readline())
    writer.close()
    return status

async def main():
    return await asyncio.gather(*map(one, sys.argv[1:]))

print(len(asyncio.run(main())))
"""


@contextmanager
def machines(command: list[str], count: int) -> Iterator[list[str]]:
    """Start QEMUs without devices; yield the paths of their sockets."""
    with tempfile.TemporaryDirectory(prefix="hmpf") as folder:
        paths = [f"{folder}/vm{number}" for number in range(1, count + 1)]
        running = [
            subprocess.Popen(
                [
                    *command,
                    "-M",
                    "none",
                    "-nodefaults",
                    "-display",
                    "none",
                    "-qmp",
                    f"unix:{path},server=on,wait=off",
                ],
                stdin=subprocess.DEVNULL,
            )
            for path in paths
        ]
        try:
            while not all(Path(path).exists() for path in paths):
                time.sleep(0.05)
            yield paths
        finally:
            for process in running:
                process.kill()
                process.wait()


def seconds(*command: str) -> float:
    """Return how long a command takes."""
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def ours(hmp: str, paths: list[str]) -> float:
    """Return the seconds for one line on all machines."""
    folder = Path(paths[0]).parent
    return seconds(hmp, f"{folder}/vm[1-{len(paths)}]", "-c", "info status")


def bare(paths: list[str]) -> float:
    """Return the seconds of the bare loop."""
    return seconds(sys.executable, "-c", BARE, *paths)


def loop(hmp: str, paths: list[str]) -> float:
    """Return the seconds of a shell loop of hmp."""
    script = 'for path in "$@"; do "$0" "$path" -c "info status"; done'
    return seconds("sh", "-c", script, hmp, *paths)


SERVER = """
import asyncio, sys
from contextlib import AsyncExitStack
from hmp.serving import EmbeddedMachine, load_tables, serve

async def main():
    table = load_tables()
    async with AsyncExitStack() as stack:
        for path in sys.argv[1:]:
            machine = EmbeddedMachine(name=path, output=print)
            options = f"unix:{path},server=on,wait=off"
            await stack.enter_async_context(serve(machine, qmp=options, table=table))
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@contextmanager
def embedded(count: int, processes: int = 4) -> Iterator[list[str]]:
    """Serve embedded machines from a few processes; yield the paths of their sockets."""
    with tempfile.TemporaryDirectory(prefix="hmpf") as folder:
        paths = [f"{folder}/vm{number}" for number in range(1, count + 1)]
        running = [
            subprocess.Popen(
                [sys.executable, "-c", SERVER, *paths[first::processes]],
                stdout=subprocess.PIPE,
                cwd=ROOT,
            )
            for first in range(processes)
        ]
        try:
            for process in running:
                assert process.stdout is not None
                assert process.stdout.readline() == b"ready\n"
            yield paths
        finally:
            for process in running:
                process.kill()
                process.communicate()


MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
assert status == 0
print(used.ru_maxrss, flush=True)
os._exit(0)
"""


def memory(hmp: str, paths: list[str]) -> int:
    """Return the bytes that hmp needs at most for one line on all machines.

    A small process starts it, since it counts as its own what its starter needs.
    """
    line = [hmp, f"{Path(paths[0]).parent}/vm[1-{len(paths)}]", "-c", "info status"]
    command = [sys.executable, "-ISc", MEASURED, *line]
    return int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout) << 10
