from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls

HINT = "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.\n"


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("object_add iothread,id=io1", {"qom-type": "iothread", "id": "io1"}),
        ("object_add qom-type=iothread,id=a,id=b", {"qom-type": "iothread", "id": "b"}),
        (
            "object_add memory-backend-ram,id=m,host-nodes.0=0,host-nodes.1=2",
            {"qom-type": "memory-backend-ram", "id": "m", "host-nodes": ["0", "2"]},
        ),
        ("object_add t,a=x,,y", {"qom-type": "t", "a": "x,y"}),
        (
            'object_add {"qom-type": "iothread", "id": "i", "n": [1, null]}',
            {"qom-type": "iothread", "id": "i", "n": [1, None]},
        ),
        ("object_add {}", {}),
    ],
)
def test_object_add(line: str, arguments: Message) -> None:
    """From options with dotted keys, or from JSON."""
    assert qmp_calls(line) == [("object-add", arguments)]


@pytest.mark.parametrize("options", ["iothread,id=i", '{"qom-type": "iothread"}'])
def test_the_value_of_object_add(options: str) -> None:
    """That of QMP."""
    assert FakeSession({"object-add": {}}).call(f"object_add {options}").value == {}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("object_add iothread,x", "Error: Expected '=' after parameter 'x'\n"),
        ("object_add ,id=x", "Error: Invalid parameter ''\n"),
        ("object_add iothread,a=1,a.b=2", "Error: Parameters 'a.*' used inconsistently\n"),
    ],
)
def test_object_add_with_options_that_are_none(line: str, text: str) -> None:
    """They are refused here, in the words of QEMU's monitor."""
    session = FakeSession({"object-add": {}})

    assert session.prints(line) == text
    assert session.calls == []


@pytest.mark.parametrize(
    ("desc", "text"),
    [
        (
            "Parameter 'id' expects an identifier",
            f"Error: Parameter 'id' expects an identifier\n{HINT}",
        ),
        ("Parameter 'id' is missing", "Error: Parameter 'id' is missing\n"),
    ],
)
def test_object_add_errors(desc: str, text: str) -> None:
    """QMP does not transmit the hint, which QEMU's monitor prints."""
    session = FakeSession({"object-add": QMPError(desc)})

    assert session.prints("object_add iothread,id=1") == text


def test_a_size_of_which_qemu_dies() -> None:
    """QEMU takes -1 in JSON for 2^64-1; its own monitor dies of this line."""
    session = FakeSession({"object-add": {}})
    line = 'object_add {"qom-type": "memory-backend-ram", "id": "m", "size": -1}'

    assert session.prints(line) == "Error: Parameter 'size' expects size\n"
    assert session.calls == []


@pytest.mark.parametrize(
    "line",
    [
        "object_add help",
        "object_add ?",
        "object_add iothread,help",
        "object_add {'qom-type':'iothread'}",
        "object_add {",
        'object_add {"a":1} x',
        "object_add {" + '"a":[' * 5000,
        'object_add {"a":' + "9" * 5000 + "}",
    ],
)
def test_object_add_that_only_qemu_can_answer(line: str) -> None:
    """Help, and JSON as QEMU writes it or words its errors."""
    session = FakeSession(lines={line: "text\r\n"})

    assert session.call(line).value == "text\n"
    assert session.machine.typed == [line]


def test_object_add_help_is_printed() -> None:
    """It is what was asked for."""
    session = FakeSession(lines={"object_add help": "List of user creatable objects:\r\n"})

    assert session.prints("object_add help") == "List of user creatable objects:\n"


def test_object_del() -> None:
    """By its id."""
    assert qmp_calls("object_del io1") == [("object-del", {"id": "io1"})]


PROPERTIES = [
    {"name": "type", "type": "string"},
    {"name": "a", "type": "child<b>"},
    {"name": "on", "type": "bool"},
    {"name": "n", "type": "int64"},
    {"name": "u", "type": "uint8"},
    {"name": "size", "type": "size"},
    {"name": "i", "type": "int"},
    {"name": "s", "type": "str"},
    {"name": "l", "type": "link<x>"},
    {"name": "e", "type": "HostMemPolicy"},
    {"name": "st", "type": "struct tm"},
]


def test_qom_list() -> None:
    """Name and type of each, in the machine's order; without a path the root's."""
    session = FakeSession({"qom-list": PROPERTIES[:2]})

    assert session.prints("qom-list /machine") == "type (string)\na (child<b>)\n"
    assert session.prints("qom-list") == "/\n"
    assert session.calls == [("qom-list", {"path": "/machine"})]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", '"x"\n'),
        (True, "true\n"),
        (None, "null\n"),
        ({}, "{\n}\n"),
        ({"a": [1]}, '{\n    "a": [\n        1\n    ]\n}\n'),
    ],
)
def test_qom_get(value: Any, text: str) -> None:
    """As QEMU's pretty JSON."""
    session = FakeSession({"qom-get": value})

    assert session.prints("qom-get /machine x") == text
    assert session.calls == [("qom-get", {"path": "/machine", "property": "x"})]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("on", "on", True),
        ("on", "no", False),
        ("n", "5", 5),
        ("u", "0x10", 16),
        ("size", "4k", 4096),
        ("i", "7", 7),
        ("s", "7", "7"),
        ("s", " two words ", "two words "),
        ("type", "on", "on"),
        ("l", "/machine", "/machine"),
        ("unknown", "7", "7"),
    ],
)
def test_qom_set_converts_by_the_propertys_type(name: str, text: str, value: Any) -> None:
    """An unknown property is the machine's to refuse."""
    assert qmp_calls(f"qom-set /m {name} {text}", {"qom-list": PROPERTIES}) == [
        ("qom-list", {"path": "/m"}),
        ("qom-set", {"path": "/m", "property": name, "value": value}),
    ]


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), ('"x"', "x"), ("[1, {}]", [1, {}]), ("false", False)]
)
def test_qom_set_takes_json(text: str, value: Any) -> None:
    """With -j, and no type need be asked for."""
    assert qmp_calls(f"qom-set -j /m p {text}") == [
        ("qom-set", {"path": "/m", "property": "p", "value": value})
    ]


def test_qom_set_to_nothing() -> None:
    """JSON's null is a value, not an absent member."""
    session = FakeSession(lines={"qom-set -j /m p null": ""})

    assert session.prints("qom-set -j /m p null") == ""
    assert session.machine.typed == ["qom-set -j /m p null"]


@pytest.mark.parametrize(
    "line",
    [
        "qom-set /m n -5",
        "qom-set /m n 1k",
        "qom-set /m u 08",
        "qom-set /m size 1.5M",
        "qom-set /m on maybe",
        "qom-set /m n x",
        "qom-set /m e preferred",
        "qom-set /m st 1",
        "qom-set -j /m p {",
        "qom-set -j /m p 'x'",
        "qom-set -j /m p " + "9" * 5000,
    ],
)
def test_qom_set_that_only_qemu_can_answer(line: str) -> None:
    """A text that does not convert, or a type whose texts only QEMU understands."""
    session = FakeSession({"qom-list": PROPERTIES}, {line: "Error: no\r\n"})

    assert session.prints(line) == "Error: no\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [("n", "x"), ("u", "08"), ("size", "1.5M"), ("on", "maybe"), ("e", "x")],
)
def test_qom_set_on_a_machine_without_a_monitor(name: str, text: str) -> None:
    """It gets the text, and refuses it."""
    session = FakeSession(
        {"qom-list": PROPERTIES, "qom-set": QMPError("no")}, has_hmp=False
    )

    assert session.prints(f"qom-set /m {name} {text}") == "Error: no\n"
    assert session.calls[-1][1]["value"] == text


def test_qom_set_of_what_is_not_there() -> None:
    """The error is that of the first question."""
    error = QMPError("Device '/m' not found", "DeviceNotFound")

    assert FakeSession({"qom-list": error}).prints("qom-set /m p 1") == (
        "Error: Device '/m' not found\n"
    )


def test_qom_list_for_people() -> None:
    """The objects below first, then what is referred to, each by name."""
    properties = [
        {"name": "type", "type": "string"},
        {"name": "b", "type": "child<iothread>"},
        {"name": "cpu", "type": "link<cpu>"},
        {"name": "a", "type": "child<container>"},
    ]
    rows = FakeSession({"qom-list": properties}).looks("qom-list /machine").splitlines()

    assert [row.split(None, 1) for row in rows[2:]] == [
        ["a", "child container"],
        ["b", "child iothread"],
        ["cpu", "link cpu"],
        ["type", "string"],
    ]
