"""What a command starts ends with us, however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hmp.targets.guard import GuardedCommand, start
from tests.fakes import FAKE_QEMU, LIMIT
from tests.program import HMP, ROOT

linux = pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot")

QEMU = f"{sys.executable} {FAKE_QEMU}"
WRAPPER = ["sh", "-c", f'{QEMU} pid=PID "$@"; exit $?', "sh"]
DAEMON = [
    sys.executable,
    "-c",
    "import os, subprocess, sys\n"
    "if os.fork(): os._exit(0)\n"
    "os.setsid()\n"
    "if os.fork(): os._exit(0)\n"
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])",
    str(FAKE_QEMU),
    "pid=PID",
]
HELPER = ["sh", "-c", f'sleep 1000 & echo $! >PID; exec {QEMU} "$@"', "sh"]
COMMANDS = {"wrapper": WRAPPER, "daemon": DAEMON, "helper": HELPER}


def alive(pid: int) -> bool:
    """Return whether a process is there and not only waits to be looked after."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Look again and again."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.005)


class Started:
    """hmp with a command that it has started, in its session on a pipe."""

    def __init__(self, command: list[str], folder: Path) -> None:
        path = folder / "pid"
        argv = [word.replace("PID", str(path)) for word in command]
        self.hmp = subprocess.Popen(
            [*HMP, "-f", "-", "--", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        assert self.hmp.stdin is not None
        assert self.hmp.stdout is not None
        self.hmp.stdin.write(b"info name\n")
        self.hmp.stdin.flush()
        assert self.hmp.stdout.readline() == b"fake\n"
        self.pid = int(path.read_text())
        assert alive(self.pid)


@pytest.fixture(params=sorted(COMMANDS))
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Started]:
    """Something that starts more than the QEMU, or leaves it behind."""
    begun = Started(COMMANDS[request.param], tmp_path)
    yield begun
    begun.hmp.kill()
    begun.hmp.communicate()
    if alive(begun.pid):
        os.kill(begun.pid, signal.SIGKILL)
        pytest.fail("what was started has been left behind")


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("stopped", [False, True])
def test_all_ends_when_a_signal_ends_us(
    started: Started, number: signal.Signals, stopped: bool
) -> None:
    """Also what is stopped, and what nobody can ignore."""
    if stopped:
        os.kill(started.pid, signal.SIGSTOP)
    started.hmp.send_signal(number)

    wait_until(lambda: not alive(started.pid), "its end")


@linux
def test_all_ends_when_we_end(started: Started) -> None:
    """In good order."""
    assert started.hmp.communicate(b"quit\n", timeout=LIMIT) == (b"", b"")

    assert started.hmp.returncode == 0
    assert not alive(started.pid)


@linux
def test_quit_does_not_wait_for_ever_on_a_qemu_that_is_stopped(tmp_path: Path) -> None:
    """It is made to end, and the session ends well."""
    started = Started(WRAPPER, tmp_path)
    os.kill(started.pid, signal.SIGSTOP)
    started.hmp.communicate(b"quit\n", timeout=LIMIT)

    assert started.hmp.returncode == 0
    assert not alive(started.pid)


@linux
def test_one_that_ignores_what_it_is_asked() -> None:
    """It is killed after the limit."""
    started = start(GuardedCommand(["sh", "-c", "trap '' TERM; sleep 1000"]), 0.1)
    started.end(0.1)

    assert started.returncode == -signal.SIGKILL
    assert not alive(started.pid)


def test_how_it_ended() -> None:
    """As subprocess says it; and again."""
    for script, status in (("exit 3", 3), ("kill -9 $$", -9), ("true", 0)):
        started = start(GuardedCommand(["sh", "-c", script]), 1.0)
        assert started.wait(LIMIT) == status
        assert started.poll() == status
        started.end(1.0)
        started.end(1.0)
        assert started.returncode == status


@pytest.mark.parametrize(
    ("argv", "kind"),
    [(["/nonexistent"], FileNotFoundError), (["/"], PermissionError), ([""], OSError)],
)
def test_a_command_that_cannot_be_started(argv: list[str], kind: type[OSError]) -> None:
    """The error is the system's."""
    with pytest.raises(kind):
        start(GuardedCommand(argv), 1.0)


def test_what_it_inherits(tmp_path: Path) -> None:
    """The descriptor and three streams, and no signal that is ignored or blocked."""
    out = tmp_path / "out"
    script = f"ls /proc/self/fd | wc -l >{out}; grep -E 'Sig(Blk|Ign)' /proc/self/status"
    script += f" >>{out}"
    read, write = os.pipe()
    started = start(GuardedCommand(["sh", "-c", script], keep=(write,)), 1.0)
    os.close(read)
    os.close(write)
    assert started.wait(LIMIT) == 0
    started.end(1.0)

    count, blocked, ignored = out.read_text().split("\n")[:3]
    assert int(count) <= 6
    assert int(blocked.split()[1], 16) == 0
    assert int(ignored.split()[1], 16) & 0x1000 == 0


def left_over() -> tuple[int, list[str]]:
    """Return the number of this process's descriptors, and its children."""
    if sys.platform != "linux":
        return 0, []
    tasks = Path("/proc/self/task").iterdir()
    children = " ".join((task / "children").read_text() for task in tasks).split()
    return len(os.listdir("/proc/self/fd")), sorted(children)


def test_no_descriptor_and_no_process_is_left() -> None:
    """However often something is started."""
    before = left_over()
    for _ in range(5):
        started = start(GuardedCommand(["true"]), 1.0)
        started.end(1.0)
        with pytest.raises(FileNotFoundError):
            start(GuardedCommand(["/nonexistent"]), 1.0)

    assert left_over() == before


def test_its_streams_and_its_folder(tmp_path: Path) -> None:
    """Any descriptors can be its streams, and the folder goes with the last process."""
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "socket").touch()
    read, write = os.pipe()
    told, tell = os.pipe()
    os.write(tell, b"word\n")
    script = "read x; echo out $x; echo err >&2"
    streams = (told, write, write)
    started = start(
        GuardedCommand(["sh", "-c", script], streams=streams, folder=str(folder)), 1.0
    )
    assert started.wait(LIMIT) == 0
    for fd in (told, tell, write):
        os.close(fd)
    with open(read, "rb") as file:
        assert file.read() == b"out word\nerr\n"
    started.end(1.0)
    assert not folder.exists()


def test_a_detached_command_has_no_terminal() -> None:
    """It cannot ask, even where we have a terminal."""
    started = start(GuardedCommand(["sh", "-c", ": </dev/tty"], detached=True), 1.0)

    assert started.wait(LIMIT)
    started.end(1.0)
