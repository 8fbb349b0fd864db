from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls


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
