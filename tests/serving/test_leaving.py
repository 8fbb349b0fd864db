"""Clients that go away in the midst of a line: the monitor is the next one's."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path

import pytest

from tests.fakes import LIMIT
from tests.serving.served import run, serving

TCP = "tcp:127.0.0.1:0,server=on,wait=off"


def option(how: str, folder: Path) -> str:
    """Return the option of a monitor."""
    if how == "unix":
        return f"unix:{folder}/m,server=on,wait=off"
    return TCP.replace("tcp:", "telnet:") if how == "telnet" else TCP


@pytest.mark.parametrize("how", ["tcp", "unix", "telnet"])
@pytest.mark.parametrize("behind", [b"", b"info status\n" * 20_000], ids=["", "more"])
def test_a_line_that_waits_for_ever(tmp_path: Path, how: str, behind: bytes) -> None:
    """It does not hold up the client that comes next; nor what stands behind it."""
    prompt = b"(hmp)" if how == "telnet" else b"(qemu) "

    async def main() -> None:
        async with serving(monitor=option(how, tmp_path)) as served:
            first = await served.connect()
            await first.until(prompt)
            first.send(b"wait NEVER\r\n" + behind)
            await asyncio.sleep(0.3)  # for it to be under way
            first.writer.close()
            second = await served.connect()
            await second.until(prompt)
            second.send(b"info status\r\n")
            await second.until(b"running")

    run(main())


def test_a_qmp_command_that_waits_for_ever() -> None:
    """The same by human-monitor-command."""

    async def main() -> None:
        async with serving(qmp=TCP) as served:
            first = await served.qmp()
            line = {"command-line": "wait NEVER"}
            request = {"execute": "human-monitor-command", "arguments": line}
            first.send(json.dumps(request))
            await asyncio.sleep(0.3)
            first.writer.close()
            await served.qmp()

    run(main())


def test_output_for_a_client_that_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator reads nothing of it; it was a line of asyncio's for each piece."""
    monkeypatch.setattr("hmp.serving.hmp_client.TURN", LIMIT)

    async def main() -> None:
        async with serving(monitor=option("unix", tmp_path)) as served:
            client = await served.human()
            client.send(b"x\x08y\n" * 50)  # each line is corrected with Backspace
            # at once, before the server takes its turn
            client.writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
            await served.human()

    run(main())
    assert not caplog.messages


def test_a_qmp_command_that_waits_when_the_machine_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The operator reads nothing of it; it was a traceback."""

    async def main() -> None:
        async with serving(qmp=[TCP, TCP]) as served:
            client, other = await served.qmp(), await served.qmp(1)
            line = {"command-line": "wait NEVER"}
            client.send(json.dumps({"execute": "human-monitor-command", "arguments": line}))
            await asyncio.sleep(0.3)  # for it to be under way
            await other.ask("quit")
            await asyncio.sleep(0.3)  # for the line to find out

    run(main())
    assert not caplog.messages


def test_lines_are_run_before_the_end() -> None:
    """Of a client that sends them and no more, as long as each of them ends."""

    async def main() -> None:
        async with serving(monitor=TCP) as served:
            client = await served.connect()
            client.send(b"info status\n" * 500 + b"wait NEVER --timeout 0.2\nprint 7\n")
            client.writer.write_eof()
            text = await client.until(b"0x7")
            assert text.count(b"running") == 500

    run(main())


LINES = [
    "events -r (.*.*.*.*.*.*.*.*)*!",
    "events " + "*a" * 30_000,
    "wait " + "*a" * 30_000 + " --timeout 0.01",
    "help -s " + "a " * 30_000,
    "help -s (.*.*.*.*.*.*.*.*)*!",
    "help " + "x" * 60_000,
    "print " + "(" * 60_000,
    "print " + "1<<" * 20_000 + "1",
    "print " + "~" * 60_000 + "1",
    "print " + "-" * 60_000 + "1",
    "print " + "9" * 60_000,
    "print " + "1*" * 30_000 + "1",
    "print 1 << 999999999999",
    "x/1000000000000xb 0",
    "xp/1000000000000i 0",
    "memsave 0 99999999999999999999 f",
    "block_resize a " + "9" * 60_000,
    "block_resize a 1e" + "9" * 1000,
    "block_resize a " + "9" * 30_000 + "." + "9" * 30_000,
    "qmp " + "x " + "a." * 30_000 + "=1",
    'qmp {"execute": ' + "[" * 60_000,
    'qmp {"execute": "' + '\\"' * 30_000,
    "qmp x a=" + "9" * 60_000,
    "object_add " + "a.0=1," * 10_000,
    "object_add a,a." + "9" * 60_000 + "=1",
    "object_add a,a.999999999=1",
    "device_add " + "a=b," * 15_000,
    "netdev_add " + "a" * 60_000,
    "sendkey " + "a-" * 30_000,
    "type " + "a" * 60_000,
    "type " + "<" * 60_000,
    "watch -n 0.0000001 info status",
    "time " * 5_000 + "info status",
    "explain " * 5_000 + "info status",
    "info " * 10_000,
    "screendump",
    "source /dev/zero",
    "nonsense" * 7_000,
    "!" + "x" * 60_000,
    '"' * 60_000,
    "set_password vnc " + "\\" * 60_000,
    "migrate_set_parameter announce-initial " + "9" * 60_000,
    "info qom-tree " + "/" * 60_000,
    "hello-world " + "'" * 60_000,
]
"""Lines that would make work; each below what a client may send at once."""


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:24])
def test_no_line_holds_up_the_server(line: str) -> None:
    """Another client is served meanwhile, and the line comes to its end."""

    async def main() -> None:
        async with serving(monitor=[TCP, TCP]) as served:
            first, second = await served.human(0), await served.human(1)
            first.send(line.encode() + b"\n")
            worst = 0.0
            end = asyncio.ensure_future(first.until(b"(qemu) "))
            for _ in range(10):
                begun = time.process_time()
                second.send(b"info status\n")
                await second.until(b"(qemu) ")
                worst = max(worst, time.process_time() - begun)
                if end.done():
                    break
            await end
            assert worst < HANG

    run(main())


HANG = 3.0
"""Seconds of processor time, ours and the server's, which is in this process."""
