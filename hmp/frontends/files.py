"""Files that users name: read and written so that none of them can hang us.

A FIFO without another end, a device, a dead mount: each call gives up within a moment
when it is told to, as far as the system lets it.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import threading
from typing import TYPE_CHECKING

from hmp.display.sanitise import sanitise

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    Arguments = ParamSpec("Arguments")
    Value = TypeVar("Value")

LIMIT = 1 << 26
"""Bytes of a file that are read; a device may never end."""

_CHUNK = 1 << 16
_LOOK = 0.02
"""Seconds between two looks whether to give up."""


def read_file(path: str, given_up: threading.Event | None = None) -> bytes:
    """Return what is in a file; of a FIFO, all that comes from who opens it next.

    given_up: set by others to end this. Raises OSError.
    """
    given_up = given_up or threading.Event()
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        data = bytearray()
        while chunk := _read(fd, given_up):
            data += chunk
            if len(data) > LIMIT:
                raise OSError(errno.EFBIG, f"larger than {LIMIT >> 20} MiB")
        return bytes(data)
    finally:
        os.close(fd)


def _read(fd: int, given_up: threading.Event) -> bytes:
    while _wait(fd, select.POLLIN, given_up):
        try:
            return os.read(fd, _CHUNK)
        except BlockingIOError:
            continue
    return b""


def write_file(
    path: str, text: str, append: bool, given_up: threading.Event | None = None
) -> None:
    """Write a text into a file, behind what is there, or in its place.

    Waits for somebody who reads a FIFO. given_up: set by others to end this; a file that
    could not be opened before that stays as it is. Raises OSError.
    """
    given_up = given_up or threading.Event()
    fd = _open_to_write(path, os.O_APPEND if append else 0, given_up)
    if fd is None:
        return
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            text = sanitise(text)  # it may be a terminal, or lead to one
        elif not append:
            os.ftruncate(fd, 0)
        data = memoryview(text.encode(errors="backslashreplace"))
        while data and _wait(fd, select.POLLOUT, given_up):
            try:
                data = data[os.write(fd, data[:_CHUNK]) :]
            except BlockingIOError:
                continue
    finally:
        os.close(fd)


def _open_to_write(path: str, flags: int, given_up: threading.Event) -> int | None:
    flags |= os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY
    while not given_up.is_set():
        try:
            fd = os.open(path, flags, 0o666)
        except OSError as error:
            if error.errno != errno.ENXIO or not _is_fifo(path):
                raise
            given_up.wait(_LOOK)
            continue
        if not given_up.is_set():
            return fd
        os.close(fd)
    return None


def _is_fifo(path: str) -> bool:
    return stat.S_ISFIFO(os.stat(path).st_mode)


def _wait(fd: int, what: int, given_up: threading.Event) -> bool:
    """Wait until a descriptor is ready; return whether we go on."""
    poll = select.poll()
    poll.register(fd, what)
    while not given_up.is_set():
        if poll.poll(_LOOK * 1000):
            return True
    return False


async def beside(work: Callable[..., Value], *arguments: object) -> Value:
    """Do one of the above beside an event loop; give it up when we are cancelled."""
    import asyncio  # late: scripts have no loop

    from hmp.frontends.aside import aside

    given_up = threading.Event()
    doing = asyncio.ensure_future(aside(work, *arguments, given_up))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        given_up.set()
        # it has the file no more when we return, unless the system holds it
        await asyncio.wait([doing], timeout=2 * _LOOK)
        doing.cancel()
        raise
