from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmp.authoring import command
from hmp.monitor.entry import Table
from hmp.serving.hmp_client import LINE_LIMIT, echo
from hmp.serving.line_keys import LineKeys
from tests.fakes import tables, until
from tests.serving.served import QmpClient, run, serving

PROMPT = b"(qemu) "


def option(folder: Path) -> str:
    """Return the option of a monitor that waits for nobody."""
    return f"unix:{folder}/m,server=on,wait=off"


async def said(client: QmpClient, data: bytes | str) -> bytes:
    """Send a line, and return what comes between its echo and the next prompt."""
    client.send(data)
    return await answer(client)


async def answer(client: QmpClient) -> bytes:
    """Return what comes between a line's echo and the next prompt."""
    return (await client.until(PROMPT)).partition(b"\r\n")[2].removesuffix(PROMPT)


def test_a_plain_socket_gets_clean_lines(tmp_path: Path) -> None:
    """Banner, prompt, results, errors: no codes in them, the line ends of a terminal."""

    async def main() -> None:
        async with serving(monitor=option(tmp_path)) as served:
            client = await served.connect()
            banner = await client.until(PROMPT)
            assert banner == (
                b"QEMU 0.1.0 monitor - type 'help' for more information\r\n" + PROMPT
            )
            assert await said(client, "info status\n") == b"VM status: running\r\n"
            assert await said(client, "hello-world\r\n") == b""
            assert served.printed == ["Hello, world\n"]
            assert await said(client, "stop foo\n") == (
                b"stop|s: extraneous characters at the end of line\r\n"
                b'Try "help stop" for more information\r\n'
            )
            assert await said(client, "# nothing\n") == b""
            assert await said(client, "\n") == b""

    run(main())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_lines_end_as_others_have_it(tmp_path: Path, end: str, size: int) -> None:
    """In whatever pieces they come; the last one may have no end."""
    text = end.join(["info status", "", "hello-world a", "info status", "hello-world b"])
    pieces = [text[start : start + size] for start in range(0, len(text), size)]

    async def main() -> None:
        async with serving(monitor=option(tmp_path)) as served:
            client = await served.human()
            for piece in pieces:
                client.send(piece)
                await asyncio.sleep(0)
            client.writer.write_eof()
            status = b"VM status: running\r\n"
            expected = [status, b"", b"", status, b""]
            echoed = [echo(line) for line in text.split(end)]
            assert await client.rest() == b"".join(
                line + said + PROMPT for line, said in zip(echoed, expected, strict=True)
            )
            assert served.printed == ["a\n", "b\n"]

    run(main())


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """The line is refused, and the next one is none the worse."""

    async def main() -> None:
        async with serving(monitor=option(tmp_path)) as served:
            client = await served.human()
            wrong = b"Error: the line is not valid UTF-8 at byte 3\r\n"
            assert await said(client, b"ab\xff\n") == wrong
            assert await said(client, "info name\n") == b""

    run(main())


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_without_an_end_is_not_kept(tmp_path: Path, end: bytes) -> None:
    """It is refused when it is too long, and skipped to its end."""

    async def main() -> None:
        async with serving(monitor=option(tmp_path)) as served:
            client = await served.human()
            client.send(b"x" * (40 * LINE_LIMIT) + end + b"info status" + end)
            assert await answer(client) == b"Error: the line is longer than 65536 bytes\r\n"
            assert await answer(client) == b"VM status: running\r\n"

    run(main())


def test_what_others_send_is_shown_as_escapes(tmp_path: Path) -> None:
    """Control codes of the line itself, back to its client."""

    async def main() -> bytes:
        async with serving(monitor=option(tmp_path)) as served:
            client = await served.human()
            return await said(client, "\x1b[2Jx\x07\u202e\n")

    assert run(main()) == b"unknown command: '\\x1b[2Jx\\x07\\u202e'\r\n"


def test_noise_is_not_drawn_key_by_key() -> None:
    """What comes back is not many times what was sent."""
    assert echo("ab") == b"a\x1b[K\x1b[Dab\x1b[K\r\n"
    assert echo("a\x01") == b"a\\x01\r\n"
    long = echo("x" * 60_000)
    assert len(long) < 200_000
    assert long.endswith(b"x" * 1000 + b"\r\n")


def test_keys_are_drawn_before_the_line_ends(tmp_path: Path) -> None:
    """As QEMU draws them, for programs that wait for that; what is erased is not run."""
    long = "info name " + " " * 1000

    async def main() -> None:
        async with serving(monitor=option(tmp_path)) as served:
            client = await served.human()
            client.send("sto")
            assert await client.until(b"sto\x1b[K") == b"".join(LineKeys().type(b"sto"))
            client.send("p\x17info statux\x08s\n-tok")
            status = b"VM status: running\r\n" + PROMPT
            assert (await client.until(b"-tok\x1b[K")).partition(b"\r\n")[2] == (
                status + b"".join(LineKeys().type(b"-tok"))
            )
            client.send(f"\x17{long}")
            await client.until(f"{long}\x1b[K".encode())
            client.send(b"\x08\xff\x1b\n")
            wrong = f"Error: the line is not valid UTF-8 at byte {len(long)}\r\n".encode()
            noise = b"\\xff\\x1b\x1b[K\r\n"
            assert (await client.until(PROMPT)).endswith(noise + wrong + PROMPT)

    run(main())


EDITED = st.lists(st.sampled_from([*range(32, 127), 5, 8, 0x17, 0x7F, 0xC3]), max_size=99)


@given(keys=EDITED.map(bytes))
def test_any_keys_are_taken(keys: bytes) -> None:
    """One by one or together, drawn or not, they make the same line."""
    slow, fast = LineKeys(), LineKeys()
    for key in keys:
        b"".join(slow.type(bytes((key,))))
    drawn = b"".join(fast.type(keys))
    line = fast.take()

    assert slow.take() == line
    assert not drawn or b"\xc3" in keys or drawn.endswith(line + b"\x1b[K")
    assert not fast.needed_for(b"a")


def test_each_client_has_a_history_of_its_own(tmp_path: Path) -> None:
    """Which ``info history`` shows."""

    async def main() -> None:
        async with serving(monitor=option(tmp_path)) as served:
            client = await served.human()
            await said(client, "info name\n\n \n")
            for _ in range(2):
                await client.until(PROMPT)
            history = await said(client, "info history\n")
            assert history == b"0: 'info name'\r\n1: 'info history'\r\n"
            await client.close()
            second = await served.human()
            assert await said(second, "info history\n") == b"0: 'info history'\r\n"

    run(main())


def test_a_client_that_does_not_read_is_not_served(tmp_path: Path) -> None:
    """Lines wait until it takes what it asked for; other monitors go on."""
    qmp = f"unix:{tmp_path}/q,server=on,wait=off"

    async def main() -> None:
        async with serving(qmp=qmp, monitor=option(tmp_path)) as served:
            other, client = await served.qmp(0), await served.human(1)
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            (ours,) = served.server._backends[1].clients
            lines = b"help\n" * 200
            client.send(lines)
            await until(lambda: not ours.reads, "the client to be held back")
            held = ours.transport.get_write_buffer_size()
            for _ in range(50):
                assert await other.ask("query-name") == {"return": {}}
            assert ours.transport.get_write_buffer_size() == held < 1 << 18
            client.writer.transport.resume_reading()  # type: ignore[attr-defined]
            client.send(b"hello-world all\n")
            await until(lambda: served.printed, "the lines to be run")

    run(main())


def forever() -> tuple[Table, list[str]]:
    """Return the real table with a command that never ends, and what becomes of it."""
    log: list[str] = []

    async def handler(mon: object, args: object) -> None:
        log.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            log.append("given up")

    entry = command("forever", help="never end")(handler)
    return Table([*tables(), entry]), log


def test_a_line_is_given_up_with_its_client(tmp_path: Path) -> None:
    """Nobody waits for it any more."""
    table, log = forever()

    async def main() -> None:
        async with serving(monitor=option(tmp_path), table=table) as served:
            client = await served.human()
            client.send("forever\n")
            await until(lambda: log, "the command")
            client.reset()
            await until(lambda: len(log) == 2, "its end")
            again = await served.human()
            again.send("forever\n")
            await until(lambda: len(log) == 3, "the command")

    run(main())
    assert log == ["begun", "given up"] * 2


def test_events_can_be_followed(tmp_path: Path) -> None:
    """With netcat, say: they come as they happen, until it goes."""
    qmp = f"unix:{tmp_path}/q,server=on,wait=off"

    async def main() -> None:
        async with serving(qmp=qmp, monitor=option(tmp_path)) as served:
            control, client = await served.qmp(0), await served.human(1)
            client.send("events -f\n")
            await control.ask("stop")
            while b"STOP" not in await client.until(b"\r\n"):
                pass
            await client.close()
            line = {"command-line": "events -f"}
            text = "Error: events cannot be followed from here\r\n"
            reply = await control.ask("human-monitor-command", **line)
            assert reply == {"return": text}
            again = await served.human(1)
            assert await said(again, "info name\n") == b""

    run(main())


def test_the_end_of_the_machine_ends_the_line(tmp_path: Path) -> None:
    """Whoever ends it."""
    qmp = f"unix:{tmp_path}/q,server=on,wait=off"
    table, log = forever()

    async def main() -> None:
        monitors = [option(tmp_path), f"unix:{tmp_path}/n,server=on,wait=off"]
        async with serving(qmp=qmp, monitor=monitors, table=table) as served:
            quitter = await served.qmp(0)
            busy, idle = await served.human(1), await served.human(2)
            busy.send("forever\n")
            await until(lambda: log, "the command")
            await quitter.ask("quit")
            assert await idle.rest() == b""
            assert await busy.rest() == echo("forever")

    run(main())
    assert log == ["begun", "given up"]


def test_a_client_may_ask_for_telnet_s_lines(tmp_path: Path) -> None:
    """QMP over telnet: its own bytes are taken out."""
    qmp = "telnet:127.0.0.1:0,server=on,wait=off"

    async def main() -> None:
        async with serving(qmp=qmp) as served:
            client = await served.connect()
            assert await client.reader.readexactly(3) == b"\xff\xfb\x03"
            await client.negotiate()
            client.send(b'{"execute"\xff\xfe\x03: "query-name",\xff\xf1 "id": "\xc3\xa9"}')
            reply = json.loads((await client.until(b"\n")).decode())
            assert reply == {"return": {}, "id": "é"}

    run(main())
