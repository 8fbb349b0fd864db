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
    from collections.abc import Iterator
    from typing import Any

_encode = json.JSONEncoder(separators=(", ", ": ")).encode
# floating point in Python's output, or text in a string that looks like it
_FLOAT = re.compile(r"(?:^|[ \[])-?(?:[0-9]+[.e]|Infinity|NaN)")

_MANY = 4096
"""Pieces of text that are joined at once: no signal is handled while millions are."""
_LONG = 1 << 20
"""Characters of a string that are encoded at once, for the same reason."""


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
        # QEMU's format: enough digits for any double to be read back unchanged
        return f"{value:.17g}"
    if isinstance(value, str) and len(value) > _LONG:
        starts = range(0, len(value), _LONG)
        parts = (_escaped(_encode(value[at : at + _LONG]))[1:-1] for at in starts)
        return f'"{"".join(parts)}"'
    return _escaped(_encode(value))


def _write(value: Any, depth: int | None) -> str:
    """Write a value of any depth without recursion; depth None: on one line."""
    done: list[str] = []
    written: list[str] = []
    # what remains of the objects and arrays around the present value, the innermost last
    todo: list[Iterator[str | tuple[Any, int]]] = [iter([(value, depth or 0)])]
    while todo:
        for item in todo[-1]:
            if isinstance(item, str):
                written.append(item)
            elif isinstance(item[0], dict | list | tuple):
                todo.append(_pieces(item[0], item[1], pretty=depth is not None))
                break
            else:
                written.append(_scalar(item[0]))
            if len(written) > _MANY:
                done.append("".join(written))
                written.clear()
        else:
            todo.pop()
    return "".join([*done, *written])


def _pieces(
    value: dict[str, Any] | list[Any] | tuple[Any, ...], level: int, pretty: bool
) -> Iterator[str | tuple[Any, int]]:
    """Yield the parts of an object or array: text, or a value and its level."""
    line = "\n" + "    " * level if pretty else ""
    before = line + "    " if pretty else ""
    between = f",{before}" if pretty else ", "
    if isinstance(value, dict):
        yield "{"
        for key, item in value.items():
            yield f"{before}{_scalar(key)}: "
            yield item, level + 1
            before = between
        yield line + "}"
    else:
        yield "["
        for item in value:
            yield before
            yield item, level + 1
            before = between
        yield line + "]"
