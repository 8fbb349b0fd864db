"""Replies of the right shape, and of wrong ones, made from the table of reply types."""

from __future__ import annotations

from typing import Any

from hmp.qmp.reply_types import COMMANDS, SHAPES

_PLAIN: dict[str, Any] = {
    "str": "",
    "int": 0,
    "number": 0,
    "bool": False,
    "any": 0,
    "{}": {},
}


def members(type_: str, value: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Return type and whether it is optional by member; the branch by value's tag."""
    found: dict[str, tuple[str, bool]] = {}
    for word in SHAPES.get(type_, "").split():
        left, _, member = word.rpartition(":")
        tag, is_case, case = left.partition("=")
        if not is_case:
            found[left.removesuffix("?")] = member, left.endswith("?")
        elif value.get(tag) == case:
            found |= members(member, value)
    return found


def filled(command: str, value: Any) -> Any:
    """Return the reply to a command with the members that a test left out."""
    return _filled(COMMANDS.get(command, "any"), value)


def least(command: str) -> Any:
    """Return the least reply to a command; an empty object where the table has none."""
    return _least(COMMANDS.get(command, "{}"))


def _filled(type_: str, value: Any) -> Any:
    if type_.startswith("[") and isinstance(value, list):
        return [_filled(type_[1:-1], item) for item in value]
    shape = SHAPES.get(type_, "|")
    if shape.startswith("|") or not isinstance(value, dict):
        return value
    whole = dict(value)
    for name, (member, optional) in members(type_, value).items():
        if name in value:
            whole[name] = _filled(member, value[name])
        elif not optional:
            whole[name] = _least(member)
    return whole


def _least(type_: str) -> Any:
    """Return the least value of a type."""
    if type_ in _PLAIN:
        return _PLAIN[type_]
    if type_.startswith("["):
        return []
    shape = SHAPES[type_]
    return _least(shape[1:].split("|")[0]) if shape[:1] == "|" else _filled(type_, {})
