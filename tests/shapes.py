"""Replies of the right shape, and of wrong ones, made from the table of reply types."""

from __future__ import annotations

import random
from typing import Any

from hmp.qmp.errors import BadReplyError
from hmp.qmp.shapes import COMMANDS, EVENTS, SHAPES, check_reply, event_error

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


def filled_event(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event with the members of its data that a test left out."""
    data = _filled(EVENTS.get(event["event"], "{}"), event.get("data", {}))
    return {**event, "data": data} if data else event


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


STRINGS = (
    "",
    "a",
    "running",
    "x y",
    "\x1b[31m\x9b",
    "[bold]",
    "é€\u202e\u200b",
    "a\nb\r",
    "'",
    '"',
    "0",
    "-1",
    "1K",
    "qcow2",
    "raw",
    "inet",
    "unix",
    "child<x>",
    "link<x>",
    "/machine/a",
    "-",
    "none",
    "memory",
    "hmp-0",
    "a" * 300,
    "\ud800",
    "52:54:00:12:34:56",
    "%s{x}",
    "\0",
)
INTEGERS = (
    0,
    1,
    2,
    7,
    -1,
    10**9,
    2**31 - 1,
    2**31,
    -(2**31),
    2**32 - 1,
    2**53 + 1,
    2**63 - 1,
    -(2**63),
    2**64 - 1,
)
NUMBERS = (*INTEGERS, 0.0, -0.5, 1.5, 1e300, 1e-300)


class Maker:
    """Makes up replies by chance: of the right shape, and of others."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def reply(self, command: str) -> Any:
        """Return a reply that the schema allows."""
        return self._value(COMMANDS.get(command, "any"), 6)

    def wrong(self, command: str) -> Any:
        """Return a reply that the schema does not allow."""
        for _ in range(50):
            value = self._spoilt(self.reply(command))
            try:
                check_reply(command, value)
            except BadReplyError:
                return value
        return self.anything(0)  # nothing is wrong there

    def event(self, name: str, *, wrong: bool = False) -> dict[str, Any]:
        """Return an event with data that the schema allows, or does not."""
        for _ in range(50):
            data = self._value(EVENTS[name], 3)
            if wrong:
                data = self._spoilt(data)
                data = data if isinstance(data, dict) else {}
            event = {"event": name, "data": data}
            if bool(event_error(event)) == wrong:
                return event
        raise AssertionError(f"nothing is wrong for {name}")

    def _value(self, type_: str, depth: int) -> Any:
        if type_.startswith("["):
            count = self.chance.choice([0, 1, 1, 2, 3]) if depth > 0 else 0
            return [self._value(type_[1:-1], depth - 1) for _ in range(count)]
        if type_ == "{}":
            return {}
        simple = {"str": STRINGS, "int": INTEGERS, "number": NUMBERS, "bool": (True, False)}
        if type_ in simple:
            return self.chance.choice(simple[type_])
        if type_ == "any":
            return self.anything(2)
        shape = SHAPES[type_]
        if shape.startswith("|"):
            return self._value(self.chance.choice(shape[1:].split("|")), depth)
        return self._object(type_, depth)

    def _object(self, type_: str, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        tagged = [w.partition(":")[0].split("=") for w in SHAPES[type_].split() if "=" in w]
        if tagged and self.chance.random() < 0.9:
            tag, case = self.chance.choice(tagged)
            value[tag] = case
        elif tagged:
            value[tagged[0][0]] = "of-tomorrow"
        for name, (member, optional) in members(type_, value).items():
            likely = 0.5 if depth > 0 else 0.0
            if name not in value and (not optional or self.chance.random() < likely):
                value[name] = self._value(member, depth - 1)
        if self.chance.random() < 0.1:
            value["of-tomorrow"] = self.anything(1)
        return value

    def anything(self, depth: int) -> Any:
        """Return any JSON value."""
        kind = self.chance.randrange(7 if depth > 0 else 5)
        if kind == 5:
            return [self.anything(depth - 1) for _ in range(self.chance.randrange(3))]
        if kind == 6:
            names = self.chance.sample(STRINGS, self.chance.randrange(3))
            return {name: self.anything(depth - 1) for name in names}
        choices: tuple[Any, ...] = (STRINGS, INTEGERS, NUMBERS, (True, False), (None,))[
            kind
        ]
        return self.chance.choice(choices)

    def _spoilt(self, value: Any) -> Any:
        """Return the value with something in it that is something else, or not there."""
        if not isinstance(value, dict | list) or not value or self.chance.random() < 0.3:
            return self.anything(1)
        if isinstance(value, list):
            at = self.chance.randrange(len(value))
            return [*value[:at], self._spoilt(value[at]), *value[at + 1 :]]
        name = self.chance.choice(list(value))
        if self.chance.random() < 0.3:
            return {key: item for key, item in value.items() if key != name}
        return {**value, name: self._spoilt(value[name])}
