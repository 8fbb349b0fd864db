"""Finds one number in a value, by a path like ``ram.total`` or ``[0].stats.rd_bytes``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.monitor.errors import CommandFailedError

if TYPE_CHECKING:
    from typing import Any

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+)\]")


def field_of(value: Any, path: str) -> float:
    """Return the number at a path; true and false are 1 and 0.

    Raises CommandFailedError if the path does not exist, or is not that of a number.
    """
    found = value
    for name, index in _STEP.findall(path):
        try:
            found = found[int(index)] if index else found[name]
        except (KeyError, IndexError, TypeError):
            text = f"Error: '{path}': no '{name or index}' ({_known(found)})\n"
            raise CommandFailedError(text) from None
    if isinstance(found, bool | int | float):
        return float(found)
    raise CommandFailedError(f"Error: '{path}' is not a number\n")


def _known(value: Any) -> str:
    """Describe what the value contains instead, for the message."""
    if isinstance(value, dict):
        return f"it has {', '.join(value)}" if value else "it is empty"
    return f"it has {len(value)} items" if isinstance(value, list) else "it has no members"
