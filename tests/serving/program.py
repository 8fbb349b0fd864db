"""The program itself while it serves, and blocking clients as people have them."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.program import HMP, ROOT

LIMIT = 60.0

Message = dict[str, Any]


class Program:
    """hmp with options; a context manager that ends it when it has not ended.

    It is given lines by `type`, on a pipe. out, err: what it has written so far.
    """

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [*HMP, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.stdin = self.process.stdin
        self._streams = {self.process.stdout: b"", self.process.stderr: b""}
        self._out, self._err = self.process.stdout, self.process.stderr
        self._open = set(self._streams)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()
        self.stdin.close()
        for stream in self._streams:
            stream.close()

    @property
    def out(self) -> str:
        """Its standard output, as far as it was read."""
        return self._streams[self._out].decode()

    @property
    def err(self) -> str:
        """Its standard error, as far as it was read."""
        return self._streams[self._err].decode()

    def type(self, text: str) -> None:
        """Write to its standard input."""
        self.stdin.write(text.encode())
        self.stdin.flush()

    def wait_for(self, text: str) -> None:
        """Read until a text has come on either stream."""
        deadline = time.monotonic() + LIMIT
        while text not in self.out and text not in self.err:
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"never saw {text!r}:\n{self.out}\n{self.err}")

    def drain(self) -> None:
        """Read what there is."""
        while self._read(0) and self._open:
            pass

    def end(self) -> int:
        """Wait until it ends; return its exit status."""
        deadline = time.monotonic() + LIMIT
        while self._read(deadline - time.monotonic()):
            pass
        return self.process.wait(LIMIT)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def _read(self, timeout: float) -> bool:
        """Read what there is, waiting for something; return whether there is an end."""
        if not self._open:
            return False
        ready, _, _ = select.select(list(self._open), [], [], max(timeout, 0))
        for stream in ready:
            data = os.read(stream.fileno(), 1 << 16)
            self._streams[stream] += data
            if not data:
                self._open.discard(stream)
        return bool(ready)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class BlockingClient:
    """A bare client that waits for what it asks for; a context manager."""

    def __init__(self, address: str | int | Path) -> None:
        self.socket = _connected(address)
        self.socket.settimeout(LIMIT)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> BlockingClient:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def send(self, data: bytes | str) -> None:
        """Send bytes."""
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def read(self) -> Message:
        """Return the next message, which stands on a line."""
        message: Message = json.loads(self.file.readline())
        return message

    def negotiate(self) -> None:
        """Begin with QMP."""
        assert "QMP" in self.read()
        assert self.ask("qmp_capabilities") == {"return": {}}

    def ask(self, command: str, /, **arguments: Any) -> Message:
        """Run a command and return the reply; events before it are dropped."""
        self.send(json.dumps({"execute": command, "arguments": arguments}))
        while "event" in (message := self.read()):
            pass
        return message

    def until(self, end: bytes) -> bytes:
        """Read to what ends with these bytes."""
        data = b""
        while not data.endswith(end):
            byte = self.file.read(1)
            assert byte, f"the end came behind {data!r}"
            data += byte
        return data

    def rest(self) -> bytes:
        """Read until the other end closes the connection."""
        return self.file.read()

    def close(self) -> None:
        """Close this end."""
        self.file.close()
        self.socket.close()


def _connected(address: str | int | Path) -> socket.socket:
    """Connect to a path, or a port here, as soon as somebody listens there."""
    where: Any = ("127.0.0.1", address) if isinstance(address, int) else str(address)
    family = socket.AF_INET if isinstance(address, int) else socket.AF_UNIX
    deadline = time.monotonic() + LIMIT
    while True:
        sock = socket.socket(family)
        try:
            sock.connect(where)
        except (FileNotFoundError, ConnectionRefusedError):
            sock.close()
            assert time.monotonic() < deadline, f"nobody listens at {address}"
            time.sleep(0.01)
        else:
            return sock
