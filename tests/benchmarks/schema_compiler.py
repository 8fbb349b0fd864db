"""QEMU's whole schema: our parse and check against QEMU's own schema compiler.

    python -m tests.benchmarks.schema_compiler [SOURCE]...

SOURCE is an unpacked source tree of QEMU; the default is what HMP_QEMU_SOURCES names. Both
run in turn, A B A B ..., and the medians are compared; a ratio above 1 means that ours is
faster. The figure that counts is parse and check in one warm interpreter; the second is
the same as whole processes, each as its users run it. Exits with 1 if ours is slower.
"""

from __future__ import annotations

import gc
import importlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hmp.qapi import load_schema
from tests.qapi.qemu_sources import QEMUSource, sources

ROUNDS = 9
ROOT = Path(__file__).parents[2]
PEER = "import sys; from qapi.schema import QAPISchema; QAPISchema(sys.argv[1])"


def seconds(run: Callable[[], object]) -> float:
    """Return how long a call takes, without the garbage of others."""
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare(what: str, ours: Callable[[], object], peer: Callable[[], object]) -> float:
    """Time both in turn, print the medians, and return the ratio."""
    ours()  # the first time warms caches
    peer()
    pairs = [(seconds(ours), seconds(peer)) for _ in range(ROUNDS)]
    mine = statistics.median(pair[0] for pair in pairs)
    theirs = statistics.median(pair[1] for pair in pairs)
    ratio = theirs / mine
    print(
        f"{what}: ours {mine * 1e3:.0f} ms, QEMU's {theirs * 1e3:.0f} ms, ratio {ratio:.2f}"
    )
    return ratio


def in_process(source: QEMUSource, schema: str) -> float:
    """Compare parse and check in this interpreter."""
    scripts = str(source.path / "scripts")
    sys.path.insert(0, scripts)
    try:
        compiler = importlib.import_module("qapi.schema").QAPISchema

        return compare(
            f"QEMU {source}, parse and check",
            lambda: load_schema(schema, source.edition),
            lambda: compiler(schema),
        )
    finally:
        # The next source tree has a compiler of its own.
        sys.path.remove(scripts)
        for name in [name for name in sys.modules if name.split(".")[0] == "qapi"]:
            del sys.modules[name]


def as_processes(source: QEMUSource, schema: str) -> float:
    """Compare whole processes, start of the interpreter included."""
    environment = {**os.environ, "PYTHONPATH": str(source.path / "scripts")}

    def ours() -> None:
        command = [sys.executable, "-m", "hmp.qapi", "check", schema]
        subprocess.run(command, check=True, cwd=ROOT)

    def peer() -> None:
        command = [sys.executable, "-c", PEER, schema]
        subprocess.run(command, check=True, cwd=ROOT, env=environment)

    return compare(f"QEMU {source}, whole process", ours, peer)


def main(arguments: list[str]) -> int:
    """Compare for every source tree; return 1 if ours is slower anywhere."""
    found = [QEMUSource(path) for path in arguments] or sources()
    if not found:
        print("name a source tree of QEMU, or set HMP_QEMU_SOURCES", file=sys.stderr)
        return 2
    slow = False
    for source in found:
        schema = str(source.path / "qapi" / "qapi-schema.json")
        slow |= in_process(source, schema) < 1
        as_processes(source, schema)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
