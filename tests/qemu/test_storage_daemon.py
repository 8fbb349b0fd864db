"""A storage daemon: QMP without a machine, and without a monitor of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from hmp.builtin import load_tables
from hmp.frontends.script import drive
from hmp.monitor.monitor import Monitor
from hmp.qmp.blocking import BlockingConnection
from hmp.targets.socket_target import SocketTarget
from tests.fakes import LIMIT

pytestmark = pytest.mark.qemu

DAEMON = shutil.which("qemu-storage-daemon")


class Session:
    """Our monitor on a storage daemon."""

    def __init__(self, connection: BlockingConnection) -> None:
        self.monitor = Monitor(connection, load_tables())

    def prints(self, line: str) -> str:
        """Return what a line prints, result or error."""
        call = drive(self.monitor.run(line))
        assert call is not None
        return call.error_text() if call.error is not None else call.text()


@pytest.fixture(scope="module")
def daemon() -> Iterator[Session]:
    """A daemon with a block node of nothing."""
    if DAEMON is None:
        pytest.skip("no qemu-storage-daemon: install qemu-system-common")
    folder = Path(tempfile.mkdtemp(prefix="hmpd"))
    options = (
        "--blockdev null-co,node-name=n0,size=1048576,read-zeroes=on"
        f" --chardev socket,id=c0,path={folder}/qmp,server=on,wait=off"
        f" --monitor chardev=c0 --pidfile {folder}/pid --daemonize"
    )
    # it goes into the background when it listens
    command = [DAEMON, *shlex.split(options)]
    subprocess.run(command, check=True, timeout=60, cwd=folder)
    connection = SocketTarget(str(folder / "qmp")).open_qmp(timeout=60)
    yield Session(connection)
    connection.close()
    _end(folder / "pid")
    shutil.rmtree(folder)


def _end(pidfile: Path) -> None:
    """End the daemon, which removes its sockets, and at last its pidfile."""
    os.kill(int(pidfile.read_text()), signal.SIGTERM)
    deadline = monotonic() + LIMIT
    while pidfile.exists():
        assert monotonic() < deadline, "the storage daemon does not end"
        sleep(0.01)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("info block -n", "n0: "),
        ("info blockstats", ""),
        ("info block-jobs", "No active jobs\n"),
        ("info chardev", "c0: filename=unix:"),
        ("drive_add -n 0 driver=null-co,node-name=n1", ""),
        ("drive_del n1", ""),
        ("object_add iothread,id=io0", ""),
        ("info qom-tree /objects", "/objects (container)\n  /io0 (iothread)\n"),
        ("object_del io0", ""),
        ("nbd_server_start unix:nbd", ""),
        ("nbd_server_add n0", ""),
        ("nbd_server_remove n0", ""),
        ("nbd_server_stop", ""),
        ("print /d 1+1", "2\n"),
    ],
)
def test_what_it_can_do(daemon: Session, line: str, text: str) -> None:
    """Commands of block nodes, exports, objects and character devices."""
    printed = daemon.prints(line)

    assert printed.startswith(text)
    assert text or not printed


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "info status",
            "Error: this machine has no QMP command 'query-status', which this needs\n",
        ),
        ("stop", "Error: this machine has no QMP command 'stop', which this needs\n"),
        ("info registers", "Error: 'info registers' needs the monitor of a real QEMU\n"),
        ("x 0", "Error: 'x' needs the monitor of a real QEMU\n"),
        ("commit n0", "Error: 'commit' needs the monitor of a real QEMU\n"),
        ("nope", "unknown command: 'nope'\n"),
        ("info nope", "unknown command: 'info nope'\n"),
        (
            "print $pc",
            'unknown register\nTry "help print" for more information\n',
        ),
    ],
)
def test_what_it_cannot_do(daemon: Session, line: str, text: str) -> None:
    """The error says what is missing."""
    assert daemon.prints(line) == text


def test_help_tells_them_apart(daemon: Session) -> None:
    """By what it answers to query-commands."""
    daemon.monitor.front.detailed = True
    call = drive(daemon.monitor.run("help"))
    assert call is not None
    missing = {
        t["name"]: t["unavailable"] for t in call.value["commands"] if "unavailable" in t
    }

    assert missing["stop"] == "it lacks stop"
    assert missing["commit"] == "it has no QEMU monitor"
    assert not missing.keys() & {"block_resize", "drive_add", "object_add", "print", "help"}
