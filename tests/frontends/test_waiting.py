"""Lines of scripts that follow or wait, in the program itself."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.commands.test_snapshots import disks, node
from tests.fakes import FakeServer, Message, Peer
from tests.program import HMP, LIMIT, ROOT, run
from tests.terminal.machine import ScriptedMachine

EVENTS = [
    {"event": "STOP", "timestamp": {"seconds": -1, "microseconds": 0}},
    {"event": "RESUME", "data": {"a": {"b": [1]}}, "timestamp": {"seconds": -1}},
]
TEXT = ["--:--:-- STOP", "--:--:-- RESUME  a={b=[1]}"]


class Sender:
    """A machine that sends an event when it is told to."""

    def __init__(self) -> None:
        self.peer: Peer | None = None

    def serve(self, peer: Peer) -> None:
        """Send the first event, and wait for the client to go."""
        peer.negotiate()
        peer.send(EVENTS[0])
        self.peer = peer
        peer.read()

    def send(self) -> None:
        """Send the second one."""
        assert self.peer is not None
        self.peer.send(EVENTS[1])


@contextmanager
def following(
    *options: str, command: str = ""
) -> Iterator[tuple[Sender, subprocess.Popen[str]]]:
    """Run a script that follows events, with a shell command behind it if one is given."""
    sender = Sender()
    with FakeServer(sender.serve) as server:
        line = shlex.join([*HMP, *options, "-c", "events -f", server.path])
        process = subprocess.Popen(
            f"{line} {command}" if command else f"exec {line}",
            shell=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        try:
            yield sender, process
        finally:
            process.kill()
            process.wait()
            reader(process).close()


def reader(process: subprocess.Popen[str]) -> IO[str]:
    """Return where the output of a process is read."""
    assert process.stdout is not None
    return process.stdout


@pytest.mark.parametrize("style", ["text", "json"])
def test_events_are_written_as_they_come(style: str) -> None:
    """Each is there before the next one comes, and all when a signal ends it."""
    wanted = [json.dumps(event) for event in EVENTS] if style == "json" else TEXT
    with following("-o", style) as (sender, process):
        out = reader(process)
        assert out.readline().rstrip() == wanted[0]
        sender.send()
        assert out.readline().rstrip() == wanted[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT) == -signal.SIGTERM
        assert out.read() == ""


def test_events_that_a_query_narrows() -> None:
    """As it does the value of a command."""
    with following("--query", "event") as (_, process):
        assert reader(process).readline() == '"STOP"\n'


def test_a_reader_that_has_enough_ends_it() -> None:
    """Also when no other event comes."""
    with following(command="| head -n 1") as (_, process):
        assert reader(process).read() == f"{TEXT[0]}\n"
        assert process.wait(LIMIT) == 0


def test_the_limit_of_the_program_ends_it() -> None:
    """It bounds all that waits; what was asked for is there."""
    with following("--timeout", "0.5") as (_, process):
        assert reader(process).read() == f"{TEXT[0]}\n"
        assert process.wait(LIMIT) == 0


@pytest.mark.parametrize("line", ["wait NEVER", "wait NEVER a=b"])
def test_the_limit_of_the_program_ends_a_wait(line: str) -> None:
    """On the embedded machine, too."""
    result = run("--timeout", "0.2", "-c", line)

    assert (result.stdout, result.returncode) == ("", 1)
    assert result.stderr == f"Error: no {line[5:]} within 0.2 s\n"


SOURCED = """info name
nope
hello-world behind
"""


@pytest.fixture
def sourced(tmp_path: Path) -> Path:
    """A folder with a file that has a line that fails, and one that runs it."""
    (tmp_path / "inner").write_text(SOURCED)
    (tmp_path / "outer").write_text(f"source {tmp_path}/inner\nhello-world outer\n")
    return tmp_path


@pytest.mark.parametrize("way", ["-c", "standard input"])
@pytest.mark.parametrize("name", ["inner", "outer"])
def test_a_sourced_file_stops_at_the_first_failure(
    sourced: Path, name: str, way: str
) -> None:
    """With -e, however deep it is."""
    lines = [f"source {sourced}/{name}", "hello-world last"]
    options = [word for line in lines for word in ("-c", line)] if way == "-c" else []
    script = "".join(f"{line}\n" for line in lines)
    stopped, whole = run("-e", *options, script=script), run(*options, script=script)

    assert stopped.stdout == ""
    assert "'nope'" in stopped.stderr
    assert whole.stdout.split() == ["behind", *["outer"][name == "inner" :], "last"]
    assert (stopped.returncode, whole.returncode) == (1, 1)


@pytest.mark.parametrize("seconds", [0.6, 1e9])
@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize("tells", [False, True])
def test_a_job_that_a_script_gave_up(
    tmp_path: Path, seconds: float, others: int, tells: bool
) -> None:
    """It is dismissed if it ends within a moment; else a line says how that is done."""
    begun: list[float] = []
    dismissals: list[Message] = []

    def begin(arguments: Message) -> Message:
        begun.append(time.monotonic())
        return {}

    def jobs(arguments: Message) -> list[Message]:
        over = begun and time.monotonic() - begun[0] > seconds
        if dismissals or not begun:
            return []
        if over and tells:
            machine.send("JOB_STATUS_CHANGE", id="hmp-0", status="concluded")
        job = {"id": "hmp-0", "type": "snapshot-save"}
        return [{**job, "status": "concluded" if over else "running"}]

    def dismiss(arguments: Message) -> Message:
        dismissals.append(arguments)
        return {}

    answers = {**disks(node("n0")).machine.answers, "job-dismiss": dismiss}
    answers |= {"snapshot-save": begin, "query-jobs": jobs}
    with ScriptedMachine(answers) as machine:
        more = ["./nosuch"] * others  # of a set as of one machine
        done = run("-y", "--timeout", "0.3", *more, machine.path, "-c", "savevm one")

    said = [line for line in done.stderr.splitlines() if "savevm one" in line]
    assert "no end within 0.3 s; savevm one continues" in said[0]
    assert bool(dismissals) != bool(said[1:])
    for line in said[1:]:
        assert line.endswith(
            "hmp: savevm one continues; when it has ended, 'qmp job-dismiss id=hmp-0'"
            " removes its job, as the next job of hmp does"
        )
    assert bool(said[1:]) == (seconds > 1)
