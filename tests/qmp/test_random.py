"""Random servers, right and wrong, for both kinds of client.

HMP_TEST_RANDOM_SECONDS says for how long, HMP_TEST_RANDOM_SEED where chance begins.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import socket
import time
from contextlib import suppress
from threading import Thread
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.aio import adopt
from hmp.qmp.blocking import BlockingConnection
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import GREETING, LIMIT, ClientGone, Message, Peer, answer, wire

SECONDS = float(os.environ.get("HMP_TEST_RANDOM_SECONDS", "4"))
SEED = int(os.environ.get("HMP_TEST_RANDOM_SEED", "4"))
MORE_MEMORY = 32 << 20
"""Bytes that the process may have grown by; buffers of some sizes stay with Python."""
SAMPLE = 60.0
"""Seconds between two counts, which show whether memory still grows."""

STRAYS: list[Message] = [
    {"return": "stray"},
    {"return": "stray", "id": 1},
    {"return": "stray", "id": "hmp-0"},
    {"return": "stray", "id": None},
    {"return": "stray", "id": [{}]},
    {"error": {"class": "GenericError", "desc": "stray"}, "id": 2},
    {"error": {"class": "GenericError", "desc": "JSON parse error"}},
    {"error": "stray"},
    {"event": "E", "data": {}},
    {"event": "E"},
    {},
    GREETING,
]
WRONG = [
    b"garbage\n",
    b"[]\n",
    b"}",
    b'{"a": NaN}\n',
    b'{"event": 7}\n',
    b"\xff\xfe\n",
    b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}\n",
    b'{"return": "cut',
    b"\0",
]


class RandomServer:
    """Answers with the argument ``value``, most of the time, among all kinds of things."""

    def __init__(self, peer: Peer, chance: random.Random) -> None:
        self.peer = peer
        self.chance = chance

    def run(self) -> None:
        """Serve until the client is gone, or chance ends it."""
        with suppress(ClientGone, OSError, ValueError):
            self._send(*self._strays()[:2], GREETING)
            while self.chance.random() > 0.01:
                request = self.peer.read()
                self._send(*self._strays(), *self._answers(request), *self._strays())
        self.peer.close()

    def _strays(self) -> list[Message | bytes]:
        count = self.chance.choice([0, 0, 0, 1, 5])
        return [dict(stray) for stray in self.chance.choices(STRAYS, k=count)]

    def _answers(self, request: Message) -> list[Message | bytes]:
        arguments = request.get("arguments", {})
        value = [arguments.get("value"), '{"\\' * self.chance.choice([0, 1, 50_000])]
        reply: Message | bytes = answer(request, value)
        kind = self.chance.random()
        if kind < 0.03:
            return []
        if kind < 0.04:
            return [self.chance.choice(WRONG)]
        if kind < 0.1:
            reply = answer(request, QMPError(str(arguments.get("value"))))
        return [reply] * self.chance.choice([1, 1, 1, 2])

    def _send(self, *messages: Message | bytes) -> None:
        data = b"".join(map(wire, messages))
        size = self.chance.choice([len(data) or 1, len(data) // 3 + 1, 4096, 4096])
        self.peer.send_split(data, size)


class Client:
    """Runs commands, each of which must end in its own value or in one clear error."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.count = 0

    def be_blocking(self, connection: BlockingConnection) -> None:
        """Ask one thing after the other."""
        for _ in range(50):
            value = self._value()
            try:
                result = drive(connection.execute("x", value=value))
            except QMPError as error:
                result = error
            check(value, result)
            if self.chance.random() < 0.1:
                connection.take_buffered()

    async def be_async(self, blocking: BlockingConnection) -> None:
        """Ask several things at once."""
        connection = await adopt(blocking)
        try:
            for _ in range(20):
                values = [self._value() for _ in range(self.chance.choice([1, 2, 5]))]
                results = await asyncio.gather(
                    *(connection.execute("x", value=value) for value in values),
                    return_exceptions=True,
                )
                for value, result in zip(values, results, strict=True):
                    check(value, result)
        finally:
            connection.close()
            await asyncio.sleep(0)

    def _value(self) -> str:
        self.count += 1
        return f"{self.count}" + "x" * self.chance.choice([0, 0, 100_000])


def check(value: str, result: Any) -> None:
    """Check that a command ended in its own value, or in an error that may be its own."""
    if isinstance(result, QMPError):
        own = result.desc in (value, "JSON parse error")
        assert own or result.desc.startswith("no reply to 'x' within"), result
    elif isinstance(result, BaseException):
        raise result
    else:
        assert result[0] == value


def one_connection(seed: str) -> int:
    """Be one client of one server; return how many commands it ran."""
    client = Client(seed)
    ours, theirs = socket.socketpair()
    server = RandomServer(Peer(theirs), random.Random(f"{seed} server"))
    thread = Thread(target=server.run, name="random server")
    thread.start()
    gone = "one line"
    try:
        connection = BlockingConnection(ours, "NAME", timeout=0.05, connect_limit=0.2)
        try:
            if client.chance.random() < 0.5:
                client.be_blocking(connection)
            else:
                asyncio.run(client.be_async(connection))
        finally:
            connection.close()
    except MachineGoneError as error:
        gone = str(error)
    assert gone
    assert "\n" not in gone
    thread.join(LIMIT)
    assert not thread.is_alive()
    return client.count


def resources() -> tuple[int, int]:
    """Return the bytes of memory and the number of files that this process has."""
    gc.collect()
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir("/proc/self/fd"))


@pytest.mark.timeout(SECONDS * 2 + 120)
def test_nothing_harms_the_client() -> None:
    """No hang, no other exception, no reply for another, no leak."""
    for number in range(10):
        one_connection(f"{SEED} warm {number}")
    first = resources()
    begun = sampled = time.monotonic()
    connections = commands = 0
    while time.monotonic() < begun + SECONDS or connections <= SECONDS / 2:
        commands += one_connection(f"{SEED} {connections}")
        connections += 1
        if time.monotonic() > sampled + SAMPLE:
            sampled = time.monotonic()
            logging.info("at %.0f s: %s", sampled - begun, resources())
    last = resources()

    logging.info(
        "%d connections, %d commands; %s to %s", connections, commands, first, last
    )
    assert commands > connections
    assert last[1] <= first[1]
    assert last[0] < first[0] + MORE_MEMORY
