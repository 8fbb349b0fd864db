"""What is said about a real QEMU that does not answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hmp import connect
from hmp.client import LineFailedError
from tests.program import run
from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

HOLD = """
import socket, sys
path, port = sys.argv[1:]
if path:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
else:
    sock = socket.create_connection(("127.0.0.1", int(port)))
sock.recv(1000)
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def silent_qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A QEMU with a monitor on a port as well."""
    arguments = ["-M", "none", "-nodefaults", "-name", "silent"]
    qemu = RunningQemu(
        qemu_command, [*arguments, "-qmp", "tcp:127.0.0.1:0,server,wait=off"]
    )
    yield qemu
    qemu.close()


def said(target: str) -> str:
    """Return what the program says about a target."""
    done = run("--timeout", "0.5", target, "-c", "info name")
    assert done.returncode == 3
    return done.stderr.removeprefix(f"hmp: cannot connect to {target}: ").rstrip("\n")


@contextmanager
def held(path: str) -> Iterator[int]:
    """Hold a socket as another program does."""
    argv = [sys.executable, "-c", HOLD, path, ""]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield child.pid
        child.kill()


def test_another_client_holds_it(silent_qemu: RunningQemu) -> None:
    """The error names it, and another socket of the machine."""
    with held(silent_qemu.path) as pid:
        text = said(silent_qemu.path)
    assert text.endswith(
        f"(process {pid}) holds it, and QEMU serves one client at a time: end that,"
        f" or try {silent_qemu.oracle_path}"
    )


def test_a_name_leads_to_the_socket_that_is_free(qemu_command: list[str]) -> None:
    """By the name, in a set, and in --top; the list says who holds the other one."""
    name = f"two-{os.getpid()}"
    qemu = RunningQemu(qemu_command, ["-M", "none", "-nodefaults", "-name", name])
    try:
        qemu.oracle.close()
        with held(qemu.path) as pid:
            alone, several, *top = (
                run("--timeout", "5", *words)
                for words in (
                    (name, "-c", "info name"),
                    (f"{name[:-1]}*", "-c", "info name"),
                    ("--top", f"{name[:-1]}*", "-n", "1", "-d", "0.2"),
                )
            )
            (row,) = (line for line in run("--list").stdout.splitlines() if name in line)
    finally:
        qemu.close()

    assert (alone.stdout, alone.stderr) == (f"{name}\n", "")
    assert (several.stdout, several.stderr) == (f"{name}: {name}\n", "")
    assert top[0].stderr == ""
    assert f"{qemu.path} (held by " in row
    assert f"(process {pid})), {qemu.oracle_path}" in row


@pytest.mark.parametrize("human", [False, True])
def test_it_is_stopped_while_it_is_used(
    human: bool, qemu_command: list[str], tmp_path: Path
) -> None:
    """A reply that is late says so, over QMP and over the human monitor."""
    path = str(tmp_path / "m")
    monitor = ["-monitor", f"unix:{path},server=on,wait=off"]
    qemu = RunningQemu(qemu_command, ["-M", "none", "-nodefaults", *monitor])
    pid = qemu.process.pid
    try:
        with connect(path if human else qemu.path, timeout=0.5) as machine:
            machine.run("info name")
            qemu.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
            with pytest.raises(LineFailedError) as caught:
                machine.run("info status")
    finally:
        qemu.process.send_signal(signal.SIGCONT)
        qemu.close()
    assert str(caught.value).endswith(
        f"within 0.5 s: its process is stopped; resume it with: kill -CONT {pid}"
    )


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
def test_a_session_waits_for_a_stopped_one(terminal: str, silent_qemu: RunningQemu) -> None:
    """It says why while it waits."""
    pid = silent_qemu.process.pid
    prompt = "(qemu silent) "
    session = Terminal(silent_qemu.path, TERM=terminal, columns=120)
    try:
        session.wait_prompt(prompt)
        silent_qemu.process.send_signal(signal.SIGSTOP)
        session.type("info name\r")
        session.wait_for(f"its process is stopped; resume it with: kill -CONT {pid}")
        session.wait_for("no answer yet; Ctrl-C stops waiting")
        silent_qemu.process.send_signal(signal.SIGCONT)
        session.wait_for("\nsilent\n")
        session.wait_prompt(prompt)
    finally:
        session.close()


def test_it_is_stopped(silent_qemu: RunningQemu) -> None:
    """By a signal, as by Ctrl-Z; the error says how to resume it."""
    pid = silent_qemu.process.pid
    silent_qemu.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
    text = said(silent_qemu.path)
    silent_qemu.process.send_signal(signal.SIGCONT)

    assert (
        text
        == f"QEMU 'silent' (process {pid}) is stopped; resume it with: kill -CONT {pid}"
    )
    assert run(silent_qemu.path, "-c", "info name").stdout == "silent\n"
