"""Words of a monitor line: blanks, plain words and quoted strings.

The rules are those of QEMU's human monitor: blanks are C's ``isspace`` in the C
locale, a word ends at the next blank, a word that begins with ``"`` ends at the
closing quote and knows five escapes, and a word is cut at 1023 bytes.
"""

import re

BLANKS = " \t\n\v\f\r"
WORD_LIMIT = 1023
"""Bytes of a word that the monitor keeps; what is longer is cut without a word."""

_ESCAPES = {"n": "\n", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_blanks = re.compile(r"[ \t\n\v\f\r]*")
_plain = re.compile(r"[^ \t\n\v\f\r]+")


class WordError(ValueError):
    """A word that is missing or badly quoted.

    reason: why, for people (QEMU prints it on its own standard output, out of
    the user's sight); empty when nothing was there. column: where, an index
    into the line.
    """

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


def skip_blanks(text: str, start: int) -> int:
    """Return the index of the first character from start that is no blank."""
    match = _blanks.match(text, start)
    return match.end() if match else start


def read_word(text: str, start: int) -> tuple[str, int]:
    """Read the word at start, where no blank stands.

    Returns its value, unquoted, and the index behind it. Raises WordError.
    """
    if text[start : start + 1] == '"':
        return _read_quoted(text, start)
    match = _plain.match(text, start)
    if match is None:
        raise WordError("", start)
    return _cut(match.group()), match.end()


def split_words(text: str) -> list[str]:
    """Return all words of a text, unquoted. Raises WordError."""
    words = []
    index = skip_blanks(text, 0)
    while index < len(text):
        word, index = read_word(text, index)
        words.append(word)
        index = skip_blanks(text, index)
    return words


def _read_quoted(text: str, start: int) -> tuple[str, int]:
    parts: list[str] = []
    index = start + 1
    while True:
        char = text[index : index + 1]
        if char == "":
            raise WordError("the string is not terminated", start)
        index += 1
        if char == '"':
            return _cut("".join(parts)), index
        if char == "\\":
            char = _ESCAPES.get(text[index : index + 1], "")
            if not char:
                raise WordError("unknown escape sequence in the string", index - 1)
            index += 1
        parts.append(char)


def _cut(word: str) -> str:
    if len(word) <= WORD_LIMIT // 4:
        return word
    return word.encode(errors="replace")[:WORD_LIMIT].decode(errors="ignore")


def first_byte(char: str) -> str:
    """Return what QEMU's messages show of a character: its first byte.

    That alone is no character beyond ASCII, and a replacement stands for it.
    """
    return char if char.isascii() else "\N{REPLACEMENT CHARACTER}"


def quote_word(word: str) -> str:
    """Write a word so that read_word gives it back, quoted only where needed.

    A word that begins with ``/`` is quoted too, since after an integer argument
    the monitor would take the slash for a division.
    """
    if word and word[0] not in '"/-' and not any(c in word for c in BLANKS):
        return word
    for char, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        word = word.replace(char, escape)
    return f'"{word}"'
