from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import FakeSession, qmp_calls

QEMU = {"major": 7, "minor": 2, "micro": 22}


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("info version", "query-version"),
        ("info status", "query-status"),
        ("info name", "query-name"),
        ("info uuid", "query-uuid"),
    ],
)
def test_each_asks_one_question(line: str, command: str) -> None:
    """One QMP command, without arguments."""
    assert qmp_calls(line) == [(command, {})]


@pytest.mark.parametrize(
    ("package", "text"),
    [
        ("", "7.2.22\n"),
        ("Debian 1:7.2", "7.2.22Debian 1:7.2\n"),
        (" (v7.2.22)", "7.2.22 (v7.2.22)\n"),
    ],
)
def test_version(package: str, text: str) -> None:
    """The package follows the version without an added blank."""
    answer = {"qemu": QEMU, "package": package}

    assert FakeSession({"query-version": answer}).prints("info version") == text


def test_version_for_people() -> None:
    """The package is shown apart if the machine has one."""
    packed = FakeSession({"query-version": {"qemu": QEMU, "package": " (v7.2.22)"}})
    plain = FakeSession({"query-version": {"qemu": QEMU, "package": ""}})

    assert packed.looks("info version") == "version  7.2.22\npackage  v7.2.22\n"
    assert plain.looks("info version") == "version  7.2.22\n"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"running": True, "status": "running"}, "running"),
        ({"running": False, "status": "paused"}, "paused"),
        ({"running": False, "status": "prelaunch"}, "paused (prelaunch)"),
        ({"running": False, "status": "io-error"}, "paused (io-error)"),
        ({"running": False, "status": "inmigrate"}, "paused (inmigrate)"),
        ({"running": True, "status": "debug"}, "running"),
        (
            {"running": True, "status": "running", "singlestep": True},
            "running (single step mode)",
        ),
        (
            {"running": False, "status": "shutdown", "singlestep": True},
            "paused (single step mode) (shutdown)",
        ),
        ({"running": True, "status": "running", "singlestep": False}, "running"),
    ],
)
def test_status(answer: dict[str, Any], text: str) -> None:
    """The reason follows if the machine is not just paused."""
    assert FakeSession({"query-status": answer}).prints("info status") == (
        f"VM status: {text}\n"
    )


@pytest.mark.parametrize(
    ("answer", "text"), [({}, ""), ({"name": "vm"}, "vm\n"), ({"name": ""}, "\n")]
)
def test_name(answer: dict[str, str], text: str) -> None:
    """Nothing is printed if the machine does not have one."""
    assert FakeSession({"query-name": answer}).prints("info name") == text


def test_uuid() -> None:
    """The UUID is printed unchanged."""
    uuid = "12345678-1234-1234-1234-123456789abc"

    assert FakeSession({"query-uuid": {"UUID": uuid}}).prints("info uuid") == f"{uuid}\n"


@pytest.mark.parametrize(
    ("lines", "text"),
    [([], ""), (["info name", "it's"], "0: 'info name'\n1: 'it's'\n")],
)
def test_history(lines: list[str], text: str) -> None:
    """Lines are numbered from the oldest; no query is sent."""
    session = FakeSession()
    session.monitor.front.history = lambda: lines  # type: ignore[method-assign]  # a fake

    assert session.prints("info history") == text
    assert session.calls == []
