from __future__ import annotations

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("screendump f", {"filename": "f"}),
        ("screendump f -f png", {"filename": "f", "format": "png"}),
        ("screendump f vga0", {"filename": "f", "device": "vga0", "head": 0}),
        ("screendump f vga0 2", {"filename": "f", "device": "vga0", "head": 2}),
    ],
)
def test_screendump(line: str, arguments: Message) -> None:
    """A head is one of a device."""
    assert qmp_calls(line) == [("screendump", arguments)]


def test_a_picture_of_an_unknown_format() -> None:
    """QEMU's monitor looks itself, in its own words."""
    error = QMPError("Parameter 'format' does not accept value 'gif'")

    assert FakeSession({"screendump": error}).prints("screendump f -f gif") == (
        "Error: invalid parameter value: gif\n"
    )


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        (
            "set_password vnc s",
            "set_password",
            {"protocol": "vnc", "password": "s"},
        ),
        (
            "set_password vnc s -d d1 keep",
            "set_password",
            {"protocol": "vnc", "password": "s", "display": "d1", "connected": "keep"},
        ),
        (
            "set_password spice s -d d1",
            "set_password",
            {"protocol": "spice", "password": "s"},
        ),
        (
            "expire_password vnc +60 -d d1",
            "expire_password",
            {"protocol": "vnc", "time": "+60", "display": "d1"},
        ),
        (
            "expire_password spice now",
            "expire_password",
            {"protocol": "spice", "time": "now"},
        ),
        (
            "client_migrate_info spice h 1 2 s",
            "client_migrate_info",
            {
                "protocol": "spice",
                "hostname": "h",
                "port": 1,
                "tls-port": 2,
                "cert-subject": "s",
            },
        ),
    ],
)
def test_passwords(line: str, command: str, arguments: Message) -> None:
    """Only VNC has displays to choose from."""
    assert qmp_calls(line) == [(command, arguments)]


@pytest.mark.parametrize(
    ("line", "word"),
    [("set_password vnc s nope", "nope"), ("set_password nope s", "nope")],
)
def test_words_that_are_none(line: str, word: str) -> None:
    """What becomes of clients is looked at first."""
    error = QMPError(f"Parameter 'protocol' does not accept value '{word}'")

    assert FakeSession({"set_password": error}).prints(line) == (
        f"Error: invalid parameter value: {word}\n"
    )


ADVICE = (
    "If you want use passwords please enable password auth using '-vnc ${dpy},password'.\n"
)


@pytest.mark.parametrize(
    ("error", "auth", "text"),
    [
        (
            "Could not set password",
            "none",
            f"{ADVICE}Error: Could not set password\n",
        ),
        ("Could not set password", "vnc", "Error: Could not set password\n"),
        (
            "VNC password authentication is disabled",
            "none",
            "Error: VNC password authentication is disabled\n"
            "To enable it, use '-vnc ...,password-secret=ID'",
        ),
    ],
)
def test_why_a_password_cannot_be_set(error: str, auth: str, text: str) -> None:
    """QEMU's monitor gives the advice that QMP leaves out."""
    session = FakeSession(
        {
            "set_password": QMPError(error),
            "query-vnc-servers": [{"id": "default", "auth": auth}],
        }
    )

    assert session.prints("set_password vnc secret") == text


def test_a_password_is_nowhere_to_be_seen() -> None:
    """Not in what is said about its line."""
    call = FakeSession({"set_password": QMPError("no")}).call("set_password vnc hidden")

    assert "hidden" not in call.shown_line
    assert "hidden" not in call.error_text()


def test_clear() -> None:
    """The sequence that QEMU 11.1 prints."""
    assert FakeSession().prints("clear") == "\x1b[H\x1b[2J\x1b[3J"
