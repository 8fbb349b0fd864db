"""A set of real QEMUs, some of which do not behave."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hmp.builtin import load_tables
from hmp.monitor.gathered import key
from hmp.qmp.errors import QMPError
from tests.benchmarks.fleet import embedded
from tests.fakes import GREETING, FakeServer, Peer
from tests.program import HMP, ROOT, run
from tests.qemu.conftest import Session
from tests.qemu.lines import entries
from tests.qemu.machines import RunningQemu, full_machine, make_disks
from tests.terminal.screen import Terminal

COUNT = 12


@pytest.fixture
def fleet(qemu_command: list[str], tmp_path: Path) -> Iterator[list[RunningQemu]]:
    """Machines without devices, their sockets called vm1 to vm12 in tmp_path."""
    with ExitStack() as running:
        found = []
        for number in range(1, COUNT + 1):
            machine = RunningQemu(qemu_command, ["-M", "none", "-nodefaults"])
            running.callback(machine.close)
            (tmp_path / f"vm{number}").symlink_to(machine.path)
            found.append(machine)
        yield found


def test_most_of_them_answer(fleet: list[RunningQemu], tmp_path: Path) -> None:
    """A frozen, a dead and a paused one are named, and cost the others nothing."""
    fleet[2].oracle.qmp("stop")
    os.kill(fleet[4].process.pid, signal.SIGSTOP)
    fleet[6].process.kill()
    fleet[6].process.wait()
    try:
        done = run("./vm[1-12]", "-b", "--timeout", "2", "-c", "info status", cwd=tmp_path)
    finally:
        os.kill(fleet[4].process.pid, signal.SIGCONT)

    assert done.stdout.startswith("./vm[1-2,4,6,8-12] (9)\nVM status: running\n./vm3 (1)\n")
    assert "./vm5: cannot connect" in done.stderr
    assert "./vm7: cannot connect" in done.stderr
    assert done.stderr.endswith("hmp: 2 of 12 could not be reached: ./vm[5,7]\n")
    assert done.returncode == 3


def test_a_change_of_all(fleet: list[RunningQemu], tmp_path: Path) -> None:
    """With -y, several lines, as a script."""
    lines = "stop\ninfo status\nqmp query-name\n"
    done = run("./vm[1-12]", "-y", "-b", script=lines, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("./vm[1-12] (12)\nVM status: paused\n")


def refuse(peer: Peer) -> None:
    """Greet, and refuse to negotiate."""
    peer.send(GREETING)
    peer.reply(peer.read(), QMPError("not today"))
    peer.socket.recv(1)


def test_three_bad_ones_among_60(qemu_command: list[str]) -> None:
    """A frozen one, a dead one and one that refuses cost the others nothing."""
    frozen, dead = (RunningQemu(qemu_command, ["-M", "none"]) for _ in range(2))
    dead.process.kill()
    dead.process.wait()
    os.kill(frozen.process.pid, signal.SIGSTOP)
    try:
        with embedded(60, 1) as paths, FakeServer(refuse) as refusing:
            folder = Path(paths[0]).parent
            bad = {"vm7": frozen.path, "vm20": dead.path, "vm41": refusing.path}
            for name, path in bad.items():
                (folder / name).unlink()
                (folder / name).symlink_to(path)
            limits = ("--timeout", "1", "--fanout", "8")
            done = run(f"{folder}/vm[1-60]", *limits, "-c", "info status", cwd=folder)
    finally:
        os.kill(frozen.process.pid, signal.SIGCONT)
        frozen.close()
        dead.close()

    names = [f"{folder}/vm{number}" for number in range(1, 61)]
    assert done.stdout.splitlines() == [
        f"{name}: VM status: running" for name in names if Path(name).name not in bad
    ]
    errors = done.stderr.splitlines()
    assert [line.partition(": ")[0] for line in errors[:3]] == [
        f"{folder}/{name}" for name in bad
    ]
    assert errors[3:] == [f"hmp: 3 of 60 could not be reached: {folder}/vm[7,20,41]"]
    assert done.returncode == 3


def test_in_pipes(qemu_command: list[str]) -> None:
    """By names that are found here; sort and jq read what comes, without codes."""
    names = [f"hmpf-{os.getpid()}-{letter}" for letter in "ab"]
    running = [RunningQemu(qemu_command, ["-M", "none", "-name", name]) for name in names]
    hmp = f"{' '.join(HMP)} 'hmpf-{os.getpid()}-*'"
    block = f"{hmp} -c 'info block' -c 'info status' | sort"
    objects = f"{hmp} -o json -c 'info status'"
    try:
        texts = [
            subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE, text=True, cwd=ROOT)
            for line in (block, objects)
        ]
    finally:
        for machine in running:
            machine.close()

    assert texts[0].stdout == "".join(f"{name}: VM status: running\n" for name in names)
    found = [json.loads(line) for line in texts[1].stdout.splitlines()]
    assert sorted(each["target"] for each in found) == names
    assert "\x1b" not in texts[0].stdout + texts[1].stdout


def test_two_sockets_of_one_qemu(qemu_command: list[str], tmp_path: Path) -> None:
    """They are one machine, which runs each line once; one program may serve many."""
    second = f"unix:{tmp_path}/b,server=on,wait=off"
    first = RunningQemu(qemu_command, ["-M", "none", "-qmp", second])
    other = RunningQemu(qemu_command, ["-M", "none"])
    (tmp_path / "a").symlink_to(first.path)
    (tmp_path / "c").symlink_to(other.path)
    session = Terminal("./a", "./b", "./c", folder=str(tmp_path), TERM="dumb")
    try:
        session.wait_for("left out, as it is the same machine as ./a: ./b")
        session.wait_prompt("./a,./c 2/2> ")
        session.type("\x04")
        assert session.wait_end() == 0
        done = run("./a", "./b", "./c", "-c", "info status", cwd=tmp_path)
    finally:
        session.close()
        first.close()
        other.close()

    assert done.returncode == 0
    ran = "a" if "./a:" in done.stdout else "b"
    assert done.stdout == f"./{ran}: VM status: running\n./c: VM status: running\n"
    twin = {"a": "b", "b": "a"}[ran]
    said = f"hmp: left out ./{twin}, which is the same machine as ./{ran}\n"
    assert done.stderr == said
    with embedded(2, 1) as paths:
        done = run(*paths, "-c", "info status")
    assert len(done.stdout.splitlines()) == 2


def test_equal_disks_are_gathered(qemu_command: list[str], tmp_path: Path) -> None:
    """Though QEMU gives each node a random name."""
    (tmp_path / "disk").write_bytes(bytes(512))
    drive = f"file={tmp_path}/disk,format=raw,readonly=on,if=none,id=disk"
    names = ["a", "b", "c"]
    running = [RunningQemu(qemu_command, ["-M", "none", "-drive", drive]) for _ in names]
    for name, machine in zip(names, running, strict=True):
        (tmp_path / name).symlink_to(machine.path)
    words = [f"./{name}" for name in names]
    try:
        texts = [run(*words, o, "-c", "info block", cwd=tmp_path) for o in ("-b", "--diff")]
    finally:
        for machine in running:
            machine.close()

    for done in texts:
        assert done.stdout.startswith("./a,./b,./c (3)\ndisk (#block*): ")
        assert done.stdout.count("disk (#block") == 1


def test_the_same_machine_started_twice(qemu_command: list[str], tmp_path: Path) -> None:
    """All that says something of it is gathered."""
    make_disks(tmp_path)
    arguments = [*full_machine(), "-serial", "pty"]
    texts = []
    for _ in range(2):
        machine = RunningQemu(qemu_command, arguments, tmp_path)
        session = Session(machine)
        lines = [name for name, _ in entries(load_tables()) if name.startswith("info ")]
        said = [session.ours(line).replace(str(machine.folder), "") for line in lines]
        texts.append([*map(key, said)])
        session.connection.close()
        machine.close()

    found = zip(lines, *texts, strict=True)
    assert [line for line, one, other in found if one != other] == []


@pytest.fixture(scope="module")
def three(
    qemu_command: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder with the sockets of three machines, vm1 to vm3."""
    folder = tmp_path_factory.mktemp("three")
    with ExitStack() as running:
        for number in (1, 2, 3):
            machine = RunningQemu(qemu_command, ["-M", "none", "-nodefaults"])
            running.callback(machine.close)
            (folder / f"vm{number}").symlink_to(machine.path)
        yield folder


_HMP = shlex.join(HMP)
_CLUSH = shlex.join([sys.executable, "-m", "ClusterShell.CLI.Clush", "-S", "-b", "-R"])
_RUNNING = "VM status: running\n"


def _under(names: str) -> str:
    """Return the machines' state as clush shows it."""
    return f"---------------\n{names}\n---------------\n{_RUNNING}"


@pytest.mark.parametrize(
    ("script", "status", "printed"),
    [
        (
            f"printf 'vm1\\nvm3\\n' | while read n; do {_HMP} ./$n -c 'info status'; done",
            0,
            _RUNNING * 2,
        ),
        (
            f"seq 2 | while read n; do {_HMP} './vm[1-2]' -c 'info status' -b; done",
            0,
            f"./vm[1-2] (2)\n{_RUNNING}" * 2,
        ),
        (
            f"{_HMP} './vm[1-3]' -c 'info status' | sort -r",
            0,
            "".join(f"./vm{n}: {_RUNNING}" for n in (3, 2, 1)),
        ),
        (
            f"for n in 1 2; do {_HMP} './vm[1-3]' -b -c 'info status' & done; wait",
            0,
            f"./vm[1-3] (3)\n{_RUNNING}" * 2,
        ),
        (f"{_HMP} './vm[1-3]' -c 'help' | head -n 1 | cut -c-7", 0, "./vm1: \n"),
        (
            f"{_CLUSH} exec -w 'vm[1-3]' \"{_HMP} ./%h -c 'info status'\"",
            0,
            _under("vm[1-3] (3)"),
        ),
        (
            f"{_CLUSH} exec -w 'vm[3,13]' \"{_HMP} ./%h -c 'info status'\" 2>/dev/null",
            3,
            _under("vm3"),
        ),
        (
            f"echo info status | {_CLUSH} exec -w 'vm[1-2]' '{_HMP} ./%h'",
            0,
            _under("vm[1-2] (2)"),
        ),
    ],
    ids=["while", "a set in it", "sort", "at once", "head", "clush", "status", "stdin"],
)
def test_within_other_programs(three: Path, script: str, status: int, printed: str) -> None:
    """Their standard input is theirs, and there are no codes for terminals."""
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, cwd=three, timeout=60
    )

    assert (done.returncode, done.stdout) == (status, printed)
