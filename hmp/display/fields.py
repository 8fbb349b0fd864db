"""One number out of a value, by a path such as ``ram.total`` or ``[0].stats.rd_bytes``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.monitor.errors import CommandFailedError

if TYPE_CHECKING:
    from typing import Any

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+)\]")


def field_of(value: Any, path: str) -> float:
    """Return the number at a path; true and false are 1 and 0.

    Raises CommandFailedError for a path that leads nowhere, or to no number.
    """
    found = value
    for name, index in _STEP.findall(path):
        try:
            found = found[int(index)] if index else found[name]
        except (KeyError, IndexError, TypeError):
            text = f"Error: '{path}': there is no '{name or index}' ({_known(found)})\n"
            raise CommandFailedError(text) from None
    if isinstance(found, bool | int | float):
        return float(found)
    raise CommandFailedError(f"Error: '{path}' is no number\n")


def _known(value: Any) -> str:
    """Say what there is instead."""
    if isinstance(value, dict):
        return f"there are {', '.join(value)}" if value else "it is empty"
    return (
        f"there are {len(value)} items" if isinstance(value, list) else "nothing is below"
    )
