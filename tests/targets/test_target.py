from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hmp.qmp.errors import ConnectError, NotYetError
from hmp.targets.target import listening_process, peer_process, retry
from tests.program import refusing, run


def test_what_may_come_is_tried_again() -> None:
    """Until it is there."""
    outcomes: list[Exception | int] = [NotYetError("a"), NotYetError("b"), 7]

    def attempt() -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert retry(attempt, 60) == 7
    assert outcomes == []


@pytest.mark.parametrize(
    ("error", "seconds", "least", "most"),
    [
        (NotYetError("x"), None, 1, 1),
        (NotYetError("x"), 0.2, 2, 5),
        (ConnectError("x"), 60, 1, 1),
        (KeyError("x"), 60, 1, 1),
    ],
)
def test_patience_has_an_end(
    error: Exception, seconds: float | None, least: int, most: int
) -> None:
    """Without it, and for what waiting does not change, at once."""
    tried = 0

    def attempt() -> None:
        nonlocal tried
        tried += 1
        raise error

    with pytest.raises(type(error)):
        retry(attempt, seconds)
    assert least <= tried <= most


@pytest.mark.parametrize("target", ["/nonexistent/qmp", "no-such-machine", "127.0.0.1:{}"])
def test_the_program_says_what_it_waited_for(target: str) -> None:
    """In one line, and the status is that of a machine which cannot be reached."""
    with refusing() as port:
        target = target.format(port)
        done = run("--wait", "0.2", "-c", "info name", target)

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith(f"hmp: cannot connect to {target}: ")
    assert done.stderr.count("\n") == 1


def test_who_is_at_the_other_end(tmp_path: Path) -> None:
    """The process that called listen(), if it is another one, by the kernel's word."""
    path = str(tmp_path / "socket")
    listen = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]);"
        " s.listen(); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", listen, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            assert peer_process(client) == listening_process(client) == process.pid
        process.stdin.close()
    one, other = socket.socketpair()
    with one, other:
        assert (peer_process(one), listening_process(one)) == (os.getpid(), 0)
    with socket.socket() as client:
        assert (peer_process(client), listening_process(client)) == (0, 0)
