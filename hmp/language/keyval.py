"""Option lists of QEMU's newer kind, keyval: ``secret,id=s0,data=x``, ``rules.0.match=a``.

Dots in a key make nested objects; a part that is a number is an index into a list. A value
ends at a single comma, and ``,,`` stands for a comma in it. The first item may leave out
its key, which is then implied; such an item cannot contain a comma. Values come out as
strings: `hmp.monitor.coerce` converts them. The older kind is `hmp.language.qemu_opts`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hmp.language.qemu_opts import OptionsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# QEMU's limit for a part of a key, in bytes
_PART_LIMIT = 127
# with these QEMU lists what the option may have, instead of using it
_HELP = ("help", "?")
_KEY = re.compile(r"[^=,]*")
# up to a single comma; a doubled one belongs to the value
_VALUE = re.compile(r"(?:[^,]|,,)*")
# a QAPI name, perhaps with the prefix of a downstream: __com.example_name
_MEMBER = re.compile(r"(?:__[A-Za-z0-9.-]*_)?[A-Za-z][A-Za-z0-9_-]*")
_INDEX = re.compile(r"[0-9]+")
_DEEPEST = 100
"""The most parts of a key before its last one; no schema nests so deeply, and each costs
Python some calls within calls.
"""


class AmbiguousIndexError(OptionsError):
    """Two values for one index of a list, as in ``l.0`` and ``l.00``.

    Only QEMU knows which one it uses.
    """


class Keyval(NamedTuple):
    """A parsed list: nested dicts and lists of str, and whether it asks for help."""

    members: dict[str, Any]
    help: bool


def parse_keyval(text: str, implied: str) -> Keyval:
    """Parse a keyval list. implied: the key of the first item when it has none.

    Raises OptionsError.
    """
    root: dict[str, Any] = {}
    wants_help = False
    index = 0
    while index < len(text):
        first = index == 0
        end = _end(_KEY, text, index)
        word = text[index:end]
        bare = word != "" and text[end : end + 1] != "="
        if bare and word in _HELP:
            wants_help = True
        elif bare and first:
            _store(root, implied, word)
        else:
            parts = _parts(word)  # before the check for "=": QEMU reports a bad key first
            if text[end : end + 1] != "=":
                raise OptionsError(f"Expected '=' after parameter '{word}'")
            begin, end = end + 1, _end(_VALUE, text, end + 1)
            _put(root, parts, word, text[begin:end].replace(",,", ","))
        index = end + 1
    return Keyval(_built(root), wants_help)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Build nested dicts and lists from dotted keys and their values.

    Raises OptionsError.
    """
    root: dict[str, Any] = {}
    for key, value in pairs:
        _store(root, key, value)
    return _built(root)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    assert match is not None  # both patterns match anything
    return match.end()


def _parts(key: str) -> list[str]:
    """Return the parts of a key. Raises OptionsError."""
    parts: list[str] = []
    index = 0
    while True:
        # a number is an index only after a dot
        match = (_INDEX.match(key, index) if parts else None) or _MEMBER.match(key, index)
        if match is None or key[match.end() : match.end() + 1] not in ("", "."):
            raise OptionsError(f"Invalid parameter '{key}'")
        if len(match[0]) > _PART_LIMIT:
            what = "Parameter" if match[0] == key else "Parameter fragment"
            raise OptionsError(f"{what} '{match[0]}' is too long")
        parts.append(match[0])
        if match.end() == len(key):
            return parts
        if len(parts) > _DEEPEST:
            raise OptionsError(f"Parameter '{key}' has too many parts")
        index = match.end() + 1


def _store(root: dict[str, Any], key: str, value: str) -> None:
    _put(root, _parts(key), key, value)


def _put(root: dict[str, Any], parts: list[str], key: str, value: str) -> None:
    here = root
    for depth, part in enumerate(parts[:-1], 1):
        here = here.setdefault(part, {})
        if not isinstance(here, dict):
            path = ".".join(parts[:depth])
            raise OptionsError(f"Parameters '{path}.*' used inconsistently")
    if isinstance(here.get(parts[-1]), dict):
        raise OptionsError(f"Parameters '{key}.*' used inconsistently")
    here[parts[-1]] = value


def _built(root: dict[str, Any]) -> dict[str, Any]:
    return {key: _listed(value, f"{key}.") for key, value in root.items()}


def _listed(value: Any, path: str) -> Any:
    """Turn dicts whose keys are all numbers into lists, from the leaves up."""
    if not isinstance(value, dict):
        return value
    items = {key: _listed(item, f"{path}{key}.") for key, item in value.items()}
    numbers = [key for key in items if _INDEX.fullmatch(key)]
    if not numbers:
        return items
    if len(numbers) < len(items):
        raise OptionsError(f"Parameters '{path}*' used inconsistently")
    # eleven digits are larger than any list; Python refuses to convert thousands of them
    places = {int(key.lstrip("0")[:11] or 0): key for key in numbers}
    missing = next((n for n in range(len(places)) if n not in places), None)
    if missing is not None:
        raise OptionsError(f"Parameter '{path}{missing}' missing")
    if len(places) < len(numbers):
        raise AmbiguousIndexError(f"Parameters '{path}*' used inconsistently")
    return [items[places[place]] for place in range(len(places))]
