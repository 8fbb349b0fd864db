from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hmp import version_info
from hmp.machine.machine import NO_UUID, EmbeddedMachine, Extension
from hmp.machine.schema_types import ShutdownCause
from hmp.qapi import QAPIError
from hmp.qmp.errors import QMPError

Event = dict[str, Any]


class Watched:
    """A machine with what it printed and sent."""

    def __init__(self, **options: Any) -> None:
        self.printed: list[str] = []
        self.events: list[Event] = []
        self.machine = EmbeddedMachine(output=self.printed.append, **options)
        self.machine.listeners.append(self.events.append)

    def run(self, command: str, **arguments: Any) -> Any:
        """Run a QMP command."""
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        return self.machine.execute(command, named)

    def refusal(self, command: str, **arguments: Any) -> tuple[str, str]:
        """Return class and description of the error that a command gives."""
        with pytest.raises(QMPError) as caught:
            self.run(command, **arguments)
        return caught.value.error_class, caught.value.desc


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Return a machine that is closed afterwards."""
    made = Watched()
    yield made
    made.machine.close()


def test_its_version_is_ours(watched: Watched) -> None:
    """There is no package."""
    major, minor, micro = version_info

    assert watched.run("query-version") == {
        "qemu": {"major": major, "minor": minor, "micro": micro},
        "package": "",
    }
    assert watched.machine.version == version_info


@pytest.mark.parametrize(
    ("options", "name", "uuid"),
    [
        ({}, {}, NO_UUID),
        ({"name": "vm"}, {"name": "vm"}, NO_UUID),
        ({"name": ""}, {"name": ""}, NO_UUID),
        ({"uuid": "12345678-1234-1234-1234-123456789abc"}, {}, None),
    ],
)
def test_name_and_uuid_are_what_it_was_given(
    options: dict[str, str], name: dict[str, str], uuid: str | None
) -> None:
    """Without any, the name is absent and the UUID is zeros."""
    watched = Watched(**options)

    assert str(UUID(int=0)) == NO_UUID
    assert watched.run("query-name") == name
    assert watched.run("query-uuid") == {"UUID": uuid or options["uuid"]}
    watched.machine.close()


def test_it_lists_its_commands_and_events(watched: Watched) -> None:
    """Each command that it lists is one that it has."""
    commands = [item["name"] for item in watched.run("query-commands")]
    events = [item["name"] for item in watched.run("query-events")]

    assert set(commands) == set(watched.machine.commands)
    assert {"query-status", "hello-world", "quit", "query-qmp-schema"} <= set(commands)
    assert sorted(events) == ["POWERDOWN", "RESET", "RESUME", "SHUTDOWN", "STOP"]


def test_it_describes_its_interface(watched: Watched) -> None:
    """Every command and event is in its own account, and types have no names."""
    entries = watched.run("query-qmp-schema")
    by_kind = {
        kind: {entry["name"] for entry in entries if entry["meta-type"] == kind}
        for kind in ("command", "event", "object")
    }

    assert by_kind["command"] == set(watched.machine.commands)
    assert by_kind["event"] == {item["name"] for item in watched.run("query-events")}
    assert "StatusInfo" not in by_kind["object"]


def test_stop_and_cont(watched: Watched) -> None:
    """Both change the state and say so; a second time nothing happens."""
    states = []
    for command in ("stop", "stop", "cont", "cont"):
        assert watched.run(command) == {}
        states.append(watched.run("query-status"))

    assert states == [
        *[{"running": False, "status": "paused"}] * 2,
        *[{"running": True, "status": "running"}] * 2,
    ]
    assert [event["event"] for event in watched.events] == ["STOP", "RESUME"]
    assert "data" not in watched.events[0]


def test_reset_and_powerdown_are_events(watched: Watched) -> None:
    """There is no guest to do more."""
    assert watched.run("system_reset") == watched.run("system_powerdown") == {}

    assert [(event["event"], event.get("data")) for event in watched.events] == [
        ("RESET", {"guest": False, "reason": "host-qmp-system-reset"}),
        ("POWERDOWN", None),
    ]
    assert watched.run("query-status")["running"]


def test_quit_ends_it_and_says_why(watched: Watched) -> None:
    """Once; its timers are given back."""
    assert not watched.machine.ended
    assert watched.run("quit") == {}
    watched.machine.shutdown(ShutdownCause.HOST_UI)

    assert watched.machine.ended
    assert [(event["event"], event["data"]) for event in watched.events] == [
        ("SHUTDOWN", {"guest": False, "reason": "host-qmp-quit"})
    ]
    assert watched.machine.timers.alarm.remaining() is None


def test_a_paused_machine_can_be_ended(watched: Watched) -> None:
    """It does not go on for that, and cannot afterwards."""
    for command in ("stop", "quit", "cont"):
        watched.run(command)

    assert [event["event"] for event in watched.events] == ["STOP", "SHUTDOWN"]
    assert watched.run("query-status") == {"running": False, "status": "shutdown"}


def test_events_have_the_time_of_the_host(watched: Watched) -> None:
    """In seconds and microseconds, as QMP has it."""
    before = time.time()
    watched.run("stop")
    stamp = watched.events[0]["timestamp"]

    # as many digits as QMP has
    moment = stamp["seconds"] + stamp["microseconds"] / 1e6
    assert before - 1e-6 <= moment <= time.time()
    assert 0 <= stamp["microseconds"] < 1_000_000
    assert all(type(value) is int for value in stamp.values())


def test_events_go_to_every_listener() -> None:
    """One that leaves while it is called does not hide them from the others."""
    watched = Watched()
    listeners = watched.machine.listeners
    seen: list[Event] = []

    def leave(event: Event) -> None:
        listeners.remove(leave)

    listeners.insert(0, leave)
    listeners.append(seen.append)
    watched.run("stop")
    watched.machine.close()

    assert len(seen) == len(watched.events) == 1


def test_an_event_must_fit_the_schema(watched: Watched) -> None:
    """A machine does not send what it does not describe."""
    with pytest.raises(Exception, match="reason"):
        watched.machine.emit("RESET", guest=False)
    with pytest.raises(KeyError):
        watched.machine.emit("NOPE")
    assert watched.events == []


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        ({}, "Hello, world\n"),
        ({"message": "We come in peace"}, "We come in peace\n"),
        ({"message": ""}, "\n"),
        ({"message": "é\x1b[31m"}, "é\x1b[31m\n"),
        ({"message": "Love"}, "Love\n"),
    ],
)
def test_hello_world(watched: Watched, arguments: dict[str, str], printed: str) -> None:
    """The message, or the greeting, goes to the machine's standard output."""
    assert watched.run("hello-world", **arguments) == {}
    assert watched.printed == [printed]


@pytest.mark.parametrize("message", ["love", "I love you", "gloves"])
def test_one_word_is_not_allowed(watched: Watched, message: str) -> None:
    """Nothing is printed then."""
    assert watched.refusal("hello-world", message=message) == (
        "GenericError",
        "the word 'love' is not allowed",
    )
    assert watched.printed == []


@pytest.mark.parametrize(
    ("command", "arguments", "error"),
    [
        ("nope", {}, ("CommandNotFound", "The command nope has not been found")),
        ("", {}, ("CommandNotFound", "The command  has not been found")),
        ("STOP", {}, ("CommandNotFound", "The command STOP has not been found")),
        ("stop", {"x": 1}, ("GenericError", "Parameter 'x' is unexpected")),
        (
            "hello-world",
            {"message": 7},
            ("GenericError", "Invalid parameter type for 'message', expected: string"),
        ),
        (
            "hello-world",
            {"message": None},
            ("GenericError", "Invalid parameter type for 'message', expected: string"),
        ),
        (
            "human-monitor-command",
            {},
            ("GenericError", "Parameter 'command-line' is missing"),
        ),
        (
            "human-monitor-command",
            {"command_line": "x", "cpu_index": 1},
            ("GenericError", "Parameter 'cpu-index' expects a CPU number"),
        ),
        (
            "human-monitor-command",
            {"command_line": "info status"},
            ("CommandNotFound", "the machine has no human monitor"),
        ),
    ],
)
def test_refusals_in_qmps_words(
    watched: Watched, command: str, arguments: dict[str, Any], error: tuple[str, str]
) -> None:
    """Class and description are QEMU's."""
    assert watched.refusal(command, **arguments) == error


def test_its_human_monitor_is_the_one_it_is_given(watched: Watched) -> None:
    """Line ends are those that QEMU's has."""
    lines: list[str] = []

    def monitor(line: str) -> str:
        lines.append(line)
        return "a\nb\n"

    watched.machine.human_monitor = monitor

    assert watched.run("human-monitor-command", command_line=" info  x") == "a\r\nb\r\n"
    assert lines == [" info  x"]


def test_an_exception_in_a_command_is_an_error_and_no_end(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with its traceback for whoever wrote it, and the machine lives on."""

    def wrong(line: str) -> str:
        raise KeyError("oops")

    watched.machine.human_monitor = wrong
    with caplog.at_level(logging.ERROR, logger="hmp.machine"):
        error = watched.refusal("human-monitor-command", command_line="x")

    assert error == (
        "GenericError",
        "The command human-monitor-command failed: KeyError: 'oops'",
    )
    assert caplog.messages == ["the command human-monitor-command failed"]
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].name == "hmp.machine"
    assert watched.run("query-status")["running"]


def test_a_clock_that_there_is_not() -> None:
    """No machine is made then."""
    with pytest.raises(QMPError, match="this host has no alarm timer 'hpet'"):
        Watched(clock="hpet")


def test_closing_twice_does_no_harm(watched: Watched) -> None:
    """Also behind its own end."""
    watched.run("quit")
    watched.machine.close()
    watched.machine.close()


@pytest.mark.parametrize("command", ["hello-world", "quit", "query-alarm-clock"])
def test_commands_are_documented(watched: Watched, command: str) -> None:
    """Help shows what the schema says."""
    text = watched.machine.describe(command)

    assert command in text
    assert "Since: 0.1" in text or len(text.splitlines()) > 1
    assert not text.endswith("\n")


def test_what_is_no_command_has_no_documentation(watched: Watched) -> None:
    """It is empty, and no error."""
    assert watched.machine.describe("nope") == ""
    assert watched.machine.describe("STOP") == ""


SCHEMA = """
##
# = Extension
##

##
# @Answer:
#
# An answer.
#
# @value: what it is.
#
# Since: 1
##
{ 'struct': 'Answer', 'data': { 'value': 'int' } }

##
# @ask:
#
# Ask a question.
#
# @question: the question.
#
# Returns: the answer
#
# Since: 1
##
{ 'command': 'ask', 'data': { 'question': 'str' }, 'returns': 'Answer' }
"""


def extension(folder: Path, function: Any, schema: str = SCHEMA) -> Extension:
    """Return an extension of one command."""
    path = folder / "machine" / "schema.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema)
    return Extension(str(path), [function])


def qmp_ask(machine: EmbeddedMachine, /, question: str) -> dict[str, object]:
    """Return the length of the question; some are bad."""
    if question == "error":
        raise QMPError("no answer", "DeviceNotFound")
    if question == "bug":
        raise ZeroDivisionError("oops")
    if question == "lie":
        return {"value": "seven"}
    return {"value": len(question)}


def test_an_extension_adds_its_commands(tmp_path: Path) -> None:
    """They are run, validated, listed and described like those of its own."""
    watched = Watched(extensions=[extension(tmp_path, qmp_ask)])

    assert watched.run("ask", question="why") == {"value": 3}
    assert watched.run("query-status")["running"]
    assert watched.refusal("ask") == ("GenericError", "Parameter 'question' is missing")
    assert {"name": "ask"} in watched.run("query-commands")
    assert "Ask a question." in watched.machine.describe("ask")
    assert not watched.machine.needs_loop
    watched.machine.close()


@pytest.mark.parametrize(
    ("question", "error", "logged"),
    [
        ("error", ("DeviceNotFound", "no answer"), 0),
        ("bug", ("GenericError", "The command ask failed: ZeroDivisionError: oops"), 1),
        ("lie", ("GenericError", "The command ask returned a bad value"), 1),
    ],
)
def test_an_extension_may_be_wrong(
    tmp_path: Path,
    question: str,
    error: tuple[str, str],
    logged: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its client gets an error, its author a traceback, the machine lives on."""
    watched = Watched(extensions=[extension(tmp_path, qmp_ask)])

    assert watched.refusal("ask", question=question) == error
    assert len(caplog.records) == logged
    assert watched.run("ask", question="x") == {"value": 1}
    watched.machine.close()


def test_an_extensions_command_may_be_a_coroutine(tmp_path: Path) -> None:
    """Then its value is awaited, and its errors come from there."""

    async def ask(machine: EmbeddedMachine, /, question: str) -> dict[str, object]:
        """Answer later."""
        await asyncio.sleep(0)
        return qmp_ask(machine, question)

    ask.__name__ = "qmp_ask"
    schema = SCHEMA.replace("'command'", "'coroutine': true, 'command'")
    watched = Watched(extensions=[extension(tmp_path, ask, schema)])

    async def errors() -> list[str]:
        found = []
        for question in ("error", "bug", "lie"):
            with pytest.raises(QMPError) as caught:
                await watched.run("ask", question=question)
            found.append(caught.value.desc)
        return found

    assert watched.machine.needs_loop
    assert asyncio.run(watched.run("ask", question="why")) == {"value": 3}
    assert [text.partition(":")[0] for text in asyncio.run(errors())] == [
        "no answer",
        "The command ask failed",
        "The command ask returned a bad value",
    ]
    watched.machine.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("'question': 'str'", "'question': 'nope'"), "nope"),
        (("'question': 'str'", "'question': 'str', 'more': 'int'"), "more"),
        (("'command': 'ask'", "'command': 'stop'"), "stop"),
        (("'returns': 'Answer'", "'returns': ['Answer']"), "qmp_ask"),
        (("# @ask:", "# @asks:"), "ask"),
        (("{ 'struct'", "{ 'struct"), "schema.json"),
    ],
)
def test_an_extension_that_does_not_fit(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    """The error names what is wrong, and where."""
    made = extension(tmp_path, qmp_ask, SCHEMA.replace(*change))

    with pytest.raises(QAPIError, match=message) as caught:
        Watched(extensions=[made])
    assert "schema.json:" in str(caught.value)


def test_an_extension_may_use_the_machines_types(tmp_path: Path) -> None:
    """They are one schema."""
    schema = SCHEMA.replace("'returns': 'Answer'", "'returns': 'StatusInfo'")

    def ask(machine: EmbeddedMachine, /, question: str) -> dict[str, object]:
        return {"running": True, "status": question}

    ask.__name__ = "qmp_ask"
    watched = Watched(extensions=[extension(tmp_path, ask, schema)])

    assert watched.run("ask", question="paused") == {"running": True, "status": "paused"}
    assert watched.refusal("ask", question="nope")[1].endswith("returned a bad value")
    watched.machine.close()
