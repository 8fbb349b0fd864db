"""Arguments given as text, converted to the types that the machine expects.

``device_add``, ``netdev_add`` and ``object_add`` take option lists, where every
value is text; QMP expects integers, booleans and lists. The machine itself knows
which: it refuses a text with ``Invalid parameter type for 'P', expected: integer``
before it does anything, so the value is converted and the command sent again.
QEMU 7.2 accepts text for device properties, so there the first attempt succeeds.

QMP does not say what kind of integer it expects: signed, unsigned, or a size, which
QEMU's own monitor reads in three ways. So only a text that means the same in all of them
is converted here. A line with any other text goes to QEMU's own monitor, which decides; a
machine without one gets the value by the strictest of the readings.
"""

from __future__ import annotations

import re

from hmp.monitor.errors import CommandError, CommandFailedError
from hmp.monitor.integers import (
    CoercionError,
    check_integer,
    plain_integer,
    plain_size,
    read_integer,
    read_whole_size,
)
from hmp.monitor.passthrough import forward_line
from hmp.monitor.preconfig import waits
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import QMPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from hmp.monitor.monitor import Monitor

_REFUSAL = (
    r"Invalid parameter type for '(?P<path>[^']+)', expected: (?P<type>\w+)"
    r"|Parameter '(?P<unsigned>[^']+)' expects uint64"
)
# all that the visitor says of arguments, so that other errors are not taken for refusals
_ANY_REFUSAL = (
    r"Invalid parameter(?: type)? (?:for )?'[^']*'(?:, expected: \w+)?"
    r"|Parameters? '[^\n]*' (?:is missing|is unexpected|are unexpected"
    r"|expects [^\n]*|does not accept value '[^\n]*')"
)
# one step of such a path: a member's name, or an index
_STEP = r"\.?([^.\[\]]+)|\[(\d+)\]"
# what QEMU takes for a boolean, in lower case only
_TRUE = ("on", "yes", "true", "y")
_FALSE = ("off", "no", "false", "n")
# QEMU names one wrong member at a time, and no command has so many.
_ROUNDS = 256

_ODD_ESCAPE = r"\\u(0000|[dD][89a-fA-F])"
"""Escapes that QEMU refuses in a string: a zero byte, and surrogates, even in pairs."""


class _Place:
    """The place of a text that the machine refuses, and the type it expects there."""

    def __init__(self, holder: Any, key: str | int, path: str, kind: str) -> None:
        self.holder = holder
        self.key = key
        self.path = path
        self.kind = kind
        self.text: str = holder[key]


async def execute_coerced(
    mon: Monitor,
    command: str,
    arguments: dict[str, Any],
    *,
    sizes: Collection[str] = (),
    wraps: Collection[str] = (),
) -> Any:
    """Run a QMP command, converting the texts in arguments as the machine asks.

    sizes: the names of members that are sizes, and are read with units. wraps: the types
    that a single text may stand for where QMP expects more: ``array``, with the text as
    its only item, and ``object``, with the text as its member ``str``.

    Returns the command's value. Raises QMPError, and CommandError for a text that does
    not convert.
    """
    for _ in range(_ROUNDS):
        try:
            return await mon.qmp.execute(command, arguments)
        except QMPError as error:
            place = _refused_text(arguments, error.desc)
            if place is None or place.kind not in (*wraps, "boolean", "integer", "number"):
                raise
            # the error says "integer" for a size as well
            size = place.key in sizes
            value = _plainly(place, size, wraps)
            # the refusal came before any effect, so the line can still run as a whole
            if value is None and await may_forward(mon):
                return await forward_line(mon) or {}
            place.holder[place.key] = _strict(place, size) if value is None else value
    raise CommandFailedError(f"Error: '{command}' has more than {_ROUNDS} typed members\n")


def _plainly(place: _Place, size: bool, wraps: Collection[str]) -> Any:
    """Return the value of a text as every QEMU reads it; None if they may differ."""
    if place.kind in wraps:
        return [place.text] if place.kind == "array" else {"str": place.text}
    if place.kind == "boolean":
        return _switch(place)
    return plain_size(place.text) if size else plain_integer(place.text)


def is_refusal(desc: str) -> bool:
    """Return whether an error says that the arguments do not match the schema.

    The command has then had no effect.
    """
    return re.fullmatch(_ANY_REFUSAL, desc) is not None


async def may_forward(mon: Monitor) -> bool:
    """Return whether the machine has a monitor of its own that can run the line."""
    if not mon.qmp.has_hmp or await waits(mon):
        return False
    try:
        return await mon.supports(RUN_LINE)
    except QMPError:
        return False


def _refused_text(arguments: dict[str, Any], desc: str) -> _Place | None:
    """Return the place of the text that an error is about; None for any other error.

    Raises CommandError if it is not a single value but an object or a list.
    """
    match = re.fullmatch(_REFUSAL, desc)
    if match is None:
        return None
    path, kind = match["path"] or match["unsigned"], match["type"] or "integer"
    steps = [name or int(index) for name, index in re.findall(_STEP, path)]
    value: Any = arguments
    holder: Any = None
    for step in steps:
        try:
            holder, value = value, value[step]
        except (KeyError, IndexError, TypeError):
            return None
    if isinstance(value, dict | list) and steps and kind not in ("array", "object"):
        raise _complaint(path, "")
    if not isinstance(value, str) or not isinstance(holder, dict | list):
        return None
    return _Place(holder, steps[-1], path, kind)


def _switch(place: _Place) -> bool:
    try:
        return read_switch(place.text)
    except CoercionError as error:
        raise _complaint(place.path, str(error)) from error


def read_switch(text: str) -> bool:
    """Read one of QEMU's words for on and off. Raises CoercionError."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise CoercionError("'on' or 'off'")


def _strict(place: _Place, size: bool) -> int:
    """Read a number for a machine that cannot be asked. Raises CommandError."""
    try:
        value = read_whole_size(place.text) if size else read_integer(place.text)
        check_integer(str(place.key), value)
        return value
    except CoercionError as error:
        raise _complaint(place.path, str(error)) from error


def read_json(text: str) -> Any:
    """Read JSON that QEMU and Python read alike. Raises ValueError for any other text."""
    import json

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is not valid JSON")

    def integer(digits: str) -> int:
        value = int(digits[:21])  # 21 digits already exceed 64 bits
        if not -(1 << 63) <= value < 1 << 64:
            refuse(digits)
        return value

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # QEMU refuses a repeated key, of which Python keeps the last
        found = dict(pairs)
        if len(found) < len(pairs):
            refuse("a repeated key")
        return found

    if re.search(_ODD_ESCAPE, text):
        refuse("an invalid character")
    try:
        return json.loads(
            text, parse_constant=refuse, parse_int=integer, object_pairs_hook=members
        )
    except RecursionError as error:
        raise ValueError("too deep") from error


def _complaint(path: str, expected: str) -> CommandError:
    """Return the error in the words of QEMU's monitor."""
    # QMP's a[0] is a.0 for QEMU's monitor
    path = re.sub(r"\[(\d+)\]", r".\1", path)
    desc = f"Parameter '{path}' expects {expected}"
    if not expected:
        desc = f"Parameters '{path}.*' are unexpected"
    return CommandError(f"Error: {desc}\n", desc)
