"""Finds one number in a value, by a path like ``ram.total`` or ``[0].stats.rd_bytes``."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from hmp.monitor.errors import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator
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
            step = name or index
            where = "" if step == path else f"'{path}': "
            what = f"no '{step}' ({_known(found)}){_numbers(value, path)}"
            raise CommandFailedError(f"Error: {where}{what}\n") from None
    if isinstance(found, bool | int | float):
        return float(found)
    raise CommandFailedError(f"Error: '{path}' is not a number{_numbers(value, path)}\n")


_NAMED = 6
"""An error names at most so many numbers of the value."""
_READ = 1000
"""At most so many numbers of a value are considered."""
# levels of a value: the path of what lies deeper would be too long to be typed
_DEEP = 8


def numbers_of(value: Any) -> list[tuple[str, float]]:
    """Return numbers in a value with their paths, the shortest of these first."""
    found = islice(_numbers_in(value, "", _DEEP), _READ)
    return sorted(found, key=lambda pair: len(_STEP.findall(pair[0])))


def _numbers_in(value: Any, path: str, depth: int) -> Iterator[tuple[str, float]]:
    # a bool is an int in Python; one that is named is a number, but it is not offered
    if isinstance(value, int | float) and not isinstance(value, bool):
        if path:
            yield path, float(value)
    elif isinstance(value, dict) and depth:
        for name, below in value.items():
            if _STEP.fullmatch(str(name)):
                yield from _numbers_in(below, f"{path}.{name}" if path else name, depth - 1)
    elif isinstance(value, list) and depth:
        for index, below in enumerate(value):
            yield from _numbers_in(below, f"{path}[{index}]", depth - 1)


def _numbers(value: Any, path: str) -> str:
    """Return the numbers that the value has instead, those with the path's end first."""
    found = [known for known, _ in numbers_of(value)]
    found.sort(key=lambda known: not f".{known}".endswith(f".{path}"))
    if not found:
        return "; the value has no numbers"
    more = ", …" if len(found) > _NAMED else ""
    return f"; numbers: {', '.join(found[:_NAMED])}{more}"


def _known(value: Any) -> str:
    """Describe what the value contains instead, for the message."""
    if isinstance(value, dict):
        return f"it has {', '.join(value)}" if value else "it is empty"
    return f"it has {len(value)} items" if isinstance(value, list) else "it has no members"
