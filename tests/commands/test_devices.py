from __future__ import annotations

from typing import Any

import pytest

from commands import devices
from hmp.monitor.frontend import FrontEnd
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls

GONE = QMPError("Device 'disk1' not found", "DeviceNotFound")


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("device_add e1000", {"driver": "e1000"}),
        ("device_add driver=e1000,id=n", {"driver": "e1000", "id": "n"}),
        (
            "device_add usb-tablet,id=t,serial=a,,b,mq,nosg",
            {"driver": "usb-tablet", "id": "t", "serial": "a,b", "mq": "on", "sg": "off"},
        ),
        ("device_add", {}),
    ],
)
def test_device_add_sends_texts_first(line: str, arguments: dict[str, str]) -> None:
    """QEMU 7.2 takes them as they are."""
    assert qmp_calls(line) == [("device_add", arguments)]


def test_device_add_converts_what_the_machine_wants_otherwise() -> None:
    """Newer releases want JSON's types, and say which."""

    def add(arguments: Message) -> Any:
        if isinstance(arguments["port"], str):
            return QMPError("Invalid parameter type for 'port', expected: integer")
        return {}

    session = FakeSession({"device_add": add})

    assert session.prints("device_add usb-kbd,port=3") == ""
    assert session.calls[-1] == ("device_add", {"driver": "usb-kbd", "port": 3})


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("device_add help", 'name "e1000", bus PCI\r\n'),
        ("device_add ?", "list\r\n"),
        ("device_add e1000,help", "e1000 options:\r\n  addr=<int32>\r\n"),
        ("device_add e1000,?", "e1000 options:\r\n"),
    ],
)
def test_device_add_help_is_qemus(line: str, text: str) -> None:
    """The line goes on as it is, and its text is printed."""
    session = FakeSession(lines={line: text})

    assert session.prints(line) == text.replace("\r\n", "\n")
    assert session.machine.typed == [line]


def test_device_add_help_on_a_machine_without_a_monitor() -> None:
    """The error says what is missing."""
    session = FakeSession(has_hmp=False)

    assert session.prints("device_add help") == (
        "Error: 'device_add' needs the monitor of a real QEMU\n"
    )


def test_device_del() -> None:
    """By id or QOM path."""
    assert qmp_calls("device_del /machine/x") == [("device_del", {"id": "/machine/x"})]


OPTIONS = """\
e1000 options:
  acpi-index=<uint32>    -  (default: 0)
  addr=<str>             - Slot and optional function number, example: 06.0 (default: -1)
  account-failed=<OnOffAuto> - on/off/auto (default: "auto")
  bootindex=<int32>
  mac=<str>              - Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56
"""


@pytest.mark.parametrize("line", ["device_add e1000,help", "object_add e1000,help"])
def test_help_for_options_is_a_table(line: str) -> None:
    """With the default apart."""
    looks = FakeSession(lines={line: OPTIONS}).looks(line).splitlines()

    assert looks[0] == "e1000"
    assert [row.split(None, 3) for row in looks[3:6]] == [
        ["acpi-index", "uint32", "0"],
        ["addr", "str", "-1", "Slot and optional function number,"],
        ["example:", "06.0"],
    ]
    assert looks[6].split() == ["account-failed", "OnOffAuto", "auto"]
    assert looks[7].split() == ["bootindex", "int32"]


def test_help_for_options_of_which_little_is_said() -> None:
    """What nothing is said of has no column."""
    text = "iothread options:\n  poll-grow=<int>\n"
    looks = FakeSession(lines={"object_add iothread,help": text})

    assert looks.looks("object_add iothread,help").splitlines()[1] == "option      type"


def test_other_help_is_shown_as_it_is() -> None:
    """Lists of models have their own layout."""
    session = FakeSession({"device_add": {}}, {"device_add help": 'name "e1000"\n'})

    assert session.looks("device_add help") == 'name "e1000"\n'
    assert session.looks("device_add e1000,id=n1") == ""


@pytest.mark.parametrize("answers", [[True, True, True, GONE], [True] * 999])
def test_a_device_that_the_guest_keeps(
    answers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user at a prompt is told after a while; a script does not wait."""
    monkeypatch.setattr(devices, "_SOON", 0.2)
    left = iter(answers)
    session = FakeSession({"device_del": {}, "qom-get": lambda arguments: next(left)})
    front = session.monitor.front = Warned()

    assert session.prints("device_del disk1") == ""
    kept = (
        "The guest has not released 'disk1' yet;"
        " 'wait DEVICE_DELETED device=disk1' waits for it"
    )
    assert front.said == ([] if GONE in answers else [kept])
    assert qmp_calls("device_del disk1") == [("device_del", {"id": "disk1"})]


class Warned(FrontEnd):
    """A front end with a user who agrees, and keeps what it is told."""

    interactive = True

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    async def confirm(self, question: str) -> bool:
        """Agree."""
        return True

    def tell(self, text: str) -> None:
        """Keep it."""
        self.said.append(text)
