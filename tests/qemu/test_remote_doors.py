"""Real QEMUs through ssh and through a program."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hmp.targets.ssh_host import machines_of
from hmp.targets.ssh_master import end_masters
from tests.program import HMP, ROOT, run
from tests.qemu.machines import Oracle, RunningQemu
from tests.targets.sshd import Network, free_port, needs_sshd
from tests.terminal.screen import Terminal

pytestmark = needs_sshd

RELAY = f"{sys.executable} {ROOT}/tests/targets/relay.py"
LINES = "info status\ninfo version\ninfo chardev\nstop\ninfo status\ncont\nnope\nx /2x 0\n"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """Two ssh servers."""
    made = Network()
    yield made
    made.close()


@pytest.fixture
def over_ssh(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have hmp use the servers."""
    monkeypatch.setenv("HMP_SSH", network.command())


@pytest.fixture(scope="module")
def qemu(qemu_command: list[str]) -> Iterator[RunningQemu]:
    """A QEMU with a name, a disk and a human monitor."""
    made = RunningQemu(
        qemu_command,
        [
            "-M",
            "q35",
            "-nodefaults",
            "-name",
            f"hmp-{os.getpid()}",
            "-blockdev",
            "null-co,node-name=disk0",
            "-monitor",
            "unix:human,server=on,wait=off",
        ],
    )
    yield made
    made.close()


def test_scripts_print_the_same(qemu: RunningQemu, over_ssh: None) -> None:
    """By path, by name, through a jump host and through programs."""
    here = run(qemu.path, script=LINES, merged=True)
    programs = [f"exec:{RELAY} {qemu.path}"]
    if shutil.which("socat"):
        programs.append(f"exec:socat - UNIX-CONNECT:{qemu.path}")
    for target in (
        f"near:{qemu.path}",
        f"ssh://near{qemu.path}",
        f"far:{qemu.path}",
        f"near:hmp-{os.getpid()}",
        *programs,
    ):
        there = run(target, script=LINES, merged=True)
        assert (there.stdout, there.returncode) == (here.stdout, here.returncode), target


def test_its_human_monitor(qemu: RunningQemu, over_ssh: None) -> None:
    """It is found by its greeting, over ssh and through a program."""
    path = qemu.folder / "human"
    here = run(str(path), script=LINES, merged=True)
    assert "VM status: running" in here.stdout
    for target in (f"near:{path}", f"monitor:near:{path}", f"exec:{RELAY} {path}"):
        there = run(target, script=LINES, merged=True)
        assert (there.stdout, there.returncode) == (here.stdout, here.returncode), target


@pytest.mark.parametrize("door", ["near:", f"exec:{RELAY} "])
def test_a_session(qemu: RunningQemu, over_ssh: None, door: str) -> None:
    """With words from the machine, and its events."""
    prompt = f"(qemu hmp-{os.getpid()}) "
    session = Terminal(f"{door}{qemu.path}", columns=150)
    try:
        session.wait_prompt(prompt)
        session.type("drive_del dis\t")
        session.wait_row(f"{prompt}drive_del disk0")
        session.type("\x15")
        qemu.oracle.qmp("stop")
        session.wait_for("STOP")
        qemu.oracle.qmp("cont")
        session.wait_for("RESUME")
        session.run("info status", prompt)
    finally:
        session.close()


def test_the_state_of_another_hosts_machine(qemu: RunningQemu, over_ssh: None) -> None:
    """It is asked through a socket that is free, as here; a client is not disturbed."""

    def state() -> str:
        found = machines_of("near:", states=True)
        return next(m.state for m in found if m.pid == qemu.process.pid)

    try:
        assert state() == "running"
        with closing(Oracle(qemu.path)) as client:
            assert state() == ""
            assert client.qmp("query-status")["return"]["status"] == "running"
    finally:
        end_masters()


def test_a_qemu_that_is_stopped(qemu: RunningQemu, over_ssh: None) -> None:
    """--timeout bounds the wait for its reply."""
    hmp = subprocess.Popen(
        [*HMP, "--timeout", "1", "-f", "-", f"near:{qemu.path}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert hmp.stdin is not None
    assert hmp.stdout is not None
    hmp.stdin.write(b"info status\n")
    hmp.stdin.flush()
    assert hmp.stdout.readline() == b"VM status: running\n"
    os.kill(qemu.process.pid, signal.SIGSTOP)
    try:
        _, said = hmp.communicate(b"info status\n", timeout=60)
    finally:
        os.kill(qemu.process.pid, signal.SIGCONT)
    assert b"no reply to 'query-status' within 1 s" in said
    assert Path(qemu.path).exists()


def test_a_set_over_two_hosts(
    qemu: RunningQemu, qemu_command: list[str], over_ssh: None
) -> None:
    """By a pattern on one, a path on the other, and a socket of here; one is locked."""
    running = [RunningQemu(qemu_command, ["-M", "none", "-name", name]) for name in "bc"]
    name = f"hmp-{os.getpid()}"
    paths = [f"far:{running[0].path}", running[1].path]
    try:
        done = run(f"near:{name}*", ",".join(paths), "locked:/x", "-c", "info name")
    finally:
        for machine in running:
            machine.close()

    assert done.stdout.splitlines() == [
        f"near:{name}: {name}",
        f"{paths[0]}: b",
        f"{paths[1]}: c",
    ]
    assert done.stderr.endswith("hmp: 1 of 4 could not be reached: locked:/x\n")
    assert done.returncode == 3


def test_a_guest_moves_to_another_host(qemu_command: list[str], over_ssh: None) -> None:
    """By an address only, without which nothing is touched."""
    guest = ["-M", "q35", "-m", "64", "-nodefaults"]
    here = RunningQemu(qemu_command, guest)
    there = RunningQemu(qemu_command, [*guest, "-incoming", "defer"])
    try:
        target = f"ssh://near{there.path}"
        refused = run(here.path, "-c", f"migrate-to {target}")
        states = [each.oracle.qmp("query-status") for each in (here, there)]
        line = f"migrate-to {target} tcp:127.0.0.1:{free_port()}"
        moved = run(here.path, "-c", line)
    finally:
        here.close()
        there.close()

    advice = f"say where it shall listen: migrate-to {target} tcp:HOST:PORT"
    assert refused.stderr == f"Error: {target} and this machine need an address; {advice}\n"
    assert [each["return"]["status"] for each in states] == ["running", "inmigrate"]
    assert moved.returncode == 0, moved.stderr
    assert moved.stdout.startswith("moved: ")
