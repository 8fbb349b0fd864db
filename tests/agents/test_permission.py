from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from hmp.agents.permission import LEVELS, Gate, Permission, RefusedError, is_raw, within
from hmp.frontends.script import drive
from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ, Entry
from hmp.monitor.line import parse_line
from hmp.qmp import RUN_LINE
from hmp.qmp.errors import QMPError
from tests.fakes import FakeConnection, tables

if TYPE_CHECKING:
    from hmp.monitor.entry import Effect

TABLE = tables()


class Rows(list[Any]):
    """A list that presentations know."""


def entries() -> Iterator[tuple[str, Entry[Any]]]:
    """Yield every command of both tables, by all of its names."""
    for entry in TABLE:
        for name in entry.names:
            yield name, entry
        for below in entry.subtable or ():
            yield from ((f"{entry.names[0]} {name}", below) for name in below.names)


@pytest.mark.parametrize("level", LEVELS)
def test_every_command_is_judged_by_its_entry(level: Effect) -> None:
    """A tool runs the lines of its effect and of lesser ones, and no other."""
    permission = Permission(TABLE, level)
    for text, entry in entries():
        line = parse_line(text, TABLE)
        allowed = is_raw(line) or within(entry.effect, level)
        if allowed:
            permission.check(line, level)
            continue
        with pytest.raises(RefusedError, match=f"--allow {entry.effect}"):
            permission.check(line, level)


def test_a_qmp_command_is_as_bad_as_the_worst_line_that_calls_it() -> None:
    """Reads are reads; what no line calls may do anything."""
    permission = Permission(TABLE, DESTRUCTIVE)
    effects = {
        "query-block": READ,
        "qom-get": READ,
        "stop": CHANGE,
        "device_add": CHANGE,
        "quit": DESTRUCTIVE,
        "system_reset": DESTRUCTIVE,
        "x-unheard-of": DESTRUCTIVE,
    }
    assert {name: permission.qmp_effect(name, {}) for name in effects} == effects
    for line, effect in (("info block", READ), ("stop", CHANGE), ("q", DESTRUCTIVE)):
        arguments = {"command-line": line}
        assert permission.qmp_effect("human-monitor-command", arguments) == effect
    assert permission.qmp_effect("human-monitor-command", {}) == DESTRUCTIVE


def test_the_refusal_of_a_misspelt_line_names_the_nearest() -> None:
    """A slip needs another line, not a permission."""
    permission = Permission(TABLE, READ)
    with pytest.raises(
        RefusedError, match=r"--allow destructive\nDid you mean 'info block'"
    ):
        permission.check(parse_line("info blok", TABLE), READ)


@pytest.mark.parametrize(
    ("line", "level", "command", "passes"),
    [
        ("info status", READ, "query-status", True),
        ("info status", CHANGE, "stop", False),
        ("info status", DESTRUCTIVE, "quit", False),
        ("stop", CHANGE, "stop", True),
        ("stop", CHANGE, "quit", True),
        ("unheard-of", CHANGE, "quit", True),
        ("qmp x", READ, "query-status", True),
        ("qmp x", READ, "stop", False),
        ("qmp x", CHANGE, "stop", True),
        ("qmp x", CHANGE, "quit", False),
        ("qmp x", DESTRUCTIVE, "quit", True),
    ],
)
def test_what_a_line_may_send(line: str, level: Effect, command: str, passes: bool) -> None:
    """A read reads; a change was judged as a whole; raw commands as their tool is."""
    machine = FakeConnection()
    machine.otherwise = {}
    gate = Gate(machine, Permission(TABLE, READ))
    gate.begin(parse_line(line, TABLE), level)
    with nullcontext() if passes else pytest.raises(QMPError, match=f"'{command}' may"):
        drive(gate.execute(command))

    assert machine.calls == ([(command, {})] if passes else [])


@pytest.mark.parametrize(
    ("command", "arguments", "starts"),
    [
        ("migrate", {"uri": "exec:touch x"}, True),
        ("migrate", {"channels": [{"addr": {"transport": "exec", "args": ["x"]}}]}, True),
        ("migrate-incoming", {"uri": "exec:touch x"}, True),
        ("migrate-set-parameters", {"cpr-exec-command": ["touch", "x"]}, True),
        ("netdev_add", {"type": "tap", "id": "t"}, True),
        ("netdev_add", {"type": "tap", "id": "t", "script": "x", "downscript": "no"}, True),
        ("netdev_add", {"type": "bridge", "id": "b"}, True),
        ("netdev_add", {"type": "passt", "id": "p", "path": "x"}, True),
        ("netdev_add", {"type": "user", "guestfwd": [{"str": "tcp:h:1-cmd:x"}]}, True),
        (RUN_LINE, {"command-line": "migrate -d exec:x"}, True),
        (RUN_LINE, {"command-line": "netdev_add tap,id=t,script=x"}, True),
        (RUN_LINE, {"command-line": "migrate exec:x y"}, True),
        (RUN_LINE, {"command-line": "migrate tcp:h:1"}, False),
        (RUN_LINE, {"command-line": "eject"}, False),
        ("migrate", {"uri": "tcp:h:1"}, False),
        ("netdev_add", {"type": "tap", "script": "no", "downscript": "no"}, False),
        ("netdev_add", {"type": "tap", "fd": "f"}, False),
        ("netdev_add", {"type": "user", "hostfwd": "tcp::1-:2"}, False),
        ("stop", {}, False),
    ],
)
def test_what_starts_a_program_on_the_host(
    command: str, arguments: dict[str, Any], starts: bool
) -> None:
    """Only a tool that may destroy sends it, whatever the line does to the machine."""
    machine = FakeConnection()
    machine.otherwise = {}
    gate = Gate(machine, Permission(TABLE, CHANGE))
    gate.begin(parse_line("migrate x", TABLE), CHANGE)
    refused = pytest.raises(
        QMPError, match=f"that '{command}' starts .*--allow destructive"
    )
    with refused if starts else nullcontext():
        drive(gate.execute(command, arguments))
    assert machine.calls == ([] if starts else [(command, arguments)])

    gate.begin(parse_line("migrate x", TABLE), DESTRUCTIVE)
    drive(gate.execute(command, arguments))
    assert machine.calls[-1] == (command, arguments)


@pytest.mark.parametrize(
    ("path", "reply", "shown"),
    [
        ("password", "a", "***"),
        ("password", ["a", "b"], "***"),
        ("children", ["a", "b"], ["a", "b"]),
        ("children", [{"password": "a"}, 1], [{"password": "***"}, 1]),
        ("children", {"password": "a"}, {"password": "***"}),
    ],
)
def test_the_values_of_lines_have_no_secrets(path: str, reply: Any, shown: Any) -> None:
    """Stars for all of a secret property, whatever it is; a list remains of its class."""
    gate = Gate(FakeConnection({"qom-get": reply}), Permission(TABLE, READ))
    gate.begin(parse_line(f"qom-get /objects/a {path}", TABLE), READ)
    value = drive(gate.execute("qom-get", path="/objects/a", property=path))
    kept = Rows(value) if isinstance(value, list) else value

    assert gate.masked(kept) == shown
    assert isinstance(gate.masked(kept), Rows) == isinstance(shown, list)


def test_an_unknown_line_may_do_anything() -> None:
    """What QEMU's own monitor would make of it is unknown, and so it is refused."""
    permission = Permission(TABLE, CHANGE)
    for line in ("unheard-of", "qmpx quit", "stop;quit", "/quit"):
        with pytest.raises(RefusedError, match="--allow destructive"):
            permission.check(parse_line(line, TABLE), CHANGE)
