"""The secrets of monitor lines, however they are written, quoted or mistyped.

A line is not parsed: it may have a syntax error, be JSON, another line's argument, or
meant for QEMU's monitor. A word that looks like a command with a secret counts as one, and
everything from the beginning of the secret is starred out, so that no way of quoting lets
a part of it through. In addresses only the password is starred out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from hmp.qmp.secrets import (
    HARMLESS_ARGUMENTS,
    HARMLESS_OPTIONS,
    STARS,
    mask_text,
    names_secret,
    passwords_of_addresses,
    resembles,
    secret_property,
    secret_type,
    sets_password,
    tells_nothing,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_QUOTES = "\"'\\"
_blanked = str.maketrans(dict.fromkeys(_QUOTES, " "))
_WORD = re.compile(r"[^\s/]+(?=/)|\S+")
_KEY = re.compile(r"(?<![\w.-])([\w.-]+)[\"'\\\s]*[=:](?!//)[\"'\\\s]*")
_ITEM = re.compile(r"([^\s,{}\[\]=:\"'\\]+)[\"'\\\s]*([=:]?)[\"'\\\s]*")
_VALUE = re.compile(r"[^\s,{}\"'\\]*")
_PART = re.compile(r"(?:[^\s\"'\\,{}]|,,)+")
_QUOTED = re.compile(r"[\"']((?:\\.|[^\"'\\])*)[\"']?")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_PLAIN = re.compile(r"[\w-]+")
_OBJECTS = ("/objects", "objects", "object")
# user:password@ of an address whose beginning is mistyped; not host:port@
_LOOSE = re.compile(r"(?<![\w@.+%-])[\w.+%-]*:[ ,=]?(?!\d+@)([^\s:/@,=\"'\\]+)(?=@[\w\[])")
_NAMED = re.compile(r"\b(?:path|property|value)[\"'\\]*\s*[=:]")
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


_parted_names = _parted("password", "passwd", "secret")

_MOST = 16
"""Words of one line that are checked for commands that take a secret."""
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
_CONNECTED = ("fail", "disconnect", "keep")
_PROTOCOLS = ("vnc", "spice")
_OBJECT_ADD = ("object_add", "object-add")
_QOM_SET = ("qom-set", "qom_set")
_IDS = ("secret", "id", "file", "required", "-set")
"""Ends of words that contain ``passw`` but do not name a password."""


class Word(NamedTuple):
    """A word of a line, without its quotes, and its position."""

    start: int
    text: str


@lru_cache(64)
def analysed(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the line with its secrets starred out, and the secrets.

    The secrets include every part of them that an error could quote.
    """
    addresses = passwords_of_addresses(line)
    start = _start(line)
    if start is None and "\\u" in line:
        start = _start_escaped(line)
    if start is None and not addresses and (loose := _LOOSE.search(line)):
        start = loose.start(1)
    if start is None:
        return mask_text(line), tuple(addresses)
    before, rest = line[:start], line[start:]
    value = before.rstrip(" \t" + _QUOTES).endswith(("=", ":"))
    parts = _parts(rest, value or line.startswith("set_password "))
    return f"{mask_text(before)}{STARS}", (*addresses, *parts)


def _start_escaped(line: str) -> int | None:
    """Return the position of JSON that writes letters as \\u escapes."""
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), line)
    if _start(plain) is None and mask_text(plain) == plain:
        return None
    return line.index("\\u")


def _parts(rest: str, sure: bool) -> list[str]:
    """Return the parts of the rest of a line that an error could quote and are secret.

    sure: only the first word is the secret.
    """
    found = [rest.strip(), rest.strip(" \t}" + _QUOTES)]
    if match := _QUOTED.match(rest):
        found.append(re.sub(r"\\(.)", r"\1", match[1]))
    for match in _PART.finditer(rest):
        found.append(match[0].replace(",,", ","))
        if sure:
            break
        found += re.split("[,=:]", match[0])
    return [text for text in dict.fromkeys(found) if _may_be_secret(text)]


def _may_be_secret(text: str) -> bool:
    """Return whether a part of a line may be secret, and is not a word of ours."""
    plain = text not in _HARMLESS_WORDS
    return plain and any(map(str.isalnum, text))


def _start(line: str) -> int | None:
    """Return the position of the first secret, or None."""
    text = line.translate(_blanked)
    words = [Word(match.start(), match[0]) for match in _WORD.finditer(text)]
    if not words:
        return None
    found = [*_by_keys(line), *_by_property(line)]
    if words[0].text not in ("help", "?"):
        found += _by_commands(line, words)
        found += _by_type(line)
    if not found and (match := _parted_names.search(line)):
        found.append(match.start())
    return min(found, default=None)


def _by_keys(line: str) -> Iterator[int]:
    """Yield the positions of values whose keys mark them as secret."""
    for match in _KEY.finditer(line):
        if names_secret(match[1].lstrip("-")):
            value = _VALUE.match(line, match.end())
            if value is not None and not tells_nothing(value[0]):
                yield match.end()
                break
    for pattern in (_GLUED, _OWN_PROPERTY):
        if found := pattern.search(line):
            yield found.end()


def _by_property(line: str) -> Iterator[int]:
    """Yield the positions of values set for a secret property."""
    if "property" in line:
        start = _behind_qom_set_keys(line, 0)
        if start is not None:
            yield start


def _by_commands(line: str, words: Sequence[Word]) -> Iterator[int]:
    """Yield the positions of secrets after words that look like commands with one."""
    looked_at = 0
    for index, word in enumerate(words):
        rule = _rule(word.text[:_LONGEST]) or _rule(_last_part(word.text)[:_LONGEST])
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
    while begin and line[begin - 1] in _QUOTES:
        begin -= 1
    return start if line[:begin].rstrip()[-1:] in ("=", ":") else begin


def _last_part(word: str) -> str:
    """Return the part of a word after its last ``,``, ``=`` or ``:``."""
    return word[max(word.rfind(mark) for mark in ",=:") + 1 :]


@lru_cache(4096)
def _rule(word: str) -> Callable[[str, Sequence[Word], int], int | None] | None:
    """Return the function that finds the secret after a word; None for most words."""
    if len(word) < 3:
        return None
    if resembles(word, "expire_password", 2):
        return _no_secret
    if sets_password(word) or word.startswith(("set_password", "set-password")):
        return _behind_set_password
    if word == "vnc" or resembles(word, "vnc", 1):
        return _behind_vnc
    if any(resembles(word, name, 2) or word.startswith(name) for name in _OBJECT_ADD):
        return _behind_object_add
    if word != "qom-get" and any(
        resembles(word, name, 1) or word.startswith(name) for name in _QOM_SET
    ):
        return _behind_qom_set
    if _PLAIN.fullmatch(word) and _password_word(word):
        return _behind_password
    return None


def _password_word(word: str) -> bool:
    low = word.lower()
    if resembles(low, "password", 2) or resembles(low, "passwd", 1):
        return True
    return "passw" in low and not low.endswith(_IDS)


def _behind_set_password(line: str, words: Sequence[Word], index: int) -> int | None:
    place, protocol = index + 1, bool(index)
    while place < len(words):
        word = words[place].text
        more = place + 1 < len(words)
        harmless = word in _PROTOCOLS or word.partition("=")[0] in HARMLESS_ARGUMENTS
        if word.startswith("-") and more:
            place += 2
        elif harmless or (not protocol and more and _is_protocol(words, place)):
            place, protocol = place + 1, True
        else:
            return words[place].start if more or not tells_nothing(word) else None
    return None


def _is_protocol(words: Sequence[Word], place: int) -> bool:
    """Return whether a word may be an unknown protocol, followed by a password."""
    glued = words[place].text.startswith(_PROTOCOLS)
    return not (glued or words[place + 1].text in _CONNECTED)


def _no_secret(line: str, words: Sequence[Word], index: int) -> int | None:
    """Find no secret after a word that only resembles a password command."""
    return None


def _behind_vnc(line: str, words: Sequence[Word], index: int) -> int | None:
    """``change vnc`` takes ``password``, or ``passwd``, and then the password."""
    if not index or not resembles(words[index - 1].text, "change", 2):
        return None
    if words[index].text != "vnc" and words[index - 1].text != "change":
        return None
    rest = [word for word in words[index + 1 :] if word.text != "-f"]
    if rest and (rest[0].text in ("password", "passwd")):
        del rest[0]
    elif words[index].text != "vnc" and not (rest and _password_word(rest[0].text)):
        return None
    return rest[0].start if rest and not tells_nothing(rest[0].text) else None


def _behind_password(line: str, words: Sequence[Word], index: int) -> int | None:
    if words[0].text in ("info", "alias", "unalias") and index == 1:
        return None
    for word in words[index + 1 :]:
        if word.text.strip("=:,{}"):
            return None if tells_nothing(word.text) else word.start
    return None


def _behind_qom_set(line: str, words: Sequence[Word], index: int) -> int | None:
    head = words[index]
    if _NAMED.search(line, head.start):
        return _behind_qom_set_keys(line, head.start + len(head.text))
    rest = [word for word in words[index + 1 :] if word.text != "-j"]
    # a QOM path counts as several words here, separated by slashes
    path = 0
    while path + 1 < len(rest) and line[rest[path + 1].start - 1] == "/":
        path += 1
    own = bool(rest) and rest[0].text.strip("/").startswith(_OBJECTS)
    own = own or (bool(rest) and not rest[0].text.startswith("/") and path == 0)
    for place in range(path + 1, len(rest) - 1):
        name = rest[place].text
        if secret_property(name) or (own and _names_data(name)):
            return rest[place + 1].start
        if own and place + 2 < len(rest) and _names_data(name + rest[place + 1].text):
            return rest[place + 2].start
    if (
        own
        and '""' not in line
        and len(rest) == path + 2
        and not secret_property(rest[-1].text)
    ):
        return rest[-1].start  # a blank is missing
    return None


def _names_data(name: str) -> bool:
    return secret_property(name) or resembles(name, "data", 1)


def _behind_qom_set_keys(line: str, begin: int) -> int | None:
    """Return the position of the value that qom-set gets as a named argument."""
    items = {m[1]: m for m in _ITEM.finditer(line, begin) if m[2]}
    named, value = items.get("property"), items.get("value")
    if begin and "objects/" in line and None in (named, value):
        doubtful = True
    elif named is None:
        words = [m[1] for m in _ITEM.finditer(line, begin)]
        doubtful = any(secret_property(word) for word in words)
    else:
        end = value.start() if value and value.start() > named.end() else len(line)
        match = _ITEM.match(line, named.end())
        whole = re.sub(r"\W", "", line[named.end() : end])
        names = (match[1] if match else "", whole)
        doubtful = any(_names_data(n) for n in names)
    if not doubtful:
        return None
    if value is not None:
        return value.end()
    for match in _ITEM.finditer(line, begin):
        if match[1] not in ("path", "property", "arguments", "execute") and match[2]:
            return match.end()
    return None if named is None else _second(line, named.end())


def _second(line: str, start: int) -> int | None:
    """Return the position of the second item from a position on."""
    places = [match.start() for match in _ITEM.finditer(line, start)]
    return places[1] if len(places) > 1 else None


def _behind_object_add(line: str, words: Sequence[Word], index: int) -> int | None:
    word = words[index]
    known = [name for name in _OBJECT_ADD if word.text.startswith(name)]
    begin = word.start + (len(known[0]) if known else len(word.text))
    items = list(_ITEM.finditer(line, begin))
    if not items or not secret_type(_type_of(items)):
        return None
    return _first_doubtful(line, items)


def _type_of(items: Sequence[re.Match[str]]) -> str | None:
    """Return the type in options: the first word, or qom-type; else None."""
    for place, match in enumerate(items[:-1]):
        if match[1] == "qom-type" and match[2]:
            return items[place + 1][1]
    return None if items[0][2] else items[0][1]


def _first_doubtful(line: str, items: Sequence[re.Match[str]]) -> int | None:
    """Return the position of the first option value that is not known to be harmless."""
    place = 0 if items[0][2] else 1
    while place < len(items):
        match = items[place]
        if not match[2]:
            return match.start()
        if match[1] not in HARMLESS_OPTIONS:
            value = _VALUE.match(line, match.end())
            if value is None or not (value[0] and tells_nothing(value[0])):
                return match.end() if match.end() < len(line) else None
        place += 1
        if place < len(items) and not items[place][2]:
            place += 1
    return None


def _by_type(line: str) -> Iterator[int]:
    """Yield the positions of a secret object's data, with any command."""
    if "data" not in line:
        return
    items = list(_ITEM.finditer(line))
    if any(not match[2] and resembles(match[1][:6], "secret", 1) for match in items):
        for match in items:
            if match[1] == "data" and match[2]:
                yield match.end()
                return
