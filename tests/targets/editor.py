"""A stand-in for QEMU's human monitor: its line editor, on any socket.

It behaves as `tests.qemu.test_human_monitor` sees real ones behave: it reads a byte at a
time, draws the line again for each, and answers a line before it reads on.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

GREETING = b"QEMU 10.2.2 monitor - type 'help' for more information\r\n"
PROMPT = b"(qemu) "
LIMIT = 4095


class Editor:
    """Serves one client.

    answer: returns what is printed for a line; None asks for a password. send: how bytes
    leave. passwords: those that were typed. asking: whether one is awaited.
    """

    def __init__(
        self,
        sock: socket.socket,
        answer: Callable[[bytes], bytes | None],
        send: Callable[[bytes], object] | None = None,
    ) -> None:
        self.socket = sock
        self.answer = answer
        self.send = send or sock.sendall
        self.lines: list[bytes] = []
        self.passwords: list[bytes] = []
        self._line = b""
        self._drawn = 0
        self.asking = False

    def serve(self, greeting: bytes = GREETING + PROMPT) -> None:
        """Greet and answer until the client leaves."""
        with suppress(ConnectionError):
            if greeting:
                self.send(greeting)
            while data := self.socket.recv(1 << 16):
                for value in data:
                    self._key(value)

    def _key(self, value: int) -> None:
        if value in (10, 13):
            self._enter()
        elif value == 0x17:
            self._line = self._line.rstrip(b" ").rpartition(b" ")[0]
        elif value == 8:
            self._line = self._line[:-1]
        elif value >= 32 and len(self._line) < LIMIT:
            self._line += bytes([value])
        if len(self._line) != self._drawn:
            shown = b"*" * len(self._line) if self.asking else self._line
            self.send(b"\x1b[D" * self._drawn + shown + b"\x1b[K")
            self._drawn = len(self._line)

    def _enter(self) -> None:
        line, self._line, self._drawn = self._line, b"", 0
        self.send(b"\r\n")
        if self.asking:
            self.asking = False
            self.passwords.append(line)
            self.send(PROMPT)
            return
        self.lines.append(line)
        reply = self.answer(line)
        self.asking = reply is None
        self.send(b"Password: " if reply is None else reply + PROMPT)
