"""A script that takes long moves to a private monitor."""

from __future__ import annotations

import os
import subprocess
import threading

from hmp.cli.script_move import ScriptMove
from hmp.monitor.monitor import Monitor
from hmp.targets.socket_target import SocketTarget
from tests.fakes import LIMIT, tables
from tests.program import HMP, ROOT
from tests.targets.offering import OfferingServer


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start hmp with a pipe to write lines into."""
    return subprocess.Popen(
        [*HMP, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )


def version_of(script: subprocess.Popen[bytes]) -> str:
    """Ask for the version, and return the package, which is the monitor's name."""
    assert script.stdin is not None
    assert script.stdout is not None
    script.stdin.write(b"qmp query-version\n")
    script.stdin.flush()
    return script.stdout.readline().decode()


def test_a_script_that_waits_for_its_lines_moves() -> None:
    """While it is idle, so that no line takes longer."""
    with OfferingServer() as server, start(server.path, "-o", "json") as script:
        assert server.offered.wait(LIMIT)
        told = version_of(script)
        (name,) = server.created
        assert name in told
        script.communicate(timeout=LIMIT)
        assert server.closed.wait(LIMIT)


def test_unless_it_should_hold_the_socket() -> None:
    """With --hold."""
    with OfferingServer() as server, start(server.path, "-o", "json", "--hold") as script:
        assert '"main"' in version_of(script)
        assert server.created == []
        script.communicate(timeout=LIMIT)


def test_it_does_not_hold_the_monitor_until_its_next_line() -> None:
    """It moves at once, even if that line comes soon after."""
    begin, end = os.pipe()
    stdin = os.dup(0)
    line = threading.Timer(0.9, os.write, (end, b"\n"))
    with OfferingServer() as server:
        monitor = Monitor(SocketTarget(server.path).open(timeout=LIMIT), tables())
        os.dup2(begin, 0)
        line.start()
        try:
            ScriptMove(monitor, lambda: None).before_wait()
        finally:
            os.dup2(stdin, 0)
            line.cancel()
        assert len(server.created) == 1
        monitor.connection.close()
    for descriptor in (begin, end, stdin):
        os.close(descriptor)
