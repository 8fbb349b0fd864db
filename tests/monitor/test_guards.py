from __future__ import annotations

from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.monitor.frontend import FrontEnd
from hmp.monitor.guards import Explaining, ReadOnly
from hmp.monitor.monitor import Monitor
from hmp.qmp.errors import QMPError
from tests.fakes import FakeConnection, tables


def read_only() -> tuple[FakeConnection, ReadOnly]:
    """Return a machine that answers everything, and a look at it that changes nothing."""
    machine = FakeConnection()
    machine.otherwise = {}
    return machine, ReadOnly(machine, tables())


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("query-status", {}),
        ("x-query-virtio", {}),
        ("qom-list", {"path": "/"}),
        ("qom-get", {"path": "/", "property": "type"}),
        ("device-list-properties", {"typename": "e1000"}),
        ("human-monitor-command", {"command-line": "info registers"}),
        ("human-monitor-command", {"command-line": "  help log"}),
    ],
)
def test_reads_pass(command: str, arguments: dict[str, Any]) -> None:
    """QMP commands by their names, monitor lines by our table."""
    machine, wrapped = read_only()
    drive(wrapped.execute(command, arguments))

    assert machine.calls == [(command, arguments)]


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("stop", {}),
        ("quit", {}),
        ("qom-set", {"path": "/", "property": "x", "value": 1}),
        ("screendump", {"filename": "/tmp/x"}),
        ("human-monitor-command", {"command-line": "stop"}),
        ("human-monitor-command", {"command-line": "a newer QEMU's command"}),
        ("human-monitor-command", {"command-line": ""}),
        ("human-monitor-command", {}),
        ("transaction", {"actions": []}),
        ("new-command", {}),
    ],
)
def test_all_else_is_refused_unsent(command: str, arguments: dict[str, Any]) -> None:
    """What is not known to read is taken to change; out-of-band as well."""
    machine, wrapped = read_only()
    for execute in (wrapped.execute, wrapped.execute_oob):
        with pytest.raises(QMPError, match="is refused: this session is read-only"):
            drive(execute(command, arguments))

    assert machine.calls == []


def test_no_line_of_the_tables_gets_around_it() -> None:
    """Whatever a command's handler sends, only reads arrive."""
    machine, _ = read_only()
    monitor = Monitor(machine, tables(), read_only=True)
    for line in ("stop", "system_reset", "sendkey a", "log int", "nonsense", "savevm x"):
        call = drive(monitor.run(line))
        assert call is not None
        assert call.error is not None

    assert all("query" in command for command, _ in machine.calls)


def test_explaining_keeps_and_does_not_send() -> None:
    """What reads is asked, since more may follow from it; passwords are starred out."""
    machine, _ = read_only()
    wrapped = Explaining(machine)
    drive(wrapped.execute("query-status"))
    drive(wrapped.execute("set_password", protocol="vnc", password="hunter2", extra=None))
    text = drive(wrapped.execute("human-monitor-command", {"command-line": "log int"}))

    assert machine.calls == [("query-status", {})]
    assert text == ""
    assert wrapped.messages == [
        {"execute": "query-status"},
        {
            "execute": "set_password",
            "arguments": {"protocol": "vnc", "password": "***"},
        },
        {"execute": "human-monitor-command", "arguments": {"command-line": "log int"}},
    ]


def test_the_inside_is_reached_through_it() -> None:
    """Events, trace, version and end are those of the connection inside."""
    machine, wrapped = read_only()
    seen: list[Any] = []
    wrapped.on_event = seen.append
    machine.on_event({"event": "STOP"})
    assert wrapped.trace is None
    wrapped.close()

    assert seen == [{"event": "STOP"}]
    assert (wrapped.version, wrapped.has_hmp) == (machine.version, True)
    assert machine.closed == 1


def test_explaining_leaves_the_events_to_others() -> None:
    """Who listens already goes on to."""
    machine, _ = read_only()
    seen: list[Any] = []
    machine.on_event = seen.append
    wrapped = Explaining(machine)
    wrapped.on_event = lambda event: None
    machine.on_event({"event": "STOP"})

    assert seen == [{"event": "STOP"}]


class Asked(FrontEnd):
    """A user who answers questions, and agrees to what was not foreseen."""

    def __init__(self, *answers: bool) -> None:
        super().__init__()
        self.answers = list(answers)
        self.questions: list[str] = []

    async def confirm(self, question: str) -> bool:
        """Give the next answer."""
        self.questions.append(question)
        return self.answers.pop(0) if self.answers else True


def test_the_first_change_of_a_machine_that_wants_care_is_asked_for() -> None:
    """Until the user agrees; what only reads is not, and another connection neither."""
    machine = FakeConnection()
    machine.otherwise = {}
    machine.caution = "somebody else will be surprised"
    monitor = Monitor(machine, tables())
    monitor.initialised = True
    monitor.front = front = Asked(False, True)

    def texts(*lines: str) -> list[str]:
        calls = [drive(monitor.run(line)) for line in lines]
        return [call.error_text() for call in calls if call is not None]

    assert texts("info status", "qmp query-name", "info registers") == ["", "", ""]
    assert texts("stop", "stop", "cont") == ["cancelled\n", "", ""]
    assert front.questions == ["somebody else will be surprised: Continue?"] * 2
    assert [name for name, _ in machine.calls].count("stop") == 1
    monitor.attach(machine)
    assert texts("stop") == [""]
    assert len(front.questions) == 2


def test_a_read_only_session_is_not_asked() -> None:
    """It is refused."""
    machine = FakeConnection()
    machine.caution = "beware"
    monitor = Monitor(machine, tables(), read_only=True)
    monitor.initialised = True
    monitor.front = front = Asked()
    call = drive(monitor.run("stop"))

    assert call is not None
    assert "read-only" in call.error_text()
    assert front.questions == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("stop", "'stop'"),
        ("block_resize d0 1G", "'block_resize'"),
        ("info blok x", "the unknown command 'info blok'"),
        ("blok", "the unknown command 'blok'"),
        ("", "the unknown command ''"),
    ],
)
def test_a_refused_line_is_named_as_it_was_typed(line: str, name: str) -> None:
    """Not by the QMP command that would have carried it."""
    guarded = ReadOnly(FakeConnection(), tables())

    with pytest.raises(QMPError, match=f"^{name} is refused"):
        drive(guarded.execute("human-monitor-command", {"command-line": line}))
