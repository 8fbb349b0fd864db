"""``drive_add -n``: block nodes from option lists, and the words of the block layer."""

from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message

ADDED = "drive_add -n 0 "


def without_monitor(answer: Any) -> FakeSession:
    """Return a machine that only takes QMP, as a storage daemon does."""
    return FakeSession({"blockdev-add": answer}, has_hmp=False)


def sent(options: str) -> Message:
    """Return the node that is added."""
    session = without_monitor({})
    assert session.prints(f"{ADDED}{options}") == ""
    ((command, arguments),) = [c for c in session.calls if c[0] == "blockdev-add"]
    assert command == "blockdev-add"
    return arguments


@pytest.mark.parametrize(
    ("options", "members"),
    [
        ("driver=null-co,node-name=n", {"driver": "null-co", "node-name": "n"}),
        ("driver=x,node-name=n,a.b=c", {"driver": "x", "node-name": "n", "a": {"b": "c"}}),
        (
            "driver=x,node-name=n,discard=on,file.discard=off,l.0.discard=unmap",
            {
                "driver": "x",
                "node-name": "n",
                "discard": "unmap",
                "file": {"discard": "ignore"},
                "l": [{"discard": "unmap"}],
            },
        ),
        ("driver=x,node-name=n,node-name=m", {"driver": "x", "node-name": "m"}),
    ],
)
def test_options_become_members(options: str, members: Message) -> None:
    """Dotted names are objects, and old words are new ones."""
    assert sent(options) == members


PROTOCOLS = (
    "blkdebug blkverify file ftp ftps gluster host_cdrom host_device http https iscsi nbd"
    " nfs null-aio null-co nvme rbd ssh vvfat"
)


@pytest.mark.parametrize(
    ("driver", "words"),
    [
        *(
            (driver, f"Block protocol '{driver}' doesn't support the option 'x'")
            for driver in PROTOCOLS.split(" ")
        ),
        ("qcow2", "Block format 'qcow2' does not support the option 'x'"),
        ("raw", "Block format 'raw' does not support the option 'x'"),
    ],
)
def test_an_unknown_option_of_a_driver(driver: str, words: str) -> None:
    """In the words of the block layer, wherever the node stands."""
    refused = QMPError("Parameter 'x' is unexpected")
    session = without_monitor(refused)
    assert session.prints(f"{ADDED}driver={driver},node-name=n,x=1") == f"Error: {words}\n"

    inner = without_monitor(QMPError("Parameter 'file.x' is unexpected"))
    line = f"{ADDED}driver=z,node-name=n,file.driver={driver},file.x=1"
    assert inner.prints(line) == f"Error: {words}\n"


@pytest.mark.parametrize(
    ("options", "desc", "printed"),
    [
        (
            "driver=y,node-name=n",
            "Parameter 'driver' does not accept value 'y'",
            "Unknown driver 'y'",
        ),
        (
            "driver=y,node-name=n,file.driver=z",
            "Parameter 'file.driver' does not accept value 'z'",
            "Unknown driver 'z'",
        ),
        (
            "driver=raw,node-name=n",
            "Parameter 'file.a.x' is unexpected",
            "Parameter 'file.a.x' is unexpected",
        ),
        ("driver=raw,node-name=n", "another", "another"),
    ],
)
def test_other_errors(options: str, desc: str, printed: str) -> None:
    """Those that the block layer words as QMP does stay as they are."""
    session = without_monitor(QMPError(desc))

    assert session.prints(f"{ADDED}{options}") == f"Error: {printed}\n"


def test_a_lock_has_the_hint_of_qemus_monitor() -> None:
    """It names the file of the innermost node."""
    session = without_monitor(QMPError('Failed to get "write" lock'))
    options = "driver=qcow2,node-name=n,file.driver=file,file.filename=/in,filename=/out"

    assert session.prints(f"{ADDED}{options}") == (
        'Error: Failed to get "write" lock\nIs another process using the image [/in]?\n'
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("driver=null-co", "'node-name' needs to be specified"),
        ("driver=null-co,node-name=n,size=x", "Parameter 'size' expects "),
        ("driver=null-aio,node-name=n,latency-ns=x", "Parameter 'latency-ns' expects "),
        ("driver=null-co,node-name=n,read-zeroes=x", "Parameter 'read-zeroes' expects "),
        (
            "driver=y,node-name=n,l.0.driver=null-co,l.0.size=x",
            "Parameter 'size' expects ",
        ),
    ],
)
def test_what_is_refused_here(options: str, reason: str) -> None:
    """QEMU would crash of some; nothing is sent."""
    session = without_monitor({})

    assert session.prints(f"{ADDED}{options}").startswith(f"Error: {reason}")
    assert session.calls == []


@pytest.mark.parametrize("version", [(7, 2, 0), (10, 2, 2)])
def test_older_releases_do_not_call_it_an_error(
    version: tuple[int, int, int],
) -> None:
    """Newer ones do."""
    session = FakeSession({"blockdev-add": {}}, version=version)
    begin = "" if version < (9, 0, 0) else "Error: "

    assert session.prints(f"{ADDED}driver=null-co") == (
        f"{begin}'node-name' needs to be specified\n"
    )


@pytest.mark.parametrize(
    "options", ["node-name=n,filename=f", "driver=x,node-name=n,a=1,a.b=2"]
)
def test_what_only_qemu_can_read(options: str) -> None:
    """A driver to be guessed, and keys that contradict each other."""
    line = f"{ADDED}{options}"
    session = FakeSession({"blockdev-add": {}}, {line: "as QEMU says\n"})

    session.prints(line)
    assert session.machine.typed == [line]
