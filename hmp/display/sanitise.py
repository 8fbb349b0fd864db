"""Strings of a machine, made harmless before they reach a terminal.

Control characters, and the characters that reorder or hide text, are shown as
escapes (``\\x1b``). Nothing is removed, so that the user sees exactly what a guest sends.
`sanitise` is for text of several lines; `one_line` is for a line or a part of one: a name,
a cell, an event, a reason.
"""

from __future__ import annotations

from hmp.language.characters import CONTROL, INVISIBLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

_LIVE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NOT_IN_A_LINE = f"[{CONTROL}{INVISIBLE}]"
# 3 to 8 ms of work for plain text, in which a key of the user waits
_PIECE = 1 << 16
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def sanitise(text: str) -> str:
    """Return the text with characters that control a terminal shown as escapes.

    Line ends and tabs are kept.
    """
    import re

    if len(text) <= _PIECE:
        return re.sub(_LIVE, _escape, text)
    # in pieces: no other thread runs during one call of re
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
    return "".join(re.sub(_LIVE, _escape, piece) for piece in pieces)


def one_line(text: str) -> str:
    """Return the text as one line in which every character is visible.

    Line ends, tabs and invisible characters are shown as escapes as well, so that a name
    can neither start a new line nor look like another name.
    """
    if text.isascii() and text.isprintable():
        return text  # as most are, and the expression takes long to compile
    import re

    return re.sub(_NOT_IN_A_LINE, _escape_short, text)


def _escape_short(match: re.Match[str]) -> str:
    return _SHORT.get(match.group()) or _escape(match)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
