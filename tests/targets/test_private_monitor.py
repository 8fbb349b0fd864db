"""A session moves to a monitor of its own, and gives the one that it came by back."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.connection import Connection
from hmp.targets.private_monitor import PrivateMonitorTarget, _options, move
from hmp.targets.socket_target import SocketTarget
from hmp.targets.target import StreamTarget
from hmp.targets.terminal_target import TerminalTarget
from tests.fakes import LIMIT, FakeConnection
from tests.program import run
from tests.targets.offering import Message, OfferingServer


def event(name: str, microseconds: int = 2) -> Message:
    """Return an event."""
    stamp = {"seconds": 1, "microseconds": microseconds}
    return {"event": name, "timestamp": stamp, "data": {}}


def package(connection: Connection) -> str:
    """Return the name of the monitor that answers."""
    version: Any = drive(connection.execute("query-version"))
    return str(version["package"])


def test_the_foothold_is_given_back() -> None:
    """By three commands, and under a name that no other session has."""
    with OfferingServer() as server:
        connection = PrivateMonitorTarget(SocketTarget(server.path)).open(timeout=LIMIT)
        (name,) = server.created

        assert package(connection) == name
        assert re.fullmatch(rf"hmp-{os.getpid()}-[0-9a-f]{{8}}", name)
        assert server.commands()[:3] == ["getfd", "chardev-add", "object-add"]
        assert set(server.commands()[3:]) == {"query-version"}
        assert (connection.notice, connection.timeout) == ("", LIMIT)
        connection.close()
        assert server.closed.wait(LIMIT)


def test_a_connection_can_be_made_again() -> None:
    """The target of a private monitor is the foothold, and moves again."""
    with OfferingServer() as server:
        first = PrivateMonitorTarget(SocketTarget(server.path)).open(timeout=LIMIT)
        assert str(first.target) == server.path
        assert first.target is not None
        second = first.target.open(timeout=LIMIT)

        assert package(first) != package(second)
        assert {package(first), package(second)} == set(server.created)
        first.close()
        second.close()


@pytest.mark.parametrize("version", [(7, 2, 0), (11, 0, 3)])
def test_an_older_machine_is_not_asked(version: tuple[int, int, int]) -> None:
    """Its monitor is used as it is, and there is nothing to say about it."""
    with OfferingServer(version) as server:
        connection = PrivateMonitorTarget(SocketTarget(server.path)).open(timeout=LIMIT)

        assert package(connection) == "main"
        assert server.commands() == ["query-version"]
        assert connection.notice == ""
        connection.close()


@pytest.mark.parametrize("command", ["getfd", "chardev-add", "object-add"])
def test_a_machine_that_refuses(command: str) -> None:
    """The foothold is used, one line says why, and nothing is left behind."""
    with OfferingServer() as server:
        server.refused[command] = "not today"
        connection = PrivateMonitorTarget(SocketTarget(server.path)).open(timeout=LIMIT)

        assert package(connection) == "main"
        assert connection.notice == (
            f"this session holds {server.path} itself: no private monitor: not today"
        )
        assert not server.created
        assert ("chardev-remove" in server.commands()) == (command == "object-add")
        connection.close()


def test_a_development_version_that_lacks_it() -> None:
    """That is as good as an older version."""
    with OfferingServer((11, 0, 60)) as server:
        server.refused["object-add"] = (
            "Parameter 'qom-type' does not accept value 'monitor-qmp'"
        )
        connection = PrivateMonitorTarget(SocketTarget(server.path)).open(timeout=LIMIT)

        assert (package(connection), connection.notice) == ("main", "")
        connection.close()


def test_no_event_is_lost_or_doubled() -> None:
    """Whichever monitor it came on, and in order."""
    with OfferingServer() as server:
        server.emitted["getfd"] = [event("EARLY", 1)]
        server.emitted["query-version"] = [event("BOTH", 3), event("BOTH", 4)]
        connection = PrivateMonitorTarget(SocketTarget(server.path)).open(timeout=LIMIT)
        seen: list[str] = []
        connection.on_event = lambda event: seen.append(event["event"])
        drive(connection.execute("query-status"))

        assert seen == ["EARLY", "BOTH", "BOTH"]
        connection.close()


class Elsewhere(StreamTarget):
    """A machine that is reached without descriptors; its host's files are ours."""

    def __init__(self, server: OfferingServer, reachable: bool = True) -> None:
        self.server = server
        self.reachable = reachable

    def connect(self, timeout: float) -> socket.socket:
        """Connect over TCP."""
        listener = socket.create_server(("localhost", 0))
        sock = socket.create_connection(listener.getsockname())
        self.server._serve("main", listener.accept()[0])
        listener.close()
        return sock

    def neighbour(self, name: str) -> tuple[str, StreamTarget] | None:
        """Return a socket in the server's folder."""
        path = f"{self.server.folder.name}/{name}"
        return path, SocketTarget(path if self.reachable else f"{path}-not")


def test_without_descriptors() -> None:
    """QEMU opens another socket, which we connect to."""
    with OfferingServer() as server:
        connection = PrivateMonitorTarget(Elsewhere(server)).open(timeout=LIMIT)
        (name,) = server.created

        assert package(connection) == name
        assert server.commands()[:2] == ["chardev-add", "object-add"]
        connection.close()


def test_through_a_human_monitor() -> None:
    """Its lines do the same, under its own names; what cannot be reached is taken back."""
    with OfferingServer() as server:
        foothold = FakeConnection(version=(11, 1, 0))
        foothold.answers = {"query-version": {}, "human-monitor-command": ""}
        foothold.takes_qmp = False
        foothold.target = Elsewhere(server, reachable=False)

        assert move(foothold) is foothold
        name = f"hmp-{os.getpid()}-[0-9a-f]{{8}}"
        lines = (
            f"chardev-add socket,id=({name}),path=.*,server=on,wait=off",
            r"object_add monitor-qmp,id=\1,chardev=\1,close-action=delete",
            r"object_del \1",
            r"chardev-remove \1",
        )
        assert re.fullmatch("\n".join(lines), "\n".join(foothold.typed))


def test_a_socket_that_cannot_be_reached() -> None:
    """It is taken back, and the foothold is used."""
    with OfferingServer() as server:
        connection = PrivateMonitorTarget(Elsewhere(server, reachable=False)).open(
            timeout=LIMIT
        )

        assert package(connection) == "main"
        assert server.commands()[2:4] == ["object-del", "chardev-remove"]
        assert "cannot be reached" in connection.notice
        connection.close()


def test_local_tcp_has_a_neighbour(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the user's own folder; another host has none."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    found = SocketTarget(None, "127.0.0.1", 4444).neighbour("hmp-1")

    assert found is not None
    assert (found[0], str(found[1])) == (f"{tmp_path}/hmp-1", f"{tmp_path}/hmp-1")
    assert SocketTarget(None, "example.org", 4444).neighbour("hmp-1") is None
    assert SocketTarget("/tmp/q").neighbour("hmp-1") is None
    # QEMU opens its own end of a terminal of this host, so it is here, too
    through = TerminalTarget("/dev/pts/0").neighbour("hmp-1")
    assert through is not None
    assert (through[0], str(through[1])) == (found[0], str(found[1]))


@pytest.mark.parametrize("option", [[], ["--hold"], ["--read-only"]])
def test_a_short_script_stays(option: list[str]) -> None:
    """A few lines do not make anybody wait."""
    with OfferingServer() as server:
        done = run(server.path, *option, script="info status\n" * 3)

        assert done.returncode == 1  # the server's answers are not QEMU's
        assert server.created == []


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ({"type": "fd", "data": {"str": "hmp-1"}}, "fd=hmp-1,server=off"),
        (
            {"type": "unix", "data": {"path": "/a,b"}},
            "path=/a,,b,server=on,wait=off",
        ),
    ],
)
def test_a_socket_as_the_human_monitor_takes_it(address: Message, options: str) -> None:
    """Handed over as a descriptor, or opened by QEMU."""
    assert _options({"addr": address}) == options
