"""Checks that replies and events match their schema as they arrive.

The types are in `hmp.qmp.reply_types`. Each is compiled into a function when a reply of
that type arrives for the first time, so that a script pays only for the commands it uses.
"""

from __future__ import annotations

from collections.abc import Mapping

from hmp.qmp import reply_types
from hmp.qmp.errors import BadReplyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Check = Callable[[Any], str]
    """Returns the error in a value, path first; empty if the value is right."""


class TypeTable(Mapping[str, str]):
    """A table of `hmp.qmp.reply_types`: a name and a text a line."""

    def __init__(self, lines: str) -> None:
        self.lines = f"\n{lines}"

    def __getitem__(self, name: str) -> str:
        start = self.lines.find(f"\n{name} ")
        # a name from elsewhere may have any characters
        if start < 0 or not name or " " in name or "\n" in name:
            raise KeyError(name)
        start += len(name) + 2
        return self.lines[start : self.lines.index("\n", start)]

    def __iter__(self) -> Iterator[str]:
        return (line.partition(" ")[0] for line in self.lines.split("\n")[1:-1])

    def __len__(self) -> int:
        return self.lines.count("\n") - 1


COMMANDS = TypeTable(reply_types.COMMANDS)
"""The return type by command."""
EVENTS = TypeTable(reply_types.EVENTS)
"""The type of the data by event."""
SHAPES = TypeTable(reply_types.SHAPES)
"""The members, or the choices of an alternate, by type."""
_BY_COMMAND: dict[str, Check] = {}
"""The check function by command, for commands checked so far."""
_CHECKS: dict[str, Check] = {}
"""The check function by type, for types needed so far."""


def check_reply(command: str, value: Any) -> None:
    """Check the value that a QMP command returned. Raises BadReplyError.

    Replies to commands outside of our schemas are not checked.
    """
    _judge(_BY_COMMAND.get(command) or _check_for(command), command, value)


def check_type(type_: str, command: str, value: Any) -> None:
    """Check the reply to a command outside of the table against a type in the table.

    Raises BadReplyError.
    """
    _judge(_check_of(type_), command, value)


def needed(command: str, value: Mapping[str, Any], member: str) -> Any:
    """Return a member of a reply that the schema does not have. Raises BadReplyError."""
    if member not in value:
        raise BadReplyError(f"the machine's reply to '{command}' does not have '{member}'")
    return value[member]


def event_error(event: Mapping[str, Any]) -> str:
    """Return how an event's data does not match its schema; empty if it does.

    Of an event outside of our schemas, the data only has to be an object.
    """
    name = event["event"]
    if wrong := _wrong(_check_of(EVENTS.get(name, "{}")), event.get("data", {})):
        return f"the machine's event '{name}' does not match its schema: {wrong}"
    return ""


def _judge(check: Check, command: str, value: Any) -> None:
    if wrong := _wrong(check, value):
        desc = f"the machine's reply to '{command}' does not match its schema: {wrong}"
        raise BadReplyError(desc)


def _wrong(check: Check, value: Any) -> str:
    """Return the error in a value, as the end of a sentence."""
    try:
        wrong = check(value)
    except RecursionError:
        wrong = " is nested too deeply"
    return f"it{wrong}" if wrong.startswith(" ") else wrong.removeprefix(".")


def _check_for(command: str) -> Check:
    type_ = COMMANDS.get(command)
    if type_ is None:  # not kept, since a user can type any number of unknown commands
        return _SIMPLE["any"]
    check = _BY_COMMAND[command] = _check_of(type_)
    return check


def _check_of(type_: str) -> Check:
    """Return the check function of a type, compiled on first use."""
    if type_ not in _CHECKS:
        _CHECKS[type_] = _made(type_)
    return _CHECKS[type_]


def _made(type_: str) -> Check:
    if type_ in _SIMPLE:
        return _SIMPLE[type_]
    if type_.startswith("["):
        return _array(type_[1:-1])
    shape = SHAPES[type_]
    return _alternate(shape[1:].split("|")) if shape.startswith("|") else _object(shape)


def _string(value: Any) -> str:
    return "" if isinstance(value, str) else " must be a string"


def _integer(value: Any) -> str:
    # true is an integer in Python, but not in JSON
    if isinstance(value, int) and not isinstance(value, bool):
        return ""
    return " must be an integer"


def _number(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ""
    return " must be a number"


def _boolean(value: Any) -> str:
    return "" if isinstance(value, bool) else " must be a boolean"


def _nothing(value: Any) -> str:
    return "" if isinstance(value, dict) else " must be an object"


_SIMPLE: dict[str, Check] = {
    "str": _string,
    "int": _integer,
    "number": _number,
    "bool": _boolean,
    "any": lambda value: "",
    "{}": _nothing,
}


_CLASSES = {"str": str, "int": int, "bool": bool}
"""The class of nearly all values of a type; only other values are examined."""


def _array(element: str) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, list):
            return " must be an array"
        if value:
            check_element = _check_of(element)
            for index, item in enumerate(value):
                if wrong := check_element(item):
                    return f"[{index}]{wrong}"
        return ""

    return check


def _alternate(choices: list[str]) -> Check:
    def check(value: Any) -> str:
        wrongs = [_check_of(choice)(value) for choice in choices]
        if not all(wrongs):
            return ""
        # report the branch that nearly matches
        near = (wrong for wrong in wrongs if not wrong.startswith(" must be "))
        return next(near, " must be something else")

    return check


def _object(shape: str) -> Check:
    needed, types, tag, cases = _read(shape)
    members: dict[str, tuple[type | None, Check]] = {}

    def check(value: Any) -> str:
        if not isinstance(value, dict):
            return " must be an object"
        if not members:  # late, since types may contain themselves
            members.update({n: (_CLASSES.get(t), _check_of(t)) for n, t in types.items()})
        if not needed <= value.keys():
            missing = next(name for name in types if name in needed - value.keys())
            return f" must have the member '{missing}'"
        for name, member in value.items():
            # a newer QEMU may send members that our schemas do not have
            if name in members:
                class_, check_member = members[name]
                if member.__class__ is not class_ and (wrong := check_member(member)):
                    return f".{name}{wrong}"
        case = cases.get(value.get(tag)) if tag else None
        return _check_of(case)(value) if case else ""

    return check


def _read(shape: str) -> tuple[set[str], dict[str, str], str, dict[Any, str]]:
    """Return the required members, the types of all members, the tag and branches."""
    needed: set[str] = set()
    types: dict[str, str] = {}
    tag = ""
    cases: dict[Any, str] = {}
    for word in shape.split():
        left, _, type_ = word.rpartition(":")
        before, is_case, case = left.partition("=")
        if is_case:
            tag, cases[case] = before, type_
            continue
        name = left.removesuffix("?")
        types[name] = type_
        if name == left:
            needed.add(name)
    return needed, types, tag, cases
