"""Removes telnet commands from a client's input (RFC 854), without I/O.

prompt_toolkit has a telnet server, too; but it keeps a client's input in memory without
limit, logs it to the operator, and blocks on a client that does not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# commands of RFC 854
_SE, _SB, _WILL, _WONT, _DO, _DONT, _IAC = 240, 250, 251, 252, 253, 254, 255
_INTERRUPT = 244
# options of RFC 857, 858, 1091, 1073 and 1184
_ECHO, _GO_AHEAD, _TERMINAL_TYPE, _WINDOW_SIZE, _LINE_MODE = 1, 3, 24, 31, 34
# of a subnegotiation about the type of the terminal
_IS, _SEND = 0, 1
_LONGEST = 64
"""The longest accepted subnegotiation, in bytes."""

# up to IAC SE; of other bytes, only IAC needs another one after it
_SUBNEGOTIATION = re.compile(rb"((?:[^\xff]|\xff[^\xf0])*)\xff\xf0", re.DOTALL)


class TelnetDecoder:
    """Takes telnet commands out of a stream, and handles the relevant ones.

    characters: whether the client should send each key as it is pressed, and leave the
    echo to us. columns, lines, terminal: the client's terminal, as it reports it.
    on_change: called after a report. An interrupt becomes the key Ctrl-C.
    """

    def __init__(self, *, characters: bool = False) -> None:
        self.characters = characters
        self.columns = 80
        self.lines = 24
        self.terminal = ""
        self.on_change: Callable[[], None] = lambda: None
        self._rest = b""

    def offer(self) -> bytes:
        """Return the first bytes to send: the options that we want."""
        wanted = [(_WILL, _GO_AHEAD)]
        if self.characters:
            # so that each key arrives at once, and only our prompt draws it
            wanted += [(_WILL, _ECHO), (_DONT, _LINE_MODE)]
            wanted += [(_DO, _WINDOW_SIZE), (_DO, _TERMINAL_TYPE)]
        offer = b"".join(bytes((_IAC, *want)) for want in wanted)
        if self.characters:
            offer += bytes((_IAC, _SB, _TERMINAL_TYPE, _SEND, _IAC, _SE))
        return offer

    def feed(self, data: bytes) -> bytes:
        """Decode bytes from the client; return its input without telnet commands."""
        data, self._rest = self._rest + data, b""
        if b"\xff" not in data and b"\0" not in data:
            return data
        plain: list[bytes] = []
        start = 0
        while (found := data.find(b"\xff", start)) >= 0:
            plain.append(data[start:found])
            end = self._command(data, found, plain)
            if end is None:
                self._rest = data[found:]
                start = len(data)
                break
            start = end
        plain.append(data[start:])
        # telnet sends the Return key as CR NUL
        return b"".join(plain).replace(b"\0", b"")

    def _command(self, data: bytes, start: int, plain: list[bytes]) -> int | None:
        """Handle a command; return its end, or None if it is incomplete."""
        code = data[start + 1 : start + 2]
        if not code:
            return None
        if code[0] == _SB:
            return self._subnegotiation(data, start)
        if _WILL <= code[0] <= _DONT:
            # answers to our offers, or offers of its own, which change nothing here
            return start + 3 if len(data) > start + 2 else None
        if code[0] == _IAC:
            plain.append(b"\xff")
        elif code[0] == _INTERRUPT:
            plain.append(b"\x03")
        return start + 2

    def _subnegotiation(self, data: bytes, start: int) -> int | None:
        match = _SUBNEGOTIATION.match(data, start + 2)
        if match is None:
            # an overlong one is dropped; its remaining bytes count as input
            return None if len(data) - start < _LONGEST else len(data)
        body = match[1].replace(b"\xff\xff", b"\xff")
        if body[:1] == bytes((_WINDOW_SIZE,)) and len(body) == 5:
            self._take_size(body)
            self.on_change()
        elif body[:2] == bytes((_TERMINAL_TYPE, _IS)):
            self._take_terminal(body[2:])
            self.on_change()
        return match.end()

    def _take_size(self, body: bytes) -> None:
        columns = int.from_bytes(body[1:3], "big")
        lines = int.from_bytes(body[3:5], "big")
        # no real terminal has zero or millions of cells
        self.columns = min(columns, 500) if columns else 80
        self.lines = min(lines, 200) if lines else 24

    def _take_terminal(self, name: bytes) -> None:
        if re.fullmatch(rb"[A-Za-z0-9._+-]{1,40}", name):
            self.terminal = name.decode().lower()
