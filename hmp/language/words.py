"""Words of a monitor line: blanks, plain words and quoted strings.

The rules are those of QEMU's human monitor: blanks are C's ``isspace`` in the C
locale, a word ends at the next blank, a word that begins with ``"`` ends at the
closing quote and knows five escapes, and a word is cut at 1023 bytes. `as_argument` is
the other direction: it writes any name so that it reads back as one word.
"""

import re

BLANKS = " \t\n\v\f\r"
WORD_LIMIT = 1023
"""Bytes of a word that the monitor keeps; it cuts longer ones silently."""

# all that QEMU's monitor knows within quotes
_ESCAPES = {"n": "\n", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
# `re` compiles each when it is first used, and many scripts need none of them
_BLANKS = r"[ \t\n\v\f\r]*"
_RUN = r'[^"\\]++'
_PLAIN = r"[^ \t\n\v\f\r]+"
_BARE = r"[\w.:@%+=,/~^\[\]-]+"
"""Characters without a special meaning, in a word and to the session."""


class WordError(ValueError):
    """A word that is missing or badly quoted.

    reason: for people (QEMU prints it on its own standard output, where the user does not
    see it); empty for a missing word. column: an index into the line.
    """

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


def skip_blanks(text: str, start: int) -> int:
    """Return the index of the first character from start on that is not blank."""
    match = re.compile(_BLANKS).match(text, start)
    return match.end() if match else start


def read_word(text: str, start: int) -> tuple[str, int]:
    """Read the word at start, which must not be a blank.

    Returns its value, unquoted, and the index after it. Raises WordError.
    """
    if text[start : start + 1] == '"':
        value, end = unquote(text, start)
        return _cut(value), end
    match = re.compile(_PLAIN).match(text, start)
    if match is None:
        raise WordError("", start)
    return _cut(match.group()), match.end()


def split_words(text: str) -> list[str]:
    """Return all words of a text, unquoted. Raises WordError."""
    words: list[str] = []
    index = skip_blanks(text, 0)
    while index < len(text):
        word, index = read_word(text, index)
        words.append(word)
        index = skip_blanks(text, index)
    return words


def unquote(text: str, start: int) -> tuple[str, int]:
    """Return the value of the quoted string at start, and the index after it.

    It may be longer than a word. Raises WordError.
    """
    parts: list[str] = []
    index = start + 1
    plain = re.compile(_RUN)
    while True:
        run = plain.match(text, index)
        if run is not None:
            parts.append(run[0])
            index = run.end()
        char = text[index : index + 1]
        if char == "":
            raise WordError("the string is not terminated", start)
        index += 1
        if char == '"':
            return "".join(parts), index
        if char == "\\":
            char = _ESCAPES.get(text[index : index + 1], "")
            if not char:
                raise WordError("unknown escape sequence in the string", index - 1)
            index += 1
        parts.append(char)


def _cut(word: str) -> str:
    # a character has at most four bytes, so most words need not be encoded to know
    if len(word) <= WORD_LIMIT // 4:
        return word
    # QEMU may cut a character in two; what is left of it cannot be shown
    return word.encode(errors="replace")[:WORD_LIMIT].decode(errors="ignore")


def first_byte(char: str) -> str:
    """Return a character as QEMU's messages show it: its first byte.

    Beyond ASCII one byte is not a character, so the replacement character is shown.
    """
    return char if char.isascii() else "\N{REPLACEMENT CHARACTER}"


def typed_word(text: str) -> str | None:
    """Return the value of a word that is still being typed, its quote open or closed.

    None if text follows the closing quote, or an escape is wrong.
    """
    if text[:1] != '"':
        return text
    try:
        value, end = read_word(text, 0)
        return value if end == len(text) else None
    except WordError:
        pass
    # closed by what is missing, so that the usual reader reads it
    for rest in ('"', '\\"'):  # the second for the first half of an escape
        try:
            value, end = read_word(text + rest, 0)
        except WordError:
            continue
        if end == len(text) + len(rest):
            return value if rest == '"' else value[:-1]
    return None


def as_argument(
    name: str,
    before: str = "",
    *,
    quoted: bool = False,
    after_number: bool = False,
    open_end: bool = False,
) -> str | None:
    """Write any name as one word of a line, quoted and escaped as needed.

    Both `read_word` and the session read it back as that one word, never as a pipe, a
    second word or line, an option or an operator. Returns None if no line can contain the
    name. before: the part of the same word that precedes the name. quoted: always quote.
    after_number: whether an expression precedes it, which an operator would continue.
    open_end: whether more of the word is still to be typed.
    """
    from hmp.language.characters import CONTROL, INVISIBLE  # late: scripts need neither

    word = before + name
    # what no line may contain, except the two characters that have an escape
    unwritable = f"(?![\n\r])[{CONTROL}{INVISIBLE}]"
    if re.search(unwritable, word) or len(word.encode()) > WORD_LIMIT:
        return None
    plain = re.fullmatch(_BARE, name) is not None and not quoted
    if plain and (_begins(word, after_number) or (before and not after_number)):
        return word
    for char, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        word = word.replace(char, escape)
    return f'"{word}' if open_end else f'"{word}"'


def _begins(word: str, after_number: bool) -> bool:
    """Whether a word can begin like this without quotes."""
    return word[:1] == "_" or word[:1].isalnum() or (not after_number and word[:1] in "/.")
