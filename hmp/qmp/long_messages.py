"""Decoding large messages in pieces, between which signals are handled.

Python's fast parser reads 12 MB of an object's members, or 60 MB of a text, in one call
that takes 0.3 s, deaf to Ctrl-C. It hears it at the end of each object, if it calls a
function then, but some messages have none for long. They get Python's slow parser, which
takes six times as long for many short values; so those in lists are given to the fast one
in pieces.
"""

from __future__ import annotations

import json.decoder
import json.scanner
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Parser = Callable[[str, int], tuple[Any, int]]

# the stubs of types lack both
_scan: Callable[[str, int, bool], tuple[str, int]] = vars(json.decoder)["scanstring"]
_make_scanner: Callable[[Any], Parser] = vars(json.scanner)["py_make_scanner"]

# a step takes 5 ms or so: who waits for the interpreter may have to wait for several
_PIECE = 1 << 16
_HELD_UP = 1 << 18
"""The bytes that the fast parser may take for one step."""
_MEMBERS = 4096
"""The members of an object that are kept, or released, in one step."""
# a text that holds the same would end with the quote, and no letter could follow that
_OBJECT_ENDS = rb'\}\s*,\s*(?:\{\s*)?"\w'
_SIMPLE = (
    r'(?:[ \t\r\n]*(?:"[^"\\]*(?:\\.[^"\\]*)*"|[-+.\w]+)[ \t\r\n]*,'
    r"(?=[ \t\r\n]*[^] \t\r\n]))+"
)
"""Values that contain no others, each with the comma after it."""
_ESCAPES = 12
"""The longest escape: a pair of surrogates."""


def in_pieces(decoder: json.JSONDecoder) -> Parser:
    """Return the decoder's `raw_decode`, changed to decode in pieces."""
    changed: Any = decoder  # the attributes are those of the module's own scanners
    fast: Parser = changed.scan_once
    whole = changed.parse_array

    def array(rest: tuple[str, int], scan: Parser) -> tuple[list[Any], int]:
        """Decode the array after its bracket; see `json.decoder.JSONArray`."""
        text, start = rest
        values: list[Any] = []
        while match := re.compile(_SIMPLE).match(text, start, start + _PIECE):
            values += fast(f"[{text[start : match.end() - 1]}]", 0)[0]
            start = match.end()
        others, end = whole((text, start), scan)
        return values + others, end

    changed.parse_array = array
    changed.object_pairs_hook = _object
    changed.memo = _Names()
    changed.parse_string = _string
    changed.scan_once = _make_scanner(changed)
    parser: Parser = decoder.raw_decode
    return parser


def holds_up(data: bytes) -> bool:
    """Return whether Python's fast parser may take too long for a step of a message."""
    place = 0
    while len(data) - place > _HELD_UP:
        later = place + _HELD_UP // 2
        match = re.compile(_OBJECT_ENDS).search(data, later, place + _HELD_UP)
        if match is None:
            return True
        place = match.start()
    return False


class _Names(dict[str, str]):
    """The last names of members, since names often repeat; few, to be released at once."""

    def setdefault(self, name: str, default: str) -> str:
        """Return the name as it was seen before, if it was."""
        if len(self) > _MEMBERS:
            self.clear()
        return super().setdefault(name, default)


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, and empty the list of its members, in steps."""
    value: dict[str, Any] = {}
    for start in range(0, len(members), _MEMBERS):
        value.update(members[start : start + _MEMBERS])
    while members:
        del members[-_MEMBERS:]
    return value


def _string(text: str, start: int, strict: bool = True) -> tuple[str, int]:
    """Decode the string that begins at `start`, after its quote; see `scanstring`."""
    close = text.find('"', start, start + _PIECE)
    if close >= 0 and text.find("\\", start, close) < 0:
        return _scan(text, start, strict)
    pieces: list[str] = []
    while len(text) - start > _PIECE:
        found = _piece(text[start : start + _PIECE], strict)
        if found is None:  # it is invalid: the parser says how
            break
        piece, end = found
        pieces.append(piece)
        if end > 0:
            return "".join(pieces), start + end
        start -= end
    piece, end = _scan(text, start, strict)
    return "".join([*pieces, piece]), end


def _piece(text: str, strict: bool) -> tuple[str, int] | None:
    """Decode a piece of a string, and return its value and end.

    The end is after the string's quote; negative if only the piece ends there. None for an
    invalid piece.
    """
    # an escape at the end of the piece is left to the next one
    for size in range(len(text), len(text) - _ESCAPES, -1):
        try:
            value, end = _scan(text[:size] + '"', 0, strict)
        except ValueError:
            continue
        if end <= size:
            return value, end
        if not "\ud800" <= value[-1] <= "\udbff":
            return value, -size
    return None
