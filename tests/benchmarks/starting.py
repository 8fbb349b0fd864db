"""What a start costs, in processor time: the program against bare Python scripts.

Processor time, not time by the clock, so that other programs on the machine matter less.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAIRS = 25

LAUNCHER = """\
import sys
from hmp.cli.main import program
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit(program())
"""
"""The script that pip (since 25.2) and uv install; older ones import `re` as well."""

BARE_COMMAND = """\
import json, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
file = sock.makefile("rb")
file.readline()
sock.sendall(b'{"execute": "qmp_capabilities"}\\n')
file.readline()
sock.sendall(b'{"execute": "query-status"}\\n')
value = json.loads(file.readline())["return"]
print("VM status:", "running" if value["running"] else "paused")
"""

BARE_LISTING = """\
import os
for entry in os.listdir("/proc"):
    if entry.isdigit():
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                file.read()
        except OSError:
            pass  # the process has ended
"""


def seconds(command: list[str]) -> float:
    """Run a command; return the processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rates(ours: list[str], peer: list[str]) -> tuple[float, float]:
    """Run both in turn; return the medians of what they do in a second."""
    seconds(ours)  # the first time warms caches
    seconds(peer)
    pairs = [(seconds(ours), seconds(peer)) for _ in range(PAIRS)]
    return 1 / statistics.median(a for a, _ in pairs), 1 / statistics.median(
        b for _, b in pairs
    )


@contextmanager
def script(text: str) -> Iterator[list[str]]:
    """Write a Python script; yield the command that runs it."""
    with tempfile.TemporaryDirectory(prefix="hmp-start-") as folder:
        path = Path(folder) / "script"
        path.write_text(text)
        yield [sys.executable, str(path)]


def one_command(socket_path: str) -> tuple[float, float]:
    """``info status`` on a real QEMU, against a bare script of the same four messages."""
    with script(LAUNCHER) as hmp, script(BARE_COMMAND) as bare:
        return rates([*hmp, "-c", "info status", socket_path], [*bare, socket_path])


def text_only(*options: str) -> tuple[float, float]:
    """Options that print a text of ours, against Python doing nothing."""
    with script(LAUNCHER) as hmp:
        return rates([*hmp, *options], [sys.executable, "-c", "pass"])


def listing() -> tuple[float, float]:
    """``--list`` against reading all command lines."""
    with script(LAUNCHER) as hmp, script(BARE_LISTING) as bare:
        return rates([*hmp, "--list"], bare)


def listing_without_machines() -> tuple[float, float]:
    """The same where no QEMU runs: in a PID namespace of its own, which only root makes."""
    code = "from tests.benchmarks.starting import listing; print(*listing())"
    argv = ["unshare", "-pf", "--mount-proc", sys.executable, "-c", code]
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=True, text=True)
    ours, peer = map(float, done.stdout.split())
    return ours, peer


def listing_with_state(socket_path: str) -> tuple[float, float]:
    """``--list`` with a machine, against a bare script that also asks for its state."""
    with script(LAUNCHER) as hmp, script(BARE_LISTING + BARE_COMMAND) as bare:
        return rates([*hmp, "--list"], [*bare, socket_path])
