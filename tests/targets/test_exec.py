"""Machines on the standard streams of a program."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from hmp.qmp.errors import ConnectError, MachineGoneError
from hmp.qmp.stream import said
from hmp.targets.exec_target import ExecTarget
from tests.fakes import LIMIT, serving
from tests.program import HMP, ROOT, run
from tests.terminal.machine import ScriptedMachine
from tests.terminal.screen import Terminal

ANSWERS = {"query-name": {"name": "vm"}}
RELAY = f"{sys.executable} {ROOT}/tests/targets/relay.py"
"""A program like socat, which is not everywhere."""

needs_socat = pytest.mark.skipif(shutil.which("socat") is None, reason="no socat")


def target(command: str) -> ExecTarget:
    """Return the target of a shell command."""
    return ExecTarget(f"exec:sh -c {shlex.quote(command)}", ["sh", "-c", command])


def refusal(command: str) -> str:
    """Return why a command does not lead to a machine."""
    with pytest.raises(MachineGoneError) as caught:
        target(command).open(timeout=LIMIT).close()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@needs_socat
def test_socat() -> None:
    """As people use it."""
    with serving(ANSWERS) as server:
        done = run("-c", "info name", f"exec:socat - UNIX-CONNECT:{server.path}")

    assert (done.returncode, done.stdout, done.stderr) == (0, "vm\n", "")


def test_words_are_a_shells() -> None:
    """Quotes hold them together; nothing is expanded."""
    with serving(ANSWERS) as server:
        link = Path(server.folder) / "it's; $(x)"
        link.symlink_to(server.path)
        done = run("-c", "info name", f"exec:{RELAY} {shlex.quote(str(link))}")

    assert (done.returncode, done.stdout, done.stderr) == (0, "vm\n", "")


def test_how_it_ended() -> None:
    """With what it said last."""
    assert refusal("exit 3") == "sh ended with exit status 3"
    assert (
        refusal("echo first >&2; echo why >&2; exit 1")
        == "sh ended with exit status 1: why"
    )
    assert refusal("kill -9 $$") == "sh was killed by SIGKILL"
    assert refusal("printf '\\033]0;x\\007\\n' >&2; exit 1") == (
        r"sh ended with exit status 1: \x1b]0;x\x07"
    )
    long = refusal("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1")
    assert re.fullmatch(r"sh ended with exit status 1: x{1000}", long)


def test_a_program_that_cannot_be_started() -> None:
    """The error is the system's."""
    done = run("-c", "info name", "exec:/nonexistent/x y")

    assert done.returncode == 3
    assert done.stderr == "hmp: cannot start /nonexistent/x: No such file or directory\n"


def test_what_it_says_is_shown() -> None:
    """Once it has led to a machine; harmless, on standard error."""
    with serving(ANSWERS) as server:
        line = "warning: \\033[2Jdeprecated\\nsecond"
        command = f"printf '{line}\\n' >&2; exec {RELAY} {server.path}"
        done = run("-c", "info name", f"exec:sh -c {shlex.quote(command)}")

    assert (done.returncode, done.stdout) == (0, "vm\n")
    assert done.stderr == "warning: \\x1b[2Jdeprecated\nsecond\n"


def test_a_flood_of_what_it_says_holds_nothing_up() -> None:
    """Neither the program nor us."""
    shown: list[str] = []
    said.append(shown.append)
    try:
        with serving(ANSWERS) as server:
            command = f"seq 200000 >&2; exec {RELAY} {server.path}"
            connection = target(command).open_qmp(timeout=LIMIT)
            assert connection.run("query-name", None) == {"name": "vm"}
            connection.close()
    finally:
        said.pop()
    assert shown[-1] == "200000"


def test_a_program_that_dies_later() -> None:
    """The error says so."""
    with serving(ANSWERS) as server:
        connection = target(f"exec {RELAY} {server.path}").open_qmp(timeout=LIMIT)
        program = connection.socket.carrier.program  # type: ignore[attr-defined]
        os.kill(program.process.pid, signal.SIGKILL)
        with pytest.raises(MachineGoneError, match=r"^sh was killed by SIGKILL$"):
            connection.run("query-name", None)
        connection.close()


def alive(pid: int) -> bool:
    """Return whether a process is there and not only waits to be looked after."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.parametrize("ignores", ["", "trap '' TERM HUP; "])
def test_it_ends_with_the_connection(tmp_path: Path, ignores: str) -> None:
    """Also one that does not end when its input does."""
    with serving(ANSWERS) as server:
        command = f"{ignores}echo $$ >{tmp_path}/pid; {RELAY} {server.path}; sleep 1000"
        connection = target(command).open_qmp(timeout=LIMIT)
        pid = int((tmp_path / "pid").read_text())
        assert alive(pid)
        connection.close()
    assert not alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot")
def test_it_ends_with_hmp_that_is_killed(tmp_path: Path) -> None:
    """With all that it has started."""
    with serving(ANSWERS) as server:
        command = f"echo $$ >{tmp_path}/pid; {RELAY} {server.path}; sleep 1000"
        hmp = subprocess.Popen(
            [*HMP, "-f", "-", f"exec:sh -c {shlex.quote(command)}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert hmp.stdin is not None
        assert hmp.stdout is not None
        hmp.stdin.write(b"info name\n")
        hmp.stdin.flush()
        assert hmp.stdout.readline() == b"vm\n"
        pid = int((tmp_path / "pid").read_text())
        hmp.kill()
        hmp.communicate()
        deadline = monotonic() + LIMIT
        while alive(pid):
            assert monotonic() < deadline, "the program has been left behind"
            sleep(0.01)


def test_a_session_reconnects(tmp_path: Path) -> None:
    """The program is started again; what it says does not come each time."""
    with ScriptedMachine() as machine:
        command = f"echo $$ >{tmp_path}/pid; echo hello >&2; exec {RELAY} {machine.path}"
        text = f"exec:sh -c {shlex.quote(command)}"
        session = Terminal(text, columns=200)
        try:
            session.wait_prompt("(qemu vm) ")
            assert session.text.count("hello") == 1
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
            session.wait_for("sh was killed by SIGKILL; waiting for it to come back")
            session.wait_for("connected to exec:sh -c ")
            session.wait_prompt("(qemu vm) ")
            session.run("info status", "(qemu vm) ")
        finally:
            session.close()


def test_a_program_may_ask_on_the_terminal(tmp_path: Path) -> None:
    """Like sudo, before a session draws its screen; the terminal is ours afterwards."""
    script = tmp_path / "ask"
    with ScriptedMachine() as machine:
        script.write_text(
            "printf 'Password: ' >/dev/tty\nread -r word </dev/tty\n"
            f'[ "$word" = sesame ] || exit 7\nexec {RELAY} {machine.path}\n'
        )
        session = Terminal(f"exec:sh {script}")
        try:
            session.wait_for("Password:")
            session.type("sesame\r")
            session.wait_prompt("(qemu vm) ")
            session.run("info status", "(qemu vm) ")
        finally:
            session.close()


def test_a_wrong_command_line_is_wrong_usage() -> None:
    """As for every target."""
    done = run("-c", "info name", "exec:a 'b")

    assert done.returncode == 2
    assert done.stderr == "hmp: 'exec:a 'b': no closing quotation\n"


def test_its_password_is_starred_out() -> None:
    """In what is wrong, which is not that another client holds a socket."""
    silent = ExecTarget("exec:sleep 60 -u me:Hq7", ["sleep", "60"])
    with pytest.raises(ConnectError) as caught:
        silent.open(timeout=0.3)

    assert str(caught.value) == (
        "cannot connect to exec:sleep 60 -u me:***: no answer; sleep runs, but nothing"
        " greets through it"
    )


def test_silence_is_given_up() -> None:
    """A program that says nothing is no machine."""
    with pytest.raises(ConnectError, match="no answer"):
        target("cat").open(timeout=0.3)
