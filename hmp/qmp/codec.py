"""The wire codec of QMP, without I/O: bytes to messages and back.

QMP messages are JSON objects. QEMU sends one a line, or many lines a message
when its monitor has ``pretty=on``; a client may send them in any chunks. The
decoder finds where a message ends by its brackets, and takes the short way for
the usual case, one message in one line.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SIZE_LIMIT = 256 << 20
"""Bytes of one message that are taken at most."""

_token = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[{}\[\]]', re.DOTALL)
_space = re.compile(rb"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode
_encode = json.JSONEncoder(separators=(", ", ": ")).encode


class DecodeError(ValueError):
    """Bytes that are no message; the text shows their beginning."""


def encode(message: dict[str, Any]) -> bytes:
    """Return the message as one line, with its end."""
    return _encode(message).encode() + b"\n"


@lru_cache(256)
def encode_plain(command: str) -> bytes:
    """Return the request of a command without arguments, the commonest of all."""
    return encode({"execute": command})


class Decoder:
    """Turns the chunks that a stream delivers into messages."""

    __slots__ = ("_buffer", "_depth", "_limit", "_open_string", "_scan")

    def __init__(self, limit: int = SIZE_LIMIT) -> None:
        self._buffer = bytearray()
        self._limit = limit
        self._restart()

    def _restart(self) -> None:
        self._scan = 0
        self._depth = 0
        self._open_string = False

    @property
    def idle(self) -> bool:
        """Whether no part of a message is waiting for its rest."""
        return not self._buffer.strip()

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Take a chunk and yield the messages that it completes.

        Raises DecodeError for bytes that cannot be part of one.
        """
        if not self._buffer and data[-1:] == b"\n":
            try:
                text = data.decode()
                message, end = _decode(text)
            except (ValueError, RecursionError):
                message, end = None, 0
            if isinstance(message, dict) and not text[end:].strip(" \t\r\n"):
                yield message
                return
            # several messages, part of one, or none: look closer
        self._buffer += data
        if not self._open_string or b'"' in data:
            while (message := self._take()) is not None:
                yield message
        if len(self._buffer) > self._limit:
            raise DecodeError(f"message of more than {self._limit} bytes")

    def _take(self) -> dict[str, Any] | None:
        """Cut the first message off the buffer; None when it is not whole."""
        if self._scan == 0:
            match = _space.match(self._buffer)
            del self._buffer[: match.end() if match else 0]
            if self._buffer and self._buffer[0] != ord("{"):
                raise DecodeError(f"no QMP message: {_excerpt(self._buffer)}")
            line_end = self._buffer.find(b"\n")
            if line_end > 0:
                try:
                    return self._cut(line_end)
                except DecodeError:
                    pass  # a message over several lines
        end = self._find_end()
        return None if end is None else self._cut(end)

    def _cut(self, end: int) -> dict[str, Any]:
        text = bytes(self._buffer[:end])
        try:
            message: dict[str, Any] = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"no QMP message: {_excerpt(text)}") from error
        del self._buffer[:end]
        self._restart()
        return message

    def _find_end(self) -> int | None:
        """Follow the brackets, from where the last chunk left off."""
        self._open_string = False
        for match in _token.finditer(self._buffer, self._scan):
            token = match.group()
            if token in b"{[":
                self._depth += 1
            elif token in b"}]":
                self._depth -= 1
                if self._depth == 0:
                    return match.end()
            elif not match[1]:
                self._open_string = True
                self._scan = match.start()
                return None
            self._scan = match.end()
        return None


def _excerpt(data: bytes | bytearray) -> str:
    """Return the beginning of the first line, fit to be shown."""
    line = bytes(data[:60]).split(b"\n")[0].strip()
    return ascii(line.decode("latin-1"))
