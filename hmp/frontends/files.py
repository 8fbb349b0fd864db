"""Files that users name: read and written so that none of them can block the program.

The file may be a FIFO whose other end is closed, a device, or on a dead mount. Each call
returns within a moment once its ``given_up`` event is set, as far as the system allows:
opening a file on a dead mount cannot be interrupted, so `in_stoppable_thread` does it in a
thread.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import threading
from contextlib import suppress
from time import monotonic

from hmp.display.sanitise import sanitise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    Arguments = ParamSpec("Arguments")
    Value = TypeVar("Value")

LIMIT = 1 << 26
"""The most bytes read from a file, since a device may never end."""

_CHUNK = 1 << 16
_LOOK = 0.02
"""Seconds between two checks of whether to give up."""


def read_file(
    path: str,
    given_up: threading.Event | None = None,
    *,
    seconds: float | None = None,
    limit: int = LIMIT,
) -> bytes:
    """Return the contents of a file; of a FIFO, all that its next writer sends.

    given_up: set by another thread to stop. seconds: a limit for all of it. limit: the most
    bytes. Raises OSError.
    """
    given_up = given_up or threading.Event()
    end = None if seconds is None else monotonic() + seconds
    # O_NOCTTY: opening a terminal must not make it ours
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        data = bytearray()
        while chunk := _read(fd, given_up, end):
            data += chunk
            if len(data) > limit:
                raise OSError(errno.EFBIG, f"larger than {limit >> 20} MiB")
        return bytes(data)
    finally:
        os.close(fd)


def _read(fd: int, given_up: threading.Event, end: float | None) -> bytes:
    while _wait(fd, select.POLLIN, given_up, end):
        try:
            return os.read(fd, _CHUNK)
        except BlockingIOError:
            continue  # another reader of the same file was faster
    return b""


def write_file(
    path: str,
    text: str,
    append: bool,
    given_up: threading.Event | None = None,
    *,
    seconds: float | None = None,
) -> None:
    """Append a text to a file, or replace the file's contents by it.

    Waits for a FIFO to have a reader. given_up: set by another thread to stop; a file not
    yet opened then is left unchanged. seconds: a limit for all of it. Raises OSError.
    """
    given_up = given_up or threading.Event()
    end = None if seconds is None else monotonic() + seconds
    fd = _open_to_write(path, os.O_APPEND if append else 0, given_up, end)
    if fd is None:
        return
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            text = sanitise(text)  # it may be a terminal, or a FIFO to one
        elif not append:
            # not with O_TRUNC when it is opened, so that giving up before leaves the file
            # as it was
            os.ftruncate(fd, 0)
        # encoded in pieces, since signals are handled only in between
        for start in range(0, len(text), _CHUNK):
            data = text[start : start + _CHUNK].encode(errors="backslashreplace")
            while data:
                if not _wait(fd, select.POLLOUT, given_up, end):
                    return
                with suppress(BlockingIOError):
                    data = data[os.write(fd, data) :]
    finally:
        os.close(fd)


def _open_to_write(
    path: str, flags: int, given_up: threading.Event, end: float | None
) -> int | None:
    flags |= os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY
    while not given_up.is_set():
        try:
            fd = os.open(path, flags, 0o666)
        except OSError as error:
            # ENXIO: the FIFO has no reader yet
            if error.errno != errno.ENXIO or not _is_fifo(path):
                raise
            if end is not None and monotonic() >= end:
                raise _late(select.POLLOUT) from error
            given_up.wait(_LOOK)
            continue
        if not given_up.is_set():
            return fd
        os.close(fd)
    return None


def _is_fifo(path: str) -> bool:
    return stat.S_ISFIFO(os.stat(path).st_mode)


def _wait(fd: int, what: int, given_up: threading.Event, end: float | None) -> bool:
    """Wait until a descriptor is ready; return False once given_up is set.

    Raises TimeoutError at the end.
    """
    poll = select.poll()
    poll.register(fd, what)
    while not given_up.is_set():
        if poll.poll(_LOOK * 1000):
            return True
        if end is not None and monotonic() >= end:
            raise _late(what)
    return False


def _late(what: int) -> TimeoutError:
    """Return the error for a file that was not ready within the time limit."""
    missing = "nothing came" if what == select.POLLIN else "it was not read"
    return TimeoutError(errno.ETIMEDOUT, f"{missing} within the time limit")


async def in_stoppable_thread(work: Callable[..., Value], *arguments: object) -> Value:
    """Run one of the above in a thread; stop it if the caller is cancelled."""
    import asyncio  # late: scripts have no loop

    from hmp.frontends.in_thread import in_thread

    given_up = threading.Event()
    doing = asyncio.ensure_future(in_thread(work, *arguments, given_up))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        given_up.set()
        # the file is closed when we return, unless a system call hangs
        await asyncio.wait([doing], timeout=2 * _LOOK)
        doing.cancel()
        raise
