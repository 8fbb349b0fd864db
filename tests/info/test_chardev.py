from __future__ import annotations

from tests.fakes import FakeSession, qmp_calls


def test_chardev() -> None:
    """A line each, in the machine's order."""
    answer = [
        {"label": "serial0", "filename": "pty:/dev/pts/3", "frontend-open": True},
        {"label": "c0", "filename": "disconnected:unix:a b", "frontend-open": False},
    ]

    assert qmp_calls("info chardev") == [("query-chardev", {})]
    assert FakeSession({"query-chardev": answer}).prints("info chardev") == (
        "serial0: filename=pty:/dev/pts/3\nc0: filename=disconnected:unix:a b\n"
    )
    assert FakeSession({"query-chardev": []}).prints("info chardev") == ""
