from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.frontends.script import drive
from hmp.monitor.coerce import execute_coerced, is_refusal, read_json, read_switch
from hmp.monitor.errors import CommandError, CommandFailedError
from hmp.monitor.integers import (
    CoercionError,
    plain_integer,
    plain_size,
    read_integer,
    read_whole_size,
)
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import QMPError
from tests.fakes import FakeConnection, Message, tables


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


def run(machine: FakeConnection, arguments: Message, **how: Any) -> Any:
    """Run the command on a machine."""
    monitor = Monitor(machine, tables())
    monitor.line = monitor.parse("the line")
    return drive(execute_coerced(monitor, "add", arguments, **how))


WRAPS = ("array", "object")


def executed(types: dict[str, str], arguments: Message) -> Message:
    """Return the arguments that a machine without a monitor takes at last."""
    machine = TypedMachine(types)
    run(machine, arguments, sizes=("size",), wraps=WRAPS)
    return machine.seen[-1]


def test_texts_that_the_machine_takes_stay_as_they_are() -> None:
    """QEMU 7.2 takes text for device properties; it is asked once."""
    machine = TypedMachine({})
    run(machine, {"driver": "e1000", "mq": "on"})

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

    assert run(machine, {"size": "7"}) == {}


@pytest.mark.parametrize(
    ("types", "given", "desc"),
    [
        ({"n": "integer"}, {"n": "x"}, "Parameter 'n' expects integer"),
        ({"size": "integer"}, {"size": "x"}, "Parameter 'size' expects size"),
        ({"sndbuf": "integer"}, {"sndbuf": "-1"}, "Parameter 'sndbuf' expects size"),
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


def test_a_list_is_no_text() -> None:
    """Where a single text stands for a list nowhere, it is the machine's to refuse."""
    machine = TypedMachine({"n": "array"})

    with pytest.raises(QMPError, match="expected: array"):
        run(machine, {"n": "x"})


NUMBERS = [
    "-1",
    "-0",
    "+1",
    " 1",
    "08",
    "010",
    "1k",
    "1.5M",
    ".5e",
    "0b1000",
    "",
    "x",
    "1e3",
    "-0xffffffff00000001",
    "9223372036854775808",
    "18446744073709551616",
    "0x",
    "1-3",
    "16Gi",
    "0x18M",
    "\u0663",
    "1_000",
    "0xffffffffffffffff",
    "nan",
    "9" * 5000,
]
"""What QEMU's readers of signed, unsigned and sizes take each for something else."""


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_that_only_qemu_can_read(text: str) -> None:
    """Its own monitor gets the whole line, and nothing else is sent."""
    machine = TypedMachine({"n": "integer"})
    machine.answers["query-commands"] = [{"name": "human-monitor-command"}]
    machine.lines["the line"] = "Error: Parameter 'n' expects integer\n"

    with pytest.raises(CommandFailedError, match="Parameter 'n' expects integer"):
        run(machine, {"n": text})
    assert machine.seen == [{"n": text}]
    assert machine.typed == ["the line"]


def test_a_number_that_qemu_takes() -> None:
    """There is nothing to show then."""
    machine = TypedMachine({"n": "integer"})
    machine.answers["query-commands"] = [{"name": "human-monitor-command"}]
    machine.lines["the line"] = ""

    assert run(machine, {"n": "010"}) == {}


@given(text=st.text("0123456789xXabcdefkKmMgGtTpPeE+-. ", max_size=12))
def test_plain_numbers_mean_the_same_to_everybody(text: str) -> None:
    """A plain number is one in C, and as a size; it is never negative nor octal."""
    value = plain_integer(text)

    if value is not None:
        assert 0 <= value < 1 << 63
        assert read_integer(text) == read_whole_size(text) == plain_size(text) == value


@given(value=st.integers(0, 10**18 - 1))
def test_every_number_up_to_a_limit_is_plain(value: int) -> None:
    """As QEMU writes it."""
    assert plain_integer(str(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, null, true, "x"]}', {"a": [1, None, True, "x"]}),
        ("18446744073709551615", (1 << 64) - 1),
        ("-9223372036854775808", -(1 << 63)),
        ("1.5e3", 1500.0),
        ('"\\u00e9"', "\u00e9"),
    ],
)
def test_json(text: str, value: Any) -> None:
    """What QEMU reads in the same way."""
    assert read_json(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{'a': 1}",
        "NaN",
        "[Infinity]",
        '{"a": 1, "a": 2}',
        "18446744073709551616",
        '"\\u0000"',
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        "[" * 100000,
        "9" * 5000,
        "",
        "01",
    ],
)
def test_what_qemu_does_not_take_for_json(text: str) -> None:
    """Or takes in another way: its monitor is asked."""
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


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
        run(machine, {"n": "1", "done": 7})
    assert len(machine.calls) == 1


def test_a_machine_that_is_never_content() -> None:
    """It is not asked for ever."""
    machine = FakeConnection()
    machine.answers["add"] = lambda arguments: QMPError(
        f"Invalid parameter type for 'a{'[0]' * (len(machine.calls) - 1)}', expected: array"
    )

    with pytest.raises(CommandFailedError, match="has more than 256 typed members"):
        run(machine, {"a": "1"}, wraps=WRAPS)
    assert len(machine.calls) == 256


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, True) for word in ("on", "yes", "true", "y")),
        *((word, False) for word in ("off", "no", "false", "n")),
    ],
)
def test_switches(text: str, value: bool) -> None:
    """Each state has four words."""
    assert read_switch(text) is value


@pytest.mark.parametrize("text", ["On", "1", "", "onn", "null"])
def test_what_is_no_switch(text: str) -> None:
    """The error says what would have been right."""
    with pytest.raises(CoercionError, match=re.escape("'on' or 'off'")):
        read_switch(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("-7", -7), ("0x10", 16), ("017", 15), ("0", 0), ("00", 0), ("-0", 0)],
)
def test_integers(text: str, value: int) -> None:
    """As C reads them."""
    assert read_integer(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1x",
        "08",
        "1k",
        "1.5",
        "+1",
        " 1",
        "0x",
        "--1",
        "1_000",
        "\u0663",
        "9" * 5000,
        "18446744073709551616",
    ],
)
def test_what_is_no_integer(text: str) -> None:
    """Nothing is read with the grammar of sizes, nor with Python's."""
    with pytest.raises(CoercionError, match=r"^integer$"):
        read_integer(text)


@pytest.mark.parametrize(
    "path", ["x", "a.b", "l[5]", "l[0].x", "a", "l[0]", "s[0]", "s.x", "."]
)
def test_a_path_without_a_text_is_left_alone(path: str) -> None:
    """Nothing is there to convert."""
    arguments: Message = {"l": [7], "a": 1, "s": "text"}
    desc = f"Invalid parameter type for '{path}', expected: integer"

    with pytest.raises(QMPError, match=re.escape(desc)):
        run(FakeConnection({"add": QMPError(desc)}), arguments)
    assert arguments == {"l": [7], "a": 1, "s": "text"}


@pytest.mark.parametrize(
    ("desc", "refusal"),
    [
        ("Parameter 'size' is missing", True),
        ("Parameter 'x' is unexpected", True),
        ("Parameters 'x.*' are unexpected", True),
        ("Parameter 'a' expects uint16_t", True),
        ("Parameter 'driver' does not accept value 'a b'", True),
        ("Invalid parameter type for 'x', expected: array", True),
        ("Invalid parameter 'x'", True),
        ("Device 'x' not found", False),
        ("Could not open 'x': No such file or directory", False),
    ],
)
def test_refusals_by_the_schema(desc: str, refusal: bool) -> None:
    """They are told from errors of what has begun."""
    assert is_refusal(desc) is refusal
