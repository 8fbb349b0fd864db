"""Strings of a machine, made harmless before they reach a terminal.

Control characters, and the characters that reorder or hide text, are shown as
escapes (``\\x1b``); line ends and tabs stay. Nothing is removed, so that what a
guest sends can be seen for what it is.
"""

import re

_LIVE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def sanitise(text: str) -> str:
    """Return the text with what could drive a terminal shown as escapes."""
    return re.sub(_LIVE, _escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
