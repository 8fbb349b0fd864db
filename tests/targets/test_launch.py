from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import ConnectError, MachineGoneError, QMPError
from hmp.targets.launch import Launched, StartError, launch
from tests.fakes import FAKE_QEMU
from tests.targets.test_guard import alive

QEMU = [sys.executable, str(FAKE_QEMU)]
NAME = os.path.basename(sys.executable)


@contextmanager
def launched(*behaviours: str, **options: Any) -> Iterator[Launched]:
    """Start a fake QEMU, and see that it is no longer there afterwards."""
    connection = launch([*QEMU, *behaviours], **options)
    try:
        yield connection
    finally:
        connection.close()
    assert connection.process.returncode is not None


def name_of(connection: Launched) -> Any:
    """Return what the machine calls itself."""
    return drive(connection.execute("query-name"))


def test_a_qemu_is_started_and_ends_with_us() -> None:
    """It is asked to quit, so that it ends in its own way."""
    with launched() as connection:
        assert connection.version == (9, 1, 0)
        assert name_of(connection) == {"name": "fake"}
        assert connection.process.poll() is None

    assert connection.process.returncode == 0
    assert connection.socket.fileno() == -1


def test_a_program_without_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after ``2>&-``; it ended with an internal error."""
    monkeypatch.setattr(sys, "stderr", None)
    with launched("say=hello") as connection:
        assert name_of(connection) == {"name": "fake"}


def test_closing_twice_does_no_harm() -> None:
    """Neither does closing one that has been told to quit."""
    with launched() as connection:
        drive(connection.execute("quit"))
        connection.close()

    assert connection.process.returncode == 0


def test_a_forked_process_leaves_it_to_us() -> None:
    """It may close its copy of the connection, as at the end of a block."""
    with launched() as connection:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                connection.close()
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        assert name_of(connection) == {"name": "fake"}


def test_its_errors_are_answers() -> None:
    """As on any connection."""
    with launched() as connection, pytest.raises(QMPError, match="no nope"):
        drive(connection.execute("nope"))


def test_two_do_not_meet() -> None:
    """Each has a socket pair of its own, and its own end."""
    with launched() as first, launched("die-on=query-status") as second:
        with pytest.raises(MachineGoneError, match="ended with exit status 7"):
            drive(second.execute("query-status"))
        assert name_of(first) == {"name": "fake"}


def test_its_output_goes_to_standard_error_and_its_input_is_empty(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Both of ours belong to the monitor."""
    with launched("say=hello", "ask"):
        pass
    out, err = capfd.readouterr()

    assert out == ""
    assert err == "hello\n''\n"


def test_a_program_that_is_not_there() -> None:
    """It is named as it was typed."""
    with pytest.raises(ConnectError) as caught:
        launch(["/nonexistent/qemu", "-S"])

    assert str(caught.value) == (
        "cannot start /nonexistent/qemu: No such file or directory"
    )


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("exit=0", "ended with exit status 0"),
        ("exit=1", "ended with exit status 1"),
        (f"kill={int(signal.SIGKILL)}", "was killed by SIGKILL"),
        (f"kill={int(signal.SIGABRT)}", "was killed by SIGABRT"),
        (f"kill={int(signal.SIGRTMIN) + 3}", f"signal {int(signal.SIGRTMIN) + 3}"),
    ],
)
def test_a_qemu_that_ends_before_it_greets(behaviour: str, message: str) -> None:
    """The error says how."""
    with pytest.raises(ConnectError) as caught:
        launch([*QEMU, behaviour])

    assert str(caught.value).startswith(f"{NAME} ")
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("qemu: -foo: invalid option\n", "qemu: -foo: invalid option"),
        (f"{NAME}: no machine\nUse -M help to list them\n", "no machine"),
        ("q: bad\nq: warning: slow\nq: info: waiting\n", "q: bad"),
        ("half a line", "half a line"),
        ("q: disk '\x1b[2J\x9b' \n\n", r"q: disk '\x1b[2J\x9b'"),
        ("q: -object secret,id=s,data=hunter2: bad\n", "q: -object secret,id=s,data=***"),
        ("", ""),
    ],
)
def test_the_reason_of_a_qemu_that_does_not_start(
    capfd: pytest.CaptureFixture[str], written: str, reason: str
) -> None:
    """The last complaint is part of the error; all of it is on standard error as it was."""
    with pytest.raises(StartError) as caught:
        launch([*QEMU, f"complain={written}", "exit=1"])

    ending = f"{NAME} ended with exit status 1"
    assert str(caught.value) == (f"{ending}: {reason}" if reason else ending)
    assert capfd.readouterr().err == written


def test_what_it_complains_of_while_it_runs(capfd: pytest.CaptureFixture[str]) -> None:
    """Bytes that are no text arrive as they are, and the last ones before close returns."""
    with launched("complain=\udcff 1\n", "say=done"):
        pass

    assert sorted(capfd.readouterr().err.splitlines()) == ["done", "\ufffd 1"]


def test_a_program_that_speaks_something_else() -> None:
    """It is made to end."""
    text = "import os, sys; os.write(int(sys.argv[-3].split('=')[-1]), b'hi\\n')"
    text += "; import signal; signal.pause()"

    with pytest.raises(ConnectError, match="does not speak QMP: not a QMP message: 'hi'"):
        launch([sys.executable, "-c", text])


@pytest.mark.parametrize(("timeout", "wait"), [(None, 0.3), (0.3, None), (60, 0.3)])
def test_how_long_it_may_take_to_start(timeout: float | None, wait: float | None) -> None:
    """As --wait says, or else --timeout."""
    with pytest.raises(ConnectError, match=r"did not answer within 0\.3 s"):
        launch(
            [sys.executable, "-c", "import signal; signal.pause()"],
            timeout=timeout,
            wait=wait,
        )


def test_a_qemu_that_ends_in_the_middle_of_a_command() -> None:
    """The command's error says how; so does that of the next."""
    with launched("die-on=query-status") as connection:
        for _ in range(2):
            with pytest.raises(
                MachineGoneError, match=f"^{NAME} ended with exit status 7$"
            ):
                drive(connection.execute("query-status"))


@pytest.mark.parametrize(
    ("behaviours", "status"),
    [(["no-quit"], -signal.SIGTERM), (["no-quit", "no-term"], -signal.SIGKILL)],
)
def test_a_qemu_that_does_not_want_to_end(behaviours: list[str], status: int) -> None:
    """It is made to, by ever stronger means."""
    begun = time.monotonic()
    with launched(*behaviours, end_limit=0.1) as connection:
        assert name_of(connection) == {"name": "fake"}

    assert connection.process.returncode == status
    assert time.monotonic() - begun < 5


def test_an_interrupt_at_our_terminal_is_not_for_it() -> None:
    """It is in a process group of its own."""
    with launched() as connection:
        assert os.getpgid(connection.process.pid) == connection.process.pid
        assert os.getpgid(0) != connection.process.pid


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot")
def test_it_ends_even_when_we_are_killed(tmp_path: Path) -> None:
    """The kernel tells it."""
    pid = tmp_path / "pid"
    program = (
        "import sys, os, signal; from hmp.targets.launch import launch;"
        "connection = launch(sys.argv[1:]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", program, *QEMU, f"pid={pid}", "no-quit"]
    assert subprocess.run(command, timeout=20).returncode == -signal.SIGKILL
    number = int(pid.read_text())

    deadline = time.monotonic() + 10
    while alive(number):
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.005)
