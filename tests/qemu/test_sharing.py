"""A real QEMU's monitor, shared: each client is served as if it were QEMU's only one."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from qemu.qmp import EventListener, ExecuteError, QMPClient

from tests.program import run
from tests.qemu.machines import RunningQemu
from tests.qemu.test_serving import (
    Side,
    fresh,
    pair,
    test_before_negotiation,
    test_commands,
    test_human_monitor_command,
    test_limits,
    test_many_in_one_packet,
    test_messages,
    test_numbers,
    test_one_byte_is_wrong,
    test_out_of_band,
    test_random_pieces_of_requests,
    test_split_at_every_byte,
    test_strings,
    test_what_comes_back_is_written_alike,
)
from tests.serving.program import LIMIT, BlockingClient, Program, free_port
from tests.terminal.screen import Terminal

__all__ = [
    "fresh",
    "pair",
    "test_before_negotiation",
    "test_commands",
    "test_human_monitor_command",
    "test_limits",
    "test_many_in_one_packet",
    "test_messages",
    "test_numbers",
    "test_one_byte_is_wrong",
    "test_out_of_band",
    "test_random_pieces_of_requests",
    "test_split_at_every_byte",
    "test_strings",
    "test_what_comes_back_is_written_alike",
]
"""The comparisons with QEMU itself, here of a shared monitor."""

QMP_SHELL = str(Path(sys.executable).parent / "qmp-shell")
TELNET = shutil.which("telnet") or ""
BARE = ["-M", "none", "-nodefaults"]


def unix(path: Path) -> str:
    """Return the option of a Unix socket."""
    return f"unix:{path},server=on,wait=off"


@pytest.fixture(scope="module")
def shared_qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """The machine whose monitor is shared."""
    qemu = RunningQemu(qemu_command, BARE)
    yield qemu
    qemu.close()


@pytest.fixture(scope="module")
def our_path(
    shared_qemu: RunningQemu, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The path of a shared monitor."""
    path = tmp_path_factory.mktemp("q") / "q"
    with Program(shared_qemu.path, "-monitor", "none", "-qmp", unix(path)) as program:
        Side(str(path)).close()
        yield str(path)
        assert program.err == ""


def client(path: str | Path, *enable: str) -> Side:
    """Return a client that has negotiated."""
    side = Side(str(path))
    side.negotiate(*enable)
    return side


def ask(side: Side, command: str, **arguments: Any) -> Any:
    """Run a command and return the reply."""
    side.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
    return reply(side)


def reply(side: Side) -> Any:
    """Return the next message that is not an event."""
    while "event" in (message := side.read()):
        pass
    return message


def event(side: Side) -> str:
    """Return the name of the next event."""
    while "event" not in (message := side.read()):
        pass
    return str(message["event"])


def test_the_greeting_is_the_machines(our_path: str, shared_qemu: RunningQemu) -> None:
    """To the byte."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(our_path)
        assert json.loads(sock.makefile("rb").readline()) == shared_qemu.oracle.greeting


def test_many_at_once(our_path: str, shared_qemu: RunningQemu) -> None:
    """Each gets the reply to its own request, under its own id, and every event."""
    clients = [client(our_path) for _ in range(20)]
    for number, side in enumerate(clients):
        request = {"execute": "query-version", "id": {"mine": number}}
        side.socket.sendall(json.dumps(request).encode() * 20)
    for number, side in enumerate(clients):
        for _ in range(20):
            assert reply(side)["id"] == {"mine": number}
    shared_qemu.oracle.qmp("stop")
    shared_qemu.oracle.qmp("cont")
    for side in clients:
        assert (event(side), event(side)) == ("STOP", "RESUME")
        side.close()


def test_a_machine_that_is_started(qemu_command: list[str], tmp_path: Path) -> None:
    """It is shared as well, and ends with what shares it."""
    path = tmp_path / "q"
    launched = ("--", *qemu_command, *BARE, "-display", "none")
    with Program("-qmp", unix(path), *launched) as program:
        program.type("info status\n")
        program.wait_for("VM status: running")
        one, two = client(path), client(path)
        ask(one, "stop")
        assert ask(two, "query-status")["return"]["status"] == "paused"
        program.process.send_signal(signal.SIGINT)
        program.process.wait(LIMIT)
        one.close()
        two.close()


def test_descriptors_pass(our_path: str, shared_qemu: RunningQemu) -> None:
    """With getfd and add-fd, of several clients at a time; without one, QEMU's error."""
    missing = "No file descriptor supplied via SCM_RIGHTS"
    clients = [client(our_path) for _ in range(4)]
    for number, side in enumerate(clients):
        assert ask(side, "getfd", fdname="x")["error"]["desc"] == missing
        for command in ("getfd", "add-fd"):
            reader, writer = os.pipe()
            os.write(writer, b"%d" % number)
            name = (
                {"fdname": f"n{number}"} if command == "getfd" else {"opaque": f"{number}"}
            )
            request = {"execute": command, "arguments": name}
            data = json.dumps(request).encode()
            socket.send_fds(side.socket, [data], [reader])
            os.close(reader)
            os.close(writer)
    for side in clients:
        assert (reply(side), sorted(reply(side)["return"])) == (
            {"return": {}},
            ["fd", "fdset-id"],
        )
    sets = ask(clients[0], "query-fdsets")["return"]
    assert {fd["opaque"] for item in sets for fd in item["fds"]} == {"0", "1", "2", "3"}
    for number, side in enumerate(clients):
        assert ask(side, "closefd", fdname=f"n{number}") == {"return": {}}
        side.close()


class HangingDisk:
    """An NBD server that says nothing until it hangs up."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.server.getsockname()[1])
        self.client: socket.socket | None = None

    def accept(self) -> None:
        """Take the client."""
        self.server.settimeout(LIMIT)
        self.client = self.server.accept()[0]

    def close(self) -> None:
        """Hang up. Idempotent."""
        self.server.close()
        if self.client is not None:
            self.client.close()


@pytest.fixture
def disk() -> Iterator[HangingDisk]:
    """A disk that hangs the QEMU that opens it."""
    disk = HangingDisk()
    yield disk
    disk.close()


def test_out_of_band_overtakes(our_path: str, disk: HangingDisk) -> None:
    """Past a command that hangs, and the requests of all clients that wait for it."""
    stuck, urgent = client(our_path), client(our_path, "oob")
    others = [client(our_path) for _ in range(12)]
    where = {"type": "inet", "host": "127.0.0.1", "port": disk.port}
    node = {"driver": "nbd", "node-name": "n", "server": where}
    stuck.socket.sendall(
        json.dumps({"execute": "blockdev-add", "arguments": node}).encode()
    )
    disk.accept()
    for side in others:
        side.socket.sendall(b'{"execute": "query-status"}' * 3)
    for number in range(20):
        request = {"exec-oob": "query-yank", "id": number}
        urgent.socket.sendall(json.dumps(request).encode())
        assert reply(urgent)["id"] == number
    disk.close()
    assert "error" in reply(stuck)
    for side in others:
        assert all("return" in reply(side) for _ in range(3))
    for side in (stuck, urgent, *others):
        side.close()


def flood(side: Side) -> None:
    """Ask for much, until nothing is taken any more."""
    with suppress(TimeoutError):
        while True:
            side.socket.sendall(b'{"execute": "query-qmp-schema"}' * 100)


def test_bad_clients_are_their_own_problem(our_path: str) -> None:
    """Those that send half a request, never read, flood, or go away at any time."""
    good = client(our_path)
    half = client(our_path)
    half.socket.sendall(b'{"execute": "query-st')
    deaf = client(our_path)
    deaf.socket.settimeout(1)
    flood(deaf)
    for _ in range(20):
        gone = client(our_path, "oob")
        gone.socket.sendall(
            b'{"execute": "query-qmp-schema"}{"exec-oob": "query-yank"}' * 9
        )
        gone.close()
    begun = time.monotonic()
    for _ in range(20):
        assert "return" in ask(good, "query-status")
    assert time.monotonic() - begun < LIMIT / 2
    half.socket.sendall(b'atus"}')
    assert "return" in reply(half)
    for side in (good, half, deaf):
        side.close()


def test_read_only_holds_for_all(bare_qemu: RunningQemu, tmp_path: Path) -> None:
    """On QMP, in its human monitor and ours; what reads works."""
    qmp, human = tmp_path / "q", tmp_path / "h"
    serving = ["-qmp", unix(qmp), "-monitor", unix(human), "--read-only"]
    with Program(bare_qemu.path, *serving):
        side = client(qmp, "oob")
        assert "return" in ask(side, "query-status")
        for command, arguments in (
            ("quit", {}),
            ("getfd", {"fdname": "x"}),
            ("human-monitor-command", {"command-line": "stop"}),
        ):
            desc = f"'{command}' is refused: this session is read-only"
            error = {"class": "GenericError", "desc": desc}
            assert ask(side, command, **arguments) == {"error": error}
        side.socket.sendall(b'{"exec-oob": "migrate-pause", "id": 1}')
        assert "read-only" in reply(side)["error"]["desc"]
        line = {"command-line": "info status"}
        assert "VM status" in ask(side, "human-monitor-command", **line)["return"]
        side.close()
        with BlockingClient(human) as person:
            person.until(b"(qemu) ")
            person.send("stop\n")
            assert b"read-only" in person.until(b"(qemu) ")
            person.send("info status\n")
            assert b"VM status: running" in person.until(b"(qemu) ")
        done = run(str(human), "-c", "info status", "-c", "stop")
        assert (done.stdout, done.returncode) == ("VM status: running\n", 1)
        assert "read-only" in done.stderr


def test_the_machine_goes_away(qemu_command: list[str], tmp_path: Path) -> None:
    """Its clients get what it still said, then the end; hmp ends with status 3."""
    qemu = RunningQemu(qemu_command, BARE)
    qmp, human = tmp_path / "q", tmp_path / "h"
    try:
        with Program(qemu.path, "-qmp", unix(qmp), "-monitor", unix(human)) as program:
            asks, watches = client(qmp), client(qmp)
            with BlockingClient(human) as person:
                person.until(b"(qemu) ")
                asks.socket.sendall(b'{"execute": "quit", "id": 1}')
                assert {"return": {}, "id": 1} in iter(asks.read, None)
                names = [json.loads(line).get("event") for line in watches.file]
                assert names == ["SHUTDOWN"]
                person.rest()
            assert program.end() == 3
            assert f"the machine at {qemu.path} closed the connection" in program.err
            asks.close()
            watches.close()
    finally:
        qemu.close()
    assert not qmp.exists()


def test_hmp_on_it(our_path: str) -> None:
    """Our own program is a client like any other."""
    done = run(our_path, "-c", "info status", "-c", "info name")
    assert (done.returncode, done.stderr) == (0, "")
    assert "VM status" in done.stdout


def test_qmp_shell_on_it(our_path: str, shared_qemu: RunningQemu) -> None:
    """Two at a time, each with its commands and its errors."""
    lines = "query-status\nnonsense\n"
    shells = [
        subprocess.Popen(
            [QMP_SHELL, our_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for shell in shells:
        out, _ = shell.communicate(lines, timeout=LIMIT)
        version = ".".join(map(str, shared_qemu.version))
        assert f"Connected to QEMU {version}" in out
        assert "running" in out
        assert "CommandNotFound" in out


def test_the_library_of_qemu_on_it(our_path: str, shared_qemu: RunningQemu) -> None:
    """It negotiates, runs commands at once, and gets events."""

    async def main() -> None:
        clients = [QMPClient(f"c{number}") for number in range(3)]
        listeners = [EventListener(names="STOP") for _ in clients]
        for one, listener in zip(clients, listeners, strict=True):
            await one.connect(our_path)
            one.register_listener(listener)
        answers: list[Any] = await asyncio.gather(
            *(one.execute("query-status") for one in clients for _ in range(20))
        )
        assert all(answer["running"] for answer in answers)
        with pytest.raises(ExecuteError):
            await clients[0].execute("nonsense")
        shared_qemu.oracle.qmp("stop")
        shared_qemu.oracle.qmp("cont")
        for one, listener in zip(clients, listeners, strict=True):
            event = await asyncio.wait_for(listener.get(), LIMIT)
            assert event["event"] == "STOP"
            await one.disconnect()

    asyncio.run(main())


@pytest.mark.skipif(not TELNET, reason="telnet is not installed")
def test_our_prompt_in_front_of_any_qemu(bare_qemu: RunningQemu) -> None:
    """Over telnet, for two people at once, with completion."""
    port = free_port()
    option = f"telnet:127.0.0.1:{port},server=on,wait=off"
    with Program(bare_qemu.path, "-monitor", option):
        BlockingClient(port).close()
        people = [Terminal(command=[TELNET, "127.0.0.1", str(port)]) for _ in range(2)]
        try:
            for person in people:
                person.wait_prompt("(qemu) ")
            for person in people:
                person.type("info vers\t")
                person.wait_row("(qemu) info version")
                person.type("\r")
                person.wait_for(".".join(map(str, bare_qemu.version)))
                person.wait_prompt("(qemu) ")
            people[0].type("stop\r")
            people[0].wait_prompt("(qemu) ")
            people[1].type("info status\r")
            people[1].wait_for("paused")
            people[1].type("cont\r")
            people[1].wait_prompt("(qemu) ")
        finally:
            for person in people:
                person.close()


class Chaos:
    """Clients that do whatever clients may do, at random."""

    def __init__(self, path: str, chance: random.Random) -> None:
        self.path = path
        self.chance = chance
        self.sides: list[Side] = []
        self.null = os.open(os.devnull, os.O_RDONLY)

    def step(self) -> None:
        """Do one thing."""
        if len(self.sides) < 9 and self.chance.random() < 0.2:
            self._join()
        elif self.sides:
            side = self.chance.choice(self.sides)
            try:
                self._act(side)
            except (OSError, AssertionError):  # the server has given it up
                self._leave(side)

    def _join(self) -> None:
        side = Side(self.path)
        if self.chance.random() < 0.8:
            side.negotiate(*self.chance.choice(((), ("oob",))))
        side.socket.settimeout(0.001)
        self.sides.append(side)

    def _act(self, side: Side) -> None:
        dice = self.chance.random()
        if dice < 0.15:
            self._leave(side)
        elif dice < 0.5:
            with suppress(TimeoutError):
                side.socket.recv(self.chance.choice((1, 100, 1 << 16)))
        elif dice < 0.65:
            files = [self.null] * self.chance.randint(1, 3)
            request = self.chance.choice((b'{"execute": "getfd"}', b" ", b'{"exec'))
            socket.send_fds(side.socket, [request], files)
        else:
            with suppress(TimeoutError):
                side.socket.sendall(self._noise())

    def _noise(self) -> bytes:
        pieces = [
            b'{"execute": "query-status"}',
            b'{"execute": "query-qmp-schema", "id": [1, {}]}',
            b'{"exec-oob": "query-yank", "id": 1}',
            b'{"execute": "qmp_capabilities"}',
            b'{"execute": "closefd", "arguments": {"fdname": "x"}}',
            b'{"execute"',
            b'"',
            b"}}",
            b"\xff\n",
            self.chance.randbytes(9),
        ]
        return b"".join(self.chance.choices(pieces, k=self.chance.randint(1, 30)))

    def _leave(self, side: Side) -> None:
        self.sides.remove(side)
        side.close()

    def close(self) -> None:
        """End all of them."""
        os.close(self.null)
        for side in list(self.sides):
            self._leave(side)


def test_chaos(bare_qemu: RunningQemu, tmp_path: Path) -> None:
    """A good client is served as ever among others, and nothing is left of those."""
    chance = random.Random(int(os.environ.get("HMP_TEST_RANDOM_SEED", "5")))
    seconds = float(os.environ.get("HMP_TEST_RANDOM_SECONDS", "4"))
    path = str(tmp_path / "q")
    with Program(bare_qemu.path, "-monitor", "none", "-qmp", unix(tmp_path / "q")) as ours:
        good = client(path, "oob")
        files = Path(f"/proc/{ours.process.pid}/fd")
        before = len(list(files.iterdir()))
        chaos = Chaos(path, chance)
        end, number = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            for _ in range(20):
                chaos.step()
            number += 1
            kind = (
                ("execute", "query-version") if number % 2 else ("exec-oob", "query-yank")
            )
            request = {kind[0]: kind[1], "id": number}
            good.socket.sendall(json.dumps(request).encode())
            answer = reply(good)
            assert (answer["id"], "return" in answer) == (number, True)
        chaos.close()
        assert number > 5
        deadline = time.monotonic() + LIMIT
        while len(list(files.iterdir())) > before:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        good.close()
