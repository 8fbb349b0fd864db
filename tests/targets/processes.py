"""Processes that call themselves QEMUs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def calling_itself(*arguments: str, user: int | None = None) -> Iterator[int]:
    """Run a process with a QEMU's name and such arguments; its process id."""
    # a shell that waits for its input takes what stands behind its line as it is
    argv = ["qemu-system-x86_64", "-c", "read line", *arguments]
    process = subprocess.Popen(
        argv, executable="/bin/sh", stdin=subprocess.PIPE, cwd="/", user=user
    )
    try:
        command = Path(f"/proc/{process.pid}/cmdline")
        while not command.read_bytes().startswith(b"qemu-system"):
            pass  # it is between fork and exec
        yield process.pid
    finally:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()
