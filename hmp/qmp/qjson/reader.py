"""The JSON that QEMU accepts from its clients: bytes to messages, without I/O.

As observed with QEMU 7.2 and 10.0: a message ends when its braces and brackets are
balanced, or at a closing one too many. Only then is an error in it reported, in QEMU's
words, and the next message begins. Integers are exact up to 64 bits, and floating point
beyond; duplicate keys are errors; size, count and depth are limited. (QEMU 11.1 answers
the same input with errors of the same class, but with line and column, some other words,
and fewer errors after a limit.)
"""

from __future__ import annotations

import json
import re
from typing import Final

from hmp.qmp.qjson.strings import StringError, decode_string
from hmp.qmp.qjson.tokens import (
    KEYWORD,
    STRING,
    STRUCTURE,
    Lexer,
    MalformedError,
    parse_error,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TOTAL_LIMIT = 64 << 20
"""The maximum total of bytes in the tokens of a message."""
COUNT_LIMIT = 2 << 20
"""The maximum of tokens in a message."""
DEPTH_LIMIT = 1024
"""The maximum of braces and brackets open at once."""

_PORTION = 4096
"""Tokens that are read before other clients' turn."""
_SHORT = 1 << 20
"""The size of a piece below which no message can exceed a limit other than the depth."""
# input that Python's parser treats differently: invalid escapes or characters, 0e1
_PECULIAR = re.compile(rb"[\x80-\xff]|\\u|0[eE]")
_BLANKS = re.compile(r"[ \t\r\n]*")


class Sign:
    """Results of `Reader.next` other than a message."""

    def __init__(self, meaning: str) -> None:
        self.meaning = meaning

    def __repr__(self) -> str:
        return self.meaning


NOTHING: Final = Sign("NOTHING")
"""More input is needed for the next message."""
BUSY: Final = Sign("BUSY")
"""More input is left to read; call again after other clients' turn."""


class Reader:
    """Turns the pieces that a stream delivers into messages.

    Python's own parser reads well-formed input; ours is used only if that one fails or
    would accept input that QEMU doesn't.
    """

    def __init__(self) -> None:
        self._lexer = Lexer()
        self._message = _Message()
        self._piece = b""
        self._text: str | None = None  # the piece's text, if Python's parser can read it

    def feed(self, data: bytes) -> None:
        """Add a piece of the stream."""
        rest = self._piece[self._lexer.position :]
        self._piece = piece = rest + data if rest else data
        self._lexer.feed(piece)
        plain = len(piece) <= _SHORT and not _PECULIAR.search(piece)
        shallow = piece.count(b"[") + piece.count(b"{") <= DEPTH_LIMIT
        self._text = piece.decode("ascii") if plain and shallow else None

    @property
    def waiting(self) -> int:
        """The number of received bytes not yet read."""
        return len(self._piece) - self._lexer.position

    def next(self) -> Any:
        """Return the next message, which may be any JSON value.

        NOTHING and BUSY stand for no message. Raises MalformedError for invalid input;
        the next call continues after it.
        """
        # only from the start of a message: Python's parser cannot continue one that ours
        # has begun
        if self._text is not None and self._message.count == 0 and self._lexer.between:
            value = self._by_python(self._text)
            if value is not NOTHING:
                return value
        for _ in range(_PORTION):
            try:
                token = self._lexer.take()
                if token is None:
                    return NOTHING
                self._message.add(*token)
            except MalformedError:
                self._message = _Message()
                raise
            if self._message.whole:
                message, self._message = self._message, _Message()
                return message.value()
        return BUSY

    def _by_python(self, text: str) -> Any:
        blanks = _BLANKS.match(text, self._lexer.position)
        start = blanks.end() if blanks else 0
        # a client sends objects; what QEMU says of anything else is left to our parser
        if text[start : start + 1] != "{":
            return NOTHING
        try:
            value, self._lexer.position = _decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            # incomplete or unlike QEMU's JSON, and most likely the rest is as well
            self._text = None
            return NOTHING
        return value


def read_text(text: str) -> Any:
    """Return the value of a text as QEMU reads it; None if it cannot be read."""
    reader = Reader()
    reader.feed(text.encode(errors="surrogateescape"))
    try:
        while (value := reader.next()) is BUSY:
            pass
    except MalformedError:
        return None
    return None if value is NOTHING else value


def _integer(text: str) -> int | float:
    """Return an integer if 64 bits hold it, or else the nearest floating point number."""
    # most integers are small, and `int` of a text is quadratic in its length
    if len(text) < 19:
        return int(text)
    if len(text) < 21 and -(1 << 63) <= int(text) < 1 << 64:
        return int(text)
    return float(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("duplicate key")
    return made


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not valid JSON")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_constant=_no_constant
)

# the next expected part of a message
_VALUE, _FIRST_ITEM, _FIRST_KEY, _COLON, _NEXT_ITEM, _NEXT_KEY = range(6)
_KEYWORDS = {b"true": True, b"false": False, b"null": None}


class _Message:
    """A message that is assembled token by token.

    count: the number of its tokens. whole: whether it has ended, valid or not.
    """

    def __init__(self) -> None:
        self.count = 0
        self.whole = False
        self._size = 0
        self._braces = 0
        self._brackets = 0
        self._wants = _VALUE
        self._value: Any = None
        self._error: MalformedError | None = None
        # the open lists, and dicts with the key whose value is next
        self._open: list[list[Any] | tuple[dict[str, Any], list[str]]] = []

    def value(self) -> Any:
        """Return the value of the whole message. Raises MalformedError."""
        if self._error is not None:
            raise self._error
        return self._value

    def add(self, kind: int, token: bytes) -> None:
        """Add the next token. Raises MalformedError if a limit is exceeded."""
        self._count(kind, token)
        if self._error is not None:
            return
        try:
            if self._wants <= _FIRST_KEY:
                self._begin(kind, token)
            else:
                self._go_on(token)
        except MalformedError as error:
            # reported at the message's end, as in QEMU
            self._error = error
            self._open.clear()

    def _count(self, kind: int, token: bytes) -> None:
        self.count += 1
        self._size += len(token)
        if kind == STRUCTURE:
            self._braces += (token == b"{") - (token == b"}")
            self._brackets += (token == b"[") - (token == b"]")
        if self._size > TOTAL_LIMIT:
            raise MalformedError("JSON token size limit exceeded")
        if self.count > COUNT_LIMIT:
            raise MalformedError("JSON token count limit exceeded")
        if self._braces + self._brackets > DEPTH_LIMIT:
            raise MalformedError("JSON nesting depth limit exceeded")
        # A bracket that closes a brace makes one count negative, which ends the message as
        # in QEMU: it does not match brackets with each other until the message is whole.
        low, high = sorted((self._braces, self._brackets))
        self.whole = low < 0 or high == 0

    def _begin(self, kind: int, token: bytes) -> None:
        """Handle a token where a value may begin."""
        if kind == STRUCTURE:
            if token == b"[":
                self._open.append([])
                self._wants = _FIRST_ITEM
            elif token == b"{":
                self._open.append(({}, []))
                self._wants = _FIRST_KEY
            elif (token, self._wants) in ((b"]", _FIRST_ITEM), (b"}", _FIRST_KEY)):
                self._close()
            else:
                raise parse_error("expecting value")
        else:
            self._put(_scalar(kind, token))

    def _go_on(self, token: bytes) -> None:
        """Handle a token after a value or a key."""
        if self._wants == _COLON:
            if token != b":":
                raise parse_error("missing : in object pair")
            self._wants = _VALUE
        elif token == b",":
            self._wants = _VALUE
        elif token == (b"]" if self._wants == _NEXT_ITEM else b"}"):
            self._close()
        else:
            what = "list" if self._wants == _NEXT_ITEM else "dict"
            raise parse_error(f"expected separator in {what}")

    def _close(self) -> None:
        closed = self._open.pop()
        self._put(closed[0] if isinstance(closed, tuple) else closed)

    def _put(self, value: Any) -> None:
        """Add a value to the innermost open list or dict."""
        if not self._open:
            self._value = value
        elif isinstance(around := self._open[-1], list):
            around.append(value)
            self._wants = _NEXT_ITEM
        elif not around[1]:
            if not isinstance(value, str):
                raise parse_error("key is not a string in object")
            around[1].append(value)
            self._wants = _COLON
        else:
            made, key = around[0], around[1].pop()
            # QEMU refuses these, while Python's own json takes the last one
            if key in made:
                raise parse_error("duplicate key")
            made[key] = value
            self._wants = _NEXT_KEY


def _scalar(kind: int, token: bytes) -> Any:
    """Return the value of a token. Raises MalformedError."""
    if kind == STRING:
        try:
            return decode_string(token)
        except StringError as error:
            raise parse_error(str(error)) from None
    if kind == KEYWORD:
        if token not in _KEYWORDS:
            raise parse_error(f"invalid keyword '{token.decode()}'")
        return _KEYWORDS[token]
    text = token.decode()
    return float(text) if re.search("[.eE]", text) else _integer(text)
