from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls

SCHEMA: list[Message] = [
    {
        "name": "migrate-incoming",
        "meta-type": "command",
        "arg-type": "1",
        "ret-type": "0",
    },
    {
        "name": "1",
        "meta-type": "object",
        "members": [{"name": "uri", "type": "str"}, {"name": "exit-on-error", "type": "b"}],
    },
]
OLD_SCHEMA: list[Message] = [
    SCHEMA[0],
    {**SCHEMA[1], "members": SCHEMA[1]["members"][:1]},
]


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("migrate_cancel", "migrate_cancel", {}),
        (
            "migrate_continue pre-switchover",
            "migrate-continue",
            {"state": "pre-switchover"},
        ),
        ("migrate_recover tcp:h:1", "migrate-recover", {"uri": "tcp:h:1"}),
        ("migrate_pause", "migrate-pause", {}),
        ("migrate_start_postcopy", "migrate-start-postcopy", {}),
        ("x_colo_lost_heartbeat", "x-colo-lost-heartbeat", {}),
        (
            "migrate_set_capability events on",
            "migrate-set-capabilities",
            {"capabilities": [{"capability": "events", "state": True}]},
        ),
        ("migrate -d tcp:h:1", "migrate", {"uri": "tcp:h:1"}),
        ("migrate -d -r tcp:h:1", "migrate", {"uri": "tcp:h:1", "resume": True}),
    ],
)
def test_qmp_calls(line: str, command: str, arguments: Message) -> None:
    """One QMP command each, beside the question whether the last migration is over."""
    (name, sent), *more = (call for call in qmp_calls(line) if call[0] != "query-yank")

    assert name == command
    assert {key: value for key, value in sent.items() if value is not False} == arguments
    assert more == []


@pytest.mark.parametrize(
    ("schema", "more"), [(SCHEMA, {"exit-on-error": False}), (OLD_SCHEMA, {})]
)
def test_a_migration_that_comes_in(schema: list[Message], more: Message) -> None:
    """A machine that could end when it fails is told to stay."""
    calls = qmp_calls("migrate_incoming tcp:0:1", {"query-qmp-schema": schema})

    assert calls[-1] == ("migrate-incoming", {"uri": "tcp:0:1", **more})


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("migrate_continue nope", "nope"),
        ("migrate_set_capability nope on", "nope"),
    ],
)
def test_words_that_are_none(line: str, word: str) -> None:
    """QEMU's monitor looks itself."""
    session = FakeSession()
    session.machine.otherwise = QMPError(f"Parameter 'x' does not accept value '{word}'")

    assert session.prints(line) == f"Error: invalid parameter value: {word}\n"


def state(status: str, **more: Any) -> Message:
    """Return how far a migration is."""
    ram = {"total": 100, "remaining": 25, "mbps": 8.0, "transferred": 75}
    return {"status": status, "ram": ram, **more}


def migrating(*states: Message) -> FakeSession:
    """Return a machine that goes through states of a migration."""
    following = iter(states)
    return FakeSession({"migrate": {}, "query-migrate": lambda args: next(following)})


def test_a_migration_is_waited_for() -> None:
    """And it is said how it ended."""
    end = state("completed", **{"total-time": 1500, "downtime": 30})
    session = migrating({"status": "setup"}, state("active"), end)
    drawn: list[tuple[str, int, int]] = []
    session.monitor.front.progress = (  # type: ignore[method-assign]  # a fake
        lambda what, done, total: drawn.append((what, done, total))
    )

    assert session.prints("migrate tcp:h:1") == ""
    assert drawn == [
        ("migration: 0 Mbit/s, 0 B left", 0, 0),
        ("migration: 8 Mbit/s, 25 B left", 75, 100),
        ("migration: 8 Mbit/s, 25 B left", 75, 100),
    ]
    assert session.machine.pauses == 2
    looks = migrating(state("active"), end).looks("migrate tcp:h:1")
    assert "● completed: 75 B in 1.5 s" in looks
    assert "the guest was stopped for 30 ms" in looks.replace("\n", " ")


def test_a_migration_is_over_when_qemu_has_tidied_up() -> None:
    """As long as it can be yanked, a next one may kill QEMU."""
    end = state("completed")
    yank: list[list[Message]] = [
        [],
        [{"type": "chardev", "id": "c"}, {"type": "migration"}],
        [],
    ]
    left = iter(yank)
    session = migrating(state("active"), end, end)
    session.machine.answers["query-yank"] = lambda args: next(left)

    assert session.prints("migrate tcp:h:1") == ""
    assert next(left, None) is None


def test_a_migration_beside_one_that_is_under_way() -> None:
    """QEMU says what it makes of that; it is not waited for."""
    session = FakeSession(
        {
            "migrate": {},
            "query-migrate": state("active"),
            "query-yank": [{"type": "migration"}],
        }
    )

    assert session.prints("migrate -d tcp:h:1") == ""
    assert session.machine.pauses == 0


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (state("failed", **{"error-desc": "no route"}), "Error: no route\n"),
        (state("failed"), "Error: migration failed\n"),
        (state("cancelled"), "Error: migration cancelled\n"),
    ],
)
def test_a_migration_that_fails(end: Message, text: str) -> None:
    """It is a command that fails."""
    assert migrating(state("active"), end).prints("migrate tcp:h:1") == text


@pytest.mark.parametrize("status", ["pre-switchover", "postcopy-active"])
def test_states_that_something_else_ends(status: str) -> None:
    """The wait is over, and the user is told what is next."""
    session = migrating(state("active"), state(status))

    assert status in session.looks("migrate tcp:h:1")


def test_flags_of_old_releases() -> None:
    """Newer ones refuse them in QEMU's words."""
    assert FakeSession().prints("migrate -b tcp:h:1") == (
        'migrate: unsupported option -b\nTry "help migrate" for more information\n'
    )
    old = FakeSession({"migrate": {}}, version=(7, 2, 0))
    assert old.prints("migrate -d -b tcp:h:1") == ""
    assert old.calls[-1][1]["blk"] is True


@pytest.mark.parametrize("address", ["1", "h", "h:", "[::1]", "h:1,nope"])
def test_an_address_that_kills(address: str) -> None:
    """It does not reach the QEMUs that die of it."""
    session = FakeSession({"migrate": {}})

    assert session.prints(f"migrate -d rdma:{address}") == (
        f"Error: RDMA ERROR: bad RDMA migration address '{address}'\n"
    )
    assert session.calls == []
    assert FakeSession({"migrate": {}}).prints("migrate -d rdma:h:1") == ""
