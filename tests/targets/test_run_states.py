"""The states of machines: who is asked, and what is made of the answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

from hmp.targets.discovery import FOREIGN, RunningMachine, machines
from hmp.targets.doors import HUMAN, QMP, Door
from hmp.targets.run_states import ThisHost, ask
from tests.fakes import LIMIT
from tests.targets.command_lines import host, process

GREETING = b'{"QMP": {}}\r\n{"event": "STOP", "timestamp": {}}\r\n{"return": {}}\r\n'
Answer = Callable[[bytes], bytes]


def said(status: object) -> Answer:
    """Return what QEMU answers to the last request, whose id it repeats."""

    def answer(request: bytes) -> bytes:
        last = json.loads(request.splitlines()[-1])
        reply = {"return": {"status": status}, "id": last["id"]}
        return GREETING + json.dumps(reply).encode() + b"\r\n"

    return answer


@contextmanager
def listening(sock: socket.socket, answer: Answer) -> Iterator[list[bytes]]:
    """Answer each client on a socket; yield what they send."""
    heard: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = sock.accept()
                with client, suppress(OSError):
                    client.settimeout(LIMIT)
                    heard.append(client.recv(1 << 16))
                    client.sendall(answer(heard[-1]))
                    client.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield heard
    finally:
        sock.shutdown(socket.SHUT_RDWR)
        thread.join(LIMIT)
        sock.close()


@pytest.fixture
def server(tmp_path: Path) -> socket.socket:
    """A Unix socket that listens."""
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(tmp_path / "q"))
    sock.listen()
    return sock


def door(sock: socket.socket, kind: str = QMP, note: str = "") -> Door:
    """Return the door of a machine that listens there."""
    name = sock.getsockname()
    target = name if isinstance(name, str) else f"localhost:{name[1]}"
    made = Door(kind, target, note, target)
    made.askable = True
    return made


def state_of(*doors: Door, program: str = "qemu-system-x86_64") -> str:
    """Ask a machine with these doors."""
    machine = RunningMachine(1, ("vm",), doors, program)
    ask([machine], ThisHost())
    return machine.state


def test_a_free_socket_is_asked(server: socket.socket) -> None:
    """Of several doors, the first that can be."""
    with listening(server, said("paused")):
        doors = Door(HUMAN, "/no/such"), Door(QMP, "", "on descriptor 3"), door(server)
        assert state_of(*doors) == "paused"


def test_each_request_has_an_id(server: socket.socket) -> None:
    """The next client can tell a late reply to us from its own."""
    with listening(server, said("paused")) as heard:
        state_of(door(server))

    ids = [json.loads(line)["id"] for line in heard[0].splitlines()]
    assert len({*ids}) == len(ids) == 2


def test_a_free_port_is_asked() -> None:
    """As a socket is."""
    with listening(sock := socket.create_server(("127.0.0.1", 0)), said("running")):
        assert state_of(door(sock)) == "running"


def test_a_held_socket_is_left_alone(server: socket.socket) -> None:
    """Not even a connection waits there."""
    name = server.getsockname()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(name)
        held, _ = server.accept()
        assert state_of(door(server)) == ""
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
        held.close()
    server.close()


def test_doors_that_must_not_be_used(server: socket.socket) -> None:
    """Other kinds, other users' sockets, and those where a connection has an effect."""
    shy = door(server)
    shy.askable = False
    with listening(server, said("paused")) as heard:
        assert state_of(door(server, HUMAN), door(server, note=FOREIGN), shy) == ""
        assert state_of(door(server), program="qemu-storage-daemon") == "running"
        machine = RunningMachine(1, (), [door(server)], "kvm", user="eve")
        stopped = RunningMachine(1, (), [door(server)], "kvm", process_state="stopped")
        ask([machine, stopped], ThisHost())
        assert (machine.state, stopped.state) == ("", "stopped")
    assert heard == []


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: b"",
        lambda request: b"SSH-2.0-x\r\n",
        lambda request: b'{"return": {"status": "paused"}}\r\n',
        lambda request: b'{"return": {"status": "paused"}, "id": "hmp-0"}\r\n',
        lambda request: said("x")(request).replace(b'"return": {"st', b'"error": {"st'),
        said(7),
        said([]),
    ],
)
def test_other_answers_mean_nothing(server: socket.socket, answer: Answer) -> None:
    """Nor does silence, for more than half a second."""
    begun = monotonic()
    with listening(server, answer):
        assert state_of(door(server)) == ""
    assert monotonic() - begun < LIMIT


@pytest.mark.parametrize(
    ("arguments", "askable"),
    [
        ("-qmp unix:/a,server=on,wait=off", True),
        ("-qmp unix:/a,server,nowait", True),
        ("-qmp tcp::4,server=on,wait=off", True),
        ("-chardev socket,id=c,path=/a,server=on,wait=off -mon c,mode=control", True),
        ("-qmp unix:/a,server=on", False),
        ("-qmp unix:/a,server=on,wait=on", False),
        ("-chardev socket,id=c,path=/a,server=on,wait=off,mux=on -mon c", False),
        (
            "-chardev socket,id=c,path=/a,server=on,wait=off"
            " -object monitor-qmp,id=m,chardev=c",
            True,
        ),
        (
            "-chardev socket,id=c,path=/a,server=on,wait=off"
            " -object monitor-qmp,id=m,chardev=c,close-action=delete",
            False,
        ),
    ],
)
def test_which_connections_have_an_effect(arguments: str, askable: bool) -> None:
    """QEMU may start with one, or give the monitor up with it."""
    (machine,) = machines(host(process(["qemu-system-x86_64", *arguments.split()])))

    assert [door.askable for door in machine.doors] == [askable]
