"""Domains of libvirt, through a library that this process plays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import (
    ConnectError,
    MachineGoneError,
    NotYetError,
    QMPError,
)
from hmp.targets import libvirt_domain
from hmp.targets.address import parse_target
from hmp.targets.libvirt_agent import DomainAgent
from hmp.targets.libvirt_callbacks import ON_CLOSED, ON_EVENT, ON_LIFECYCLE
from hmp.targets.libvirt_domain import DomainConnection
from hmp.targets.libvirt_library import Domain, Library, LibvirtError
from hmp.targets.libvirt_target import DomainTarget

UUID = "01234567-89ab-cdef-0123-456789abcdef"
VERSION = {"qemu": {"major": 9, "minor": 2, "micro": 1}, "package": ""}


class Played(Library):
    """libvirt with one domain, called vm.

    answers: the replies by command; an error is raised. calls: what was called, in order.
    """

    def __init__(self) -> None:
        self.passes_files = True
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, Any] = {"query-version": VERSION}
        self.found: dict[Any, int] = {b"vm": 7, 3: 7}
        self.by_uuid = {UUID.encode(): 7}
        self.error = (b"no domain", 42)
        self.alive = self.active = 1
        self.failing: set[str] = set()
        self.texts: list[bytes] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def function(*arguments: Any) -> Any:
            self.calls.append((name, *arguments))
            if name in self.failing:
                return -1
            played = _PLAYED.get(name)
            return 0 if played is None else played(self, *arguments)

        return function

    def called(self, name: str) -> list[tuple[Any, ...]]:
        """Return the arguments of each call of a function."""
        return [call[1:] for call in self.calls if call[0] == name]

    def take(self, text: int) -> bytes:
        """Return a text by its number, which counts from 1."""
        return self.texts[text - 1]

    def answer(self, request: bytes) -> int:
        """Keep the reply to a request, and return its number; -1: an error."""
        given = self.answers.get(json.loads(request)["execute"], {})
        if isinstance(given, LibvirtError):
            self.error = (str(given).encode(), given.code)
            return -1
        reply = (
            given if isinstance(given, bytes) else json.dumps({"return": given}).encode()
        )
        self.texts.append(reply)
        return len(self.texts)

    def command(self, request: bytes, reply: Any) -> int:
        """Run a command of the domain."""
        number = self.answer(request)
        reply._obj.value = max(number, 0)
        return min(number, 0)


_PLAYED: dict[str, Callable[..., Any]] = {
    "virConnectOpen": lambda self, uri: 5,
    "virDomainLookupByName": lambda self, connection, name: self.found.get(name),
    "virDomainLookupByID": lambda self, connection, number: self.found.get(number),
    "virDomainLookupByUUIDString": lambda self, connection, uuid: self.by_uuid.get(uuid),
    "virGetLastErrorMessage": lambda self: self.error[0],
    "virGetLastErrorCode": lambda self: self.error[1],
    "virConnectDomainEventRegisterAny": lambda self, *arguments: 21,
    "virConnectDomainQemuMonitorEventRegister": lambda self, *arguments: 22,
    "virConnectIsAlive": lambda self, connection: self.alive,
    "virDomainIsActive": lambda self, domain: self.active,
    "virDomainQemuMonitorCommand": lambda self, domain, request, reply, flags: self.command(
        request, reply
    ),
    "virDomainQemuMonitorCommandWithFiles": lambda self, domain, request, *rest: (
        self.command(request, rest[4])
    ),
    "virDomainQemuAgentCommand": lambda self, domain, request, limit, flags: self.answer(
        request
    ),
}


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Played:
    """The library that `load` returns."""
    made = Played()
    monkeypatch.setattr(libvirt_domain, "load", lambda: made)
    return made


def target(text: str = "qemu:///system/vm") -> DomainTarget:
    """Return a domain's address."""
    found = parse_target(text)
    assert isinstance(found, DomainTarget)
    return found


@pytest.fixture
def connection(library: Played) -> Iterator[DomainConnection]:
    """A connection to the domain."""
    made = DomainConnection(target(), limit=60.0, timeout=60.0)
    yield made
    made.close()


def test_a_connection(library: Played, connection: DomainConnection) -> None:
    """It finds the domain, listens to it, and learns its version."""
    assert (connection.name, connection.version) == ("qemu:///system/vm", (9, 2, 1))
    assert (connection.has_hmp, connection.sandboxed) == (True, True)
    assert library.called("virConnectOpen") == [(b"qemu:///system",)]
    assert library.called("virDomainLookupByName") == [(5, b"vm")]
    assert library.called("virConnectSetKeepAlive") == []  # it is of this host
    ((_, domain, kind, callback, number, _),) = library.called(
        "virConnectDomainEventRegisterAny"
    )
    assert (domain, kind, callback) == (7, 0, ON_LIFECYCLE)
    assert library.called("virConnectRegisterCloseCallback") == [
        (5, ON_CLOSED, number, None)
    ]
    assert library.called("virConnectDomainQemuMonitorEventRegister") == [
        (5, 7, None, ON_EVENT, number, None, 0)
    ]

    library.calls.clear()
    connection.close()
    connection.close()
    assert library.calls == [
        ("virConnectDomainEventDeregisterAny", 5, 21),
        ("virConnectDomainQemuMonitorEventDeregister", 5, 22),
        ("virConnectUnregisterCloseCallback", 5, ON_CLOSED),
        ("virDomainFree", 7),
        ("virConnectClose", 5),
    ]
    with pytest.raises(MachineGoneError, match="the connection is closed"):
        drive(connection.execute("query-status"))


def test_a_libvirt_far_away_is_asked_whether_it_lives(library: Played) -> None:
    """Every five seconds; the fourth silence ends the connection."""
    DomainConnection(target("qemu+tls://host/system/vm"), limit=60.0).close()

    assert library.called("virConnectSetKeepAlive") == [(5, 5, 4)]


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("vm", [b"vm"]),
        ("3", [b"3", 3]),
        (UUID, [UUID.encode(), UUID.encode()]),
    ],
)
def test_a_domain_has_a_name_a_number_and_a_uuid(
    library: Played, name: str, calls: list[Any]
) -> None:
    """A number could also be a name, so names are looked up first."""
    Domain(library, "qemu:///system", name).close()

    looked = [call[2] for call in library.calls if "Lookup" in call[0]]
    assert looked == calls


@pytest.mark.parametrize("name", ["other", "4", "12345678901", "٣", "x" * 36])
def test_a_domain_that_is_not_there(library: Played, name: str) -> None:
    """The error is that of the name; the connection is closed."""
    with pytest.raises(LibvirtError, match=r"^no domain$"):
        Domain(library, "qemu:///system", name)

    kinds = [call[0] for call in library.calls if call[0].startswith("virDomainLookup")]
    assert kinds[0] == kinds[-1] == "virDomainLookupByName"
    assert ("virDomainLookupByID" in kinds) == (name == "4")
    assert ("virDomainLookupByUUIDString" in kinds) == (len(name) == 36)
    assert library.calls[-1] == ("virConnectClose", 5)


@pytest.mark.parametrize(
    ("code", "waits"), [(42, True), (55, True), (1, False), (38, False)]
)
def test_a_connection_that_fails(library: Played, code: int, waits: bool) -> None:
    """Waiting may help if the domain is not there yet."""
    library.found.clear()
    library.error = (b"reason", code)
    with pytest.raises(ConnectError) as caught:
        DomainConnection(target(), limit=60.0)

    assert str(caught.value) == "cannot connect to qemu:///system/vm: libvirt: reason"
    assert isinstance(caught.value, NotYetError) is waits


@pytest.mark.parametrize(
    "function",
    ["virConnectDomainEventRegisterAny", "virConnectDomainQemuMonitorEventRegister"],
)
def test_a_domain_that_cannot_be_listened_to(library: Played, function: str) -> None:
    """Its end, or its events, would never be known."""
    library.failing.add(function)
    library.error = (b"unsupported", 3)
    with pytest.raises(ConnectError, match=r"libvirt: unsupported$"):
        DomainConnection(target(), limit=60.0)

    assert library.calls[-1] == ("virConnectClose", 5)


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ({}, "qemu:///system/vm has no version of QEMU"),
        ([], "qemu:///system/vm has no version of QEMU"),
        (
            b'{"error": {"class": "GenericError", "desc": "no"}}',
            "cannot connect to qemu:///system/vm: no",
        ),
        (
            LibvirtError("broken", 9),
            "cannot connect to qemu:///system/vm: libvirt: broken",
        ),
        (LibvirtError("lost", 38), "cannot connect to qemu:///system/vm: libvirt: lost"),
    ],
)
def test_a_domain_without_a_version(library: Played, version: Any, reason: str) -> None:
    """It is closed again."""
    library.answers["query-version"] = version
    with pytest.raises(ConnectError) as caught:
        DomainConnection(target(), limit=60.0)

    assert str(caught.value) == reason
    assert isinstance(caught.value, NotYetError) == ("lost" in reason)
    assert library.calls[-1] == ("virConnectClose", 5)


def test_a_trace_begins_with_a_greeting(library: Played) -> None:
    """As a recording does."""
    shown: list[tuple[str, dict[str, Any]]] = []
    DomainConnection(
        target(), limit=60.0, trace=lambda *message: shown.append(message)
    ).close()

    assert [arrow for arrow, _ in shown] == ["->", "<-", "<-"]
    assert shown[-1][1] == {"QMP": {"version": VERSION, "capabilities": []}}


@pytest.mark.parametrize(
    ("code", "active", "alive", "gone"),
    [
        (38, 1, 1, True),
        (1, 0, 1, True),
        (1, 1, 0, True),
        (1, -1, 1, True),
        (9, 0, 1, True),
        (9, 1, 1, False),
        (1, 1, 1, False),
    ],
)
def test_an_error_of_libvirt(
    library: Played,
    connection: DomainConnection,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    active: int,
    alive: int,
    gone: bool,
) -> None:
    """It ends the connection if the domain or libvirt has ended, and is a reply else."""
    monkeypatch.setattr(libvirt_domain, "_END_LIMIT", 0.03)
    library.answers["stop"] = LibvirtError("reason", code)
    library.active, library.alive = active, alive
    with pytest.raises((QMPError, MachineGoneError)) as caught:
        drive(connection.execute("stop"))

    assert isinstance(caught.value, MachineGoneError) is gone
    assert str(caught.value) == "libvirt: reason"
    assert len(library.called("virDomainIsActive")) <= 3
    if code == 9 and not gone:
        assert len(library.called("virDomainIsActive")) == 1  # it was not waited for


def test_a_domain_that_ends_a_moment_later(
    library: Played, connection: DomainConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libvirt's own state of it changes after the call has failed."""
    library.answers["stop"] = LibvirtError("internal error", 1)
    states = iter([1, 1, 0])
    monkeypatch.setitem(_PLAYED, "virDomainIsActive", lambda *arguments: next(states))
    with pytest.raises(MachineGoneError, match=r"^libvirt: internal error$"):
        drive(connection.execute("stop"))

    assert next(states, None) is None


def test_descriptors_go_with_their_request_only(
    library: Played, connection: DomainConnection
) -> None:
    """libvirt passes them on, unless it is across a network."""
    assert connection.passes_descriptors
    arguments = {"fdname": "x"}
    drive(connection.execute_with_descriptors("getfd", arguments, [0, 1]))
    drive(connection.execute("stop"))

    ((domain, request, count, files, *_),) = library.called(
        "virDomainQemuMonitorCommandWithFiles"
    )
    assert (domain, json.loads(request)["execute"]) == (7, "getfd")
    assert (count, list(files)) == (2, [0, 1])
    assert len(library.called("virDomainQemuMonitorCommand")) == 2  # version and stop
    library.passes_files = False
    assert not connection.passes_descriptors
    connection.close()
    library.passes_files = True
    assert not connection.passes_descriptors


def test_events_and_the_end(library: Played, connection: DomainConnection) -> None:
    """From libvirt's thread; they are delivered when the caller takes them."""
    (call,) = library.called("virConnectDomainEventRegisterAny")
    number = call[4]
    events: list[dict[str, Any]] = []
    connection.on_event = events.append
    ON_EVENT(None, None, b"STOP", 12, 34, None, number)
    ON_EVENT(None, None, b'A"B', 1, 2, b'{"a": 1}', number)
    ON_EVENT(None, None, b"LOST", 1, 2, None, number + 1000)
    ON_LIFECYCLE(None, None, 4, 0, number)  # resumed, which is not the end
    ON_LIFECYCLE(None, None, 5, 0, number + 1000)
    connection.take_events()

    assert events == [
        {"timestamp": {"seconds": 12, "microseconds": 34}, "event": "STOP"},
        {
            "timestamp": {"seconds": 1, "microseconds": 2},
            "event": 'A"B',
            "data": {"a": 1},
        },
    ]
    ON_LIFECYCLE(None, None, 5, 2, number)
    with pytest.raises(MachineGoneError, match=r"^qemu:///system/vm has stopped: crashed$"):
        connection.take_events()


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        (0, "has stopped: shut down"),
        (1, "has stopped: destroyed"),
        (3, "has stopped: migrated"),
        (4, "has stopped: saved"),
        (5, "has stopped: failed"),
        (6, "has stopped"),
        (-1, "has stopped"),
        (None, "cannot be reached: libvirt has closed the connection"),
    ],
)
def test_why_a_domain_has_stopped(
    library: Played, connection: DomainConnection, detail: int | None, reason: str
) -> None:
    """By libvirt's number, if it is known."""
    number = library.called("virConnectDomainEventRegisterAny")[0][4]
    if detail is None:
        ON_CLOSED(None, 1, number)
    else:
        ON_LIFECYCLE(None, None, 5, detail, number)
    with pytest.raises(MachineGoneError) as caught:
        connection.take_events()

    assert str(caught.value) == f"qemu:///system/vm {reason}"


INFO = {
    "version": "8.1.2",
    "supported_commands": [
        {"name": name, "enabled": True, "success-response": True}
        for name in ("guest-info", "guest-ping", "guest-shutdown", "guest-exec")
    ],
}


def agent(library: Played, timeout: float | None = None) -> DomainAgent:
    """Return a connection to the domain's agent."""
    library.answers["guest-info"] = INFO
    return DomainAgent(target(), "qga:vm", limit=2.5, timeout=timeout)


@pytest.mark.parametrize(("timeout", "limit"), [(None, -2), (0.2, 1), (7.0, 7), (7.1, 8)])
def test_the_agent_of_a_domain(library: Played, timeout: float | None, limit: int) -> None:
    """It sends no events; libvirt's limits are whole seconds."""
    made = agent(library, timeout)
    assert (made.version, made.name, made.is_agent) == ((8, 1, 2), "qga:vm", True)
    assert library.called("virConnectDomainQemuMonitorEventRegister") == []
    assert {call[2] for call in library.called("virDomainQemuAgentCommand")} == {3}
    library.calls.clear()
    made.run("guest-ping", None, 60.0)
    made.run("guest-shutdown", None, 60.0)

    calls = library.called("virDomainQemuAgentCommand")
    assert [(call[0], call[2], call[3]) for call in calls] == [(7, limit, 0), (7, 3, 0)]
    made.close()


@pytest.mark.parametrize(
    ("command", "code", "fails"),
    [
        ("guest-shutdown", 86, False),
        ("guest-shutdown", 9, True),
        ("guest-ping", 86, True),
    ],
)
def test_an_agent_that_does_not_answer(
    library: Played, command: str, code: int, fails: bool
) -> None:
    """Some commands answer only when they fail, so silence is their success."""
    made = agent(library)
    library.answers[command] = LibvirtError("silence", code)
    try:
        if fails:
            with pytest.raises(QMPError, match=r"^libvirt: silence$"):
                made.run(command, None, 60.0)
        else:
            assert made.run(command, None, 60.0) == {}
    finally:
        made.close()


def test_a_request_that_is_too_long_for_an_agent(library: Played) -> None:
    """libvirt would hang."""
    made = agent(library)
    made.run("guest-exec", {"path": ""}, 60.0)
    empty = len(library.called("virDomainQemuAgentCommand")[-1][1])
    fits, long = ("x" * ((128 << 10) - empty + more) for more in (0, 1))
    try:
        made.run("guest-exec", {"path": fits}, 60.0)
        with pytest.raises(QMPError, match=r"^the request has 131073 bytes, and libvirt "):
            made.run("guest-exec", {"path": long}, 60.0)
    finally:
        made.close()
