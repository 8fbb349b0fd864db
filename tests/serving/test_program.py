from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.program import HMP, LIMIT, ROOT, run
from tests.serving.program import BlockingClient, Program, free_port
from tests.terminal.screen import Terminal


def unix(path: Path) -> str:
    """Return the option of a Unix socket that waits for nobody."""
    return f"unix:{path},server=on,wait=off"


def test_the_script_waits_for_the_client(tmp_path: Path) -> None:
    """A bare ``server`` waits; lines run when the client is there."""
    path = tmp_path / "q"
    with Program("-qmp", f"unix:{path},server") as program:
        program.type("info status\n")
        program.wait_for("waiting for connection on:")
        assert program.err == (
            f"hmp: info: -qmp unix:{path},server: waiting for connection on:"
            f" unix:{path},server=on\n"
        )
        assert program.out == ""
        with BlockingClient(path) as client:
            program.wait_for("VM status: running\n")
            client.negotiate()
            client.ask("quit")
            assert program.end() == 0
    assert not path.exists()


def test_the_end_of_lines_is_not_the_end(tmp_path: Path) -> None:
    """It serves on when standard input ends, as QEMU does; quit from a client ends it."""
    path = tmp_path / "q"
    with Program("-qmp", unix(path)) as program:
        program.type("info uuid\n")
        program.stdin.close()
        program.wait_for("00000000-")
        with BlockingClient(path) as client:
            client.negotiate()
            assert client.ask("hello-world", message="from a client") == {"return": {}}
            client.ask("quit")
            assert json.loads(client.rest())["event"] == "SHUTDOWN"
        assert program.end() == 0
        assert program.out.endswith("from a client\n")
        assert program.err == ""


def test_lines_of_the_command_line_end_it(tmp_path: Path) -> None:
    """Their last one does, with the status that they have without a server."""
    path = tmp_path / "q"

    good = run("-c", "info status", "-qmp", unix(path))
    bad = run("-e", "-c", "nonsense", "-c", "info status", "-qmp", unix(path))

    assert (good.returncode, good.stdout, good.stderr) == (0, "VM status: running\n", "")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert not path.exists()


@pytest.mark.parametrize("options", [(), ("-o", "json")], ids=["stdout", "stderr"])
def test_an_output_that_is_not_read(tmp_path: Path, options: tuple[str, ...]) -> None:
    """It holds up no client, and not the end. With JSON, the machine prints on stderr."""
    path = tmp_path / "q"
    with Program("-qmp", unix(path), "-qmp", unix(tmp_path / "r"), *options) as program:
        with BlockingClient(path) as one, BlockingClient(tmp_path / "r") as other:
            one.negotiate()
            other.negotiate()
            for _ in range(40):
                assert one.ask("hello-world", message="x" * 10_000) == {"return": {}}
            assert other.ask("query-status")["return"]["status"] == "running"
            other.ask("quit")
        program.process.wait(LIMIT)
        program.end()

    text = program.err if options else program.out
    assert set(text) == {"x", "\n"}
    assert len(text) > 50_000  # what fits into the pipe


def test_results_wait_for_their_reader(tmp_path: Path) -> None:
    """They are all written, in order with errors and what the machine prints."""
    lines = [f"hello-world a{n}\nprint /d {n}\nnope{n}\n" for n in range(3000)]
    path = tmp_path / "lines"
    path.write_text("".join(lines))
    command = [*HMP, "-qmp", f"unix:{tmp_path}/qmp,server=on,wait=off", "-f", str(path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        time.sleep(1)  # the pipe fills
        said = [line for line in process.stdout if not line.startswith(("hmp: ", "Did"))]

    assert said == [
        line
        for n in range(3000)
        for line in (f"a{n}\n", f"{n}\n", f"unknown command: 'nope{n}'\n")
    ]


def test_its_script_is_read_as_any_other(tmp_path: Path) -> None:
    """Byte order mark, indented comments, and a line that comes in many chunks."""
    script = b"\xef\xbb\xbfinfo status\r\n  # a comment\nhello-world " + b"x" * 200_000
    result = run("-qmp", unix(tmp_path / "q"), script=script + b"\nquit")

    assert result.stderr == ""
    assert result.stdout == "VM status: running\n" + "x" * 1023 + "\n"


def test_quit_of_the_script_is_told_to_clients(tmp_path: Path) -> None:
    """And what stands behind it is not run."""
    path = tmp_path / "q"
    with Program("-qmp", unix(path)) as program, BlockingClient(path) as client:
        client.negotiate()
        program.type("quit\nhello-world\n")
        event = json.loads(client.rest())
        assert event["data"] == {"guest": False, "reason": "host-qmp-quit"}
        assert program.end() == 0
        assert program.out == ""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)]
)
def test_a_signal_is_told_to_clients(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    """SHUTDOWN with its reason; sockets are removed."""
    path = tmp_path / "q"
    with Program("-qmp", unix(path)) as program, BlockingClient(path) as client:
        client.negotiate()
        program.signal(number)
        event = json.loads(client.rest())
        assert event["data"] == {"guest": False, "reason": "host-signal"}
        assert program.end() == status
        assert program.err == f"hmp: terminating on signal {int(number)}\n"
    assert not path.exists()


def test_a_killed_one_leaves_a_stale_socket_that_is_replaced(tmp_path: Path) -> None:
    """The next one starts all the same; a third one does not."""
    path = tmp_path / "q"
    with Program("-qmp", unix(path)) as program:
        BlockingClient(path).close()
        program.process.kill()
        program.end()
        assert path.exists()
    with Program("-qmp", unix(path)) as program, BlockingClient(path) as client:
        client.negotiate()
        third = run("-qmp", unix(path))
        assert third.returncode == 2
        assert third.stderr == (
            f"hmp: -qmp {unix(path)}: {path} is already served by another process\n"
        )
        assert client.ask("query-name") == {"return": {}}


def test_monitors_of_all_kinds_side_by_side(tmp_path: Path) -> None:
    """Several of QMP and of the human kind, and the script beside them."""
    port = free_port()
    options = [
        "-qmp",
        unix(tmp_path / "q"),
        "-qmp-pretty",
        f"tcp:localhost:{port},server=on,wait=off",
        "-monitor",
        unix(tmp_path / "m"),
        "-chardev",
        f"socket,id=x,path={tmp_path}/x,server=on,wait=off",
        "-mon",
        "chardev=x,mode=control",
    ]
    with (
        Program(*options) as program,
        BlockingClient(tmp_path / "q") as first,
        BlockingClient(port) as pretty,
        BlockingClient(tmp_path / "m") as human,
        BlockingClient(tmp_path / "x") as fourth,
    ):
        first.negotiate()
        fourth.negotiate()
        pretty.until(b"\r\n}\r\n")
        pretty.send("{'execute': 'qmp_capabilities'}")
        assert pretty.until(b"\r\n}\r\n") == b'{\r\n    "return": {\r\n    }\r\n}\r\n'
        human.until(b"(qemu) ")
        human.send("stop\n")
        human.until(b"(qemu) ")
        assert first.read()["event"] == fourth.read()["event"] == "STOP"
        assert b'\r\n    "event": "STOP"\r\n' in pretty.until(b"\r\n}\r\n")
        program.type("info status\n")
        program.wait_for("VM status: paused\n")
        fourth.ask("quit")
        assert program.end() == 0


def test_qmp_on_standard_input_and_output() -> None:
    """Nothing but QMP there; what the machine prints goes to standard error."""
    requests = (
        "{'execute': 'qmp_capabilities'} {'execute': 'hello-world'} nonsense"
        "\n{'execute': 'query-name', 'id': 1}"
    )

    result = run("-qmp", "stdio", script=requests)

    greeting, *replies = map(json.loads, result.stdout.splitlines())
    assert "QMP" in greeting
    assert [reply.get("return") for reply in replies] == [{}, {}, None, {}]
    assert replies[2]["error"]["desc"] == "JSON parse error, invalid keyword 'nonsense'"
    assert (result.returncode, result.stderr) == (0, "Hello, world\n")


@pytest.mark.parametrize("given", ["file", "pipe"])
def test_standard_input_and_output_of_any_kind(tmp_path: Path, given: str) -> None:
    """Files, which nobody can wait for, and much at once."""
    count = 3000
    data = b"{'execute': 'qmp_capabilities'}" + b"{'execute': 'query-qmp-schema'}" * 10
    data += b"{'execute': 'query-name'}" * count
    out = tmp_path / "out"
    (tmp_path / "in").write_bytes(data)
    with out.open("wb") as written, (tmp_path / "in").open("rb") as read:
        done = subprocess.run(
            [*HMP, "-qmp", "stdio"],
            input=data if given == "pipe" else None,
            stdin=None if given == "pipe" else read,
            stdout=written,
            cwd=ROOT,
            timeout=60,
        )

    assert done.returncode == 0
    assert out.read_bytes().count(b"\n") == 1 + 1 + 10 + count


def test_the_human_monitor_on_stdio_is_the_script(tmp_path: Path) -> None:
    """The program's own front end, which ends the machine with its lines."""
    alone = run("-monitor", "stdio", script="info status\n")
    # where a client could still come, it goes on until there is a quit
    qmp = ["-qmp", unix(tmp_path / "q")]
    beside = run("-monitor", "stdio", *qmp, script="info status\nquit\n")

    assert alone.stdout == beside.stdout == "VM status: running\n"
    assert alone.returncode == beside.returncode == 0


def test_nothing_on_this_terminal(tmp_path: Path) -> None:
    """``-monitor none``: standard input is not read."""
    path = tmp_path / "q"
    with Program("-monitor", "none", "-qmp", unix(path)) as program:
        program.type("hello-world typed\n")
        with BlockingClient(path) as client:
            client.negotiate()
            client.ask("hello-world", message="asked for")
            client.ask("quit")
        assert program.end() == 0
        assert (program.out, program.err) == ("asked for\n", "")


def test_who_listens_for_others_says_so(tmp_path: Path) -> None:
    """On standard error; on loopback nothing is said."""
    result = run("-c", "info status", "-qmp", "tcp:0.0.0.0:0,server=on,wait=off")

    assert result.stderr.startswith(
        "hmp: warning: -qmp tcp:0.0.0.0:0,server=on,wait=off: a monitor has no"
        " authentication: whoever can connect to tcp:0.0.0.0:"
    )
    quiet = run("-c", "info status", "-qmp", "tcp::0,server=on,wait=off")
    assert quiet.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["-qmp", "tcp:localhost"],
            "hmp: -qmp tcp:localhost: parse error: tcp:localhost\n",
        ),
        (
            ["-mon", "chardev=foo"],
            'hmp: -mon chardev=foo: chardev "foo" not found\n',
        ),
        (
            ["-qmp", "unix:/nowhere/q,server=on"],
            "hmp: -qmp unix:/nowhere/q,server=on: Failed to bind socket to /nowhere/q:"
            " No such file or directory\n",
        ),
        (
            ["-qmp", "unix:/nowhere/q"],
            "hmp: -qmp unix:/nowhere/q: Failed to connect to '/nowhere/q':"
            " No such file or directory\n",
        ),
    ],
)
def test_what_cannot_be_is_one_line(arguments: list[str], error: str) -> None:
    """And status 2, before anything runs."""
    result = run(*arguments, script="hello-world\n")

    assert (result.returncode, result.stdout, result.stderr) == (2, "", error)


def test_a_socket_that_somebody_else_opened() -> None:
    """Its descriptor is enough, as a service manager gives it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        fd = listening.fileno()
        options = [
            "-chardev",
            f"socket,id=x,fd={fd},server=on,wait=off",
            "-mon",
            "chardev=x,mode=control",
            "-monitor",
            "none",
        ]
        process = subprocess.Popen([*HMP, *options], cwd=ROOT, pass_fds=[fd])
        with BlockingClient(listening.getsockname()[1]) as client:
            client.negotiate()
            client.ask("quit")
        assert process.wait(30) == 0


def extension(folder: Path) -> str:
    """Return a folder of commands, one of which fails with what it is told."""
    machine = folder / "machine"
    machine.mkdir()
    (machine / "schema.json").write_text(
        "##\n# @fail:\n#\n# Fail.\n#\n# @how: it says so.\n##\n"
        "{ 'command': 'fail', 'data': { 'how': 'str' } }\n"
    )
    (machine / "fail.py").write_text(
        "def qmp_fail(how: str) -> None:\n    raise ValueError(how)\n"
    )
    return str(folder)


def test_nothing_of_a_client_s_drives_the_operator_s_terminal(tmp_path: Path) -> None:
    """Neither what the machine prints, nor errors, nor what is logged of them."""
    path, live = tmp_path / "q", "\x1b]0;owned\x07\x1b[2J\x9b31m"
    (tmp_path / "mine").mkdir()
    terminal = Terminal("--extend", extension(tmp_path / "mine"), "-qmp", unix(path))
    try:
        terminal.wait_prompt()
        with BlockingClient(path) as client:
            client.negotiate()
            client.ask("hello-world", message=f"one {live}")
            terminal.wait_for("one \\x1b]0;owned\\x07\\x1b[2J\\x9b31m")
            client.ask("fail", how=f"two {live}")
            shown = "two \\x1b]0;owned\\x07\\x1b[2J\\x9b31m"
            terminal.wait(lambda: shown in "".join(terminal.rows))  # it may be wrapped
            client.send(f"three {live} {{'execute': '{live}', 'id': '{live}'}}")
            client.send(
                json.dumps(
                    {
                        "execute": "human-monitor-command",
                        "arguments": {"command-line": f"hello-world {live}"},
                    }
                )
            )
            client.send("{'execute': 'quit'}")
            assert b"SHUTDOWN" in client.rest()
        assert terminal.wait_end() == 0
    finally:
        terminal.close()
    for code in (b"\x1b]0;owned", b"\x1b[2J\xc2\x9b", b"\xc2\x9b31m"):
        assert code not in terminal.raw


def test_the_prompt_goes_on_while_others_work(tmp_path: Path) -> None:
    """What the machine prints, and events, stand above the line that is typed."""
    path = tmp_path / "q"
    terminal = Terminal("-qmp", unix(path))
    try:
        terminal.wait_prompt()
        terminal.type("info stat")
        with BlockingClient(path) as client:
            client.negotiate()
            client.ask("hello-world", message="from a client")
            terminal.wait_for("from a client")
            client.ask("stop")
            terminal.wait_for(" STOP")
        terminal.wait(lambda: terminal.row == "(hmp paused) info stat")
        terminal.type("us\r")
        terminal.wait_for("○ paused")
        terminal.type("\x15quit\r")
        terminal.wait_for("[y/N]")
        terminal.type("y\r")
        assert terminal.wait_end() == 0
    finally:
        terminal.close()


def test_ctrl_c_while_it_waits_for_a_client(tmp_path: Path) -> None:
    """It ends, the terminal is sane, the socket is gone."""
    path = tmp_path / "q"
    terminal = Terminal("-qmp", f"unix:{path},server=on")
    try:
        terminal.wait_for("waiting for connection on:")
        terminal.type("\x03")
        assert terminal.wait_end() == 130
    finally:
        terminal.close()
    assert not path.exists()


def test_who_leaves_the_prompt_leaves_the_machine(tmp_path: Path) -> None:
    """Ctrl-D; it goes on for its clients, and says how to end it: they are told then."""
    path = tmp_path / "q"
    terminal = Terminal("-qmp", unix(path))
    try:
        terminal.wait_prompt()
        with BlockingClient(path) as client:
            client.negotiate()
            terminal.type("\x04")
            terminal.wait_for("still serving clients; press Ctrl-C to end the machine")
            assert client.ask("hello-world", message="still here") == {"return": {}}
            terminal.wait_for("still here")
            terminal.type("\x03")
            assert json.loads(client.rest())["data"]["reason"] == "host-signal"
        assert terminal.wait_end() == 0
        assert "terminating on signal 2" in terminal.text
    finally:
        terminal.close()
    assert not path.exists()


def test_a_flood_is_shown_in_gulps(tmp_path: Path) -> None:
    """What a client has printed without an end neither piles up nor stops the prompt."""
    path = tmp_path / "q"
    terminal = Terminal("-qmp", unix(path))
    try:
        terminal.wait_prompt()
        with BlockingClient(path) as client:
            client.negotiate()
            flood = threading.Thread(target=_flood, args=[client])
            flood.start()
            terminal.wait_for("not shown")
            terminal.type("info uuid")
            terminal.wait(lambda: terminal.row == "(hmp) info uuid")
            terminal.wait(lambda: not flood.is_alive())
            flood.join()
            terminal.type("\r")
            terminal.wait_for("00000000-0000")
    finally:
        terminal.close()


def _flood(client: BlockingClient) -> None:
    for _ in range(3):
        client.ask("hello-world", message="x" * 300_000)  # more than is shown at a time
