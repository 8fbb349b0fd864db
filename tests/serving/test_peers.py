"""Programs and libraries that know QEMU, unmodified, on our monitors."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select

import pytest
from qemu.qmp import EventListener, ExecuteError, QMPClient

from tests.serving.program import BlockingClient, Program, free_port
from tests.serving.served import run, serving
from tests.terminal.screen import Terminal

QMP_SHELL = Path(sys.executable).parent / "qmp-shell"
LIMIT = 30.0


def program(name: str) -> str:
    """Return where a program is; skip the test where it isn't."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def peer(*command: str) -> Iterator[Terminal]:
    """Run somebody else's program on a terminal of its own."""
    terminal = Terminal(command=[program(command[0]), *command[1:]], columns=120)
    try:
        yield terminal
    finally:
        terminal.close()


def unix(path: Path) -> str:
    """Return the option of a Unix socket that waits for nobody."""
    return f"unix:{path},server=on,wait=off"


@pytest.mark.parametrize("address", ["host=localhost,", ""])
def test_the_walk_of_every_newcomer(address: str) -> None:
    """Word by word, with telnet, as QEMU's documentation has it."""
    port = free_port()
    chardev = f"socket,id=qmp,port={port},{address}server=on"
    monitor = ["-chardev", chardev, "-mon", "chardev=qmp,mode=control,pretty=on"]
    with Program(*monitor) as hmp:
        hmp.wait_for("waiting for connection on:")
        with peer("telnet", "localhost", str(port)) as telnet:
            telnet.wait_for('"capabilities": [\n            "oob"\n        ]\n    }\n}')
            assert '"package": ""' in telnet.text
            telnet.type('{ "execute": "hello-world" }\r')
            telnet.wait_for(
                '{\n    "error": {\n        "class": "CommandNotFound",\n        "desc": "'
                "Expecting capabilities negotiation with 'qmp_capabilities'\"\n    }\n}"
            )
            telnet.type('{ "execute": "qmp_capabilities" }\r')
            telnet.wait_for('{\n    "return": {\n    }\n}')
            telnet.type('{ "execute": "hello-world" }\r')
            hmp.wait_for("Hello, world\n")
            told = '{ "execute": "hello-world", "arguments": { "message": "%s" } }\r'
            telnet.type(told % "Greetings")
            hmp.wait_for("Hello, world\nGreetings\n")
            telnet.type(told % "We love QEMU")
            telnet.wait_for(
                '{\n    "error": {\n        "class": "GenericError",\n        "desc": "'
                "the word 'love' is not allowed\"\n    }\n}"
            )
            telnet.type('{ "execute": "query-alarm-clock" }\r')
            telnet.wait_for('"clock-name": "dynticks"')
            telnet.type('{ "execute": "query-alarm-methods" }\r')
            telnet.wait_for('"method-name": "unix",\n            "current": false')
            telnet.type('{ "execute": "quit" }\r')
            telnet.wait_for('"reason": "host-qmp-quit"')
            telnet.wait_for("Connection closed by foreign host.")
        assert hmp.end() == 0
        assert hmp.out == "Hello, world\nGreetings\n"


def test_telnet_gets_the_real_prompt() -> None:
    """``-monitor telnet:``: completion, colours, editing, and nothing is shown twice."""
    port = free_port()
    option = f"telnet:127.0.0.1:{port},server=on,wait=off"
    with Program("-monitor", option) as hmp:
        BlockingClient(port).close()
        with peer("telnet", "127.0.0.1", str(port)) as telnet:
            telnet.wait_prompt()
            telnet.type("info alarm-m\t")
            telnet.wait(lambda: telnet.row == "(hmp) info alarm-methods")
            telnet.type("\r")
            telnet.wait_for("dynticks")
            assert telnet.style("info alarm") != {"default"}
            telnet.type("hello-world afra")
            telnet.type("\x1b[D\x1b[D")
            telnet.type("\x1b[C\x7f")
            telnet.wait(lambda: telnet.row == "(hmp) hello-world afa")
            telnet.type("\r")
            hmp.wait_for("afa\n")
            telnet.type("\x04")
            telnet.wait_for("Connection closed by foreign host.")
        with peer("telnet", "127.0.0.1", str(port)) as telnet:
            telnet.wait_prompt()
            telnet.type("quit\r")
            telnet.wait_for("[y/N]")
            telnet.type("y\r")
            telnet.wait_for("Connection closed by foreign host.")
        assert hmp.end() == 0


def socat(data: str, address: str) -> str:
    """Return what socat gets for what it sends."""
    done = subprocess.run(
        [program("socat"), "-t", "30", "-", address],
        input=data.encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=LIMIT,
    )
    return done.stdout.decode()


def test_socat_as_scripts_use_it(tmp_path: Path) -> None:
    """Lines for the human monitor, requests for QMP: all is answered, then it ends."""
    with Program("-monitor", unix(tmp_path / "m"), "-qmp", unix(tmp_path / "q")) as hmp:
        BlockingClient(tmp_path / "m").close()
        text = socat("info status\ninfo uuid\n", f"UNIX-CONNECT:{tmp_path}/m")
        assert text.splitlines()[2::2] == [
            "VM status: running",
            "00000000-0000-0000-0000-000000000000",
        ]
        assert text.endswith("\n(qemu) ")
        requests = '{"execute": "qmp_capabilities"}\n{"execute": "query-status"}\n'
        greeting, *replies = socat(requests, f"UNIX-CONNECT:{tmp_path}/q").splitlines()
        assert "QMP" in json.loads(greeting)
        assert [json.loads(reply)["return"] for reply in replies] == [
            {},
            {"running": True, "status": "running"},
        ]
        hmp.type("quit\n")
        assert hmp.end() == 0


def test_socat_with_a_terminal_s_editing(tmp_path: Path) -> None:
    """The way that many know by heart: a raw terminal on the monitor's socket."""
    chardev = f"socket,id=m,path={tmp_path}/m,telnet=on,server=on,wait=off"
    with Program("-chardev", chardev, "-mon", "m"):
        BlockingClient(tmp_path / "m").close()
        raw = "-,raw,echo=0,escape=0x11"
        with peer("socat", raw, f"UNIX-CONNECT:{tmp_path}/m") as terminal:
            terminal.wait_prompt()
            terminal.type("info alarm-m\t")
            terminal.wait(lambda: terminal.row == "(hmp) info alarm-methods")
            terminal.type("\r")
            terminal.wait_for("dynticks")


def test_socat_in_place_of_a_terminal(tmp_path: Path) -> None:
    """A server that connects by itself: there is nobody before socat, nobody after."""
    with (
        subprocess.Popen(
            [program("socat"), f"UNIX-LISTEN:{tmp_path}/q", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as listening,
    ):
        assert listening.stdin is not None
        assert listening.stdout is not None
        while not (tmp_path / "q").exists():
            assert listening.poll() is None
        with Program("-monitor", "none", "-qmp", f"unix:{tmp_path}/q") as hmp:
            assert "QMP" in json.loads(listening.stdout.readline())
            listening.stdin.write(b'{"execute": "qmp_capabilities"}')
            listening.stdin.flush()
            assert json.loads(listening.stdout.readline()) == {"return": {}}
            listening.stdin.close()
            assert hmp.end() == 0


def test_a_peer_that_we_connect_to_is_served_as_long_as_it_stays(tmp_path: Path) -> None:
    """The program neither ends before it nor without it."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "q"))
        listening.listen()
        with Program("-monitor", "none", "-qmp", f"unix:{tmp_path}/q") as hmp:
            peer, _ = listening.accept()
            with peer, peer.makefile("rwb", buffering=0) as file:
                assert b"QMP" in file.readline()
                idle, _, _ = select([peer], [], [], 1.2)
                assert not idle
                file.write(b'{"execute": "qmp_capabilities"}')
                assert json.loads(file.readline()) == {"return": {}}
            assert hmp.end() == 0


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_qmp_shell(tmp_path: Path, kind: str) -> None:
    """Its commands, its errors, its events."""
    port = free_port()
    path = f"{tmp_path}/q"
    option, address = (
        (f"unix:{path},server=on,wait=off", path)
        if kind == "unix"
        else (f"tcp:localhost:{port},server=on,wait=off", f"localhost:{port}")
    )
    lines = "query-status\nhello-world message=from-the-shell\nnonsense\nstop\n\n"
    with Program("-qmp", option) as hmp:
        BlockingClient(path if kind == "unix" else port).close()
        done = subprocess.run(
            [QMP_SHELL, address],
            input=lines.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT,
        )
        text = done.stdout.decode()
        hmp.wait_for("from-the-shell\n")
    assert "Connected to QEMU 0.1.0" in text
    assert '"status": "running"' in text
    assert "The command nonsense has not been found" in text
    assert "STOP" in text
    assert done.returncode == 0


def test_qmp_shell_with_human_lines(tmp_path: Path) -> None:
    """``qmp-shell -H``: human-monitor-command, with its index of a CPU."""
    with Program("-qmp", unix(tmp_path / "q")):
        BlockingClient(tmp_path / "q").close()
        done = subprocess.run(
            [QMP_SHELL, "-H", str(tmp_path / "q")],
            input=b"info status\nnonsense\n",
            stdout=subprocess.PIPE,
            timeout=LIMIT,
        )
    text = done.stdout.decode().replace("\r", "")
    assert re.findall("VM status: .*|unknown .*", text) == [
        "VM status: running",
        "unknown command: 'nonsense'",
    ]


def test_qemu_s_own_client(tmp_path: Path) -> None:
    """The QEMU project's library: commands, errors, ids, out-of-band, many at once."""

    async def main() -> None:
        async with serving(qmp=unix(tmp_path / "q")) as served:
            client = QMPClient("test")
            await client.connect(str(tmp_path / "q"))
            assert client.greeting is not None
            assert client.greeting.QMP.version == await client.execute("query-version")
            status = await client.execute("query-status")
            assert status == {"running": True, "status": "running"}
            with pytest.raises(ExecuteError) as caught:
                await client.execute("nonsense")
            assert caught.value.error.error.class_ == "CommandNotFound"
            with pytest.raises(ExecuteError, match="the word 'love' is not allowed"):
                await client.execute("hello-world", {"message": "love"})
            many = [client.execute("query-version") for _ in range(200)]
            assert len({str(value) for value in await asyncio.gather(*many)}) == 1
            schema = await client.execute("query-qmp-schema")
            assert isinstance(schema, list)
            assert {item["name"] for item in schema} > {"query-status", "STOP"}
            await client.execute("hello-world", {"message": "bye"})
            assert served.printed == ["bye\n"]
            await client.disconnect()

    run(main())


def test_qemu_s_events(tmp_path: Path) -> None:
    """Its listeners, in the ways in which they can be had."""

    async def main() -> None:
        async with serving(qmp=unix(tmp_path / "q")) as served:
            client = QMPClient("test")
            await client.connect(str(tmp_path / "q"))
            with client.listener() as all_events:
                await client.execute("stop")
                assert (await all_events.get())["event"] == "STOP"
                served.machine.execute("cont", {})
                assert (await all_events.get())["event"] == "RESUME"
            listener = EventListener("SHUTDOWN")
            with client.listen(listener):
                await client.execute("stop")
                await client.execute("quit")
                event = await listener.get()
            assert event["event"] == "SHUTDOWN"
            assert event["data"] == {"guest": False, "reason": "host-qmp-quit"}
            with suppress(EOFError):  # versions of it differ
                await client.disconnect()

    run(main())


EXPECT = """
set timeout 20
spawn -noecho socat - UNIX-CONNECT:{path}
expect_after timeout exit
proc answer {{line}} {{
    expect -re {{^(?:.*\\n)?\\(qemu\\) $}}
    send "$line\\n"
}}
expect -re {{QEMU (\\S+) monitor - type 'help' for more information\\r+\\n}}
answer "info status"
expect -re {{VM status: (\\w+)\\r}} {{ set status $expect_out(1,string) }}
answer "stop"
answer "info status"
expect {{VM status: paused}} {{ puts "was $status, is paused" }}
answer "quit"
expect eof
"""


def test_expect_scripts_find_the_prompt(tmp_path: Path) -> None:
    """As they are written for QEMU's own monitor."""
    script = tmp_path / "script"
    script.write_text(EXPECT.format(path=tmp_path / "m"))
    with Program("-monitor", unix(tmp_path / "m")) as hmp:
        BlockingClient(tmp_path / "m").close()
        done = subprocess.run(
            [program("expect"), str(script)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert "was running, is paused" in done.stdout, done.stdout
        assert hmp.end() == 0
