from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from hmp import __version__
from hmp.machine.alarm import METHODS
from hmp.qmp.errors import QMPError
from tests.fakes import FAKE_QEMU, LIMIT, FakeServer, Peer, serving
from tests.program import HMP, ROOT, refusing, run
from tests.targets.editor import Editor

VERSION = f"{__version__}\n"
UNRUN = "hmp: {} after 'quit' {} not run\n"
QEMU = ["--", sys.executable, str(FAKE_QEMU)]

Process = subprocess.Popen[bytes]


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command in which hmp is the program under test."""
    return subprocess.run(
        ["bash", "-c", f"hmp() {{ '{sys.executable}' -m hmp \"$@\"; }}; {command}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        cwd=ROOT,
    )


def started(*arguments: str) -> Process:
    """Start hmp with pipes to talk to it."""
    return subprocess.Popen(
        [*HMP, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )


class Talk:
    """A conversation with the program through its pipes."""

    def __init__(self, *arguments: str) -> None:
        self.process = started(*arguments)

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def say(self, text: str) -> None:
        """Write to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def hear(self) -> str:
        """Read a line of its standard output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()

    def end(self) -> tuple[int, str, str]:
        """End its input; return the status and what was left to read."""
        out, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize(
    ("arguments", "script", "status", "out", "err"),
    [
        (["-c", "info version"], "", 0, VERSION, ""),
        ([], "info version\n", 0, VERSION, ""),
        ([], "info version", 0, VERSION, ""),
        ([], "info version\r\ninfo version\r\n", 0, VERSION * 2, ""),
        ([], "# comment\n\n  \ninfo version\n", 0, VERSION, ""),
        ([], "", 0, "", ""),
        (["-c", ""], "info version\n", 0, "", ""),
        (["-c", "nope"], "", 1, "", "unknown command: 'nope'\n"),
        (["-c", "nope", "-c", "info version"], "", 1, VERSION, "unknown command: 'nope'\n"),
        (
            ["-e", "-c", "nope", "-c", "info version"],
            "",
            1,
            "",
            "unknown command: 'nope'\n",
        ),
        (
            [],
            "info version\nquit\ninfo version\n",
            0,
            VERSION,
            UNRUN.format("1 line", "was"),
        ),
        ([], "quit\n\n# the end\n", 0, "", ""),
        (
            ["-c", "quit\nstop\n#\n", "-c", "cont"],
            "",
            0,
            "",
            UNRUN.format("2 lines", "were"),
        ),
        (["-c", "hello-world"], "", 0, "Hello, world\n", ""),
        (["-c", "hello-world é"], "", 0, "é\n", ""),
        (["-c", "info version\ninfo status"], "", 0, f"{VERSION}VM status: running\n", ""),
        ([], b"info \xff\n", 1, "", "Error: the line is not valid UTF-8 at byte 6\n"),
    ],
)
def test_scripts_on_the_embedded_machine(
    arguments: list[str], script: str | bytes, status: int, out: str, err: str
) -> None:
    """Results, errors and exit status of lines from anywhere."""
    done = run(*arguments, script=script)

    assert (done.returncode, done.stdout, done.stderr) == (status, out, err)


def test_lines_and_files_run_in_their_order(tmp_path: Path) -> None:
    """Those of the command line, of files, and of standard input named as one."""
    path = tmp_path / "lines"
    path.write_text("# a file\r\nhello-world two\r\nhello-world three")

    done = run(
        "-c",
        "hello-world one",
        "-f",
        str(path),
        "-f",
        "-",
        "-c",
        "hello-world five",
        script="hello-world four\n",
    )

    assert done.stdout == "one\ntwo\nthree\nfour\nfive\n"
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "/nonexistent/x"], "cannot read /nonexistent/x: No such file or directory"),
        (["-f", "/"], "cannot read /: Is a directory"),
        (["-f", "/dev/zero"], "cannot read /dev/zero: larger than 64 MiB"),
        (["--config", "/dev/zero"], "cannot read /dev/zero: larger than 1 MiB"),
        (
            ["-f", "/nonexistent/a\nb\x1b[1m"],
            "cannot read /nonexistent/a\\nb\\x1b[1m: No such file or",
        ),
        (
            ["--config", "/nonexistent/a\nb"],
            "cannot read /nonexistent/a\\nb: No such file or directory",
        ),
        (
            ["--extend", "/nonexistent/a\nb"],
            "/nonexistent/a\\nb: has none of the folders commands/",
        ),
        (["--clock", "a\nb"], "--clock: this host has no alarm timer 'a\\nb', only"),
        (["-mon", "a\nb"], '-mon a\\nb: chardev "a\\nb" not found'),
        (["-o", "json", "-q", "a[\n"], "--query a[\\n: Invalid jmespath expression: Incom"),
        (["a\nb*"], "'a\\nb*' matches no machine; see hmp --list"),
        ([""], "the target is empty"),
        (["unix:"], "'unix:' needs a path"),
        (["tcp:x"], "'tcp:x' is not tcp:HOST:PORT"),
        (["localhost:0"], "'0' is not a TCP port"),
        (["localhost:65536"], "'65536' is not a TCP port"),
        (["--clock", "hpet"], "--clock: this host has no alarm timer 'hpet', only"),
        (["--extend", "/nonexistent"], "/nonexistent: has none of the folders commands/"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str) -> None:
    """One line says what is wrong, and the status is 2."""
    done = run(*arguments, script="info version\n")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"hmp: {message}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["-f", "-"], ["-monitor", "stdio"]])
def test_a_line_without_end_is_refused(arguments: list[str]) -> None:
    """Before it takes all memory."""
    with open("/dev/zero", "rb") as zeros:
        done = subprocess.run(
            ["prlimit", f"--as={1 << 30}", *HMP, *arguments],
            stdin=zeros,
            capture_output=True,
            timeout=LIMIT,
        )

    assert done.stderr == (
        b"hmp: input or output failed: line 1 of standard input is longer than 64 MiB\n"
    )
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/nonexistent/qmp", "no such socket; is the machine running, with -qmp"),
        ("/", "not a socket"),
        (str(ROOT / "README.md"), "not a socket"),
        ("127.0.0.1:{}", "connection refused"),
        ("a..b:1", "no such host"),
        ("./" + "x" * 200, "AF_UNIX path too long"),
        ("nope", "no such socket, configured target or running QEMU"),
    ],
)
def test_a_machine_that_cannot_be_reached(target: str, message: str) -> None:
    """One line says what to do, and the status is 3."""
    with refusing() as port:
        target = target.format(port)
        done = run(target, script="info version\n")

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"hmp: cannot connect to {target}: {message}")
    assert done.stderr.count("\n") == 1


def test_a_socket_that_nobody_listens_on(tmp_path: Path) -> None:
    """Its machine has ended without taking it away."""
    with serving({}) as server:
        path = server.path
        left = tmp_path / "left"
        os.link(path, left)

    done = run(str(left), "-c", "info version")

    assert done.returncode == 3
    assert "connection refused; the QEMU has probably exited" in done.stderr


def test_another_kind_of_server() -> None:
    """Neither QMP nor a human monitor; the message shows what came instead."""

    def script(peer: Peer) -> None:
        peer.send(b"SSH-2.0-OpenSSH_9.2\r\n")
        with suppress(ValueError):
            peer.read()

    with FakeServer(script) as server:
        done = run(server.path, "-c", "info version")

    assert (done.returncode, done.stdout) == (3, "")
    assert "an SSH server answers there; hmp --list HOST:" in done.stderr
    assert done.stderr.count("\n") == 1


def human_monitor(peer: Peer) -> None:
    """Be a human monitor for one client."""
    answers = {b"info status": b"VM status: running\r\n", b"stop": b""}
    Editor(peer.socket, lambda line: answers.get(line, b"Error: no\r\n")).serve()


LINES = ("info status", "stop", "system_reset", "wait STOP", "qmp stop", "explain stop")


def test_a_script_on_a_human_monitor() -> None:
    """Lines are sent as they are; what cannot pass is refused with the reason."""
    with FakeServer(human_monitor) as server:
        target = f"{server.path},server=on,wait=off"
        done = run(target, *(part for line in LINES for part in ("-c", line)))

    assert done.returncode == 1
    assert done.stdout == "VM status: running\n-> stop\n"
    assert done.stderr == (
        "Error: no\n"
        "Error: 'wait' needs events, which QEMU's human monitor does not send\n"
        "Error: 'qmp' needs QMP commands, which QEMU's human monitor does not take\n"
    )


def test_json_and_traces_of_a_human_monitor() -> None:
    """There is only text; a trace shows lines."""
    with FakeServer(human_monitor) as server:
        done = run("monitor:" + server.path, "--trace", "-o", "json", "-c", "info status")

    assert json.loads(done.stdout) == {
        "line": "info status",
        "text": "VM status: running\n",
    }
    assert done.stderr == "-> info status\n<- VM status: running\n"


def test_a_read_only_session_on_a_human_monitor() -> None:
    """The table knows what only reads."""
    with FakeServer(human_monitor) as server:
        done = run(server.path, "--read-only", "-c", "info status", "-c", "stop")

    assert done.stdout == "VM status: running\n"
    assert "this session is read-only" in done.stderr


def test_a_recorded_human_monitor(tmp_path: Path) -> None:
    """The recording gives the same text, and knows what cannot pass."""
    file = tmp_path / "recording"
    lines = ["-c", "info status", "-c", "system_reset", "-c", "wait STOP"]
    with FakeServer(human_monitor) as server:
        done = run(server.path, "--record", str(file), *lines)

    again = run(f"replay:{file}", *lines)

    assert '{"->": {"line": "info status"}}' in file.read_text()
    assert again.returncode == done.returncode == 1
    assert again.stdout == done.stdout == "VM status: running\n"
    assert again.stderr.startswith("Error: no\nError: 'wait' needs events")


ANSWERS = {
    "query-name": {"name": "vm"},
    "query-status": {"running": False, "status": "paused"},
    "human-monitor-command": "kvm support: disabled\r\n",
    "query-balloon": QMPError("No balloon device has been activated", "DeviceNotActive"),
    "quit": {},
}


@pytest.mark.parametrize("prefix", ["", "unix:"])
def test_a_script_on_a_socket(prefix: str) -> None:
    """Native commands and those that are passed on, and errors."""
    with serving(ANSWERS) as server:
        done = run(
            f"{prefix}{server.path}",
            script="info name\ninfo kvm\ninfo balloon\ninfo status\n",
        )

    assert done.stdout == "vm\nkvm support: disabled\nVM status: paused\n"
    assert done.stderr == "Error: No balloon device has been activated\n"
    assert done.returncode == 1


def test_quit_on_a_socket_is_a_success() -> None:
    """The machine goes away because it was told to."""
    with serving(ANSWERS) as server:
        done = run(server.path, script="info name\nquit\ninfo name\n")

    assert (done.returncode, done.stdout) == (0, "vm\n")
    assert done.stderr == UNRUN.format("1 line", "was")


@pytest.mark.parametrize("served", [False, True])
def test_lines_that_come_later_are_counted_too(tmp_path: Path, served: bool) -> None:
    """Beyond what is read at once, and the last one without its end."""
    lines = "info name\n" * 10_000
    file = tmp_path / "lines"
    file.write_text(lines)
    monitors = ("-qmp", f"unix:{tmp_path / 'q'},server=on,wait=off") if served else ()
    options = ("-c", "quit", "-f", str(file), "-f", "-")
    done = run(*monitors, *options, script=f"{lines}# why\nstop")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == UNRUN.format("20001 lines", "were")


@pytest.mark.parametrize("served", [False, True])
def test_lines_without_an_end_are_not_waited_for(tmp_path: Path, served: bool) -> None:
    """The count says that there may be more."""
    monitors = ["-qmp", f"unix:{tmp_path / 'q'},server=on,wait=off"] if served else []
    with subprocess.Popen(
        [*HMP, *monitors], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("quit\nstop\n")
        process.stdin.flush()
        said = process.stderr.read()

    assert said == UNRUN.format("at least 1 line", "was")


def test_lines_of_a_file_after_quit(tmp_path: Path) -> None:
    """They are counted with those after the line that runs the file, once."""
    file = tmp_path / "end.hmp"
    file.write_text("quit\n# why\nstop\n")
    done = run(script=f"source {file}\ninfo status\n")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == UNRUN.format("2 lines", "were")


def test_a_machine_that_goes_away() -> None:
    """What was printed is printed, one line says what happened, the status is 3."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        peer.reply(peer.read(), {"name": "vm"})
        peer.read()

    with FakeServer(script) as server:
        done = run(server.path, script="info name\ninfo name\ninfo name\n")

    assert done.stdout == "vm\n"
    assert done.stderr == f"hmp: the machine at {server.path} closed the connection\n"
    assert done.returncode == 3


def test_a_command_that_takes_too_long() -> None:
    """--timeout gives it up, and its late reply is not the next command's."""

    def script(peer: Peer) -> None:
        peer.negotiate()
        late, second = peer.read(), peer.read()
        peer.reply(late, {"name": "late"})
        peer.reply(second, {"name": "second"})
        peer.read()

    with FakeServer(script) as server:
        done = run(server.path, "--timeout", "0.1", script="info name\ninfo name\n")

    assert done.stdout == "second\n"
    assert done.stderr == "Error: no reply to 'query-name' within 0.1 s\n"
    assert done.returncode == 1


def test_results_are_written_before_more_lines_are_waited_for() -> None:
    """A program can talk with ours through pipes, line by line."""
    with Talk() as talk:
        for number in range(3):
            talk.say(f"hello-world {number}\n")
            assert talk.hear() == f"{number}\n"
        talk.say("info nope\nhello-world last")

        assert talk.end() == (1, "last\n", "unknown command: 'info nope'\n")


def test_both_streams_together_are_in_order() -> None:
    """Whoever joins them reads results and errors as they came."""
    done = run(script="hello-world 1\nnope\nhello-world 2\nnope\n", merged=True)

    assert done.stdout == "1\nunknown command: 'nope'\n2\nunknown command: 'nope'\n"


def test_json_on_standard_output() -> None:
    """A line a command; what the machine prints does not come between."""
    done = run(
        "-o",
        "json",
        "-c",
        "hello-world hi",
        "-c",
        "info status",
        "-c",
        "nope x",
    )

    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"line": "hello-world hi", "return": {}},
        {"line": "info status", "return": {"running": True, "status": "running"}},
        {
            "line": "nope x",
            "error": {
                "class": "CommandNotFound",
                "desc": "unknown command: 'nope'",
                "column": 0,
            },
        },
    ]
    assert done.stderr == "hi\n"
    assert done.returncode == 1


def test_rich_on_a_pipe_has_no_terminal_codes() -> None:
    """It is forced by --output, and still no terminal is there."""
    done = run("-o", "rich", "-c", "info status", "-c", "help stop", "-c", "nope")

    assert "● running" in done.stdout
    assert "pause the machine" in done.stdout
    assert "unknown command: 'nope'" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_trace_shows_messages_on_standard_error() -> None:
    """Also those that the embedded machine never gets."""
    done = run("--trace", "-c", "info status", "-c", "stop")

    assert done.stdout == "VM status: running\n"
    assert done.stderr.splitlines()[:3] == [
        '-> {"execute": "query-status"}',
        '<- {"return": {"running": true, "status": "running"}}',
        '-> {"execute": "stop"}',
    ]
    assert '"event": "STOP"' in done.stderr


@pytest.mark.parametrize("method", METHODS)
def test_the_clock_of_the_embedded_machine(method: str) -> None:
    """Its method can be chosen; with it the machine's timer runs."""
    done = run("--clock", method, "-c", "info alarmclock", "-c", "info alarm_methods")

    assert done.stdout.startswith(f"Alarm clock method in use: '{method}'\nNext alarm")
    assert f"* {method}\n" in done.stdout
    assert done.returncode == 0


def test_the_clocks_that_there_are() -> None:
    """``--clock help`` lists them, * before the one that is used."""
    done = run("--clock", "help", "-c", "info version")
    best, *others = METHODS

    assert done.stdout == f"* {best}\n" + "".join(f"  {name}\n" for name in others)
    assert done.returncode == 0


def test_the_version() -> None:
    """It is on standard output, alone."""
    done = run("--version")

    assert (done.returncode, done.stdout) == (0, f"hmp {__version__}\n")


COMMAND = """
from completions.mine import NUMBER
from hmp.authoring import command

CATEGORY = "Mine"

@command("double", args_type="number:i", help="double a number", kinds={"number": NUMBER})
async def double(mon, args):
    return args["number"] * 2

@double.text
def double_text(value):
    yield f"{value}"
"""
INFO = """
from hmp.authoring import info

CATEGORY = "Mine"
PASSTHROUGHS = [info.passthrough("mine", help="show mine")]
"""
DIRECT = """from hmp.authoring import command
CATEGORY = "Mine"
mine = command.direct("mine", "query-nam", help="do it", {fields})
"""
KIND = 'from hmp.authoring import Kind\nNUMBER = Kind("number")\n'


def extension(folder: Path, **files: str) -> str:
    """Return a directory with modules, by ``folder__name``."""
    for name, text in files.items():
        path = folder / "my commands" / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder / "my commands")


@pytest.mark.parametrize("relative", [False, True])
def test_a_directory_of_ones_own_extends_the_monitor(
    tmp_path: Path, relative: bool
) -> None:
    """Commands, subcommands of info and kinds, by any path to it."""
    directory = extension(
        tmp_path, commands__mine=COMMAND, info__mine=INFO, completions__mine=KIND
    )
    if relative:
        directory = os.path.relpath(directory, ROOT)

    done = run(
        "--extend", directory, "-c", "double 21", "-c", "info mine", "-c", "help double"
    )

    assert done.stdout == "42\ndouble number -- double a number\n"
    assert done.stderr == (
        "Error: 'info mine' needs the monitor of a real QEMU\n"
        "This is a demonstration machine; for a real one: hmp NAME or SOCKET (hmp --list)\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "x.py:1: ZeroDivisionError: division by zero"),
        ("if x", "x.py:1: SyntaxError: expected ':'"),
        ("import nonexistent", "No module named 'nonexistent'"),
        ("raise SystemExit", None),
        ("raise BaseException(1)", "x.py:1: BaseException: 1"),
        (COMMAND.replace("completions.mine", "completions.cpu"), "cannot import name"),
        (INFO.replace("CATEGORY", "KATEGORY").replace("info", "command"), "CATEGORY is"),
        (
            INFO.replace("info", "command").replace('"mine"', '"stop"'),
            "'stop' is already declared",
        ),
        (
            INFO.replace("info", "command").replace('"mine"', '"no name"'),
            "not a valid command name",
        ),
        (
            'from hmp.authoring import command\ncommand("x", nope=1)(print)\n',
            "unknown field 'nope'",
        ),
        (
            "from hmp.authoring import Kind\nKind('a', print)\n",
            "x.py:2: TypeError: 'builtin_function_or_method' object is not iterable",
        ),
        (
            "from hmp.authoring import Kind\n@Kind('a').fetcher\nasync def f(qmp): pass\n",
            "x.py:2: TypeError: a fetcher must be 'async def (qmp, context)'",
        ),
        (
            DIRECT.format(fields="") + 'command("lost", help="x")\n',
            "x.py:4: 'lost': no handler follows; write '@' before it",
        ),
        (
            INFO,
            "x.py:5: 'mine': what @info declares belongs in info/, not in commands/",
        ),
        (
            'CATEGORY = "Mine"\n\nasync def mine(mon, args): pass\n',
            "x.py:1: nothing is declared here; write @command(...) before a handler",
        ),
        (
            DIRECT.format(fields='effect="read"').replace("query-nam", "stop"),
            "x.py:3: 'mine': the effect is READ, but QMP's 'stop' is not a query",
        ),
        (
            DIRECT.format(fields='args_type="number:i", example="mine word"'),
            "x.py:3: 'mine': example 'mine word': invalid char 'w' in expression",
        ),
        (
            DIRECT.format(fields='example="yours"'),
            "x.py:3: 'mine': example 'yours': it does not begin with 'mine'",
        ),
    ],
)
def test_a_directory_that_does_not_load(
    tmp_path: Path, text: str, message: str | None
) -> None:
    """One line says where, and the status is 2; no traceback."""
    done = run("--extend", extension(tmp_path, commands__x=text), "-c", "info version")

    assert "Traceback" not in done.stderr
    if message is not None:
        assert message in done.stderr
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1


def test_a_command_that_raises_what_is_no_exception(tmp_path: Path) -> None:
    """It ends the run in one line, with the place."""
    text = (
        "from hmp.authoring import command\n"
        "CATEGORY = 'Odd'\n\n\n"
        "@command('odd', help='be odd')\n"
        "async def odd(mon, args):\n"
        "    raise BaseException(1)\n"
    )

    done = run("--extend", extension(tmp_path, commands__x=text), "-c", "odd")

    assert re.fullmatch(
        r"hmp: internal error: .*x\.py:7: BaseException: 1 \(HMP_DEBUG=1 .*\)\n",
        done.stderr,
    )
    assert done.returncode == 1


def test_a_relative_directory_has_the_same_places(tmp_path: Path) -> None:
    """Also where the error is raised by our own code, in another file of the author's."""
    fetcher = "from hmp.authoring import Kind\n@Kind('a').fetcher\nasync def f(qmp): pass\n"
    text = "import completions.things\n"
    directory = extension(tmp_path, commands__x=text, completions__things=fetcher)
    place = os.path.join(directory, "completions", "things.py")

    done = run("--extend", os.path.relpath(directory, ROOT), "-c", "mine")

    assert done.stderr.startswith(f"hmp: {place}:2: TypeError: a fetcher must be")


def test_a_misspelt_qmp_command_is_told_with_its_declaration(tmp_path: Path) -> None:
    """No QEMU has it, so the mistake is the author's; older QEMUs get no such hint."""
    directory = extension(tmp_path, commands__x=DIRECT.format(fields=""))

    done = run("--extend", directory, "-c", "mine")

    assert done.stderr.endswith("commands/x.py:3)\n")
    assert "no release that hmp knows has it (declared at " in done.stderr


def test_a_decorator_without_a_name_is_told_what_it_takes(tmp_path: Path) -> None:
    """It takes the handler for the name."""
    text = "from hmp.authoring import command\n@command\nasync def x(mon, args): pass\n"
    directory = extension(tmp_path, commands__x=text)

    done = run("--extend", directory, "-c", "x")

    wanted = "commands/x.py:2: a decorator takes a name: ('NAME', help='…')\n"
    assert done.stderr.endswith(wanted)


def test_a_qemu_of_ones_own() -> None:
    """It is started, monitored and ended; what it prints goes to standard error."""
    done = run("-c", "info name", "-c", "info version", *QEMU, "say=hello")

    assert (done.returncode, done.stdout) == (1, "fake\n")
    assert done.stderr == "hello\nError: no query-version\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--", "/nonexistent/qemu"], "cannot start /nonexistent/qemu: No such file"),
        ([*QEMU, "exit=1"], "ended with exit status 1"),
        ([*QEMU, "kill=9"], "was killed by SIGKILL"),
        ([*QEMU, "die-on=query-name"], "ended with exit status 7"),
    ],
)
def test_a_qemu_of_ones_own_that_fails(arguments: Sequence[str], message: str) -> None:
    """One line says how it ended, and the status is 3."""
    done = run("-c", "info name", *arguments)

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("hmp: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("line", ["help\n", "hello-world\n", "info version\n"])
@pytest.mark.parametrize("count", [2, 20_000])
def test_a_reader_that_has_enough(line: str, count: int, tmp_path: Path) -> None:
    """``| head`` is no failure that anybody must read about."""
    path = tmp_path / "script"
    path.write_text(line * count)
    reading, writing = os.pipe()
    os.close(reading)

    with path.open("rb") as script:
        done = subprocess.run(
            HMP,
            stdin=script,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
            cwd=ROOT,
        )

    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_interrupt_ends_a_script() -> None:
    """Ctrl-C is status 130, and nothing else is said."""
    with Talk() as talk:
        talk.say("hello-world\n")
        assert talk.hear() == "Hello, world\n"
        talk.process.send_signal(signal.SIGINT)

        assert talk.end() == (130, "", "")


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        ("hmp -c 'info version' >/dev/full", 1, "No space left on device"),
        ("hmp -c 'nope' 2>/dev/full", 1, ""),
        ("hmp --version >/dev/full", 1, "No space left on device"),
        ("hmp --clock help >/dev/full", 1, "No space left on device"),
        ("hmp <&-", 0, ""),
        ("hmp --version >&-", 1, "Bad file descriptor"),
        ("hmp --list >&-", 1, "Bad file descriptor"),
        ("hmp -c 'info version' >&-", 1, "Bad file descriptor"),
        ("hmp -o json -c 'info version' >&-", 1, "Bad file descriptor"),
        ("hmp -c stop >&-", 0, ""),
        ("hmp --trace -c 'info name' 2>&-", 1, ""),
        ("hmp -c nope 2>&-", 1, ""),
        ("hmp /nonexistent 2>&-", 3, ""),
        ("hmp /nonexistent 2>/dev/full", 3, ""),
        ("hmp -c 'info version' <&- >&- 2>&-", 1, ""),
    ],
)
def test_streams_that_are_full_or_closed(command: str, status: int, message: str) -> None:
    """No traceback, and at most a line."""
    done = shell(command)

    assert message in done.stderr
    assert done.stderr.count("\n") == (1 if message else 0)
    assert done.returncode == status


def test_a_socket_never_takes_the_place_of_a_stream() -> None:
    """With standard output closed, results do not go into the machine's socket.

    They go nowhere, which is an error.
    """
    seen: list[str] = []

    def script(peer: Peer) -> None:
        peer.negotiate()
        while True:
            request = peer.read()
            seen.append(request["execute"])
            peer.reply(request, {"name": "vm"})

    with FakeServer(script) as server:
        done = shell(f"hmp {server.path} -c 'info name' -c 'info name' >&- <&-")

    assert (done.returncode, done.stderr.count("Bad file descriptor")) == (1, 1)
    assert seen == ["query-name", "query-name"]


def test_no_locale_changes_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are UTF-8 wherever they come from."""
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONUTF8", "0")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")

    done = run("-c", "hello-world é€", "-f", "-", script="hello-world 😀\n")

    assert done.stdout == "é€\n😀\n"


BLOCK = [
    {"device": "a b", "locked": False, "removable": False, "type": "unknown"},
    {"device": "c", "locked": True, "removable": False, "type": "unknown"},
]


@pytest.mark.parametrize(
    ("query", "printed"),
    [
        ("[].device", "a b\nc\n"),
        ("[0].locked", "false\n"),
        ("[*].[device, locked]", '["a b", false]\n["c", true]\n'),
        ("[0].none", "null\n"),
        ("length(@)", "2\n"),
    ],
)
def test_raw_values_are_a_line_each(query: str, printed: str) -> None:
    """Strings without quotes, as a shell loop wants them."""
    with serving({"query-block": BLOCK}) as server:
        done = run("-r", "-q", query, "-c", "info block", server.path)

    assert (done.stdout, done.stderr, done.returncode) == (printed, "", 0)


def test_raw_errors_are_text() -> None:
    """On standard error, so that no loop takes them for a value."""
    done = run("-r", "-q", "x", "-c", "eject nope")

    assert done.stdout == ""
    assert "eject" in done.stderr
    assert done.returncode == 1


def test_a_query_that_does_not_fit_the_value_is_an_error() -> None:
    """Of the command, in a line, and not a bug of ours."""
    done = run("-q", "length(running)", "-c", "info status")

    error = json.loads(done.stdout)["error"]
    assert error["desc"].startswith("--query: ")
    assert "bug" not in error["desc"]
    assert (done.returncode, done.stderr) == (1, "")
