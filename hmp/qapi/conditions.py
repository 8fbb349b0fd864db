"""Conditions: the values of 'if' members, docs "Configuring the schema".

A condition is kept as parsed: a string, or an object whose one member is 'all', 'any' or
'not'. None stands for no condition.
"""

from __future__ import annotations

import re

from hmp.qapi.error import Place, QAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, TypeAlias

    Condition: TypeAlias = str | dict[str, Any] | None

_IDENTIFIER = re.compile(r"[A-Z][A-Z0-9_]*")


def check_condition(condition: Any, place: Place, what: str) -> None:
    """Check the form of the condition of `what`.

    Raises QAPIError, at `place`, if it is not a condition.
    """
    if isinstance(condition, str):
        if not _IDENTIFIER.fullmatch(condition):
            raise QAPIError(
                place,
                f"the 'if' condition '{condition}' of {what} must be a name in upper "
                "case, such as CONFIG_TPM",
            )
        return
    if not isinstance(condition, dict):
        raise QAPIError(
            place, f"the 'if' condition of {what} must be a string or an object"
        )
    if len(condition) != 1 or next(iter(condition)) not in ("all", "any", "not"):
        raise QAPIError(
            place,
            f"the 'if' condition of {what} must have exactly one key, 'all', 'any' or "
            "'not'",
        )
    [(operator, operand)] = condition.items()
    if operator == "not":
        check_condition(operand, place, what)
        return
    if not isinstance(operand, list) or not operand:
        raise QAPIError(
            place, f"the '{operator}' condition of {what} must be an array of conditions"
        )
    for part in operand:
        check_condition(part, place, what)


def holds(condition: Condition, defined: Collection[str]) -> bool:
    """Tell whether a checked condition holds where the names in `defined` are defined."""
    if condition is None:
        return True
    if isinstance(condition, str):
        return condition in defined
    [(operator, operand)] = condition.items()
    if operator == "not":
        return not holds(operand, defined)
    results = (holds(part, defined) for part in operand)
    return all(results) if operator == "all" else any(results)


def describe(condition: Condition) -> str:
    """Return a checked condition as words: "A and (B or not C)"; "" for none."""
    if condition is None or isinstance(condition, str):
        return condition or ""
    [(operator, operand)] = condition.items()
    if operator == "not":
        return f"not {_in_brackets(operand)}"
    word = " and " if operator == "all" else " or "
    return word.join(_in_brackets(part) for part in operand)


def _in_brackets(condition: Condition) -> str:
    text = describe(condition)
    return f"({text})" if " and " in text or " or " in text else text
