"""Long work on a real QEMU: waited for until its real end, on a terminal with a bar."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from subprocess import PIPE
from time import monotonic
from typing import Any

import pytest

from tests.fakes import LIMIT
from tests.program import HMP, ROOT, run
from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal

PROMPT = "(qemu vm prelaunch) "
MACHINE = (
    "-M q35 -m 128 -S -name vm -nodefaults"
    " -object throttle-group,id=slow,x-bps-total=1048576"
    " -drive if=none,id=slow,driver=throttle,throttle-group=slow,file.driver=raw"
    ",read-only=on,file.file.driver=file,file.file.filename=data"
    " -drive if=none,id=d0,file=disk.qcow2,format=qcow2"
)


def make_files(folder: Path) -> Path:
    """Make an image over another that has data, and what no data can be written to."""
    (folder / "data").write_bytes(os.urandom(16 << 20))
    (folder / "rules").write_text('[inject-error]\nevent = "write_aio"\nerrno = "28"\n')
    for command in (
        "qemu-img convert -O qcow2 data base.qcow2",
        "qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 disk.qcow2",
        "qemu-img create -q -f raw full.img 16M",
    ):
        subprocess.run(shlex.split(command), check=True, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the images that the machines find where they run."""
    return make_files(tmp_path_factory.mktemp("files"))


@pytest.fixture
def qemu(qemu_command: list[str], files: Path) -> Iterator[RunningQemu]:
    """A machine of this test's own."""
    machine = RunningQemu(qemu_command, shlex.split(MACHINE), files)
    yield machine
    machine.close()


@pytest.fixture
def session(qemu: RunningQemu) -> Iterator[Terminal]:
    """A session on it, at its prompt, that asks before nothing."""
    terminal = Terminal("--no-reconnect", "--yes", qemu.path, columns=120)
    terminal.wait_prompt(PROMPT)
    yield terminal
    terminal.close()


def wait_for_bar(session: Terminal, what: str) -> None:
    """Wait until a bar shows that something has begun, and is not done."""
    bar = rf"^{what}.* █+░+ +[1-9]\d?%$"
    session.wait(lambda: bool(re.search(bar, session.text, re.MULTILINE)), bar)


def shown(session: Terminal, text: str, begin: int = 0) -> bool:
    """Return whether a text has been written since some byte, wherever it is now."""
    return text.encode() in session.raw[begin:]


def jobs(qemu: RunningQemu) -> list[tuple[str, str]]:
    """Return the jobs that QEMU has, with their states."""
    return [(j["id"], j["status"]) for j in qemu.oracle.qmp("query-jobs")["return"]]


def ask(qemu: RunningQemu, command: str, **arguments: Any) -> Any:
    """Have QEMU do something beside the session."""
    return qemu.oracle.qmp(command, **arguments)["return"]


def hurry(qemu: RunningQemu) -> None:
    """Limit what is slow no longer."""
    limits = {"bps-total": 0}
    ask(qemu, "qom-set", path="/objects/slow", property="limits", value=limits)


def lift_speed(qemu: RunningQemu) -> None:
    """Limit the speed of the job no longer."""
    ask(qemu, "block-job-set-speed", device="d0", speed=0)


SLOW = (
    'json:{"driver":"throttle","throttle-group":"slow"'
    ',"file":{"driver":"file","filename":"full.img"}}'
)
"""An image that can be written slowly."""

READY = [("slow", "ready")]
JOBS: dict[str, tuple[str, Callable[[RunningQemu], None], list[tuple[str, str]]]] = {
    "block_stream d0 512k": ("block_stream d0", lift_speed, []),
    f"drive_backup -n -f d0 {SLOW}": ("drive_backup d0", hurry, []),
    "drive_mirror -f slow copy.qcow2 qcow2": ("drive_mirror slow", hurry, READY),
}
"""By line what the bar says, what makes an end of it, and the jobs that stay."""


@pytest.mark.parametrize("line", JOBS, ids=lambda line: line.split()[0])
def test_a_job_has_a_bar_until_it_is_done(
    qemu: RunningQemu, session: Terminal, line: str
) -> None:
    """The prompt comes back when it has come to its end; then the bar is gone."""
    what, quicken, left = JOBS[line]
    session.type(f"{line}\r")
    wait_for_bar(session, what)
    quicken(qemu)

    session.wait_prompt(PROMPT)

    assert jobs(qemu) == left
    assert "█" not in session.text
    assert "Error" not in session.text


def test_ctrl_c_leaves_a_job_running(qemu: RunningQemu, session: Terminal) -> None:
    """It says so, and how to end it; that does."""
    session.type("block_stream d0 512k\r")
    wait_for_bar(session, "block_stream d0")

    session.interrupt()

    session.wait_for("block_stream d0 continues ('block_job_cancel d0' cancels it)")
    session.wait_prompt(PROMPT)
    assert jobs(qemu) == [("d0", "running")]
    assert "░" not in session.text
    session.type("block_job_cancel d0\r")
    session.wait_for("BLOCK_JOB_CANCELLED")
    assert jobs(qemu) == []


def test_a_job_that_somebody_cancels_has_failed(
    qemu: RunningQemu, session: Terminal
) -> None:
    """What was asked for is not there."""
    session.type("block_stream d0 512k\r")
    wait_for_bar(session, "block_stream d0")

    ask(qemu, "block-job-cancel", device="d0")

    session.wait_for("Error: the job was cancelled")
    session.wait_prompt(PROMPT)


def test_a_dump_has_a_bar(qemu: RunningQemu, session: Terminal) -> None:
    """A pipe takes what is read from it; Ctrl-C says that nothing ends a dump."""
    os.mkfifo(qemu.folder / "dump")
    reader = os.open(qemu.folder / "dump", os.O_RDONLY | os.O_NONBLOCK)
    session.type("dump-guest-memory dump 0 0x4000000\r")
    session.wait_for("dump ░")
    session.interrupt()
    session.wait_for("the dump continues (it cannot be cancelled)")
    session.wait_prompt(PROMPT)
    assert ask(qemu, "query-dump")["status"] == "active"
    os.close(reader)


def test_snapshots_of_the_machine_are_waited_for(
    qemu: RunningQemu, session: Terminal
) -> None:
    """QEMU tells nothing while it writes or reads one; the line says what goes on."""
    for line in ("savevm one", "loadvm one", "delvm one"):
        before = len(session.raw)
        session.type(f"{line}\r")
        session.wait(partial(shown, session, f"\r\x1b[K{line} …", before))
        session.wait(lambda: bool(re.fullmatch(r"\(qemu vm [a-z]+\)", session.row)))
        assert jobs(qemu) == []
    assert "Error" not in session.text
    assert "There is no snapshot" in qemu.oracle.hmp("info snapshots")


def test_a_commit_is_waited_for(session: Terminal) -> None:
    """It holds QEMU up; the line says what goes on."""
    session.type("commit d0\r")
    session.wait(partial(shown, session, "\r\x1b[Kcommit d0 …"))
    session.wait_prompt(PROMPT)
    assert "Error" not in session.text


def test_a_migration_has_a_bar(
    qemu_command: list[str], qemu: RunningQemu, session: Terminal, files: Path
) -> None:
    """Ctrl-C leaves it alone; to be waited for again it needs no more than a look."""
    target = RunningQemu(qemu_command, shlex.split(f"{MACHINE} -incoming unix:in"), files)
    try:
        ask(qemu, "migrate-set-parameters", **{"max-bandwidth": 100_000})
        session.type(f"migrate unix:{target.folder}/in\r")
        session.wait(lambda: bool(re.search("^migration: .* left .*░", session.text, re.M)))
        session.interrupt()
        session.wait_for("the migration continues ('migrate_cancel' cancels it)")
        session.wait_prompt(PROMPT)
        assert ask(qemu, "query-migrate")["status"] == "active"
    finally:
        target.close()


SCRIPTS = {
    "savevm one": "",
    "commit d0": "",
    "dump-guest-memory /dev/null": "",
    "block_stream nope": "Error: Cannot find device='nope' nor node-name='nope'\n",
    "loadvm nope": "Error: Snapshot 'nope' does not exist in one or more devices\n",
}
"""Lines that are waited for, and what they print."""


@pytest.mark.parametrize("line", SCRIPTS)
def test_a_script_waits_in_silence(qemu: RunningQemu, line: str) -> None:
    """When it goes on, all is done; what failed has failed."""
    result = run("-c", line, qemu.path)

    assert (result.stdout, result.stderr) == ("", SCRIPTS[line])
    assert result.returncode == bool(SCRIPTS[line])
    assert jobs(qemu) == []
    assert ask(qemu, "query-dump")["status"] in ("none", "completed")


def test_a_script_that_asks_not_to_wait(qemu: RunningQemu) -> None:
    """-d is the command's own word for that."""
    os.mkfifo(qemu.folder / "dump")
    reader = os.open(qemu.folder / "dump", os.O_RDONLY | os.O_NONBLOCK)
    result = run("-c", "dump-guest-memory -d dump 0 0x4000000", qemu.path)

    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    assert ask(qemu, "query-dump")["status"] == "active"
    os.close(reader)


def test_a_script_that_is_interrupted_says_what_goes_on(qemu: RunningQemu) -> None:
    """And how to end it; the job is left alone."""
    ask(qemu, "block-stream", device="d0", speed=1 << 19, **{"job-id": "d0"})
    session = Terminal("-c", "info name", "-c", "wait job d0", qemu.path)
    session.wait_for("vm")
    session.interrupt()

    assert session.wait_end() == 130
    assert "job d0 continues ('block_job_cancel d0' cancels it)" in session.text
    assert jobs(qemu) == [("d0", "running")]
    session.close()


SLOWLY = (
    "block_stream d0 512k",
    f"drive_backup -n -f d0 {SLOW}",
    "drive_mirror -n -f slow full.img raw",
)
"""Lines that start a job which QEMU's own monitor does not wait for."""


@pytest.mark.parametrize("line", SLOWLY, ids=lambda line: line.split()[0])
def test_a_script_starts_a_job_and_goes_on(qemu: RunningQemu, line: str) -> None:
    """It looks at the job, waits no longer than it wants, ends it, and knows it did.

    What is already being written is waited for, so the disk is fast from then on.
    """
    name = "slow" if "drive_mirror" in line else "d0"
    lines = (line, "info block-jobs", f"wait job {name} --timeout 0.2")
    more = (f"block_job_cancel -f {name}", "info status", f"wait job {name}")
    script = "".join(f"{line}\n" for line in (*lines, *more, "info block-jobs"))
    with subprocess.Popen(
        [*HMP, qemu.path], cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True
    ) as hmp:
        assert hmp.stdin is not None
        assert hmp.stdout is not None
        assert hmp.stderr is not None
        hmp.stdin.write(script)
        hmp.stdin.close()
        job, state = hmp.stdout.readline(), hmp.stdout.readline()
        hurry(qemu)
        rest, errors = hmp.stdout.read(), hmp.stderr.read()

    assert job.startswith(("Streaming device d0: ", f"Type {line[6:12]}, device {name}"))
    assert (state, rest) == ("VM status: paused (prelaunch)\n", "No active jobs\n")
    assert errors == (
        f"Error: no end within 0.2 s; job {name} continues ('block_job_cancel {name}'"
        " cancels it)\nError: the job was cancelled\n"
    )


def test_a_job_that_ended_before_it_was_waited_for(qemu: RunningQemu) -> None:
    """How it went is known all the same."""
    lines = ("block_stream d0", "info name", "info name", "wait job d0")
    result = run("-e", *[w for line in lines for w in ("-c", line)], qemu.path)
    assert (result.stdout, result.stderr, result.returncode) == ("vm\nvm\n", "", 0)

    backup = "drive_backup -n -f d0 blkdebug:rules:full.img raw"
    result = run("-c", backup, "-c", "info name", "-c", "wait job d0", qemu.path)
    assert result.stderr == "Error: No space left on device\n"


def test_a_job_that_its_owner_wants_to_end(qemu: RunningQemu) -> None:
    """It is finalized and dismissed by nobody else."""
    manual = "auto-finalize=false auto-dismiss=false"
    lines = (f"qmp block-stream device=d0 job-id=j {manual}", "wait job j")
    result = run(*[w for line in lines for w in ("-c", line)], qemu.path)
    assert (
        result.stderr == "Error: the job is pending; 'qmp job-finalize id=j' finishes it\n"
    )
    assert jobs(qemu) == [("j", "pending")]

    result = run("-e", "-c", "qmp job-finalize id=j", "-c", "wait job j", qemu.path)
    assert (result.stderr, result.returncode) == ("", 0)
    assert jobs(qemu) == [("j", "concluded")]


def test_a_snapshot_cleans_up_behind_a_script_that_has_left(qemu: RunningQemu) -> None:
    """A job of ours that was left behind is dismissed by the next one."""
    ask(qemu, "snapshot-delete", tag="none", devices=[], **{"job-id": "hmp-0"})
    end = monotonic() + LIMIT
    while jobs(qemu) != [("hmp-0", "concluded")]:
        assert monotonic() < end

    assert run("-c", "savevm one", qemu.path).returncode == 0
    assert jobs(qemu) == []
