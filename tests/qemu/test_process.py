"""The program on a real QEMU: scripts, statuses, launching, and QEMU's sudden end."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import HMP, LIMIT, ROOT, run
from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu
from tests.targets.test_guard import alive

XP = "xp /2xb 0xfffffff0"
LINES = [
    "info version",
    "info status",
    "nope",
    "info block",
    "stop x",
    "info nope",
    "  ",
    "info kvm",
    "eject -",
    "qom-get /machine type",
    "info roms",
    "print 1+",
    "p 6*7",
    "x",
    "info registers 9",
    "block_resize nope 1",
    "sendkey nope",
    "info uuid",
    XP,
    "loadvm nope",
    "boot_set x",
    "boot_set c",
    "cpu 99",
]


@pytest.fixture
def qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A small machine of this test's own."""
    machine = RunningQemu(qemu_command, ["-M", "q35", "-nodefaults", "-S", "-name", "own"])
    yield machine
    machine.process.send_signal(signal.SIGCONT)
    machine.close()


def transcript(full: Session) -> str:
    """Return what QEMU's own monitor prints for the lines."""
    return "".join(full.theirs(line) for line in LINES)


@pytest.fixture
def free(full: Session) -> Iterator[Session]:
    """The full machine with its first socket free for the program."""
    full.connection.close()
    yield full
    full.__init__(full.qemu)  # type: ignore[misc]  # connect it again for the others


def test_both_streams_together_are_qemus_own_transcript(free: Session) -> None:
    """What a program reads from QEMU's monitor today, it reads from ours."""
    script = "# a comment\n\n" + "\n".join(LINES)

    done = run(free.qemu.path, script=script, merged=True)

    assert done.stdout == transcript(free)
    assert done.returncode == 1


def test_results_and_errors_go_apart(free: Session) -> None:
    """Results are on standard output, descriptions on standard error."""
    done = run(free.qemu.path, "-c", "info name", "-c", "loadvm nope", "-c", "info uuid")

    assert done.stdout == free.theirs("info name") + free.theirs("info uuid")
    assert done.stderr == free.theirs("loadvm nope")
    assert done.returncode == 1


def test_a_regular_file_is_a_script(free: Session, tmp_path: Path) -> None:
    """Lines come from a redirected file as they do from a pipe."""
    path = tmp_path / "script.txt"
    path.write_text("info name\r\ninfo status")

    with path.open("rb") as file:
        done = subprocess.run(
            [*HMP, free.qemu.path], stdin=file, capture_output=True, timeout=LIMIT, cwd=ROOT
        )

    assert done.stdout.decode() == free.theirs("info name") + free.theirs("info status")
    assert done.returncode == 0


def test_json_for_every_line(free: Session) -> None:
    """Each line that runs is one object, native, passed on or failed."""
    done = run("-o", "json", free.qemu.path, script="\n".join(LINES))
    records = [json.loads(line) for line in done.stdout.splitlines()]

    assert [record["line"] for record in records] == [
        line for line in LINES if line.strip()
    ]
    by_line = {record["line"]: record for record in records}
    assert by_line["info status"]["return"]["running"] is False
    assert by_line[XP]["text"] == free.theirs(XP)
    assert by_line["nope"]["error"]["desc"] == "unknown command: 'nope'"
    assert by_line["loadvm nope"]["error"]["class"] == "GenericError"
    assert done.stderr == ""


def test_stop_on_error(free: Session) -> None:
    """-e ends a script at the first command that fails."""
    done = run("-e", free.qemu.path, script="info name\nloadvm nope\ninfo uuid\n")

    assert done.stdout == "full\n"
    assert done.returncode == 1


def test_the_second_client_is_told_what_to_do(free: Session) -> None:
    """A socket that another client holds is one clear line, within a few seconds."""
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(free.qemu.path)
        other.recv(1000)
        begun = time.monotonic()

        done = run("-c", "info name", free.qemu.path)

        assert time.monotonic() - begun < 10
    assert done.returncode == 3
    assert f"(process {os.getpid()}) holds it" in done.stderr
    assert f"try {free.qemu.oracle_path}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_pretty_and_tcp(qemu_command: list[str], tmp_path: Path) -> None:
    """A monitor with pretty=on, on TCP, is as good as any."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    machine = RunningQemu(
        qemu_command,
        [
            "-M",
            "none",
            "-name",
            "tcp",
            "-chardev",
            f"socket,id=t,host=127.0.0.1,port={port},server=on,wait=off",
            "-mon",
            "chardev=t,mode=control,pretty=on",
        ],
    )
    try:
        done = run(f"127.0.0.1:{port}", script="info name\ninfo version\ninfo chardev\n")

        assert done.stdout.startswith("tcp\n")
        assert done.stdout.endswith(
            machine.oracle.hmp("info chardev").split("\n")[-2] + "\n"
        )
        assert done.returncode == 0
        assert run(f"tcp:127.0.0.1:{port}", "-c", "qom-list").stdout == "/\n"
    finally:
        machine.close()


def test_a_reply_of_many_megabytes(qemu: RunningQemu) -> None:
    """A large reply comes whole."""
    done = run(qemu.path, "-o", "json", "-c", "xp /300000xb 0")

    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert record["text"].count("0x") == 300000
    assert len(record["text"]) > 1_500_000


def test_quit_ends_qemu_and_the_script(qemu: RunningQemu) -> None:
    """What comes after quit has no machine, and is counted; the status is of what ran."""
    done = run(qemu.path, script="info name\nquit\ninfo name\n")

    assert done.stdout == "own\n"
    assert done.returncode == 0
    assert done.stderr == "hmp: 1 line after 'quit' was not run\n"
    assert qemu.process.wait(LIMIT) == 0


def test_timeout_gives_up_on_one_command_and_stays_in_step(qemu: RunningQemu) -> None:
    """The reply that comes too late is not the next command's."""
    process = subprocess.Popen(
        [*HMP, "--timeout", "0.5", qemu.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdin as lines, process.stdout as out, process.stderr as err:
        lines.write(b"info name\n")
        lines.flush()
        assert out.readline() == b"own\n"
        qemu.process.send_signal(signal.SIGSTOP)
        lines.write(b"info status\n")
        lines.flush()
        assert err.readline().decode() == (
            "Error: no reply to 'query-status' within 0.5 s: its process is stopped;"
            f" resume it with: kill -CONT {qemu.process.pid}\n"
        )
        qemu.process.send_signal(signal.SIGCONT)
        lines.write(b"info name\ninfo uuid\n")
        lines.close()
        assert out.read() == b"own\n00000000-0000-0000-0000-000000000000\n"
        assert process.wait(LIMIT) == 1


def test_qemu_killed_in_the_middle_of_a_command(qemu: RunningQemu) -> None:
    """One line says so, and the status is 3."""
    process = subprocess.Popen(
        [*HMP, qemu.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdin as lines, process.stdout as out, process.stderr as err:
        lines.write(b"info name\n")
        lines.flush()
        assert out.readline() == b"own\n"
        qemu.process.send_signal(signal.SIGSTOP)
        lines.write(b"info status\ninfo name\n")
        lines.flush()
        qemu.process.kill()
        lines.close()
        assert out.read() == b""
        said = err.read().decode()
        assert said == f"hmp: the machine at {qemu.path} closed the connection\n"
        assert process.wait(LIMIT) == 3


def test_interrupt_ends_a_script(qemu: RunningQemu) -> None:
    """Ctrl-C in a script is status 130, without a traceback."""
    process = subprocess.Popen(
        [*HMP, qemu.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdin as lines, process.stdout as out, process.stderr as err:
        lines.write(b"info name\n")
        lines.flush()
        assert out.readline() == b"own\n"
        process.send_signal(signal.SIGINT)
        assert err.read() == b""
        assert process.wait(LIMIT) == 130


def test_trace_shows_messages_without_passwords(qemu: RunningQemu) -> None:
    """--trace shows what passes, with stars for what is secret."""
    lines = ["set_password vnc hunter2", "object_add secret,id=s,data=hunter2"]
    done = run("--trace", qemu.path, "-c", "info name", "-c", lines[0], "-c", lines[1])

    sent = re.search(r'^-> {"execute": "query-name", "id": (\d+)}$', done.stderr, re.M)
    assert sent
    assert f'<- {{"return": {{"name": "own"}}, "id": {sent[1]}}}\n' in done.stderr
    assert "***" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


def test_a_qemu_that_is_started_ends_with_us(
    qemu_command: list[str], tmp_path: Path
) -> None:
    """Behind -- a QEMU begins and ends with the monitor."""
    pid_file = tmp_path / "pid"
    started = [*qemu_command, "-M", "none", "-display", "none", "-name", "child"]

    done = run(
        "-c", "info name", "-c", "info status", "--", *started, "-pidfile", str(pid_file)
    )

    assert done.stdout.startswith("child\nVM status: ")
    assert done.returncode == 0
    assert not pid_file.exists() or not _alive(int(pid_file.read_text()))


def test_a_qemu_that_does_not_start(qemu_command: list[str]) -> None:
    """What QEMU says comes through, and our line says how it ended."""
    done = run("-c", "info name", "--", *qemu_command, "-M", "nonsense")

    assert done.returncode == 3
    assert "machine type" in done.stderr
    assert "ended with exit status 1" in done.stderr.splitlines()[-1]
    assert run("-c", "info name", "--", "/nonexistent/qemu").returncode == 3


def test_quit_of_a_started_qemu(qemu_command: list[str]) -> None:
    """quit is no failure of the connection."""
    done = run("-c", "quit", "--", *qemu_command, "-M", "none", "-display", "none")

    assert done.returncode == 0
    assert not [line for line in done.stderr.splitlines() if line.startswith("hmp: ")]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot")
@pytest.mark.parametrize("way", ["plain", "wrapper", "daemonize"])
@pytest.mark.parametrize("end", ["quit", "TERM", "KILL", "stopped"])
def test_a_qemu_that_was_started_ends_with_us(
    qemu_command: list[str], tmp_path: Path, way: str, end: str
) -> None:
    """However it was started, and however we end."""
    pid = tmp_path / "pid"
    options = ["-M", "none", "-nodefaults", "-display", "none", "-pidfile", str(pid)]
    command = [*qemu_command, *options, *(["-daemonize"] if way == "daemonize" else [])]
    if way == "wrapper":
        command = ["sh", "-c", f'{shlex.join(command)} "$@"; exit $?', "sh"]
    hmp = subprocess.Popen(
        [*HMP, "-f", "-", "--", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    assert hmp.stdin is not None
    assert hmp.stdout is not None
    hmp.stdin.write(b"info status\n")
    hmp.stdin.flush()
    assert hmp.stdout.readline().startswith(b"VM status: ")
    number = int(pid.read_text())
    if end in ("TERM", "KILL"):
        hmp.send_signal(signal.Signals[f"SIG{end}"])
        hmp.communicate(timeout=LIMIT)
    else:
        if end == "stopped":
            os.kill(number, signal.SIGSTOP)
        hmp.communicate(b"quit\n", timeout=LIMIT)
        assert hmp.returncode == 0

    deadline = time.monotonic() + LIMIT
    while alive(number):
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.01)
