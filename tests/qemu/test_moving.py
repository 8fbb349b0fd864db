"""``migrate-to`` between real QEMUs: one has the guest in the end, whatever dies."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import LIMIT
from tests.program import HMP, ROOT, run
from tests.qemu.machines import RunningQemu, full_machine
from tests.terminal.screen import Terminal

GUEST = ["-M", "q35", "-m", "256", "-nodefaults"]
SLOW = {"max-bandwidth": 300_000}
FAST = {"max-bandwidth": 1 << 30}
WAITS = ["-incoming", "defer"]
Start = Callable[..., RunningQemu]


@pytest.fixture
def start(qemu_command: list[str]) -> Iterator[Start]:
    """Start machines that end with the test."""
    with ExitStack() as running:

        def begin(*arguments: str) -> RunningQemu:
            machine = RunningQemu(qemu_command, list(arguments))
            running.callback(machine.close)
            return machine

        yield begin


@pytest.fixture
def pair(start: Start) -> tuple[RunningQemu, RunningQemu]:
    """A machine that migrates slowly, and one that waits for it."""
    here, there = start(*GUEST), start(*GUEST, *WAITS)
    here.oracle.qmp("migrate-set-parameters", **SLOW)
    return here, there


def state(machine: RunningQemu) -> str:
    """Return a machine's run state."""
    found: str = machine.oracle.qmp("query-status")["return"]["status"]
    return found


def migration(machine: RunningQemu) -> str:
    """Return the state of a machine's migration."""
    found: str = machine.oracle.qmp("query-migrate")["return"].get("status", "none")
    return found


def wait_for(machine: RunningQemu, look: Callable[[RunningQemu], str], word: str) -> None:
    """Wait until a machine is in a state."""
    end = time.monotonic() + LIMIT
    while look(machine) != word:
        assert time.monotonic() < end, look(machine)
        time.sleep(0.01)


def moving(here: RunningQemu, there: RunningQemu) -> subprocess.Popen[str]:
    """Start to move the guest, and return hmp once it moves."""
    started = subprocess.Popen(
        [*HMP, here.path, "-c", f"migrate-to {there.path}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    wait_for(here, migration, "active")
    return started


def ended(hmp: subprocess.Popen[str]) -> tuple[int, str]:
    """Return the exit status and the errors."""
    _, errors = hmp.communicate(timeout=LIMIT)
    return hmp.returncode, errors


def test_a_machine_with_everything(start: Start, tmp_path: Path) -> None:
    """Its disks, devices and CPUs are found to fit, and its guest moves."""
    arguments = [word for word in full_machine(tmp_path) if word != "-S"]
    here, there = start(*arguments), start(*arguments, *WAITS)
    done = run(here.path, "-c", f"migrate-to {there.path}")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("moved: ")
    assert (state(here), state(there)) == ("postmigrate", "running")


@pytest.mark.parametrize("paused", [True, False])
def test_the_guest_is_as_it_was(start: Start, paused: bool) -> None:
    """One that is paused remains so; one that runs does, whatever -S has said there."""
    here, there = start(*GUEST), start(*GUEST, *WAITS, "-S")
    if paused:
        here.oracle.qmp("stop")
    done = run(here.path, "-c", f"migrate-to {there.path}")

    assert done.returncode == 0, done.stderr
    assert state(here) == "postmigrate"
    assert state(there) == ("paused" if paused else "running")


def test_its_disk_is_in_use_there(start: Start, tmp_path: Path) -> None:
    """Then the guest cannot start there, which hmp says; here it can be resumed."""
    disks = {}
    for name in ("here", "there"):
        (tmp_path / name).write_bytes(bytes(1 << 20))
        disks[name] = ["-drive", f"file={tmp_path}/{name},format=raw,if=virtio"]
    here, there = start(*GUEST, *disks["here"]), start(*GUEST, *disks["there"], *WAITS)
    start(*GUEST, *disks["there"])
    done = run(here.path, "-c", f"migrate-to {there.path}")

    assert done.returncode == 1
    assert re.match(r"Error: the guest, running before, has moved, but \S+ is", done.stderr)
    assert "only once" in done.stderr
    assert state(here) == "postmigrate"
    assert state(there) in ("inmigrate", "paused")
    there.process.kill()
    here.oracle.qmp("cont")
    assert state(here) == "running"


def test_the_machine_itself(start: Start, tmp_path: Path) -> None:
    """By another of its sockets."""
    second = ["-qmp", f"unix:{tmp_path}/second,server=on,wait=off"]
    here = start(*GUEST, *second)
    done = run(here.path, "-c", f"migrate-to {tmp_path}/second")
    reason = f"{tmp_path}/second is this machine itself; name another one"

    assert (done.returncode, done.stderr) == (1, f"Error: {reason}\n")


def test_a_door_without_qmp(start: Start, tmp_path: Path) -> None:
    """The other machine's human monitor cannot carry it, and nothing is touched."""
    human = ["-monitor", f"unix:{tmp_path}/human,server=on,wait=off"]
    here, there = start(*GUEST), start(*GUEST, *WAITS, *human)
    done = run(here.path, "-c", f"migrate-to {tmp_path}/human")

    lacking = "'migrate-to' needs QMP commands, which QEMU's human monitor does not take"
    assert (done.returncode, done.stderr) == (1, f"Error: {tmp_path}/human: {lacking}\n")
    assert (state(here), state(there)) == ("running", "inmigrate")


def test_by_an_address(start: Start) -> None:
    """Where the two cannot be connected otherwise."""
    here, there = start(*GUEST), start(*GUEST, *WAITS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = f"migrate-to {there.path} tcp:127.0.0.1:{port}"
    done = run(here.path, "-c", line)

    assert done.returncode == 0, done.stderr
    assert (state(here), state(there)) == ("postmigrate", "running")


@pytest.mark.parametrize(
    ("here", "there", "reason"),
    [
        ("-m 64", "-m 128", "the memory is 64 MiB here and 128 MiB there"),
        ("-smp 2", "", "the number of CPUs is 2 here and 1 there"),
        ("-cpu qemu64", "-cpu max", "the CPU is qemu64-x86_64-cpu here"),
        ("-cpu qemu64", "-cpu qemu64,-sse3", "the features of the CPU differ"),
        ("", "-device e1000,id=n", "the device n is missing here and e1000 there"),
        ("-device e1000", "", "the device device[0] is e1000 here and missing there"),
        ("-drive file=small,format=raw,id=d", "", "the disk d has no medium there"),
        (
            "-drive file=small,format=raw,id=d",
            "-drive file=large,format=raw,id=d",
            "the disk d has 1 MiB here and 2 MiB there",
        ),
    ],
)
def test_what_does_not_fit(
    start: Start, tmp_path: Path, here: str, there: str, reason: str
) -> None:
    """It is said, and nothing is touched."""
    for name, size in (("small", 1), ("large", 2)):
        (tmp_path / name).write_bytes(bytes(size << 20))
    words = [text.replace("file=", f"file={tmp_path}/").split() for text in (here, there)]
    base = ["-M", "q35", "-nodefaults"]
    ours, theirs = start(*base, *words[0]), start(*base, *words[1], *WAITS)
    done = run(ours.path, "-c", f"migrate-to {theirs.path}")

    assert done.returncode == 1
    assert reason in done.stderr
    assert (state(ours), migration(ours)) == ("running", "none")
    assert (state(theirs), migration(theirs)) == ("inmigrate", "none")
    switches = ours.oracle.qmp("query-migrate-capabilities")["return"]
    assert not any(each["state"] for each in switches if each["capability"] != "mapped-ram")


def test_who_cannot_receive_or_send(start: Start) -> None:
    """A machine that runs, and one without a guest."""
    running, waiting = start(*GUEST), start(*GUEST, *WAITS)
    first = run(running.path, "-c", f"migrate-to {running.oracle_path}x")
    second = run(waiting.path, "-c", f"migrate-to {start(*GUEST, *WAITS).path}")
    third = run(running.path, "-c", f"migrate-to {start(*GUEST).path}")

    assert "no such socket" in first.stderr
    assert "this machine has no guest to move: it is inmigrate" in second.stderr
    assert "it is running; start it with -incoming defer" in third.stderr


def test_read_only(start: Start) -> None:
    """Neither machine is touched."""
    here, there = start(*GUEST), start(*GUEST, *WAITS)
    before = there.oracle.qmp("query-migrate-capabilities")["return"]
    done = run(here.path, "--read-only", "-c", f"migrate-to {there.path}")

    assert done.returncode == 1
    assert "is refused: this session is read-only" in done.stderr
    assert there.oracle.qmp("query-migrate-capabilities")["return"] == before
    assert (state(here), state(there)) == ("running", "inmigrate")


def test_a_session_asks(start: Start) -> None:
    """It says what will happen; what does not fit is said instead."""
    here, there = start(*GUEST), start(*GUEST, *WAITS)
    other = start(*GUEST, *WAITS, "-m", "64")
    terminal = Terminal(here.path, columns=200)
    try:
        terminal.wait_prompt("(qemu) ")
        terminal.type(f"migrate-to {other.path}\r")
        terminal.wait_for("the memory is 256 MiB here and 64 MiB there")
        terminal.wait_prompt("(qemu) ")
        terminal.type(f"migrate-to {there.path}\r")
        terminal.wait_for(f"the guest with 256 MiB of memory moves to {there.path}, QEMU")
        terminal.wait_for("[y/N]")
        assert migration(there) == "none"
        terminal.type("y\r")
        terminal.wait_for("moved: ")
        terminal.wait_prompt("(qemu postmigrate) ")
    finally:
        terminal.close()

    assert (state(here), state(there)) == ("postmigrate", "running")


Pair = tuple[RunningQemu, RunningQemu]


def test_the_other_one_dies(pair: Pair) -> None:
    """The guest goes on here."""
    here, there = pair
    hmp = moving(here, there)
    there.process.kill()
    status, errors = ended(hmp)

    assert status == 1
    assert "the guest stays here" in errors
    wait_for(here, state, "running")


def test_this_one_dies(pair: Pair) -> None:
    """What has not moved is lost, and that is said."""
    here, there = pair
    hmp = moving(here, there)
    here.process.kill()
    status, errors = ended(hmp)

    assert status == 3
    assert "which runs nowhere" in errors


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_hmp_dies(pair: Pair, number: signal.Signals) -> None:
    """The migration goes on without it."""
    here, there = pair
    hmp = moving(here, there)
    hmp.send_signal(number)
    status, errors = ended(hmp)
    here.oracle.qmp("migrate-set-parameters", **FAST)
    wait_for(here, state, "postmigrate")

    assert state(there) == "running"
    if number == signal.SIGINT:
        assert status == 130
        assert "migrate_cancel" in errors


def test_it_is_cancelled(pair: Pair) -> None:
    """As by another client: the guest goes on here."""
    here, there = pair
    hmp = moving(here, there)
    here.oracle.qmp("migrate_cancel")
    status, errors = ended(hmp)

    assert status == 1
    assert "the guest stays here" in errors
    assert state(here) == "running"


def test_the_other_one_hangs(pair: Pair) -> None:
    """It can be cancelled then, and the guest goes on here."""
    here, there = pair
    hmp = moving(here, there)
    os.kill(there.process.pid, signal.SIGSTOP)
    here.oracle.qmp("migrate-set-parameters", **FAST)
    time.sleep(0.2)
    here.oracle.qmp("migrate_cancel")
    os.kill(there.process.pid, signal.SIGCONT)
    ended(hmp)

    running = [state(here)]
    if there.process.poll() is None:
        running.append(state(there))
    assert running.count("running") == 1


@pytest.mark.skipif(not os.environ.get("HMP_TEST_LONG"), reason="takes a minute")
@pytest.mark.parametrize("victim", ["here", "there"])
def test_deaths_at_any_time(start: Start, victim: str) -> None:
    """Never do both run, and one does if it can."""
    found: list[Any] = []
    for step in range(25):
        here, there = start(*GUEST), start(*GUEST, *WAITS)
        here.oracle.qmp("migrate-set-parameters", **FAST)
        hmp = moving_soon(here, there)
        time.sleep(step * 0.004)
        dead, alive = (here, there) if victim == "here" else (there, here)
        dead.process.kill()
        dead.process.wait()
        status, errors = ended(hmp)
        left = left_of(alive)
        found.append((status, left, errors))
        if victim == "there":
            # it has taken over before its death, or the guest is here
            assert left in ("running", "postmigrate"), errors
        else:
            assert left in ("running", "gone", "inmigrate"), errors
    assert len({left for _, left, _ in found}) > 1, found


@pytest.mark.skipif(not os.environ.get("HMP_TEST_LONG"), reason="takes a minute")
@pytest.mark.parametrize("what", ["here", "there", "hmp", "end of hmp", "connection"])
def test_pauses_and_cuts_at_any_time(start: Start, what: str) -> None:
    """One of them runs in the end, whoever stood still meanwhile, or was cut off."""
    for step in range(12):
        here, there = start(*GUEST), start(*GUEST, *WAITS)
        here.oracle.qmp("migrate-set-parameters", **{"max-bandwidth": 4_000_000})
        hmp = moving_soon(here, there)
        time.sleep(step * 0.03)
        if what == "connection":
            here.oracle.qmp("yank", instances=[{"type": "migration"}])
        elif what == "end of hmp":
            hmp.kill()
        else:
            pids = {"here": here.process.pid, "there": there.process.pid, "hmp": hmp.pid}
            os.kill(pids[what], signal.SIGSTOP)
            time.sleep(0.5)
            os.kill(pids[what], signal.SIGCONT)
        _, errors = ended(hmp)
        end = time.monotonic() + LIMIT
        while [state(here), state(there)].count("running") != 1:
            assert time.monotonic() < end, (state(here), state(there), errors)
            time.sleep(0.05)


def left_of(machine: RunningQemu) -> str:
    """Return a machine's run state, or that it is gone."""
    try:
        return state(machine)
    except (OSError, ValueError):
        return "gone"


def moving_soon(here: RunningQemu, there: RunningQemu) -> subprocess.Popen[str]:
    """Start to move the guest, and return hmp when the other machine listens."""
    started = subprocess.Popen(
        [*HMP, here.path, "-c", f"migrate-to {there.path}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    end = time.monotonic() + LIMIT
    while migration(here) == "none":
        assert time.monotonic() < end
    return started
