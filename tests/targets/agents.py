"""A real guest agent on a Unix socket, and one that a test plays."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.fakes import LIMIT

PROGRAM = shutil.which("qemu-ga") or shutil.which("qemu-ga", path="/usr/sbin:/sbin")
_NEVER = (
    "guest-shutdown,guest-suspend-disk,guest-suspend-ram,guest-suspend-hybrid,"
    "guest-fsfreeze-freeze,guest-fsfreeze-freeze-list,guest-set-time,"
    "guest-set-user-password,guest-set-vcpus,guest-set-memory-blocks"
)
"""Commands that would harm the host of the tests, which the agent takes for its guest."""


needs_agent = pytest.mark.skipif(
    PROGRAM is None, reason="no qemu-ga: install qemu-guest-agent"
)


class RealAgent:
    """A qemu-ga for this very host; a context manager. path: its socket."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hmpg"))
        self.path = self.folder / "agent"

    def __enter__(self) -> RealAgent:
        """Start it."""
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        """End it."""
        self._end()
        shutil.rmtree(self.folder)

    def restart(self) -> None:
        """Kill it, and start it again."""
        self._end()
        self.path.unlink()
        self._start()

    def _start(self) -> None:
        assert PROGRAM is not None
        options = ["-p", str(self.path), "-t", str(self.folder), "-b", _NEVER]
        self.process = subprocess.Popen(
            [PROGRAM, "-m", "unix-listen", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = monotonic() + LIMIT
        while not self.path.exists():
            assert self.process.poll() is None
            assert monotonic() < deadline
            sleep(0.02)

    def _end(self) -> None:
        self.process.kill()
        self.process.wait()


INFO = {
    "version": "9.9.1",
    "supported_commands": [
        {"name": name, "enabled": True, "success-response": True}
        for name in ("guest-info", "guest-sync-delimited", "guest-ping", "guest-shutdown")
    ]
    + [{"name": "guest-new-thing", "enabled": True, "success-response": True}]
    + [{"name": "guest-exec", "enabled": False, "success-response": True}],
}


class PlayedAgent:
    """An agent whose replies a test writes: bytes, or None to say nothing.

    answer: called with each request that is neither a synchronisation nor guest-info.
    noise: bytes that stand on the wire before the first reply.
    """

    def __init__(
        self, answer: Callable[[dict[str, Any]], bytes | None], noise: bytes = b""
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hmpg"))
        self.path = self.folder / "agent"
        self.answer = answer
        self.noise = noise
        self.requests: list[dict[str, Any]] = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.listener.listen()
        self.client: socket.socket | None = None
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self.client, _ = self.listener.accept()
                self._talk(self.client)

    def _talk(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines, suppress(OSError):
            client.sendall(self.noise)
            for line in lines:
                request = json.loads(line.rpartition(b"\xff")[2])
                if (reply := self._reply(request)) is not None:
                    client.sendall(reply)

    def _reply(self, request: dict[str, Any]) -> bytes | None:
        if request["execute"] == "guest-sync-delimited":
            number = json.dumps({"return": request["arguments"]["id"]}).encode()
            return b"\xff" + number + b"\n"
        if request["execute"] == "guest-info":
            return json.dumps({"return": INFO}).encode() + b"\n"
        self.requests.append(request)
        return self.answer(request)

    def __enter__(self) -> PlayedAgent:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop listening."""
        self.listener.close()
        if self.client is not None:
            with suppress(OSError):
                self.client.shutdown(socket.SHUT_RDWR)
        shutil.rmtree(self.folder)
