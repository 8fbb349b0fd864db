"""Standard input and output as a transport of the event loop.

They are left in blocking mode, since other processes share them: output is written in
portions that fit whenever the descriptor is writable. Files, which the event loop cannot
wait for, are read and written at once.
"""

from __future__ import annotations

import asyncio
import os
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hmp.serving.base_client import Client

_CHUNK = 1 << 16
_PORTION = select.PIPE_BUF
"""Bytes that a writable pipe or terminal takes without blocking."""
# bytes waiting to be written, above which the client is asked to pause
_HIGH_WATER = 1 << 16


class StdioTransport(asyncio.Transport):
    """Carries a client's bytes over two descriptors."""

    def __init__(self, client: Client, read_fd: int = 0, write_fd: int = 1) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._client = client
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._waiting = bytearray()
        self._reading = False
        self._next_read: asyncio.Handle | None = None  # of a file
        self._at_end = False
        self._writing = False
        self._holds_back = False
        self._closing = False
        self._lost = False

    def begin(self) -> None:
        """Connect the client, and start reading."""
        self._client.connection_made(self)
        self.resume_reading()

    def is_closing(self) -> bool:
        """Whether the transport no longer accepts output."""
        return self._closing

    def resume_reading(self) -> None:
        """Read."""
        if self._reading or self._closing or self._at_end:
            return
        self._reading = True
        try:
            self._loop.add_reader(self._read_fd, self._read)
        # epoll refuses files, which are always ready
        except PermissionError:
            self._next_read = self._loop.call_soon(self._read_file)

    def pause_reading(self) -> None:
        """Pause reading."""
        if not self._reading:
            return
        self._reading = False
        if self._next_read is not None:
            self._next_read.cancel()
            self._next_read = None
        self._loop.remove_reader(self._read_fd)

    def _read_file(self) -> None:
        self._next_read = None
        self._read()
        if self._reading and self._next_read is None:
            self._next_read = self._loop.call_soon(self._read_file)

    def _read(self) -> None:
        try:
            data = os.read(self._read_fd, _CHUNK)
        # another reader of the same terminal or pipe was faster
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            self._client.data_received(data)
            return
        self._at_end = True
        self.pause_reading()
        self._client.eof_received()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write when there is room."""
        if self._closing:
            return
        self._waiting += data
        self._watch()
        if not self._holds_back and len(self._waiting) > _HIGH_WATER:
            self._holds_back = True
            self._client.pause_writing()

    def _watch(self) -> None:
        if self._writing or not self._waiting:
            return
        try:
            self._loop.add_writer(self._write_fd, self._write)
            self._writing = True
        except PermissionError:
            while self._waiting and not self._lost:
                self._write()

    def _write(self) -> None:
        try:
            written = os.write(self._write_fd, self._waiting[:_PORTION])
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.abort()
            return
        del self._waiting[:written]
        if not self._waiting:
            self._unwatch()
            if self._closing:
                self._end()
        if self._holds_back and len(self._waiting) <= _HIGH_WATER:
            self._holds_back = False
            self._client.resume_writing()

    def _unwatch(self) -> None:
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._write_fd)

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes waiting to be written."""
        return len(self._waiting)

    def close(self) -> None:
        """Write the remaining output, and close."""
        if self._closing:
            return
        self._closing = True
        self.pause_reading()
        if not self._waiting:
            self._end()

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self.pause_reading()
        self._waiting.clear()
        self._unwatch()
        self._end()

    def _end(self) -> None:
        if not self._lost:
            self._lost = True
            self._loop.call_soon(self._client.connection_lost, None)
