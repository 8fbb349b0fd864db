"""QEMU's late reply to a client that gave up, which comes to whichever is there then."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hmp.frontends.script import drive
from hmp.qmp.errors import QMPError
from tests.fakes import FakeServer, Peer
from tests.program import HMP, LIMIT, ROOT, run
from tests.qemu.conftest import Session
from tests.qemu.machines import Oracle, RunningQemu

pytestmark = pytest.mark.skipif(shutil.which("qemu-img") is None, reason="no qemu-img")

UUID = "00000000-0000-0000-0000-000000000000"
RESIZE = f"qmp block_resize node-name=slow size={1 << 40}"
"""Takes seconds: the image must say of each cluster where it is."""


@pytest.fixture
def busy(qemu_command: list[str], tmp_path: Path) -> Iterator[RunningQemu]:
    """A QEMU with a command under way, of a client that gave up."""
    image, data = tmp_path / "image", tmp_path / "data"
    options = ["-f", "qcow2", "-o", f"data_file={data},data_file_raw=on"]
    subprocess.run(["qemu-img", "create", "-q", *options, image, "1M"], check=True)
    qemu = RunningQemu(
        qemu_command,
        [
            "-M",
            "none",
            "-nodefaults",
            "-name",
            "vm7",
            "-blockdev",
            f"file,node-name=image,filename={image}",
            "-blockdev",
            f"file,node-name=data,filename={data}",
            "-blockdev",
            "qcow2,node-name=slow,file=image,data-file=data",
        ],
    )
    try:
        gave_up = run("--timeout", "0.4", "-c", RESIZE, qemu.path)
        assert gave_up.stderr == "Error: no reply to 'block_resize' within 0.4 s\n"
        assert gave_up.returncode == 1
        yield qemu
    finally:
        qemu.close()


def test_the_next_client_gets_its_own_replies(busy: RunningQemu) -> None:
    """The late reply comes before any of them; until it does, the wait is explained."""
    refused = run("--timeout", "0.4", "-c", "info name", busy.path)
    lines = [part for line in ("name", "status", "uuid") for part in ("-c", f"info {line}")]
    served = run("--wait", "50", *lines, busy.path)

    assert refused.returncode == 3
    assert (
        "it greets but does not answer yet; it is still working on a command"
        in refused.stderr
    )
    assert "holds" not in refused.stderr
    assert served.stdout == f"vm7\nVM status: running\n{UUID}\n"
    assert served.returncode == 0


def test_a_request_that_qemu_cannot_read_is_an_error(bare: Session) -> None:
    """Its error has no id; those of other requests are their own."""
    with pytest.raises(QMPError, match="is not a valid Unicode character"):
        drive(bare.connection.execute("qom-get", path="\ud800", property="x"))
    assert drive(bare.connection.execute("query-uuid")) == {"UUID": UUID}


def test_many_clients_at_once_are_all_served(qemu_command: list[str]) -> None:
    """Each in its turn, though QEMU serves one at a time and lets two queue."""
    qemu = RunningQemu(qemu_command, ["-M", "none", "-nodefaults", "-name", "vm7"])
    command = [*HMP, "--timeout", "30", "-c", "info name", qemu.path]
    try:
        clients = [
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(16)
        ]
        printed = [client.communicate(timeout=LIMIT)[0] for client in clients]
    finally:
        qemu.close()

    assert printed == [b"vm7\n"] * 16


def test_the_oracle_takes_its_own_replies() -> None:
    """A late one comes even before the greeting, from a QEMU that starts."""

    def script(peer: Peer) -> None:
        peer.send({"return": {}}, {"return": {}, "id": "hmp-0"})
        peer.negotiate()
        peer.send({"return": []}, {"error": {}, "id": "hmp-1"})
        peer.serve({"query-name": {"name": "vm"}})

    with FakeServer(script) as server, closing(Oracle(server.path)) as oracle:
        assert "QMP" in oracle.greeting
        assert oracle.qmp("query-name") == {"return": {"name": "vm"}}
        assert oracle.qmp("nope")["error"]["class"] == "CommandNotFound"
