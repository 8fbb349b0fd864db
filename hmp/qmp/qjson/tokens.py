"""Tokens of QEMU's JSON in a stream that arrives in arbitrary pieces, without I/O.

Bytes come in, tokens and lexical errors come out; `hmp.qmp.qjson.reader` assembles them
into messages. Strings may have single or double quotes. An invalid token is an error in
QEMU's words, after which input is skipped up to the next of ``{}[]:,`` or the end of the
line; each control character on the way is another error. All of this was observed with
QEMU 7.2 and 10.0, which agree.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hmp.qmp.qjson.strings import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Token = tuple[int, bytes]
    """A token: its kind, such as `STRUCTURE`, and its bytes."""

TOKEN_LIMIT = 64 << 20
"""QEMU's limit for the bytes of a token."""

STRUCTURE, STRING, NUMBER, KEYWORD = 1, 2, 3, 4

# between quotes: no control characters, and no bytes that UTF-8 never has
_DOUBLE = rb"(?:[^\"\\\x00-\x1f\xfe\xff]++|\\[\x20-\xfd])*+"
_SINGLE = rb"(?:[^'\\\x00-\x1f\xfe\xff]++|\\[\x20-\xfd])*+"
# groups that may fail in the middle are not possessive: Python up to 3.11.4 gets them wrong
_POWER = rb"(?:[eE][+-]?[0-9]++)?"
_NUMBER = (
    rb"-?(?:0(?:\.[0-9]++" + _POWER + rb")?|[1-9][0-9]*+(?:\.[0-9]++)?" + _POWER + rb")"
)
# a complete token that is certainly well-formed, in the group of its kind
_TOKEN = re.compile(
    rb"[ \t\r\n]*+(?:([{}\[\],:])"
    rb"|(\"" + _DOUBLE + rb"\"|'" + _SINGLE + rb"')"
    # only the next byte shows whether the token ends here
    rb"|(" + _NUMBER + rb")(?=[^0-9.eE])"
    rb"|([a-z]++)(?=[^a-z]))"
)
_SPACE = re.compile(rb"[ \t\r\n]*+")
# what QEMU's lexer passes over after an error, up to a byte at which it starts anew
_SKIPPED = re.compile(rb"[^{}\[\],:\n\r\x00-\x08\x0b\x0c\x0e-\x1f\xfe\xff]*+")
_RESTART = b"{}[],:\r\n"


class MalformedError(Exception):
    """Input that is not a message; the text is QEMU's error."""


def parse_error(what: str) -> MalformedError:
    """Return an error in the words of QEMU's parser."""
    return MalformedError(f"JSON parse error, {what}")


class _State(NamedTuple):
    """A state of the lexer within a token.

    kind: of the token. run: the bytes that keep the state. onward: by the next byte, the
    name of the next state; "end" takes the byte and ends the token. final: whether any
    other byte ends the token, without being part of it; if not, it is an error.
    """

    kind: int
    run: re.Pattern[bytes]
    onward: dict[int, str]
    final: bool


def _state(
    kind: int, run: bytes, onward: Iterable[tuple[bytes, str]], final: bool = False
) -> _State:
    table = {byte: name for many, name in onward for byte in many}
    return _State(kind, re.compile(run), table, final)


_DIGITS = b"0123456789"
_ESCAPED = bytes(range(0x20, 0xFE))
# The same grammar again, byte by byte: a token may continue in a later piece, and an error
# has to name the byte that was wrong. A regular expression tells neither.
_STATES = {
    "minus": _state(NUMBER, b"", [(b"0", "zero"), (b"123456789", "digits")]),
    # no exponent after a lone 0, and no second digit
    "zero": _state(NUMBER, b"", [(b".", "point"), (_DIGITS, "error")], True),
    "digits": _state(NUMBER, b"[0-9]*+", [(b".", "point"), (b"eE", "exponent")], True),
    "point": _state(NUMBER, b"", [(_DIGITS, "fraction")]),
    "fraction": _state(NUMBER, b"[0-9]*+", [(b"eE", "exponent")], True),
    "exponent": _state(NUMBER, b"", [(b"+-", "sign"), (_DIGITS, "power")]),
    "sign": _state(NUMBER, b"", [(_DIGITS, "power")]),
    "power": _state(NUMBER, b"[0-9]*+", [], True),
    "keyword": _state(KEYWORD, b"[a-z]*+", [], True),
    "double": _state(STRING, _DOUBLE, [(b'"', "end"), (b"\\", "double escape")]),
    "single": _state(STRING, _SINGLE, [(b"'", "end"), (b"\\", "single escape")]),
    "double escape": _state(STRING, b"", [(_ESCAPED, "double")]),
    "single escape": _state(STRING, b"", [(_ESCAPED, "single")]),
}
# the state to which a token's first byte leads; any other byte begins none
_FIRST = {
    **dict.fromkeys(b"abcdefghijklmnopqrstuvwxyz", "keyword"),
    **dict.fromkeys(b"123456789", "digits"),
    ord("0"): "zero",
    ord("-"): "minus",
    ord('"'): "double",
    ord("'"): "single",
}


class Lexer:
    """Splits the pieces of a stream into tokens.

    position: the number of bytes of the current piece that are done.
    """

    def __init__(self) -> None:
        self.position = 0
        self._piece = b""
        self._partial = bytearray()  # bytes of a token that began in an earlier piece
        self._state = ""  # of _states, within such a token
        self._recovering = False

    @property
    def between(self) -> bool:
        """Whether the lexer is between two tokens."""
        return not (self._state or self._recovering)

    def feed(self, piece: bytes) -> None:
        """Set the next piece of the stream, after the last one is done."""
        self._piece = piece
        self.position = 0

    def take(self) -> Token | None:
        """Return the next token; None at the end of the piece. Raises MalformedError."""
        if self._recovering and not self._recover():
            return None
        if self._state:
            return self._finish()
        match = _TOKEN.match(self._piece, self.position)
        if match is not None:
            self.position = match.end()
            kind = match.lastindex or 0
            return kind, match[kind]
        return self._finish() if self._begin() else None

    def _begin(self) -> bool:
        """Start the next token; return False without one. Raises MalformedError."""
        space = _SPACE.match(self._piece, self.position)
        self.position = space.end() if space else self.position
        if self.position == len(self._piece):
            return False
        state = _FIRST.get(self._piece[self.position])
        if state is None:
            self._stray()
        else:
            self._state = state
            self._take(self.position + 1)
        return True

    def _take(self, end: int) -> None:
        """Add bytes up to `end` to the token. Raises MalformedError if it is too long."""
        # one byte more than allowed, to see whether the limit is exceeded
        room = TOKEN_LIMIT + 1 - len(self._partial)
        self._partial += self._piece[self.position : min(end, self.position + room)]
        self.position = min(end, self.position + room)
        if len(self._partial) > TOKEN_LIMIT:
            self._state = ""
            self._partial.clear()
            raise MalformedError("JSON token size limit exceeded")

    def _finish(self) -> Token | None:
        """Return the current token if it is complete. Raises MalformedError."""
        while True:
            state = _STATES[self._state]
            run = state.run.match(self._piece, self.position)
            assert run is not None  # all of them also match the empty string
            self._take(run.end())
            if self.position == len(self._piece):
                return None
            onward = state.onward.get(self._piece[self.position])
            if onward is None and state.final:
                break
            if onward is None or onward == "error":
                self._stray()
            self._take(self.position + 1)
            if onward == "end":
                break
            self._state = onward or ""
        token = bytes(self._partial)
        self._partial.clear()
        self._state = ""
        return state.kind, token

    def _stray(self) -> None:
        """Raise MalformedError for a token that ends with an invalid byte."""
        self._partial += self._piece[self.position : self.position + 1]
        text = shown(bytes(self._partial))
        self._partial.clear()
        self._state = ""
        self.position += 1
        self._recovering = True
        raise parse_error(f"stray '{text}'")

    def _recover(self) -> bool:
        """Skip input after an error; return whether that ended. Raises MalformedError."""
        skipped = _SKIPPED.match(self._piece, self.position)
        self.position = skipped.end() if skipped else self.position
        if self.position == len(self._piece):
            return False
        if self._piece[self.position] not in _RESTART:
            self._stray()
        self._recovering = False
        return True
