"""JSON as QEMU writes it: on one line, or pretty over many, in ASCII either way.

Without I/O. QEMU differs from Python in these points: ``\\u`` has capital digits, DEL is
escaped, floating point has 17 digits, and the pretty form closes an empty object or array
on another line.
"""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_encode = json.JSONEncoder(separators=(", ", ": ")).encode
# floating point in Python's output, or text in a string that looks like it
_FLOAT = re.compile(r"(?:^|[ \[])-?(?:[0-9]+[.e]|Infinity|NaN)")


def compact(value: Any) -> str:
    """Return a JSON value on one line."""
    try:
        text = _encode(value)
    except RecursionError:
        # Python's encoder recurses, and a client may nest an id 1024 levels deep.
        return _write(value, None)
    if _FLOAT.search(text):
        return _write(value, None)
    return _escaped(text)


def pretty(value: Any, depth: int = 0) -> str:
    """Return a JSON value over several lines, four blanks a level from `depth` on."""
    return _write(value, depth)


def _escaped(text: str) -> str:
    """Replace Python's escapes by QEMU's."""
    # almost no text has either, and looking is much faster than replacing
    if "\x7f" in text:
        text = text.replace("\x7f", "\\u007F")
    if "\\u" in text:
        # an escaped backslash may precede a literal u
        text = re.sub(r"\\(?:u([0-9a-f]{4})|.)", _capital, text)
    return text


def _capital(match: re.Match[str]) -> str:
    return f"\\u{match[1].upper()}" if match[1] else match[0]


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.17g}"
    return _escaped(_encode(value))


def _write(value: Any, depth: int | None) -> str:
    """Write a value of any depth without recursion; depth None: on one line."""
    written: list[str] = []
    # the remaining output in reverse order: text, or a value and its level
    todo: list[str | tuple[Any, int]] = [(value, depth or 0)]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            written.append(item)
        elif isinstance(item[0], dict | list | tuple):
            todo += _pieces(item[0], item[1], pretty=depth is not None)
        else:
            written.append(_scalar(item[0]))
    return "".join(written)


def _pieces(
    value: dict[str, Any] | list[Any] | tuple[Any, ...], level: int, pretty: bool
) -> list[str | tuple[Any, int]]:
    """Return the parts of an object or array, in reverse order."""
    line = "\n" + "    " * level if pretty else ""
    inner = line + "    " if pretty else ""
    between = f",{inner}" if pretty else ", "
    heads = [""] * len(value)
    items, ends = list(value), "[]"
    if isinstance(value, dict):
        heads = [f"{_scalar(key)}: " for key in value]
        items, ends = list(value.values()), "{}"
    pieces: list[str | tuple[Any, int]] = []
    for head, item in zip(heads, items, strict=True):
        pieces += [between + head if pieces else inner + head, (item, level + 1)]
    return [line + ends[1], *reversed(pieces), ends[0]]
