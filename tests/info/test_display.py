from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import NEWEST, FakeSession, joined

SERVER = {
    "host": "127.0.0.1",
    "service": "5901",
    "family": "ipv4",
    "websocket": False,
    "auth": "none",
}
CLIENT = {
    "host": "127.0.0.1",
    "service": "40000",
    "family": "ipv4",
    "websocket": False,
}


def test_vnc() -> None:
    """The tree shows the servers and clients of each display."""
    display = {
        "id": "default",
        "auth": "none",
        "display": "vga0",
        "server": [{**SERVER, "websocket": True, "auth": "vencrypt", "vencrypt": "x509"}],
        "clients": [CLIENT, {**CLIENT, "sasl_username": "me", "x509_dname": "CN=me"}],
    }
    quiet = {"id": "other", "auth": "vnc", "server": [], "clients": []}
    session = FakeSession({"query-vnc-servers": [display, quiet]})

    assert session.prints("info vnc") == joined(
        [
            "default:",
            "  Server: 127.0.0.1:5901 (ipv4 (Websocket))",
            "    Auth: vencrypt (Sub: x509)",
            "  Client: 127.0.0.1:40000 (ipv4)",
            "    x509_dname: none",
            "    sasl_username: none",
            "  Client: 127.0.0.1:40000 (ipv4)",
            "    x509_dname: CN=me",
            "    sasl_username: me",
            "  Display: vga0",
            "other:",
            "  Auth: vnc (Sub: none)",
        ]
    )
    looks = session.looks("info vnc")
    assert "default shows vga0" in looks
    assert "client 127.0.0.1:40000 me" in looks


def test_no_vnc() -> None:
    """A machine without displays prints None; an error stays an error."""
    assert FakeSession({"query-vnc-servers": []}).prints("info vnc") == "None\n"
    assert FakeSession({"query-vnc-servers": []}).looks("info vnc") == "no VNC server\n"
    error = QMPError("no VNC here")
    assert FakeSession({"query-vnc-servers": error}).prints("info vnc") == (
        "Error: no VNC here\n"
    )


SPICE = {
    "enabled": True,
    "migrated": False,
    "host": "0.0.0.0",
    "port": 5900,
    "tls-port": 5901,
    "auth": "none",
    "compiled-version": "0.15.0",
    "mouse-mode": "server",
}


def channel(kind: int, tls: bool = False) -> dict[str, Any]:
    """Return a channel of a client."""
    return {
        "host": "127.0.0.1",
        "port": "4",
        "connection-id": 9,
        "channel-id": 0,
        "channel-type": kind,
        "tls": tls,
    }


@pytest.mark.parametrize(
    ("kind", "version", "name"),
    [
        *(
            (number, NEWEST, name)
            for number, name in enumerate(
                [
                    "main",
                    "display",
                    "inputs",
                    "cursor",
                    "playback",
                    "record",
                    "tunnel",
                    "smartcard",
                    "usbredir",
                    "port",
                    "webdav",
                ],
                1,
            )
        ),
        (12, NEWEST, "unknown"),
        (11, (7, 2, 0), "unknown"),
        (0, NEWEST, "unknown"),
        (99, NEWEST, "unknown"),
    ],
)
def test_spice(kind: int, version: tuple[int, int, int], name: str) -> None:
    """The lines show the addresses, and each channel with its name."""
    value = {**SPICE, "channels": [channel(kind, tls=True)]}
    session = FakeSession({"query-spice": value}, version=version)

    assert session.prints("info spice") == joined(
        [
            "Server:",
            "     address: 0.0.0.0:5900",
            "     address: 0.0.0.0:5901 [tls]",
            "    migrated: false",
            "        auth: none",
            "    compiled: 0.15.0",
            "  mouse-mode: server",
            "Channel:",
            "     address: 127.0.0.1:4 [tls]",
            "     session: 9",
            f"     channel: {kind}:0",
            f"     channel name: {name}",
        ]
    )
    assert "● enabled" in session.looks("info spice")


def test_spice_without_clients() -> None:
    """The text also covers a disabled server."""
    idle = FakeSession({"query-spice": SPICE}).prints("info spice")
    off = FakeSession({"query-spice": {"enabled": False}})

    assert idle.endswith("  mouse-mode: server\nChannels: none\n")
    assert off.prints("info spice") == "Server: disabled\n"
    assert off.looks("info spice") == "SPICE  ○ disabled\n"


@pytest.mark.parametrize("warning", ["", "warning: 'info capture' is deprecated\n"])
def test_capture(warning: str) -> None:
    """The view is a table; the warnings of newer machines are left out."""
    text = f"{warning}[0]: Capturing audio(44100,16,2) to /tmp/a.wav: 80 bytes\n"
    session = FakeSession(lines={"info capture": text})

    assert session.looks("info capture").splitlines()[2].split() == [
        "0",
        "44100",
        "16",
        "2",
        "/tmp/a.wav",
        "80",
    ]
