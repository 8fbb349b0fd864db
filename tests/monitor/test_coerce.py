from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.monitor.coerce import Unconvertible, convert, convert_member, execute_typed
from hmp.monitor.errors import CommandError, CommandFailed
from hmp.qmp.errors import QMPError
from tests.fakes import FakeConnection, Message


class TypedMachine(FakeConnection):
    """A machine that refuses members that are not of their types, as QEMU does.

    types: QMP's name of each member's type, by its path.
    """

    def __init__(self, types: dict[str, str]) -> None:
        super().__init__({"add": self.add})
        self.types = types
        self.seen: list[Message] = []

    def add(self, arguments: Message) -> Any:
        """Refuse the first member that is not of its type."""
        self.seen.append(copy.deepcopy(arguments))
        for path, kind in self.types.items():
            value = self._at(arguments, path)
            if value is not None and not self._fits(value, kind):
                return QMPError(f"Invalid parameter type for '{path}', expected: {kind}")
        return {}

    @staticmethod
    def _at(arguments: Any, path: str) -> Any:
        for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
            try:
                arguments = arguments[name or int(index)]
            except (LookupError, TypeError):
                return None
        return arguments

    @staticmethod
    def _fits(value: Any, kind: str) -> bool:
        if kind == "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        types = {"boolean": bool, "array": list, "object": dict, "string": str}
        return isinstance(value, types[kind])


def executed(types: dict[str, str], arguments: Message) -> Message:
    """Return the arguments that the machine takes at last."""
    machine = TypedMachine(types)
    drive(execute_typed(machine, "add", arguments))
    return machine.seen[-1]


def test_texts_that_the_machine_takes_stay_as_they_are() -> None:
    """QEMU 7.2 takes text for device properties; it is asked once."""
    machine = TypedMachine({})
    drive(execute_typed(machine, "add", {"driver": "e1000", "mq": "on"}))

    assert machine.seen == [{"driver": "e1000", "mq": "on"}]


@pytest.mark.parametrize(
    ("types", "given", "taken"),
    [
        ({"mq": "boolean"}, {"mq": "on"}, {"mq": True}),
        ({"port": "integer"}, {"port": "3"}, {"port": 3}),
        (
            {"mq": "boolean", "port": "integer"},
            {"id": "x", "mq": "off", "port": "0x10"},
            {"id": "x", "mq": False, "port": 16},
        ),
        (
            {"host-nodes": "array", "host-nodes[0]": "integer"},
            {"host-nodes": "1"},
            {"host-nodes": [1]},
        ),
        (
            {"host-nodes[0]": "integer", "host-nodes[1]": "integer"},
            {"host-nodes": ["0", "2"]},
            {"host-nodes": [0, 2]},
        ),
        (
            {"hostfwd": "array", "hostfwd[0]": "object"},
            {"hostfwd": "tcp::1-:2"},
            {"hostfwd": [{"str": "tcp::1-:2"}]},
        ),
        ({"a.b": "boolean"}, {"a": {"b": "yes"}}, {"a": {"b": True}}),
    ],
)
def test_texts_become_what_the_machine_asks_for(
    types: dict[str, str], given: Message, taken: Message
) -> None:
    """Each refusal names a member; it is converted and the command sent again."""
    assert executed(types, given) == taken


def test_a_sign_that_the_machine_asks_for_in_other_words() -> None:
    """An unsigned member is refused otherwise."""
    machine = FakeConnection(
        {
            "add": lambda arguments: (
                {}
                if arguments["size"] == 7
                else QMPError("Parameter 'size' expects uint64")
            )
        }
    )

    assert drive(execute_typed(machine, "add", {"size": "7"})) == {}


@pytest.mark.parametrize(
    ("types", "given", "desc"),
    [
        ({"n": "integer"}, {"n": "x"}, "Parameter 'n' expects integer"),
        ({"size": "integer"}, {"size": "x"}, "Parameter 'size' expects size"),
        ({"b": "boolean"}, {"b": "maybe"}, "Parameter 'b' expects 'on' or 'off'"),
        ({"n": "integer"}, {"n": {"x": "1"}}, "Parameters 'n.*' are unexpected"),
        ({"n": "integer"}, {"n": ["1"]}, "Parameters 'n.*' are unexpected"),
    ],
)
def test_a_text_that_does_not_convert(
    types: dict[str, str], given: Message, desc: str
) -> None:
    """The complaint is the one of QEMU's monitor, and not the machine's."""
    with pytest.raises(CommandError) as caught:
        executed(types, given)

    assert caught.value.desc == desc
    assert caught.value.text == f"Error: {desc}\n"


def test_an_integer_may_have_another_name() -> None:
    """netdev_add calls it an int64 value."""
    machine = TypedMachine({"n": "integer"})

    with pytest.raises(CommandError, match="Parameter 'n' expects an int64 value"):
        drive(execute_typed(machine, "add", {"n": "x"}, "an int64 value"))


@pytest.mark.parametrize(
    "desc",
    [
        "Device 'x' not found",
        "Invalid parameter type for 'absent', expected: integer",
        "Invalid parameter type for 'n.x', expected: integer",
        "Invalid parameter type for 'n[0].x', expected: integer",
        "Invalid parameter type for 'done', expected: integer",
    ],
)
def test_other_errors_come_through(desc: str) -> None:
    """So does a complaint about what is no text of ours; nothing is asked twice."""
    machine = FakeConnection({"add": QMPError(desc)})

    with pytest.raises(QMPError, match=re.escape(desc)):
        drive(execute_typed(machine, "add", {"n": "1", "done": 7}))
    assert len(machine.calls) == 1


def test_a_machine_that_is_never_content() -> None:
    """It is not asked for ever."""
    machine = FakeConnection()
    machine.answers["add"] = lambda arguments: QMPError(
        f"Invalid parameter type for 'a{'[0]' * (len(machine.calls) - 1)}', expected: array"
    )

    with pytest.raises(CommandFailed, match="has more than 256 typed members"):
        drive(execute_typed(machine, "add", {"a": "1"}))
    assert len(machine.calls) == 256


@pytest.mark.parametrize(
    ("text", "expected", "value"),
    [
        *((word, "boolean", True) for word in ("on", "yes", "true", "y")),
        *((word, "boolean", False) for word in ("off", "no", "false", "n")),
        ("7", "integer", 7),
        ("-7", "integer", -7),
        ("0x10", "integer", 16),
        ("017", "integer", 15),
        ("0", "integer", 0),
        ("4k", "integer", 4096),
        ("1.5G", "integer", 3 << 29),
        ("7", "number", 7),
        ("a", "object", {"str": "a"}),
    ],
)
def test_conversions(text: str, expected: str, value: Any) -> None:
    """Booleans have four words each, integers may be sizes."""
    converted = convert(text, expected)

    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("On", "boolean", "'on' or 'off'"),
        ("1", "boolean", "'on' or 'off'"),
        ("", "boolean", "'on' or 'off'"),
        ("", "integer", "integer"),
        ("x", "integer", "integer"),
        ("1x", "integer", "integer"),
        ("1kk", "integer", "integer"),
        ("9" * 5000, "integer", "integer"),
        ("x", "null", "null"),
        ("x", "array", "array"),
    ],
)
def test_texts_that_do_not_convert(text: str, expected: str, reason: str) -> None:
    """The error says what would have been right."""
    with pytest.raises(Unconvertible) as caught:
        convert(text, expected)

    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "path", ["x", "a.b", "l[5]", "l[0].x", "a", "l[0]", "s[0]", "s.x", "."]
)
def test_a_path_without_a_text_is_left_alone(path: str) -> None:
    """Nothing is there to convert."""
    arguments: Message = {"l": [7], "a": 1, "s": "text"}

    assert not convert_member(arguments, path, "integer")
    assert arguments == {"l": [7], "a": 1, "s": "text"}
