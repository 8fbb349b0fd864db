from __future__ import annotations

from typing import Any

import pytest

from hmp.frontends.script import drive
from hmp.monitor.preconfig import waits
from hmp.qmp.errors import MachineGoneError, QMPError
from tests.fakes import FakeSession

TOO_EARLY = "not available until machine initialization has completed.\n"


def refused(command: str) -> QMPError:
    """Return what QMP says of a command before there is a machine."""
    end = "is permitted only after machine initialization has completed"
    return QMPError(f"The command '{command}' {end}")


def session(answers: dict[str, Any] | None = None, **how: Any) -> FakeSession:
    """Return a monitor of a QEMU with -preconfig."""
    names = ("query-migrate", "human-monitor-command", "cont", "query-cryptodev")
    early = {name: refused(name) for name in (*names, "x-query-virtio")}
    commands = [{"name": "human-monitor-command"}, {"name": "query-block"}]
    answers = {**early, "query-commands": commands, **(answers or {})}
    found = FakeSession(answers, **how)
    found.monitor.initialised = False
    return found


@pytest.mark.parametrize(
    "line",
    [
        "cont",
        "x 0",
        "x",
        "  info   block",
        "print 1",
        "print",
        "drive_del d0",
        "info block",
        "info block -n",
        "drive_add -n 0 driver=null-co,node-name=a",
    ],
)
def test_what_needs_a_machine(line: str) -> None:
    """Nothing is done, and what is wrong with the line doesn't matter yet."""
    found = session({"query-block": [], "blockdev-add": {}, "blockdev-del": {}})
    words = line.split(" -")[0].split(" driver")[0].split(" 0")[0].split(" 1")[0]
    command = words.removesuffix(" d0")

    assert found.prints(line) == f"Command '{command}' {TOO_EARLY}"
    assert {name for name, _ in found.calls} <= {
        "query-migrate",
        "cont",
        "human-monitor-command",
        "query-commands",
    }


@pytest.mark.parametrize("line", ["nope", "nope x", "info nope", "hello-world"])
def test_an_unknown_command(line: str) -> None:
    """It is said without QEMU's monitor, which cannot be asked."""
    command = line.removesuffix(" x")

    assert session().prints(line) == f"unknown command: '{command}'\n"


def test_what_is_done_before_there_is_a_machine() -> None:
    """As QEMU's monitor does it; there is nothing to be found yet."""
    found = session({"query-status": {"status": "prelaunch", "running": False}})

    assert found.prints("info status") == "VM status: paused (prelaunch)\n"
    assert found.prints("info cryptodev") == ""
    assert found.prints("info virtio") == "Error: No virtio devices found\n"
    old = session(version=(7, 2, 0))
    assert old.prints("info virtio") == "No VirtIO devices\n"


def test_help_knows_what_can_be_done() -> None:
    """Other commands are unknown to it."""
    found = session()

    listed = [line.split()[0] for line in found.prints("help").splitlines()]
    assert "exit_preconfig" in listed
    assert "info" in listed
    assert "cont|c" not in listed
    assert found.prints("help cont") == "unknown command: 'cont'\n"
    assert found.prints("help info block") == "unknown command: 'info block'\n"
    assert found.prints("help qom-list").startswith("qom-list ")
    assert [line.split()[1] for line in found.prints("info").splitlines()][:1] == [
        "chardev"
    ]


def test_a_made_machine_is_asked_once() -> None:
    """And never again."""
    found = session({"query-migrate": {}, "query-block": []})

    assert found.prints("info block") == found.prints("info block") == ""
    assert [name for name, _ in found.calls].count("query-migrate") == 1


def test_a_machine_without_a_monitor_is_not_asked() -> None:
    """It has no such state."""
    found = session({"query-block": []}, has_hmp=False)

    assert found.prints("info block") == ""
    assert "query-migrate" not in [name for name, _ in found.calls]


EARLY = (
    "block_job_cancel block_job_complete block_job_pause block_job_resume"
    " block_job_set_speed block_resize block_set_io_throttle block_stream clear closefd"
    " exit_preconfig getfd help info nbd_server_add nbd_server_remove nbd_server_start"
    " nbd_server_stop netdev_add netdev_del object_add object_del qom-get qom-list"
    " qom-set quit"
)
EARLY_INFO = (
    "chardev cryptodev history hotpluggable-cpus iothreads memdev name qom-tree status uuid"
    " version virtio virtio-queue-element virtio-queue-status virtio-status"
    " virtio-vhost-queue-status"
)


def test_the_commands_that_qemu_has_in_this_state() -> None:
    """By the help of 7.2 to 11.1, and no others."""
    found = session()

    lines = [line.split() for line in found.prints("help").splitlines()]
    assert " ".join(sorted(words[0].split("|")[0] for words in lines)) == EARLY
    lines = [line.split() for line in found.prints("info").splitlines()]
    assert " ".join(words[1].split("|")[0] for words in lines) == EARLY_INFO


@pytest.mark.parametrize(
    "line",
    [
        "change d0 f",
        "commit d0",
        "delvm x",
        "drive_add 0 if=none",
        "drive_backup d0 f",
        "drive_del d0",
        "drive_mirror d0 f",
        "eject d0",
        "info block",
        "info block-jobs",
        "info blockstats",
        "info pci",
        "info sev",
        "info snapshots",
        "info tpm",
        "mouse_move 1 1",
        "print 1",
        "snapshot_blkdev d0 f",
        "snapshot_blkdev_internal d0 x",
        "snapshot_delete_blkdev_internal d0 x",
    ],
)
def test_what_qmp_would_do_too_early(line: str) -> None:
    """Nothing of it is sent."""
    found = session()
    found.machine.otherwise = {}
    name = " ".join(line.split()[: 2 if line.startswith("info") else 1])

    assert found.prints(line) == f"Command '{name}' {TOO_EARLY}"
    assert {name for name, _ in found.calls} <= {"query-migrate"}
    call = found.call(line)
    assert call.hint == "'exit_preconfig' creates the machine."


VIRTIO = "Error: Path x is not a"


@pytest.mark.parametrize(
    ("line", "version", "printed"),
    [
        ("closefd f", (10, 0, 0), "Error: File descriptor named 'f' not found\n"),
        ("getfd f", (10, 0, 0), "Error: No file descriptor supplied via SCM_RIGHTS\n"),
        ("info virtio-queue-element x 0", (10, 0, 0), f"{VIRTIO} VirtIO device\n"),
        ("info virtio-queue-status x 0", (10, 0, 0), f"{VIRTIO} VirtIODevice\n"),
        ("info virtio-vhost-queue-status x 0", (10, 0, 0), f"{VIRTIO} VirtIODevice\n"),
        ("info virtio-status x", (10, 0, 0), f"{VIRTIO} realized VirtIODevice\n"),
        ("info virtio-status x", (7, 2, 0), f"{VIRTIO} VirtIODevice\n"),
    ],
)
def test_what_qmp_refuses_and_qemu_does_in_this_state(
    line: str, version: tuple[int, int, int], printed: str
) -> None:
    """There is nothing yet that it could show."""
    found = session(version=version)
    for name in (
        "closefd",
        "getfd",
        *(f"x-query-virtio-{word}" for word in VIRTIO_QUERIES),
    ):
        found.machine.answers[name] = refused(name)

    assert found.prints(line) == printed


VIRTIO_QUERIES = ("queue-element", "queue-status", "vhost-queue-status", "status")


@pytest.mark.parametrize(
    ("answer", "early", "known"),
    [
        (refused("query-migrate"), True, False),
        ({}, False, True),
        (QMPError("another reason"), False, True),
        (MachineGoneError("gone"), False, False),
    ],
)
def test_whether_a_machine_is_there_yet(answer: Any, early: bool, known: bool) -> None:
    """It is asked until it is; one that has gone has not said."""
    found = session({"query-migrate": answer})
    found.monitor.initialised = False

    assert drive(waits(found.monitor)) is early
    assert found.monitor.initialised is known
