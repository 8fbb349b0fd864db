"""Many machines at once, against a bare event loop that makes the same requests."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
                    *(*command, "-M", "none", "-nodefaults", "-display", "none"),
                    *("-qmp", f"unix:{path},server=on,wait=off"),
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
