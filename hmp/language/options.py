"""Option lists in one word: ``virtio-blk-pci,drive=d0,id=vb0``.

QEMU has two dialects. *QemuOpts* (``device_add``, ``netdev_add``, ``chardev-add``)
takes bare flags: ``key`` means on, ``nokey`` off. *keyval* (``object_add``) builds
nested values from dotted keys. In both ``,,`` is a literal comma and the first
item may leave out its key, which is then implied.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_IDENTIFIER = r"[A-Za-z][A-Za-z0-9._-]*"
_KEY = r"[A-Za-z0-9_.-]+"


class OptionsError(ValueError):
    """An option list that QEMU refuses; the text is QEMU's reason."""


def split_items(text: str) -> list[str]:
    """Split at single commas; a doubled comma is a comma of the item."""
    if ",," not in text:
        return text.split(",")
    return [part.replace("\0", ",") for part in text.replace(",,", "\0").split(",")]


def well_formed_id(text: str) -> bool:
    """Return whether QEMU takes the text as an id: a letter, then ``A-Za-z0-9._-``."""
    return re.fullmatch(_IDENTIFIER, text) is not None


def parse_options(text: str, implied: str | None) -> list[tuple[str, str]]:
    """Parse a QemuOpts list into its keys and values, in order, repeats kept.

    implied: the key of the first item when it has none; None where it must have one.
    Raises OptionsError for a bad id.
    """
    options: list[tuple[str, str]] = []
    for index, item in enumerate(_nonempty(split_items(text))):
        key, equals, value = item.partition("=")
        if not equals:
            key, value = _bare(key, implied if index == 0 else None)
        if key == "id" and not well_formed_id(value):
            raise OptionsError("Parameter 'id' expects an identifier")
        options.append((key, value))
    return options


def _nonempty(items: list[str]) -> list[str]:
    """Drop the empty item behind a last comma, and that of an empty text."""
    return items[:-1] if items and items[-1] == "" else items


def _bare(item: str, implied: str | None) -> tuple[str, str]:
    if implied is not None:
        return implied, item
    if item.startswith("no"):
        return item[2:], "off"
    return item, "on"


def short_forms(text: str, implied: bool) -> Iterator[str]:
    """Yield the lines that QEMU prints about switches of a QemuOpts list without ``=on``.

    implied: whether the first item may leave out its key.
    """
    for item in _nonempty(split_items(text))[1 if implied else 0 :]:
        if "=" not in item:
            key, value = _bare(item, None)
            yield f"warning: short-form boolean option '{item}' deprecated"
            yield f"Please use {key}={value} instead"


def parse_keyval(text: str, implied: str) -> dict[str, Any]:
    """Parse a keyval list; dotted keys become nested dicts, numeric ones lists.

    Every leaf is a str. A bare ``help`` or ``?`` is the member ``help``: True.
    Raises OptionsError.
    """
    root: dict[str, Any] = {}
    for index, item in enumerate(_nonempty(split_items(text))):
        key, equals, value = item.partition("=")
        if not equals and item and index == 0 and item not in ("help", "?"):
            key, value = implied, item
        elif not equals and item:
            if item not in ("help", "?"):
                raise OptionsError(f"Expected '=' after parameter '{item}'")
            root["help"] = True
            continue
        _store(root, key, value)
    return _built(root)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Build nested dicts and lists of keys with dots and their values.

    Raises OptionsError.
    """
    root: dict[str, Any] = {}
    for key, value in pairs:
        _store(root, key, value)
    return _built(root)


def _built(root: dict[str, Any]) -> dict[str, Any]:
    listed = _lists(root, "")
    assert isinstance(listed, dict)
    return listed


def _store(root: dict[str, Any], key: str, value: str) -> None:
    if not re.fullmatch(_KEY, key) or "" in key.split("."):
        raise OptionsError(f"Invalid parameter '{key}'")
    *parents, last = key.split(".")
    here = root
    for depth, parent in enumerate(parents, 1):
        here = here.setdefault(parent, {})
        if not isinstance(here, dict):
            path = ".".join(parents[:depth])
            raise OptionsError(f"Parameters '{path}.*' used inconsistently")
    if isinstance(here.get(last), dict):
        raise OptionsError(f"Parameters '{key}.*' used inconsistently")
    here[last] = value


def _lists(value: Any, path: str) -> Any:
    """Turn dicts whose keys are all numbers into lists, from the leaves up."""
    if not isinstance(value, dict):
        return value
    items = {k: _lists(v, f"{path}{k}.") for k, v in value.items()}
    numbers = [key for key in items if key.isascii() and key.isdigit()]
    if not path or not numbers:
        return items
    if len(numbers) < len(items):
        raise OptionsError(f"Parameters '{path}*' used inconsistently")
    if sorted(map(int, numbers)) != list(range(len(numbers))):
        missing = next(n for n in range(len(numbers)) if str(n) not in items)
        raise OptionsError(f"Parameter '{path}{missing}' is missing")
    return [items[str(index)] for index in range(len(numbers))]
