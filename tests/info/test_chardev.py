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
    """Sorted by name; the missing end is shown before the backend."""
    devices = [
        {"label": "b", "filename": "disconnected:unix:/s,server=on", "frontend-open": True},
        {"label": "a", "filename": "vc", "frontend-open": True},
        {"label": "c", "filename": "null", "frontend-open": False},
    ]
    rows = FakeSession({"query-chardev": devices}).looks("info chardev").splitlines()[2:]

    assert [row.split(None, 1) for row in rows] == [
        ["a", "● open            vc"],
        ["b", "○ not connected   unix:/s,server=on"],
        ["c", "○ not in use      null"],
    ]
