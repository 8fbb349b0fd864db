"""The program itself, run as a user runs it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
HMP = [sys.executable, "-m", "hmp"]
LIMIT = 60.0
"""Seconds after which a run that hangs is a failure."""


def run(
    *arguments: str,
    script: str | bytes = b"",
    merged: bool = False,
    limit: float = LIMIT,
    cwd: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Run hmp with a script on a pipe; merged: standard error goes where output goes."""
    data = script.encode() if isinstance(script, str) else script
    result = subprocess.run(
        [*HMP, *arguments],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merged else subprocess.PIPE,
        timeout=limit,
        cwd=cwd,
    )
    return subprocess.CompletedProcess(
        result.args,
        result.returncode,
        result.stdout.decode(),
        result.stderr.decode() if result.stderr else "",
    )


@contextmanager
def refusing() -> Iterator[int]:
    """Hold a TCP port of this host on which connections are refused."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        yield port
