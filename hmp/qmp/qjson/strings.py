"""Strings in QEMU's JSON: decoding them, and showing any bytes in errors.

QEMU accepts UTF-8 in which a NUL may be written as C0 80, and rejects Unicode's
noncharacters. Without I/O; `hmp.qmp.qjson.reader` uses it.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress

_decode = json.JSONDecoder().decode
_QUOTE = ord('"')
# U+FDD0 to U+FDEF, and the last two of each plane: Python takes them, QEMU does not
_NOT_CHARACTERS = "[\ufdd0-\ufdef{}]".format(
    "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
)
# how QEMU writes a NUL within a string of C: UTF-8 that is too long by a byte
_NUL = b"\xc0\x80"
# one sequence, valid or not: as many bytes as its first one announces, if present
_SEQUENCE = re.compile(
    rb"[\x00-\x7f]+|[\xc0-\xdf][\x80-\xbf]?|[\xe0-\xef][\x80-\xbf]{0,2}"
    rb"|[\xf0-\xf7][\x80-\xbf]{0,3}|[\xf8-\xfb][\x80-\xbf]{0,4}"
    rb"|[\xfc\xfd][\x80-\xbf]{0,5}|[\x80-\xbf\xfe\xff]"
)
# text, or an escape; of \u only the beginning, as pairs of surrogates belong together
_PIECE = re.compile(rb"[^\\]+|\\(?:u|([\s\S]))")
_UNICODE = re.compile(rb"\\u([0-9a-fA-F]{4})")
_ESCAPES = dict(zip(b"\"'\\/bfnrt", "\"'\\/\b\f\n\r\t", strict=True))


class StringError(ValueError):
    """A string that QEMU rejects; the text is QEMU's reason."""


def decode_utf8(data: bytes) -> str:
    """Return the text of QEMU's variant of UTF-8. Raises StringError."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        try:
            # C0 occurs in no valid UTF-8, so this cannot cut another character in two
            text = data.replace(_NUL, b"\0").decode()
        except UnicodeDecodeError:
            raise StringError("invalid UTF-8 sequence in string") from None
    if not data.isascii() and re.search(_NOT_CHARACTERS, text):
        raise StringError("invalid UTF-8 sequence in string")
    return text


def shown(data: bytes) -> str:
    """Return any bytes as QEMU shows them in an error, up to the first NUL byte."""
    return "".join(map(_shown_sequence, _SEQUENCE.findall(data.partition(b"\0")[0])))


def _shown_sequence(data: bytes) -> str:
    try:
        return decode_utf8(data)
    except StringError:
        # QEMU, too, shows the replacement character
        return "\ufffd"


def decode_string(token: bytes) -> str:
    """Return the text of a string token, quotes and all. Raises StringError."""
    if b"\\" not in token:
        return decode_utf8(token[1:-1])
    if token[0] == _QUOTE and b"\\u" not in token:
        with suppress(ValueError):  # Python reads these the same, and many times faster
            return str(_decode(decode_utf8(token)))
    parts: list[str] = []
    position, end = 1, len(token) - 1
    while position < end:
        match = _PIECE.match(token, position, end)
        assert match is not None
        position = match.end()
        if match[0] == b"\\u":
            text, position = _unicode_escape(token, match.start())
        elif match[1] is not None:
            text = _escape(match[1])
        else:
            text = decode_utf8(match[0])
        parts.append(text)
    return "".join(parts)


def _escape(letter: bytes) -> str:
    try:
        return _ESCAPES[letter[0]]
    except KeyError:
        raise StringError("invalid escape sequence in string") from None


def _unicode_escape(token: bytes, start: int) -> tuple[str, int]:
    """Return the character of one or two ``\\uXXXX``, and its end."""
    first = _UNICODE.match(token, start)
    if first is None:
        # QEMU shows the next four bytes, whatever they are
        wrong = shown(token[start + 2 : start + 6])
        raise StringError(f"\\u{wrong} is not a valid Unicode character")
    code, end = int(first[1], 16), first.end()
    if 0xD800 <= code < 0xDC00:
        second = _UNICODE.match(token, end)
        low = int(second[1], 16) if second else 0
        if second and 0xDC00 <= low < 0xE000:
            code, end = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), second.end()
    if 0xD800 <= code < 0xE000 or re.match(_NOT_CHARACTERS, chr(code)):
        wrong = token[start:end].decode()
        raise StringError(f"{wrong} is not a valid Unicode character")
    return chr(code), end
