from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls

TRY = 'Try "help netdev_add" for more information\n'


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        (
            "netdev_add user,id=n,restrict=on",
            [("netdev_add", {"type": "user", "id": "n", "restrict": "on"})],
        ),
        ("netdev_add type=tap,id=n", [("netdev_add", {"type": "tap", "id": "n"})]),
        ("netdev_del n", [("netdev_del", {"id": "n"})]),
        ("set_link n on", [("set_link", {"name": "n", "up": True})]),
        ("set_link n off", [("set_link", {"name": "n", "up": False})]),
    ],
)
def test_qmp_calls(line: str, calls: list[tuple[str, Message]]) -> None:
    """One QMP command each."""
    assert qmp_calls(line) == calls


@pytest.mark.parametrize(
    ("desc", "text"),
    [
        ("Duplicate ID 'n'", TRY),
        ("Parameter 'nope' is unexpected", "Error: Invalid parameter 'nope'\n"),
        ("Device 'n' not found", "Error: Device 'n' not found\n"),
    ],
)
def test_netdev_add_errors(desc: str, text: str) -> None:
    """QEMU's monitor words some otherwise than QMP."""
    session = FakeSession({"netdev_add": QMPError(desc)})

    assert session.prints("netdev_add user,id=n") == text


@pytest.mark.parametrize(
    ("line", "desc"),
    [
        (
            "netdev_add hubport,id=n,hubid=1k",
            "Invalid parameter type for 'hubid', expected: integer",
        ),
        ("netdev_add stream,id=n,addr.type=unix", "Parameter 'addr' is missing"),
    ],
)
def test_what_only_qemu_can_word(line: str, desc: str) -> None:
    """Its monitor reads numbers in its own way, and knows no members of members."""
    answers = {
        "netdev_add": QMPError(desc),
        "query-commands": [{"name": "human-monitor-command"}],
    }
    session = FakeSession(answers, {line: "Error: no\n"})

    assert session.prints(line) == "Error: no\n"


def test_netdev_add_with_a_name_that_is_taken_says_why_to_those_who_ask() -> None:
    """JSON output and the terminal show it."""
    session = FakeSession({"netdev_add": QMPError("Duplicate ID 'n'")})
    call = session.call("netdev_add user,id=n")

    assert call.error is not None
    assert call.error.desc == "Duplicate ID 'n'"


def test_netdev_add_lists() -> None:
    """A list of String objects is made of one text."""

    def add(arguments: Message) -> Any:
        found = arguments["hostfwd"]
        if not isinstance(found, list):
            return QMPError("Invalid parameter type for 'hostfwd', expected: array")
        if not isinstance(found[0], dict):
            return QMPError("Invalid parameter type for 'hostfwd[0]', expected: object")
        return {}

    session = FakeSession({"netdev_add": add})

    assert session.prints("netdev_add user,id=n,hostfwd=tcp::1-:2") == ""
    assert session.calls[-1][1]["hostfwd"] == [{"str": "tcp::1-:2"}]


@pytest.mark.parametrize(
    "line", ["netdev_add help", "netdev_add user,help", "netdev_add ?"]
)
def test_netdev_add_help_is_qemus(line: str) -> None:
    """The line goes on as it is."""
    text = "Available netdev backend types:\nsocket\n"
    session = FakeSession(lines={line: text.replace("\n", "\r\n")})

    assert session.prints(line) == text
