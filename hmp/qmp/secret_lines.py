"""The secrets of monitor lines, however they are written, quoted or mistyped.

A line is not parsed: it may have a syntax error, be JSON, another line's argument, or
meant for QEMU's monitor. A word that looks like a command with a secret counts as one, and
everything from the beginning of the secret is starred out, so that no way of quoting lets
a part of it through. In addresses only the password is starred out.
"""

from __future__ import annotations

import re
from functools import lru_cache

from hmp.qmp.secret_addresses import LOOSE, mask_text, passwords_of_addresses
from hmp.qmp.secret_commands import ITEM, VALUE, LineWord, after_qom_set_keys, rule_after
from hmp.qmp.secret_names import (
    HARMLESS_ARGUMENTS,
    HARMLESS_OPTIONS,
    STARS,
    harmless_value,
    names_secret,
    resembles,
    tells_nothing,
)
from hmp.qmp.secret_programs import BLANKED, QUOTES, secret_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# for QEMU's monitor, a command's name ends at a slash, too, as in x/4xw
_WORD = re.compile(r"[^\s/]+(?=/)|\S+")
# a key and its = or :, in any quotes; "://" belongs to an address
_KEY = re.compile(r"(?<![\w.-])([\w.-]+)[\"'\\\s]*[=:](?!//)[\"'\\\s]*")
# what an error may quote: a word without its quotes; a doubled comma is a comma
_PART = re.compile(r"(?:[^\s\"'\\,{}]|,,)+")
_QUOTED = re.compile(r"[\"']((?:\\.|[^\"'\\])*)[\"']?")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|%([0-9a-fA-F]{2})")
_LOOSE = re.compile(LOOSE)
# a secret property and its value, with any command
_OWN_PROPERTY = re.compile(
    r"\bobjects/\S{1,128}\s+[\"']?(?:data|passw\w*)[\"']?\s+(?=[^\s|>])"
)
# an option, or a mistyped one, with a password at its end
_GLUED = re.compile(
    r",\s*[\"']?(?:\w+[.-])?passw(?:or)?d(?!-?secret|-?id|-?file|=(?:on|off)\b)"
    r"[\"'=:,\s]*(?=[^\"'=:,\s])"
)


def _parted(*names: str) -> re.Pattern[str]:
    """Return a pattern for names that a blank splits, or in which one replaces a letter."""
    gap = "[\\s,=]"
    ways = [
        f"{name[:i]}{gap}{rest}"
        for name in names
        for i in range(1, len(name))
        for rest in {name[i:], name[i + 1 :] or "[=:]"}
    ]
    return re.compile("|".join(ways))


_PARTED_NAMES = _parted("password", "passwd", "secret")

_SCHEMES = ("basic", "bearer", "digest", "token")
"""Words before the secret of an Authorization header."""
_MOST = 16
"""Words of one line that are checked for commands that take a secret."""
_TELLING = 5
"""The fewest letters of a part of a secret that could give it away."""
_LONGEST = 80
"""Letters of a word that are compared with a command's name."""
_OWN_WORDS = {
    "data",
    "value",
    "property",
    "path",
    "command-line",
    "vnc",
    "spice",
    "secret",
    "set_password",
    "object-add",
    "qom-set",
    "human-monitor-command",
    "password",
    "read-only",
}
_HARMLESS_WORDS = HARMLESS_OPTIONS | HARMLESS_ARGUMENTS | _OWN_WORDS


@lru_cache(64)
def analysed(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the line with its secrets starred out, and the secrets.

    The secrets include every part of them that an error could quote.
    """
    addresses = passwords_of_addresses(line)
    start = start_of_secret(line)
    escaped = False
    if start is None and (escape := _ESCAPED.search(line)) and _hides_secret(line):
        start, escaped = escape.start(), True
    # the last resort, since such words also occur in harmless lines
    if start is None and not addresses and (loose := _LOOSE.search(line)):
        start = loose.start(1)
    if start is None:
        return mask_text(line), tuple(addresses)
    before, rest = line[:start], line[start:]
    value = before.rstrip(" \t" + QUOTES).endswith(("=", ":"))
    parts = _parts(rest, value or line.startswith("set_password "))
    if escaped:
        parts += _parts(_unescaped(rest), sure=False)
    return f"{mask_text(before)}{STARS}", (*addresses, *parts)


def words_analysed(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words for a program with their secrets starred out, and the secrets.

    A secret ends with its word, other than in a line.
    """
    masked: list[str] = []
    found: list[str] = []
    doubtful = False
    while True:
        start = start_of_secret(" ".join(words[len(masked) :]), program=True)
        if start is None:
            break
        for word in words[len(masked) :]:
            if start >= len(word):
                masked.append(word)
                start -= len(word) + 1
                continue
            # the value of an option may come later; a list with very many is not a command
            doubtful |= (start == 0 and word.startswith("-")) or len(found) > _MOST
            masked.append(f"{word[:start]}{STARS}")
            found += _parts(word[start:], sure=False)
            if not doubtful and word[start:].lower() not in _SCHEMES:
                break
            start = 0
    for word in words[len(masked) :]:
        escape = _ESCAPED.search(word)
        if escape and _hides_secret(word):
            found += _parts(_unescaped(word[escape.start() :]), sure=False)
            masked.append(f"{word[: escape.start()]}{STARS}")
        else:
            masked.append(word)
    return masked, found


def _hides_secret(line: str) -> bool:
    """Return whether a line has more secrets once the escapes of JSON and URLs are read."""
    plain = _unescaped(line)
    if start_of_secret(plain) is not None:
        return True
    return len(passwords_of_addresses(plain)) > len(passwords_of_addresses(line))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), text)


def _parts(rest: str, sure: bool) -> list[str]:
    """Return the parts of the rest of a line that an error could quote and are secret.

    sure: only the first word is the secret.
    """
    found = [rest.strip(), rest.strip(" \t}" + QUOTES)]
    if match := _QUOTED.match(rest):
        found.append(re.sub(r"\\(.)", r"\1", match[1]))
    for match in _PART.finditer(rest):
        found.append(match[0].replace(",,", ","))
        items = re.split("[,=:;&]", match[0])
        if sure:  # a short item may be a word of anything else
            found += [item for item in items if len(item) >= _TELLING]
            if match[0].lower() not in _SCHEMES:
                break
        else:
            found += items
    return [text for text in dict.fromkeys(found) if _may_be_secret(text)]


def _may_be_secret(text: str) -> bool:
    """Return whether a part of a line may be secret, being no known harmless word."""
    plain = text not in _HARMLESS_WORDS
    return plain and any(map(str.isalnum, text))


def start_of_secret(line: str, *, program: bool = False) -> int | None:
    """Return the position of the first secret that is not of an address, or None.

    program: as for `secret_word`.
    """
    text = line.translate(BLANKED)
    words = [LineWord(match.start(), match[0]) for match in _WORD.finditer(text)]
    if not words:
        return None
    found = [*_by_keys(line), *_by_property(line)]
    if (start := secret_word(line, program=program)) is not None:
        found.append(start)
    found += _by_commands(line, words)
    found += _by_type(line)
    # last, since such a text may also be two words of a harmless line
    if not found and (match := _PARTED_NAMES.search(line)):
        found.append(match.start())
    return min(found, default=None)


def _by_keys(line: str) -> Iterator[int]:
    """Yield the positions of values whose keys mark them as secret."""
    for match in _KEY.finditer(line):
        if names_secret(match[1].lstrip("-")):
            value = VALUE.match(line, match.end())
            known = (
                value is None
                or tells_nothing(value[0])
                or harmless_value(match[1], value[0])
            )
            if not known:
                yield match.end()
                break
    for pattern in (_GLUED, _OWN_PROPERTY):
        if found := pattern.search(line):
            yield found.end()


def _by_property(line: str) -> Iterator[int]:
    """Yield the positions of values set for a secret property."""
    if "property" in line:
        start = after_qom_set_keys(line, 0)
        if start is not None:
            yield start


def _by_commands(line: str, words: Sequence[LineWord]) -> Iterator[int]:
    """Yield the positions of secrets after words that look like commands with one."""
    looked_at = 0
    for index, word in enumerate(words):
        rule = rule_after(word.text[:_LONGEST]) or rule_after(
            _last_part(word.text)[:_LONGEST]
        )
        if rule is None:
            continue
        looked_at += 1
        if looked_at > _MOST:  # far longer than any line that people type
            yield word.start
            return
        start = rule(line, words, index)
        if start is not None:
            yield _with_quotes(line, start)
            return


def _with_quotes(line: str, start: int) -> int:
    """Return the position of the quotes around a word, but not of those in a value."""
    begin = start
    while begin and line[begin - 1] in QUOTES:
        begin -= 1
    return start if line[:begin].rstrip()[-1:] in ("=", ":") else begin


def _last_part(word: str) -> str:
    """Return the part of a word after its last ``,``, ``=`` or ``:``."""
    return word[max(word.rfind(mark) for mark in ",=:") + 1 :]


def _by_type(line: str) -> Iterator[int]:
    """Yield the positions of a secret object's data, with any command."""
    if "data" not in line:
        return
    items = list(ITEM.finditer(line))
    if any(not match[2] and resembles(match[1][:6], "secret", 1) for match in items):
        for match in items:
            if match[1] == "data" and match[2]:
                yield match.end()
                return
