"""The wire codec of QMP, without I/O: bytes to messages and back.

QMP messages are JSON objects. QEMU sends one per line, or several lines per message
if its monitor has ``pretty=on``; a server may send them in any chunks. The
decoder finds the end of a message by its brackets, with a fast path for the usual
case, complete messages in one chunk.

Ctrl-C may raise KeyboardInterrupt between any two bytecodes. So the decoder
computes its next state separately and sets it in one assignment: an interrupted
call can be repeated, and no byte is lost.
"""

from __future__ import annotations

import gc
import json
import re
from functools import lru_cache

from hmp.qmp.secrets import mask_reply, tells_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hmp.qmp.long_messages import Parser

    Message = dict[str, Any]

SIZE_LIMIT = 128 << 20
"""The maximum size of a message, in bytes; to copy it is one step, deaf to Ctrl-C."""

_LARGE = 1 << 18
"""The bytes of a message that takes long to decode."""
_PIECE = 1 << 18
"""The bytes of an incomplete message that are searched for secrets together."""
_NEAR = 4096
"""The most bytes of what announces a secret, such as a member's name with its colon."""

_BRACE = ord("{")
_INFINITY = float("inf")  # as in `math`, which costs each start 0.5 %
# the state of a scan: outside of strings, within one, or after a backslash in one
_OUTSIDE, _STRING, _ESCAPE = range(3)

# the loop is not possessive: Python up to 3.11.4 gets that wrong where \\. may fail
_WITHIN = rb'[^"\\]*+(?:\\.[^"\\]*+)*'
# `re` compiles these when they are first used: QEMU's usual messages need none of them
_REST_OF_STRING = rb"(?s)" + _WITHIN + rb'("|\\?)'
_TOKEN = rb'(?s)[{}\[\]]|"' + _WITHIN + rb'("|\\?)'
_BLANKS = rb"[ \t\r\n]*+"
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class DecodeError(ValueError):
    """Bytes that are not a message; the text shows their beginning."""


def _finite(text: str) -> float:
    # 1e999 would become infinity, which no JSON can hold when it is sent on
    value = float(text)
    if abs(value) == _INFINITY:
        raise ValueError(f"{text} is too large")
    return value


def _no_constant(text: str) -> float:
    raise ValueError(f"JSON has no {text}")


def _same(value: Message) -> Message:
    return value


def _integer(text: str) -> int:
    return int(text)


_decode = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant).raw_decode
# signals are handled, and other threads run, whenever the parser calls Python functions
_decode_large = json.JSONDecoder(
    object_hook=_same,
    parse_float=_finite,
    parse_int=_integer,
    parse_constant=_no_constant,
).raw_decode


def _decoder_of(data: bytes) -> Parser:
    """Return what decodes a large message without holding up Ctrl-C."""
    from hmp.qmp.long_messages import holds_up, in_pieces  # late: few are so long

    if not holds_up(data):
        return _decode_large
    return in_pieces(json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant))


def encode(message: Message) -> bytes:
    """Return the message as one line, with its end.

    It is compact, since QEMU reads a client's bytes one by one, at about 4 µs each.
    Raises ValueError for what JSON cannot hold: NaN, infinity.
    """
    return _encode(message).encode() + b"\n"


@lru_cache(256)
def encode_head(command: str) -> bytes:
    """Return a request without arguments, the most common kind, up to its id."""
    return encode({"execute": command, "id": 0})[: -len(b"0}\n")]


class _Scan:
    """How far the chunks of an incomplete message were scanned; immutable.

    chunks: their number. size: theirs, in bytes. depth: of open brackets. place: the
    state at the end of the last chunk. search: for secrets.
    """

    __slots__ = ("chunks", "depth", "place", "search", "size")

    def __init__(
        self, chunks: int, size: int, depth: int, place: int, search: _Search
    ) -> None:
        self.chunks = chunks
        self.size = size
        self.depth = depth
        self.place = place
        self.search = search


class _Search:
    """How far the chunks of an incomplete message were searched for secrets; immutable.

    Chunks are searched as they arrive: to search a large message as a whole would hold up
    Ctrl-C. chunks, size: those that were searched. found: whether there may be any. tail:
    the end of the last one.
    """

    __slots__ = ("chunks", "found", "size", "tail")

    def __init__(
        self, chunks: int = 0, size: int = 0, tail: bytes = b"", found: bool = False
    ) -> None:
        self.chunks = chunks
        self.size = size
        self.tail = tail
        self.found = found

    def through(self, chunks: list[bytes], size: int) -> _Search:
        """Search the rest of these chunks, of so many bytes together."""
        if self.found:
            return self
        data = b"".join([self.tail, *chunks[self.chunks :]])
        return _Search(len(chunks), size, data[-_NEAR:], tells_secrets(data))


_NOTHING = _Scan(0, 0, 0, _OUTSIDE, _Search())


class Decoder:
    """Turns the chunks of a stream into messages; masks: star out what is secret."""

    __slots__ = ("_limit", "_state", "masks")

    def __init__(self, limit: int = SIZE_LIMIT) -> None:
        self.masks = True
        self._limit = limit
        # incomplete or new chunks; messages, the first one last; and how far the chunks
        # were scanned
        self._state: tuple[list[bytes], list[Message], _Scan] = ([], [], _NOTHING)

    @property
    def chunks(self) -> list[bytes]:
        """The list that takes the next chunk of the stream."""
        return self._state[0]

    @property
    def is_long(self) -> bool:
        """Whether `messages` may take long: a large message has begun."""
        _, messages, scan = self._state
        return not messages and scan.size > _LARGE

    def messages(self) -> list[Message]:
        """Return the decoded messages in reverse order.

        Pop a message to take it. The list is empty if more chunks are needed. Raises
        DecodeError, on every call, for bytes that cannot be part of a message.
        """
        while True:
            chunks, messages, scan = self._state
            if messages or len(chunks) == scan.chunks:
                return messages
            if scan.chunks:
                self._go_on(chunks, scan)
            else:
                self._begin(chunks)

    def _begin(self, chunks: list[bytes]) -> None:
        """Scan a chunk that begins with a message, and take the complete ones."""
        chunk = chunks[0]
        found: list[Message] = []
        scan = _NOTHING
        start = _take_ascii(chunk, found)
        try:
            while start < len(chunk) and (start := _skip_blanks(chunk, start)) < len(chunk):
                end, depth, place = _find_end(chunk, start, 0, _OUTSIDE)
                if end == 0:
                    size = len(chunk) - start
                    scan = self._scanned(_Scan(1, size, depth, place, _Search()))
                    break
                found.append(_message(chunk[start:end]))
                start = end
        except DecodeError:
            if not found:
                raise
            # the messages before it come first
        if self.masks and tells_secrets(chunk):
            found = _without_secrets(found)
        found.reverse()
        rest = [chunk[start:]] if start < len(chunk) else []
        # the one step that takes effect; Ctrl-C before it leaves all as it was
        self._state = [*rest, *chunks[1:]], found, scan

    def _go_on(self, chunks: list[bytes], scan: _Scan) -> None:
        """Scan a further chunk of a message."""
        chunk = chunks[scan.chunks]
        end, depth, place = _find_end(chunk, 0, scan.depth, scan.place)
        count, search = scan.chunks + 1, scan.search
        if end == 0:
            size = scan.size + len(chunk)
            if self.masks and size - search.size >= _PIECE:
                search = search.through(chunks[:count], size)
            scan = self._scanned(_Scan(count, size, depth, place, search))
            self._state = chunks, [], scan
        else:
            whole = [*chunks[: scan.chunks], chunk[:end]]
            found = [_message(b"".join(whole))]
            if self.masks and search.through(whole, scan.size + end).found:
                found = _without_secrets(found)
            # one assignment: before it nothing has been taken, after it all has
            self._state = [chunk[end:], *chunks[count:]], found, _NOTHING

    def _scanned(self, scan: _Scan) -> _Scan:
        """Return a scan whose message is not too large. Raises DecodeError."""
        if scan.size > self._limit:
            raise DecodeError(f"message of more than {self._limit} bytes")
        return scan


def _take_ascii(chunk: bytes, found: list[Message]) -> int:
    """Find the messages at the start of a chunk, the fast way; return their end.

    Python's parser finds the end of a message if it is in the chunk, and all of the chunk
    is ASCII, as QEMU's messages are. The rest is left to the slow way.
    """
    # only then are positions in the text positions in the bytes
    if not chunk.isascii():
        return 0
    text, end = chunk.decode("ascii"), 0
    size = len(text)
    while True:
        start = end
        if not text.startswith("{", start):
            start = _skip_blanks(chunk, start)
            if not text.startswith("{", start):
                return start
        try:
            message, end = _decode(text, start)
        except (ValueError, RecursionError):
            # the careful reader takes over from here, and tells what is wrong
            return start
        found.append(message)
        if text.startswith("\r\n", end):  # QEMU's end of a line
            end += 2
        if end == size:
            return size


def _skip_blanks(chunk: bytes, start: int) -> int:
    match = re.compile(_BLANKS).match(chunk, start)
    return match.end() if match else start


def _find_end(chunk: bytes, start: int, depth: int, place: int) -> tuple[int, int, int]:
    """Follow the brackets of a message from `start` to its end.

    Return the end, 0 if it is not in the chunk; and depth and place at the chunk's end.
    Raises DecodeError if the bytes do not begin a message.
    """
    if depth == 0 and chunk[start] != _BRACE:
        raise DecodeError(f"not a QMP message: {_excerpt(chunk[start:])}")
    if start == len(chunk):
        return 0, depth, place
    if place != _OUTSIDE:
        # a backslash at the end of the last chunk makes any byte part of the string
        match = re.compile(_REST_OF_STRING).match(chunk, start + (place == _ESCAPE))
        if match is None or match[1] != b'"':
            return 0, depth, _ESCAPE if match and match[1] else _STRING
        start = match.end()
    # only brackets outside strings tell where a message ends; the parser checks the rest
    for match in re.compile(_TOKEN).finditer(chunk, start):
        token = match[0]
        if token in b"{[":
            depth += 1
        elif token in b"}]":
            depth -= 1
            if depth == 0:
                return match.end(), 0, _OUTSIDE
        elif match[1] != b'"':
            return 0, depth, _ESCAPE if match[1] else _STRING
    return 0, depth, _OUTSIDE


def _message(data: bytes) -> Message:
    """Parse a message. Raises DecodeError."""
    large = len(data) > _LARGE
    # with many new objects, the collector would look at all of them again and again
    collects = large and gc.isenabled()
    try:
        if collects:
            gc.disable()
        decode: Parser = _decoder_of(data) if large else _decode
        message: Message = decode(data.decode(), 0)[0]
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"not a QMP message: {_excerpt(data)}") from error
    finally:
        if collects:
            # the collector would look through all of them at once, if they were not old
            gc.freeze()
            gc.unfreeze()
            gc.enable()
    return message


def _without_secrets(found: list[Message]) -> list[Message]:
    """Return messages with their secrets starred out. Raises DecodeError."""
    try:
        return [mask_reply(message) for message in found]
    except RecursionError as error:
        raise DecodeError("a QMP message that is nested too deeply") from error


def _excerpt(data: bytes) -> str:
    """Return the beginning of the first line, sanitised."""
    line = data[:60].split(b"\n")[0].strip()
    return ascii(line.decode("latin-1"))
