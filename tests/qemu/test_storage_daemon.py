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
from typing import Any

import pytest

from completions.defaults import KINDS
from hmp.builtin import load_tables
from hmp.completion.candidates import complete
from hmp.frontends.script import drive
from hmp.monitor.kinds import Kind, Word
from hmp.monitor.monitor import Monitor
from hmp.qmp.blocking import BlockingConnection
from hmp.targets.socket_target import SocketTarget
from tests.fakes import LIMIT
from tests.qemu.machines import qemus


def daemons() -> dict[str, list[str]]:
    """Return the command of the storage daemon beside each QEMU, by the QEMU's label."""
    found = {}
    for label, command in qemus().items():
        for index, word in enumerate(command):
            path = Path(shutil.which(word) or word)
            daemon = path.with_name("qemu-storage-daemon")
            if path.name.startswith("qemu-system-") and daemon.exists():
                found[label] = [*command[:index], str(daemon)]
    return found


MISSING = pytest.param(
    [], id="none", marks=pytest.mark.skip("no qemu-storage-daemon beside a QEMU")
)
DAEMONS = [pytest.param(command, id=label) for label, command in daemons().items()]


class Session:
    """Our monitor on a storage daemon."""

    def __init__(self, connection: BlockingConnection) -> None:
        self.monitor = Monitor(connection, load_tables())

    def prints(self, line: str) -> str:
        """Return what a line prints, result or error."""
        call = drive(self.monitor.run(line))
        assert call is not None
        return call.error_text() if call.error is not None else call.text()

    def words(self, line: str) -> set[str]:
        """Return what completes the end of a line."""

        def look(kind: Kind, context: str) -> list[Word]:
            found: Any = (
                kind.fetch(self.monitor.connection, context) if kind.fetch else None
            )
            return [*kind.words, *(drive(found) if found is not None else ())]

        found = complete(line, self.monitor.commands, look, KINDS)
        return {candidate.text.strip() for candidate in found}


@pytest.fixture(scope="module", params=DAEMONS or [MISSING])
def daemon(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A daemon with a block node of nothing."""
    folder = Path(tempfile.mkdtemp(prefix="hmpd"))
    options = (
        "--blockdev null-co,node-name=n0,size=1048576,read-zeroes=on"
        f" --chardev socket,id=c0,path={folder}/qmp,server=on,wait=off"
        f" --monitor chardev=c0 --pidfile {folder}/pid --daemonize"
    )
    # it goes into the background when it listens
    command = [*request.param, *shlex.split(options)]
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


WORK = (
    ("info block -n", "n0: "),
    ("info block", "n0: "),
    ("info block n0", "n0: "),
    ("info exports", "No exports\n"),
    ("info blockstats", ""),
    ("info block-jobs", "No active jobs\n"),
    ("info chardev", "c0: filename=unix:"),
    ("drive_add -n 0 driver=null-co,node-name=n1", ""),
    ("drive_del n1", ""),
    ("object_add iothread,id=io0", ""),
    ("info qom-tree /objects/io0", "/"),
    ("object_del io0", ""),
    ("nbd_server_start unix:nbd", ""),
    ("nbd_server_add n0", ""),
    ("info exports", "n0: nbd, node n0\n"),
    ("nbd_server_remove n0", ""),
    ("block-export-add nbd,id=e0,node-name=n0,name=disk,writable=off", ""),
    (
        "block-export-add type=vhost-user-blk,id=e1,node-name=n0,addr.type=unix"
        ",addr.path=vhost",
        "",
    ),
    ("info exports", "e1: vhost-user-blk, node n0\ne0: nbd, node n0\n"),
    ("block-export-del -f e1", ""),
    ("block-export-del e0", ""),
    ("nbd_server_stop", ""),
    ("print /d 1+1", "2\n"),
)
"""Lines of block nodes, exports, objects and character devices, in their order, and the
beginnings of what they print; "" is nothing."""


def test_what_it_can_do(daemon: Session) -> None:
    """As a machine does it."""
    printed = [daemon.prints(line) for line, _ in WORK]

    wrong = [
        (line, found)
        for found, (line, text) in zip(printed, WORK, strict=True)
        if not found.startswith(text) or (found and not text)
    ]
    assert wrong == []


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
            "block-export-add nbd,id=e9",
            "Error: Parameter 'node-name' is missing\n",
        ),
        (
            "block-export-add nope,id=e9,node-name=n0",
            "Error: Parameter 'type' does not accept value 'nope'\n",
        ),
        ("block-export-del e9", "Error: Export 'e9' is not found\n"),
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


def test_plain_help_tells_them_apart(daemon: Session) -> None:
    """In text as well, where a QEMU's help is that of its own monitor."""
    daemon.monitor.front.detailed = False
    lines = daemon.prints("help").splitlines()
    missing = {line.split()[0] for line in lines if "(not here: " in line}

    assert {"stop|s", "commit", "info"} & missing == {"stop|s", "commit"}
    assert "x" in missing
    assert "block_resize" not in missing
    assert daemon.prints("help stop") == (
        "stop|s  -- pause the machine (not here: it lacks stop)\n"
    )


def test_exports_are_completed(daemon: Session) -> None:
    """Types, options, nodes and values of a new one; the ids of those that exist."""
    assert daemon.prints("nbd_server_start unix:nbd2") == ""
    assert daemon.prints("block-export-add nbd,id=words,node-name=n0") == ""
    assert "words" in daemon.words("block-export-del ")
    assert {"nbd", "vhost-user-blk"} <= daemon.words("block-export-add ")
    assert {"id=", "node-name=", "writable="} <= daemon.words("block-export-add nbd,")
    assert "n0" in daemon.words("block-export-add nbd,node-name=")
    assert daemon.words("block-export-add nbd,writable=") == {"on", "off"}
    assert daemon.prints("block-export-del words") == ""
    assert daemon.prints("nbd_server_stop") == ""
