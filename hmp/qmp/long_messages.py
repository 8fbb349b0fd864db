"""Decoding very long messages in pieces, between which signals are handled.

Python's fast parser reads 60 MB of text, or of a list of texts, in one call that takes
0.2 s, deaf to Ctrl-C. Its slow one, in Python, takes six times as long for many short
values, so only such messages get it.
"""

from __future__ import annotations

import json.decoder
import json.scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Parser = Callable[[str, int], tuple[Any, int]]

# the stubs of types lack both
_scan: Callable[[str, int, bool], tuple[str, int]] = vars(json.decoder)["scanstring"]
_make_scanner: Callable[[Any], Parser] = vars(json.scanner)["py_make_scanner"]

_PIECE = 1 << 20
_ESCAPES = 12
"""The longest escape: a pair of surrogates."""


def in_pieces(decoder: json.JSONDecoder) -> Parser:
    """Return the decoder's `raw_decode`, changed to decode in pieces."""
    changed: Any = decoder  # the attributes are those of the module's own scanners
    changed.parse_string = _string
    changed.scan_once = _make_scanner(changed)
    parser: Parser = decoder.raw_decode
    return parser


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
