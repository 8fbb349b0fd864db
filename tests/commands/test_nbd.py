from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls

INET = {"type": "inet", "data": {"host": "localhost", "port": "10809"}}
BLOCK = [
    {"device": "d0", "inserted": {}},
    {"device": "cd0"},
    {"device": "d1", "inserted": {}},
]


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        (
            "nbd_server_start localhost:10809",
            [("nbd-server-start", {"addr": INET})],
        ),
        (
            "nbd_server_start unix:/tmp/nbd",
            [
                (
                    "nbd-server-start",
                    {"addr": {"type": "unix", "data": {"path": "/tmp/nbd"}}},
                )
            ],
        ),
        ("nbd_server_add d0", [("nbd-server-add", {"device": "d0"})]),
        (
            "nbd_server_add -w d0 disk",
            [("nbd-server-add", {"device": "d0", "name": "disk", "writable": True})],
        ),
        ("nbd_server_remove disk", [("nbd-server-remove", {"name": "disk"})]),
        (
            "nbd_server_remove -f disk",
            [("nbd-server-remove", {"name": "disk", "mode": "hard"})],
        ),
        ("nbd_server_stop", [("nbd-server-stop", {})]),
    ],
)
def test_qmp_calls(line: str, calls: list[tuple[str, Message]]) -> None:
    """What was not typed is not sent."""
    assert qmp_calls(line) == calls


@pytest.mark.parametrize(("flag", "writable"), [("", False), ("-w ", True)])
def test_all_devices(flag: str, writable: bool) -> None:
    """Those with a medium."""
    calls = qmp_calls(f"nbd_server_start -a {flag}localhost:10809", {"query-block": BLOCK})

    assert [args for command, args in calls if command == "nbd-server-add"] == [
        {"device": "d0", "writable": writable},
        {"device": "d1", "writable": writable},
    ]


def test_not_all_devices() -> None:
    """The server does not go on with some of them."""
    answers: dict[str, Any] = {
        "nbd-server-start": {},
        "query-block": BLOCK,
        "nbd-server-stop": {},
        "nbd-server-add": QMPError("d0 is in use"),
    }
    session = FakeSession(answers)

    assert session.prints("nbd_server_start -a localhost:1") == "Error: d0 is in use\n"
    assert session.calls[-1] == ("nbd-server-stop", {})


def test_a_flag_that_wants_another() -> None:
    """Nothing is sent."""
    session = FakeSession()

    assert session.prints("nbd_server_start -w localhost:1") == (
        "Error: -w only valid together with -a\n"
    )
    assert session.calls == []
