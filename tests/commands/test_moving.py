"""``migrate-to``, where the other machine is not what it should be."""

from __future__ import annotations

from tests.fakes import FakeServer, Peer, serving
from tests.program import run

HERE = {
    "query-status": {"status": "running", "running": True},
    "query-name": {"name": "vm"},
}


def leaving(peer: Peer) -> None:
    """Greet, and go when asked."""
    peer.negotiate()
    peer.read()


def test_the_other_machine_goes_away() -> None:
    """That is an error of the line: this machine is still there."""
    with serving(HERE) as here, FakeServer(leaving) as there:
        lines = ("-c", f"migrate-to {there.path}", "-c", "info name")
        done = run("-y", *lines, here.path)

    assert (done.returncode, done.stdout) == (1, "vm\n")
    assert done.stderr.startswith(f"Error: {there.path} has gone: ")
    assert done.stderr.count("\n") == 1
