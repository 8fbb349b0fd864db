"""Requests to a running ssh, over its control socket.

OpenSSH describes the messages in its file PROTOCOL.mux: packets of a length and 32-bit
numbers and strings. In them a path is any string of bytes, while
``ssh -O forward`` would interpret parts of it; and no process has to be started.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# numbers of messages, by OpenSSH's PROTOCOL.mux
_HELLO, _VERSION = 0x00000001, 4
_NEW_SESSION, _OPEN_FORWARD, _CLOSE_FORWARD = 0x10000002, 0x10000006, 0x10000007
_OK, _EXIT_STATUS, _SESSION_OPENED = 0x80000001, 0x80000004, 0x80000006
_PERMISSION_DENIED, _FAILURE = 0x80000002, 0x80000003
# MUX_FWD_LOCAL: from here to there
_LOCAL = 1
_SOCKET_PATH = 0xFFFFFFFE
"""The port number that says that the host is the path of a Unix socket."""
# no character ends the session, as ~ would on a terminal
_NO_ESCAPE = 0xFFFFFFFF
_ID = 1
_LONGEST_REPLY = 1 << 20
# bytes; a program of another host could print without end
_MOST_OUTPUT = 1 << 26


class MuxError(Exception):
    """The master refuses; the text is its reason."""


class Destination(NamedTuple):
    """Where a forward leads: a Unix socket's path with port 0, or a TCP host and port."""

    host: str
    port: int = 0


class Mux:
    """A connection to the master at a control socket; limit: seconds for each request.

    Every method raises OSError when the master has gone or does not answer, and MuxError.
    """

    def __init__(self, path: str, limit: float) -> None:
        self._deadline = monotonic() + limit
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(path)
            self._send(_HELLO, _VERSION)
            kind, fields = self._receive()
            if kind != _HELLO or fields[:4] != struct.pack(">I", _VERSION):
                raise MuxError("it speaks another version of the protocol")
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Mux:
        return self

    def __exit__(self, *args: object) -> None:
        self._socket.close()

    def open_forward(self, path: str, to: Destination) -> None:
        """Listen on a Unix socket here, and forward its connections."""
        self._forward(_OPEN_FORWARD, path, to)

    def close_forward(self, path: str, to: Destination) -> None:
        """Stop listening; connections stay."""
        self._forward(_CLOSE_FORWARD, path, to)

    def _forward(self, kind: int, path: str, to: Destination) -> None:
        far = to.host, to.port or _SOCKET_PATH
        self._send(kind, _ID, _LOCAL, path, _SOCKET_PATH, *far)
        self._expect(_OK)

    def run(self, command: str, data: bytes = b"") -> bytes:
        """Run a command of the login shell with an input; return its output.

        What it writes to its standard error is dropped. The input must fit into a pipe.
        """
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        errors = os.open(os.devnull, os.O_WRONLY)
        try:
            # no terminal, X11, agent or subsystem
            self._send(_NEW_SESSION, _ID, "", 0, 0, 0, 0, _NO_ESCAPE, "", command)
            for fd in (theirs_in, theirs_out, errors):
                # the protocol has a message for each
                socket.send_fds(self._socket, [b"\0"], [fd])
            # our copy of the far end would keep the output from ending
            for fd in (theirs_in, theirs_out, errors):
                os.close(fd)
            theirs_in = theirs_out = errors = -1
            self._expect(_SESSION_OPENED)
            with suppress(BrokenPipeError):
                os.write(ours_in, data)
            os.close(ours_in)
            ours_in = -1
            return b"".join(self._output(ours_out))
        finally:
            for fd in (theirs_in, ours_in, ours_out, theirs_out, errors):
                if fd >= 0:
                    os.close(fd)

    def _output(self, fd: int) -> Iterator[bytes]:
        """Yield the data of a pipe until its end. Raises OSError."""
        left = _MOST_OUTPUT
        while left > 0:
            if not select.select([fd], [], [], max(self._deadline - monotonic(), 0))[0]:
                raise TimeoutError
            data = os.read(fd, 1 << 16)
            if not data:
                return
            left -= len(data)
            yield data

    def _send(self, *fields: int | str) -> None:
        packed = b"".join(map(_pack, fields))
        self._socket.settimeout(max(self._deadline - monotonic(), 0.001))
        self._socket.sendall(struct.pack(">I", len(packed)) + packed)

    def _expect(self, wanted: int) -> None:
        """Wait for the reply to the request. Raises MuxError, OSError."""
        kind, fields = self._receive()
        if kind == wanted:
            return
        if kind in (_PERMISSION_DENIED, _FAILURE):
            # after the number of the request and the length of the text
            raise MuxError(fields[8:].decode(errors="replace"))
        raise MuxError(f"it sends a reply of an unknown kind: {kind:#x}")

    def _receive(self) -> tuple[int, bytes]:
        """Return the next packet's kind and the rest."""
        (size,) = struct.unpack(">I", self._exactly(4))
        if not 4 <= size <= _LONGEST_REPLY:
            raise MuxError("it does not speak ssh's protocol")
        packet = self._exactly(size)
        return int.from_bytes(packet[:4], "big"), packet[4:]

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            self._socket.settimeout(max(self._deadline - monotonic(), 0.001))
            part = self._socket.recv(size - len(data))
            if not part:
                raise ConnectionResetError("ssh has ended")
            data += part
        return data


def _pack(field: int | str) -> bytes:
    if isinstance(field, int):
        return struct.pack(">I", field)
    data = os.fsencode(field)
    return struct.pack(">I", len(data)) + data
