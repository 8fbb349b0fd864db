"""Where the secret of a monitor line begins, after each word that looks like its command.

`rule_after` returns the function for a word; the function returns the position of the
secret, or None. The words may be mistyped, quoted oddly or cut by blanks in wrong places.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from hmp.qmp.secret_names import (
    HARMLESS_ARGUMENTS,
    HARMLESS_OPTIONS,
    resembles,
    secret_property,
    secret_type,
    sets_password,
    tells_nothing,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ITEM = re.compile(r"([^\s,{}\[\]=:\"'\\]+)[\"'\\\s]*([=:]?)[\"'\\\s]*")
"""A word of an option list, and the ``=`` or ``:`` after it."""
VALUE = re.compile(r"[^\s,{}\"'\\]*")
_PLAIN = re.compile(r"[\w-]+")
_OBJECTS = ("/objects", "objects", "object")
_NAMED = re.compile(r"\b(?:path|property|value)[\"'\\]*\s*[=:]")
# what set_password takes after the password
_CONNECTED = ("fail", "disconnect", "keep")
_PROTOCOLS = ("vnc", "spice")
_OBJECT_ADD = ("object_add", "object-add")
_QOM_SET = ("qom-set", "qom_set")
_IDS = ("secret", "id", "file", "required", "-set")
"""Ends of words that contain ``passw`` but do not name a password."""


class LineWord(NamedTuple):
    """A word of a line, without its quotes, and its position."""

    start: int
    text: str


@lru_cache(4096)
@lru_cache(1 << 14)  # a line within lines is looked at again and again
def rule_after(word: str) -> Callable[[str, Sequence[LineWord], int], int | None] | None:
    """Return the function that finds the secret after a word; None for most words."""
    if len(word) < 3:
        return None
    if resembles(word, "expire_password", 2):
        # it has `passw` in it, but sets a time
        return _after_expire_password
    if sets_password(word) or word.startswith(("set_pass", "set-pass")):
        return _after_set_password
    if word == "vnc" or resembles(word, "vnc", 1):
        return _after_vnc
    if any(resembles(word, name, 2) or word.startswith(name) for name in _OBJECT_ADD):
        return _after_object_add
    # one letter from qom-set, but it takes no value
    if word != "qom-get" and any(
        resembles(word, name, 1) or word.startswith(name) for name in _QOM_SET
    ):
        return _after_qom_set
    if _PLAIN.fullmatch(word) and _password_word(word):
        return _after_password
    return None


def _password_word(word: str) -> bool:
    low = word.lower()
    if resembles(low, "password", 2) or resembles(low, "passwd", 1):
        return True
    return "passw" in low and not low.endswith(_IDS)


def _after_set_password(line: str, words: Sequence[LineWord], index: int) -> int | None:
    place, protocol = index + 1, bool(index)
    while place < len(words):
        word = words[place].text
        more = place + 1 < len(words)
        harmless = word in _PROTOCOLS or word.partition("=")[0] in HARMLESS_ARGUMENTS
        if word.startswith("-d") and place + 2 < len(words):
            place += 2
        elif word.startswith("-") and more:
            place, protocol = place + 1, True  # in doubt, the password follows
        elif harmless or (not protocol and more and _is_protocol(words, place)):
            place, protocol = place + 1, True
        else:
            return words[place].start if more or not tells_nothing(word) else None
    return None


def _is_protocol(words: Sequence[LineWord], place: int) -> bool:
    """Return whether a word may be an unknown protocol, followed by a password."""
    glued = words[place].text.startswith(_PROTOCOLS)
    return not (glued or words[place + 1].text in _CONNECTED)


def _after_expire_password(line: str, words: Sequence[LineWord], index: int) -> int | None:
    """Find a password where a protocol is expected, by somebody who meant to set it."""
    rest = words[index + 1 :]
    timed = len(rest) > 1 and rest[-1].text in ("now", "never")
    for word in () if timed else rest[:1]:
        key, equals, _ = word.text.partition("=")
        named = equals and key in (*HARMLESS_ARGUMENTS, "time")
        known = word.text in (*_PROTOCOLS, "now", "never")
        if not (named or known or word.text[0] in "+-{0123456789"):
            return word.start
    return None


def _after_vnc(line: str, words: Sequence[LineWord], index: int) -> int | None:
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


def _after_password(line: str, words: Sequence[LineWord], index: int) -> int | None:
    if words[0].text in ("info", "alias", "unalias") and index == 1:
        return None
    for word in words[index + 1 :]:
        # marks that stand alone are what a blank has torn off
        if word.text.strip("=:,{}"):
            return None if tells_nothing(word.text) else word.start
    return None


def _after_qom_set(line: str, words: Sequence[LineWord], index: int) -> int | None:
    head = words[index]
    if _NAMED.search(line, head.start):
        return after_qom_set_keys(line, head.start + len(head.text))
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


def after_qom_set_keys(line: str, begin: int) -> int | None:
    """Return the position of the value that qom-set gets as a named argument."""
    items = {m[1]: m for m in ITEM.finditer(line, begin) if m[2]}
    named, value = items.get("property"), items.get("value")
    if begin and "objects/" in line and None in (named, value):
        doubtful = True
    elif named is None:
        words = [m[1] for m in ITEM.finditer(line, begin)]
        doubtful = any(secret_property(word) for word in words)
    else:
        end = value.start() if value and value.start() > named.end() else len(line)
        match = ITEM.match(line, named.end())
        whole = re.sub(r"\W", "", line[named.end() : end])
        names = (match[1] if match else "", whole)
        doubtful = any(_names_data(n) for n in names)
    if not doubtful:
        return None
    if value is not None:
        return value.end()
    for match in ITEM.finditer(line, begin):
        if match[1] not in ("path", "property", "arguments", "execute") and match[2]:
            return match.end()
    return None if named is None else _second(line, named.end())


def _second(line: str, start: int) -> int | None:
    """Return the position of the second item from a position on."""
    places = [match.start() for match in ITEM.finditer(line, start)]
    return places[1] if len(places) > 1 else None


def _after_object_add(line: str, words: Sequence[LineWord], index: int) -> int | None:
    word = words[index]
    known = [name for name in _OBJECT_ADD if word.text.startswith(name)]
    begin = word.start + (len(known[0]) if known else len(word.text))
    items = list(ITEM.finditer(line, begin))
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
            value = VALUE.match(line, match.end())
            if value is None or not (value[0] and tells_nothing(value[0])):
                return match.end() if match.end() < len(line) else None
        place += 1
        if place < len(items) and not items[place][2]:
            place += 1
    return None
