"""Programs that use the terminal for a while: pagers, pipes, shell commands.

When they end, the terminal's modes are as before, whatever the program did.
"""

from __future__ import annotations

import os
import signal
import subprocess
from asyncio import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING

from hmp.frontends.cooked import CTRL_D, end_of_input
from hmp.frontends.in_thread import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


async def run_program(
    command: str,
    text: str | None,
    environment: Mapping[str, str] | None,
    unwanted: Callable[[], bool],
) -> int | None:
    """Run a shell command on the terminal, and return its exit status.

    text: for its standard input; without it, that is the terminal. unwanted: called once
    after the start, when Ctrl-C already belongs to the program: if it returns True, the
    program is ended and None returned. If the caller is cancelled, the program is ended as
    well. Raises OSError if it cannot be started.
    """
    stdin = None if text is None else subprocess.PIPE
    with end_of_input(CTRL_D):  # and the terminal as it was, afterwards
        # started here and not in the thread, so that we know whether it is running
        process = subprocess.Popen(command, shell=True, stdin=stdin, env=environment)
        if unwanted():
            if process.stdin is not None:
                process.stdin.close()
            _end(process)
            return None
        try:
            return await in_thread(_see_through, process, text)
        except CancelledError:
            _end(process)
            raise


async def filtered(command: str, text: str) -> tuple[str, int]:
    """Send a text through a shell command; return its output and exit status.

    The program has no terminal. If the caller is cancelled, it is ended. Raises OSError if
    it cannot be started.
    """
    process = subprocess.Popen(
        command,
        shell=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        # in a thread, which writes and reads at once: a program may answer before it has
        # read all
        output, _ = await in_thread(
            process.communicate, text.encode(errors="backslashreplace")
        )
    except CancelledError:
        _end(process)
        raise
    return output.decode(errors="backslashreplace"), process.wait()


def _see_through(process: subprocess.Popen[bytes], text: str | None) -> int:
    """Write a program's input, and wait until it has ended."""
    data = None if text is None else text.encode(errors="backslashreplace")
    with suppress(BrokenPipeError):
        process.communicate(data)
    return process.wait()


_PATIENCE = 1.0
"""Seconds that a program has to restore the terminal before it is killed."""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that its shell has started, and wait until it has ended."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        # its shell last, since the others could not be found any more without it
        for pid in (*_descendants(process.pid), process.pid):
            if process.poll() is None or pid != process.pid:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
            return


def _descendants(pid: int) -> list[int]:
    """Return the descendants of a process, as far as the system lists them."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(child) for child in file.read().split()]
    except OSError:
        # it has ended, or the kernel lists no children
        return []
    return [below for child in children for below in (*_descendants(child), child)]
