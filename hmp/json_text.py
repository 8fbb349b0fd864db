"""JSON the way QEMU's monitor prints it, for ``qom-get``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def pretty(value: Any, depth: int = 0) -> str:
    """Return a JSON value over several lines, four blanks a level.

    Keys stay in their order; an empty object or array still has a line of its own
    for its end; numbers are exact, and characters beyond ASCII are escaped with
    capital digits.
    """
    if isinstance(value, dict):
        items = [f"{_string(key)}: {pretty(v, depth + 1)}" for key, v in value.items()]
        return _enclose("{", items, "}", depth)
    if isinstance(value, list):
        return _enclose("[", [pretty(v, depth + 1) for v in value], "]", depth)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return f"{value:.17g}"
    return json.dumps(value)


def _enclose(start: str, items: list[str], end: str, depth: int) -> str:
    line = "\n" + "    " * (depth + 1)
    body = line + ("," + line).join(items) if items else ""
    return f"{start}{body}\n{'    ' * depth}{end}"


def _string(text: str) -> str:
    escaped = json.dumps(text).replace("\x7f", "\\u007F")
    # an escaped backslash may stand before a u of the text's own
    return re.sub(r"\\(?:u([0-9a-f]{4})|.)", _capital, escaped)


def _capital(match: re.Match[str]) -> str:
    return f"\\u{match[1].upper()}" if match[1] else match[0]
