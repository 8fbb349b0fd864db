"""Random bytes and random sequences of messages, at full speed, to all kinds of monitors.

HMP_TEST_RANDOM_SECONDS says for how long, HMP_TEST_RANDOM_SEED where chance begins.
"""

from __future__ import annotations

import json
import logging
import os
import random
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from select import select
from threading import Event, Thread
from typing import Any

import pytest

from tests.fakes import tables
from tests.serving.program import LIMIT, BlockingClient, Program

SECONDS = float(os.environ.get("HMP_TEST_RANDOM_SECONDS", "8"))
SEED = int(os.environ.get("HMP_TEST_RANDOM_SEED", "4"))

CLIENTS = 2.5 * SECONDS
"""The fewest clients of each monitor: a busy machine takes longer to serve them."""

MORE_MEMORY = 32 << 20
"""Bytes that the server may have grown by, once it has seen something of everything.

What a client of 1 MiB takes for a moment, Python keeps; over minutes it is no more.
"""
WARM = 1.0
"""Seconds in which the server sees something of everything."""

SAMPLE = 60.0
"""At most so many seconds between two counts, which show whether memory still grows."""

STEP = LIMIT
"""Seconds of the server's processor time that one step may take, other clients included."""

TURN = 5 * STEP
"""The same for a client that waits its turn: those before it may take STEP a step."""

BUSY = 10
"""How many times slower a busy machine may be than the processor time of its work."""

TASKS = 7
"""Those of the program itself, and of the clients that ask how many there are."""

SCHEMA = """
##
# @Counts:
#
# What there is of us.
#
# @tasks: tasks of the event loop.
#
# @files: open files.
#
# @memory: bytes of memory.
#
# @blocks: pieces of memory that Python's objects have.
##
{ 'struct': 'Counts',
  'data': { 'tasks': 'int', 'files': 'int', 'memory': 'int', 'blocks': 'int' } }

##
# @query-counts:
#
# Count.
##
{ 'command': 'query-counts', 'returns': 'Counts' }

##
# @pause:
#
# Wait for a moment.
##
{ 'command': 'pause', 'coroutine': true }
"""
FUNCTIONS = """
import asyncio, gc, os, sys

def qmp_query_counts() -> dict[str, object]:
    gc.collect()
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return {
        "tasks": len(asyncio.all_tasks()),
        "files": len(os.listdir("/proc/self/fd")),
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
        "blocks": sys.getallocatedblocks(),
    }

async def qmp_pause() -> None:
    await asyncio.sleep(0.01)
"""

# quit ends it, and who waits for an event may have to wait for ever
COMMANDS = [n.encode() for n in tables().names() if n not in ("quit", "q", "wait")]
QMP = [
    b"query-version",
    b"query-status",
    b"query-commands",
    b"query-qmp-schema",
    b"stop",
    b"cont",
    b"system_reset",
    b"hello-world",
    b"human-monitor-command",
    b"pause",
    b"qmp_capabilities",
    b"query-counts",
    b"nonsense",
]
PIECES = rb"""
{ } [ ] : , 'execute' "exec-oob" 'arguments' 'id' 'message' 'command-line' \ \ud800 1e400 -1
{'execute':'qmp_capabilities'} {'execute':'qmp_capabilities','arguments':{'enable':['oob']}}
true null x '' "
""".split()
KEYS = [
    b"\r", b"\t", b"\x03", b"\x04", b"\x12", b"\x15", b"\x18", b"\x1b", b"\x7f", b"\x00",
    b"\x1b[A", b"\x1b[Z", b"\x1bOP", b"\x1b[", b"\x1b[1;1R", b"\x1b[999;999R", b"\xc3",
    b"\x1b[200~", b"\x1b[201~", b"\xff\xfa\x1f\x00\x01\x00\x01\xff\xf0", b"\xff\xfa",
    b"\xff\xfa\x18\x00xterm\xff\xf0", b"\xff", b"\xff\xf4", b"\xff\xfb\x01",
    b"y\r", b"info ", b"help ",
]  # fmt: skip


class Sender:
    """Makes up what clients send; there is no q in it by itself, which would be quit."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def data(self) -> bytes:
        """Return something to send."""
        make = self.chance.choice([self.noise, self.requests, self.lines, self.keys])
        return make() * self.chance.choice([1, 1, 1, 2, 20])

    def noise(self) -> bytes:
        """Return bytes of any kind."""
        size = self.chance.choice([1, 10, 100, 1000, 20_000])
        return self.chance.randbytes(size).replace(b"q", b"Q")

    def requests(self) -> bytes:
        """Return requests, right and wrong, and pieces of them."""
        return b" ".join(self._request() for _ in range(self.chance.randrange(30)))

    def _request(self) -> bytes:
        if self.chance.random() < 0.3:
            return b"".join(self.chance.choices(PIECES, k=self.chance.randrange(20)))
        name = self.chance.choice(QMP).decode()
        message: dict[str, Any] = {"execute": name}
        if name == "hello-world":
            message["arguments"] = {"message": self.noise().decode("latin-1")[:200]}
        elif name == "human-monitor-command":
            message["arguments"] = {"command-line": self._line().decode("latin-1")}
        data = json.dumps(message).encode()
        if self.chance.random() < 0.2:
            at = self.chance.randrange(len(data))
            data = data[:at] + self.chance.choice(PIECES) + data[at + 1 :]
        return data

    def lines(self) -> bytes:
        """Return lines of the human monitor."""
        return b"".join(self._line() + b"\n" for _ in range(self.chance.randrange(30)))

    def _line(self) -> bytes:
        words = [b"-a", b"/x", b"1", b"0x", b"(1", b"$pc", b'"a', b"a=b", b"\xe9", b"info"]
        rest = self.chance.choices([*words, *COMMANDS], k=self.chance.randrange(4))
        return b" ".join([self.chance.choice(COMMANDS), *rest])

    def keys(self) -> bytes:
        """Return what is typed on a terminal."""
        return b"".join(
            self.chance.choice(KEYS) if self.chance.random() < 0.7 else self._line()
            for _ in range(self.chance.randrange(60))
        )


class Patience:
    """What the server may take for a step: so many seconds of its processor time.

    So a busy machine does not make it late. A server that waits for ever, and uses none, is
    found by the clock.
    """

    def __init__(self, process: int, seconds: float = STEP) -> None:
        self.process = process
        self.end = processor_time(process) + seconds
        self.latest = time.monotonic() + BUSY * seconds

    def check(self, failure: str) -> None:
        """Fail when the server has taken too long."""
        assert processor_time(self.process) < self.end, failure
        assert time.monotonic() < self.latest, failure


def processor_time(process: int) -> float:
    """Return the seconds that a process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def receive(sock: socket.socket, patience: Patience) -> bytes:
    """Return what comes next; nothing at the end."""
    while not select([sock], [], [], 1)[0]:
        patience.check("the server sends nothing, nor does it end")
    return sock.recv(1 << 16)


def exchange(sock: socket.socket, data: bytes, reads: bool, patience: Patience) -> None:
    """Send data, reading what comes or not; end when it is sent, or is not taken."""
    sock.setblocking(False)
    while data:
        # who does not read gives up as soon as the server does not either
        wait = 1 if reads else 0.01
        readable, writable, _ = select([sock] if reads else [], [sock], [], wait)
        if not readable and not writable and not reads:
            return
        patience.check("the server takes too long")
        try:
            if readable and not sock.recv(1 << 16):
                return
            if writable:
                data = data[sock.send(data[: 1 << 14]) :]
        except (BrokenPipeError, ConnectionResetError):
            return


def leave(sock: socket.socket, how: str, patience: Patience) -> None:
    """End a connection in some way."""
    try:
        if how == "reset":
            linger = struct.pack("ii", 1, 0)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif how == "half":
            sock.shutdown(socket.SHUT_WR)
            while receive(sock, patience):
                pass
    except OSError:
        pass  # the server was faster
    finally:
        sock.close()


class Site:
    """A server with a monitor of each kind, and what can be seen of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        machine = folder / "mine" / "machine"
        machine.mkdir(parents=True)
        (machine / "schema.json").write_text(SCHEMA)
        (machine / "functions.py").write_text(FUNCTIONS)
        self.paths = {name: folder / name for name in ("qmp", "pretty", "plain", "prompt")}
        unix = "unix:{},server=on,wait=off"
        prompt = f"socket,id=t,path={self.paths['prompt']},telnet=on,server=on,wait=off"
        self.program = Program(
            "--extend",
            str(folder / "mine"),
            "-monitor",
            "none",
            "-qmp",
            unix.format(self.paths["qmp"]),
            "-qmp-pretty",
            unix.format(self.paths["pretty"]),
            "-monitor",
            unix.format(self.paths["plain"]),
            "-chardev",
            prompt,
            "-mon",
            "t",
            "-qmp",
            unix.format(folder / "count"),
        )
        self._all_read = Event()
        self._reader = Thread(target=self._read, name="reads the server's output")
        self._reader.start()
        self.counter = BlockingClient(folder / "count")
        self.counter.socket.settimeout(BUSY * STEP)
        self.counter.negotiate()

    def _read(self) -> None:
        """Read what the server prints: a full pipe would hold it up."""
        while not self._all_read.wait(0.05):
            self.program.drain()

    def attack(self, name: str, seed: str, until: float, least: float = 0) -> int:
        """Be one client after the other, for a time and so many; return how many."""
        sender = Sender(random.Random(seed))
        count = 0
        while time.monotonic() < until or count < least:
            self._be_client(sender, name)
            count += 1
        return count

    def _be_client(self, sender: Sender, name: str) -> None:
        chance = sender.chance
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(self.paths[name]))
            if chance.random() < 0.7:
                receive(sock, self._patience(TURN))  # the greeting, when it is our turn
                sock.sendall(b"{'execute':'qmp_capabilities'}\n")
            for _ in range(chance.randrange(4)):
                # a prompt that is drawn anew takes its time for each key
                data = sender.data()[: 1000 if name == "prompt" else None]
                reads = chance.random() < 0.7
                exchange(sock, data, reads, self._patience())
            how = chance.choice(["close", "close", "reset", "half"])
            leave(sock, how, self._patience())

    def _patience(self, seconds: float = STEP) -> Patience:
        return Patience(self.program.process.pid, seconds)

    def _client(self, name: str) -> BlockingClient:
        """Return a client that waits its turn."""
        client = BlockingClient(self.paths[name])
        client.socket.settimeout(BUSY * TURN)
        return client

    def check(self) -> dict[str, int]:
        """Check that every monitor serves a new client; return the counts."""
        for name in ("qmp", "pretty"):
            with self._client(name) as client:
                client.send(b"{'execute':'qmp_capabilities','id':'begin'}")
                client.until(b'"begin"')
        with self._client("plain") as client:
            client.until(b"(qemu")
            client.send(b"info uuid\n")
            client.until(b"00000000-0000")
        with self._client("prompt") as client:
            client.send(b"info uuid\r")
            client.until(b"00000000-0000")
        assert self.program.process.poll() is None
        counts: dict[str, int] = self.counter.ask("query-counts")["return"]
        return counts

    def settled(self) -> dict[str, int]:
        """Return the counts when what clients left behind has ended."""
        deadline = time.monotonic() + LIMIT
        while True:
            counts = self.check()
            if counts["tasks"] <= TASKS or time.monotonic() > deadline:
                return counts

    def end(self) -> int:
        """Have the server quit; return its exit status."""
        self.counter.ask("quit")
        self.stop_reading()
        return self.program.end()

    def stop_reading(self) -> None:
        """Leave the rest of the server's output to who waits for its end."""
        self._all_read.set()
        self._reader.join()

    def close(self) -> None:
        """End it all."""
        self.stop_reading()
        self.counter.close()
        self.program.__exit__(None, None, None)


@pytest.mark.timeout(SECONDS * 2 + 120)
def test_nothing_harms_the_server(tmp_path: Path) -> None:
    """No crash, no traceback, no leak of memory, tasks, files, no client that is stuck."""
    site = Site(tmp_path)
    try:
        for name in site.paths:
            site.attack(name, f"{SEED} warm {name}", time.monotonic() + WARM / 4)
        first = site.check()
        begun = time.monotonic()
        with ThreadPoolExecutor() as threads:
            attacks = [
                threads.submit(
                    site.attack, name, f"{SEED} {name}", begun + SECONDS, CLIENTS
                )
                for name in site.paths
            ]
            sampled = begun
            while not all(attack.done() for attack in attacks):
                if time.monotonic() > sampled + min(SECONDS / 20, SAMPLE):
                    sampled = time.monotonic()
                    logging.info("at %.0f s: %s", sampled - begun, site.check())
                time.sleep(0.1)
            clients = [attack.result() for attack in attacks]
        last = site.settled()
        assert site.end() == 0
        assert site.program.err == ""
    finally:
        site.close()
    grown = last["memory"] - first["memory"]
    logging.info("%s clients; from %s to %s; grown by %d", clients, first, last, grown)
    assert last["tasks"] <= TASKS
    assert last["files"] <= first["files"] + len(site.paths)  # some just end
    assert grown < MORE_MEMORY
