"""The protocol of ssh's control socket, against a master that misbehaves."""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmp.targets.ssh_mux import Destination, Mux, MuxError
from tests.fakes import LIMIT

HELLO = struct.pack(">III", 8, 1, 4)
OK = struct.pack(">III", 8, 0x80000001, 1)
REASON = b"Port forwarding failed"
FAILURE = struct.pack(">IIII", 12 + len(REASON), 0x80000003, 1, len(REASON)) + REASON


@contextmanager
def mastering(path: str, *replies: bytes) -> Iterator[list[bytes]]:
    """Serve one client: send the first reply at once, each other one after a request."""
    received: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            sock, _ = listening.accept()
            with sock:
                for number, reply in enumerate(replies):
                    if number:
                        size = sock.recv(4, socket.MSG_WAITALL)
                        left = int.from_bytes(size, "big")
                        received.append(size + sock.recv(left, socket.MSG_WAITALL))
                    sock.sendall(reply)
                # what it has not read would make the end of the stream an error
                sock.shutdown(socket.SHUT_WR)
                sock.settimeout(LIMIT)
                while sock.recv(1 << 16):
                    pass

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield received
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(LIMIT)
            Path(path).unlink()


def forward(path: str, limit: float = LIMIT) -> None:
    """Ask for a forward."""
    with Mux(path, limit) as mux:
        mux.open_forward("/here", Destination("/there: 100% $(x)"))


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A path for a socket."""
    return str(tmp_path_factory.mktemp("m") / "s")


def test_a_forward(path: str) -> None:
    """A path goes as it is."""
    with mastering(path, HELLO, b"", OK) as received:
        forward(path)
        here, there = b"/here", b"/there: 100% $(x)"

    assert b"".join(received) == HELLO + b"".join(
        (
            struct.pack(">IIII", 28 + len(here) + len(there), 0x10000006, 1, 1),
            struct.pack(">I", len(here)) + here + struct.pack(">I", 0xFFFFFFFE),
            struct.pack(">I", len(there)) + there + struct.pack(">I", 0xFFFFFFFE),
        )
    )


@pytest.mark.parametrize(
    ("replies", "kind", "reason"),
    [
        ([HELLO, b"", FAILURE], MuxError, "Port forwarding failed"),
        ([HELLO, b"", HELLO], MuxError, "it sends a reply of an unknown kind: 0x1"),
        ([struct.pack(">III", 8, 1, 5)], MuxError, "another version of the protocol"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], MuxError, "does not speak ssh's protocol"),
        ([b"\0\0\0\0"], MuxError, "does not speak ssh's protocol"),
        ([HELLO, b""], ConnectionError, "^"),
        ([HELLO[:5]], ConnectionError, "^"),
        ([b""], ConnectionError, "^"),
    ],
)
def test_refusals(
    path: str, replies: list[bytes], kind: type[Exception], reason: str
) -> None:
    """The text is the master's reason."""
    with mastering(path, *replies), pytest.raises(kind, match=reason):
        forward(path)


def test_no_master(path: str) -> None:
    """There is no such socket, or it does not answer."""
    with pytest.raises(FileNotFoundError):
        forward(path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        with pytest.raises(TimeoutError):
            forward(path, 0.1)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.booleans())
def test_any_bytes(replies: list[bytes], greets: bool) -> None:
    """Whatever a master sends, the error is one of the two kinds."""
    with tempfile.TemporaryDirectory(prefix="hmpm") as folder:
        path = f"{folder}/s"
        made = [HELLO, *replies] if greets else replies
        with mastering(path, *made), suppress(OSError, MuxError):
            forward(path, 0.05)
