"""Arguments given as text, turned into what the machine's schema wants.

``device_add``, ``netdev_add`` and ``object_add`` take option lists, where every
value is text; QMP wants integers, booleans and lists. The machine itself knows
which: it refuses a text with ``Invalid parameter type for 'P', expected: integer``
before anything happens, so the value is converted and the command sent again.
QEMU 7.2 takes text for device properties as it is, and is never asked twice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hmp.language.expression import ExpressionError, evaluate
from hmp.language.size import SizeError, read_size
from hmp.monitor.errors import CommandError, CommandFailed
from hmp.qmp.errors import QMPError

if TYPE_CHECKING:
    from typing import Any

    from hmp.qmp.connection import Connection

_REFUSAL = (
    r"Invalid parameter type for '(?P<path>[^']+)', expected: (?P<type>\w+)"
    r"|Parameter '(?P<unsigned>[^']+)' expects uint64"
)
_STEP = r"\.?([^.\[\]]+)|\[(\d+)\]"
_TRUE = ("on", "yes", "true", "y")
_FALSE = ("off", "no", "false", "n")
_ROUNDS = 256
_SIZES = ("size", "align", "sndbuf")
"""Members that QEMU's monitor calls sizes; QMP calls every number an integer."""


class Unconvertible(ValueError):
    """A value that does not mean what is expected.

    The text names what is; it is empty where a single value is, not several.
    """


async def execute_typed(
    qmp: Connection,
    command: str,
    arguments: dict[str, Any],
    integer: str = "integer",
) -> Any:
    """Run a QMP command, converting the texts in arguments as the machine asks.

    integer: what QEMU's monitor calls an integer when it asks for one. Raises
    QMPError, and CommandError for a text that does not convert.
    """
    for _ in range(_ROUNDS):
        try:
            return await qmp.execute(command, arguments)
        except QMPError as error:
            match = re.fullmatch(_REFUSAL, error.desc)
            if match is None:
                raise
            path = match["path"] or match["unsigned"]
            try:
                converted = convert_member(arguments, path, match["type"] or "integer")
            except Unconvertible as unfit:
                raise _complaint(path, str(unfit), integer) from error
            if not converted:
                raise
    raise CommandFailed(f"Error: '{command}' has more than {_ROUNDS} typed members\n")


def convert_member(arguments: dict[str, Any], path: str, expected: str) -> bool:
    """Convert the text at a path such as ``hostfwd[0].str`` to the expected type.

    Returns False when there is no text at that path. Raises Unconvertible when the
    text does not fit.
    """
    steps = [name or int(index) for name, index in re.findall(_STEP, path)]
    holder: Any = arguments
    for step in steps[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return False
    if not steps or not isinstance(holder, dict | list):
        return False
    last = steps[-1]
    try:
        text = holder[last]
    except (KeyError, IndexError, TypeError):
        return False
    if expected == "array" and not isinstance(text, list):
        holder[last] = [text]
        return True
    if isinstance(text, dict | list):
        raise Unconvertible("")
    if not isinstance(text, str):
        return False
    holder[last] = convert(text, expected)
    return True


def convert(text: str, expected: str) -> Any:
    """Convert a text to a QMP type by its name. Raises Unconvertible."""
    if expected == "boolean":
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        raise Unconvertible("'on' or 'off'")
    if expected in ("integer", "number"):
        return _integer(text)
    if expected == "object":
        return {"str": text}  # QAPI's String: the one object that a text can mean
    raise Unconvertible(expected)


def _integer(text: str) -> int:
    try:
        value, end = evaluate(text, 0) if text[:1] in "-0" else (int(text), len(text))
        if end == len(text):
            return value
    except (ExpressionError, ValueError):
        pass
    try:
        value, end = read_size(text, 0)
    except SizeError:
        end = -1
    if end != len(text):
        raise Unconvertible("integer")
    return value


def _complaint(path: str, expected: str, integer: str) -> CommandError:
    """Word what does not fit as QEMU's monitor does."""
    if expected == "integer":
        expected = "size" if path in _SIZES else integer
    desc = f"Parameter '{path}' expects {expected}"
    if not expected:
        desc = f"Parameters '{path}.*' are unexpected"
    return CommandError(f"Error: {desc}\n", desc)
