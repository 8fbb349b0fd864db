from __future__ import annotations

from tests.fakes import FakeSession, qmp_calls


def test_chardev() -> None:
    """One line per device, in the machine's order."""
    answer = [
        {"label": "serial0", "filename": "pty:/dev/pts/3", "frontend-open": True},
        {"label": "c0", "filename": "disconnected:unix:a b", "frontend-open": False},
    ]

    assert qmp_calls("info chardev") == [("query-chardev", {})]
    assert FakeSession({"query-chardev": answer}).prints("info chardev") == (
        "serial0: filename=pty:/dev/pts/3\nc0: filename=disconnected:unix:a b\n"
    )
    assert FakeSession({"query-chardev": []}).prints("info chardev") == ""


def test_chardevs_for_people() -> None:
    """Sorted by name; the missing end is shown before the backend, and who listens."""
    devices = [
        {"label": "b", "filename": "disconnected:unix:/s,server=on", "frontend-open": True},
        {"label": "a", "filename": "vc", "frontend-open": True},
        {"label": "c", "filename": "null", "frontend-open": False},
    ]
    rows = FakeSession({"query-chardev": devices}).looks("info chardev").splitlines()[2:]

    assert [row.split(None, 1) for row in rows] == [
        ["a", "● open                     vc"],
        ["b", "○ not connected   server   unix:/s"],
        ["c", "○ not in use               null"],
    ]


def test_sockets_on_a_narrow_screen() -> None:
    """Their paths differ, rather than all end in QEMU's suffix."""
    devices = [
        {"label": label, "filename": filename, "frontend-open": True}
        for label, filename in (
            ("compat_monitor0", "unix:/run/vm/monitor.sock,server=on"),
            ("compat_monitor1", "disconnected:unix:/run/vm/serial.sock,server=on"),
            ("gdb", "disconnected:tcp:0.0.0.0:1234,server=on"),
            ("tcp", "tcp:127.0.0.1:1234,server=on <-> 127.0.0.1:40000"),
        )
    ]
    shown = FakeSession({"query-chardev": devices}).looks("info chardev", width=50)

    assert "server=on" not in shown
    assert shown.count("server") == len(devices)
    for address in (
        "unix:/run/vm/monitor.sock",
        "unix:/run/vm/serial.sock",
        "tcp:0.0.0.0:1234",
        "tcp:127.0.0.1:1234 <-> 127.0.0.1:40000",
    ):
        assert address in shown
