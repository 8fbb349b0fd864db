from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from hmp.serving.http import FirstLine, Verdict
from tests.fakes import until
from tests.serving.served import run, serving

REQUESTS = [
    b"POST / HTTP/1.1\r\n",
    b"GET / HTTP/1.0\r\n",
    b"get /a%20b?c='d' HTTP/1.1\n",
    b"HEAD /index HTTP/2\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"CONNECT host:443 HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n",
    b"M-SEARCH * HTTP/1.1\r\n",
    b"FROB / HTTP/1.1\r\n",
    b"GET /\r\n",
    b"POST http://host/\r\n",
    b"\r\nPUT / HTTP/1.1\r\n",
    b"Host: localhost\r\n",
    b"host:localhost\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"POST /" + b"x" * 100_000,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\ninfo name\n",
]
LINES = [
    b"info status\n",
    b"get it\n",
    b"post\n",
    b"help connect\r\n",
    b"hello-world HTTP/1.1\n",
    b'{"execute": "GET / HTTP/1.1"}\n',
    b"[]",
    b"\x16\x16info name\n",
    b"\xff\n",
    b"'POST / HTTP/1.1'\n",
    b"x" * 100_000,
    b"\n" * 100_000,
]
BODY = (
    b"Host: localhost:4444\r\nContent-Type: text/plain\r\n\r\n"
    b"{'execute': 'qmp_capabilities'}\r\n{'execute': 'hello-world'}\r\n"
    b"hello-world\r\nquit\r\n"
)


def verdict(data: bytes, size: int) -> Verdict:
    """Return the verdict on bytes that come in pieces."""
    first = FirstLine()
    for start in range(0, len(data), size):
        first.feed(data[start : start + size])
    return first.verdict


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("data", REQUESTS, ids=lambda data: repr(data[:30]))
def test_what_belongs_to_http(data: bytes, size: int) -> None:
    """Any method, what every request has in its second line, and answers."""
    assert verdict(data if size > 1 else data[:20_000], size) is Verdict.HTTP


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("data", LINES, ids=lambda data: repr(data[:30]))
def test_what_does_not(data: bytes, size: int) -> None:
    """Lines and messages of ours; nothing is held for ever."""
    assert verdict(data if size > 1 else data[:20_000], size) is Verdict.OTHER


@pytest.mark.parametrize("kind", ["tcp", "unix"])
@pytest.mark.parametrize("monitor", ["qmp", "monitor"])
@pytest.mark.parametrize("request_line", REQUESTS, ids=lambda data: repr(data[:30]))
def test_nothing_behind_a_request_is_run(
    tmp_path: Path, kind: str, monitor: str, request_line: bytes
) -> None:
    """Whatever pieces it comes in; the connection ends, and the operator is told."""
    where = "tcp:127.0.0.1:0" if kind == "tcp" else f"unix:{tmp_path}/s"

    async def main() -> None:
        option = f"{where},server=on,wait=off"
        qmp, human = (option, ()) if monitor == "qmp" else ((), option)
        async with serving(qmp=qmp, monitor=human) as served:
            client = await served.connect()
            data = request_line + BODY
            rest = asyncio.ensure_future(client.rest())
            while data:
                cut = random.Random(data).randint(1, max(50, len(data) // 2))
                client.send(data[:cut])
                data = data[cut:]
                await asyncio.sleep(0)
            said = await rest
            assert b"return" not in said
            assert b"rror" not in said
            assert served.printed == []
            assert not served.machine.ended
            await until(lambda: served.notices, "the notice")
            assert served.notices[-1].endswith(": a client spoke HTTP and was disconnected")
            again = await served.connect()  # and the next one is served
            await again.until(b"}\r\n" if monitor == "qmp" else b"(qemu) ")

    run(main())


def test_nothing_behind_a_request_is_run_on_telnet(tmp_path: Path) -> None:
    """Where keys are taken one by one."""

    async def main() -> None:
        where = "telnet:127.0.0.1:0,server=on,wait=off"
        async with serving(monitor=where) as served:
            client = await served.connect()
            await client.until(b"monitor - type 'help'")
            client.send(b"POST / HTTP/1.1\r\n" + BODY)
            await client.rest()
            assert served.printed == []
            assert not served.machine.ended

    run(main())


def test_what_is_held_is_answered_at_the_end(tmp_path: Path) -> None:
    """A first line without an end may still be a message."""

    async def main() -> None:
        async with serving(qmp=f"unix:{tmp_path}/q,server=on,wait=off") as served:
            client = await served.connect()
            client.send(b"nonsense }")
            client.writer.write_eof()
            assert b"JSON parse error" in await client.rest()

    run(main())
