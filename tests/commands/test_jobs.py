from __future__ import annotations

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message, qmp_calls

RUNNING = {"name": "human-monitor-command"}


def test_a_script_goes_on_at_once() -> None:
    """As with QEMU's own monitor; it asks nothing about the job."""
    for line in ("block_stream d0", "drive_mirror d0 f", "drive_backup d0 f"):
        calls = qmp_calls(line, {"query-commands": [RUNNING]})
        names = {name for name, _ in calls}
        assert line.split()[0].replace("_", "-") in names
        assert "query-jobs" not in names


def backing_up(*looks: list[Message]) -> FakeSession:
    """Return a machine with drives d0 and d1, and these jobs, look by look."""
    states = iter(looks)
    return FakeSession(
        {
            "drive-backup": {},
            "query-commands": [RUNNING],
            "query-block": [{"device": "d0"}, {"device": "d1"}],
            "query-block-jobs": lambda args: next(states, looks[-1]),
        }
    )


@pytest.mark.parametrize("drive", ["d0", "node"])
def test_a_backup_waits_for_the_job_before(drive: str) -> None:
    """QEMU dies of a second one that begins as the first one ends."""
    found = backing_up([{"device": "d0", "type": "backup"}], [])

    assert found.prints(f"drive_backup {drive} f") == ""
    assert [name for name, _ in found.calls][-1] == "drive-backup"


def test_a_backup_beside_a_job_that_stays() -> None:
    """It is refused as QEMU does it, and not sent; other drives are free."""
    found = backing_up([{"device": "d0", "type": "mirror"}])

    assert found.prints("drive_backup d0 f") == (
        "Error: Node 'd0' is busy: block device is in use by block job: mirror\n"
    )
    assert "drive-backup" not in [name for name, _ in found.calls]
    assert found.prints("drive_backup d1 f") == ""


def test_a_session_waits_for_the_end() -> None:
    """And tells a failure."""
    entry = {"id": "d0", "type": "stream", "current-progress": 0, "total-progress": 1}
    looks = iter(
        [
            [{**entry, "status": "running"}],
            [{**entry, "status": "concluded", "error": "no space"}],
        ]
    )
    session = FakeSession({"block-stream": {}, "query-jobs": lambda args: next(looks)})
    session.monitor.front.interactive = True

    assert session.prints("block_stream d0") == "Error: no space\n"


def started(line: str, *, daemon: bool = False) -> tuple[str, Message]:
    """Return how a job is started by a line; it has ended when one looks."""
    commands = [] if daemon else [RUNNING]
    calls = qmp_calls(line, {"query-jobs": [], "query-commands": commands})
    return next(call for call in calls if not call[0].startswith("query-"))


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("block_stream d0", {}),
        ("block_stream d0 1", {"speed": 1 << 20}),
        ("block_stream d0 0 base.img", {"speed": 0, "base": "base.img"}),
    ],
)
def test_block_stream(line: str, arguments: Message) -> None:
    """The job is called like the device; a speed is in MiB unless it says otherwise."""
    assert started(line) == (
        "block-stream",
        {"job-id": "d0", "device": "d0", "on-error": "report", **arguments},
    )


@pytest.mark.parametrize(
    ("flags", "words", "members"),
    [
        ("", "", {"sync": "top", "mode": "absolute-paths"}),
        ("-n ", "", {"sync": "top", "mode": "existing"}),
        ("-f ", " raw", {"sync": "full", "mode": "absolute-paths", "format": "raw"}),
        ("-n -f ", "", {"sync": "full", "mode": "existing"}),
    ],
)
def test_copies(flags: str, words: str, members: Message) -> None:
    """Mirrors and backups take the same flags."""
    copy = {"device": "d0", "target": "f", **members}

    assert started(f"drive_backup {flags}d0 f{words}") == ("drive-backup", copy)
    assert started(f"drive_mirror {flags}d0 f{words}") == (
        "drive-mirror",
        {**copy, "unmap": True},
    )


def test_a_compressed_backup() -> None:
    """Only a backup can be."""
    assert started("drive_backup -c d0 f")[1]["compress"] is True


def test_copies_in_a_storage_daemon() -> None:
    """It has no devices that jobs could be called after."""
    assert started("drive_mirror n0 f", daemon=True)[1]["job-id"] == "n0"


def test_an_image_that_is_in_use() -> None:
    """QEMU's monitor asks for the one who uses it; QMP does not."""
    error = QMPError('Failed to get "write" lock')
    session = FakeSession(
        {"drive-backup": error, "query-commands": [RUNNING], "query-block-jobs": []}
    )

    assert session.prints("drive_backup d0 /tmp/f") == (
        'Error: Failed to get "write" lock\nIs another process using the image [/tmp/f]?\n'
    )


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("block_job_set_speed j 1", "block-job-set-speed", {"speed": 1 << 20}),
        ("block_job_set_speed j 5b", "block-job-set-speed", {"speed": 5}),
        ("block_job_cancel j", "block-job-cancel", {}),
        ("block_job_cancel -f j", "block-job-cancel", {"force": True}),
        ("block_job_complete j", "block-job-complete", {}),
        ("block_job_pause j", "block-job-pause", {}),
        ("block_job_resume j", "block-job-resume", {}),
    ],
)
def test_control(line: str, command: str, arguments: Message) -> None:
    """One QMP command each."""
    assert qmp_calls(line) == [(command, {"device": "j", **arguments})]


def test_a_mirror_says_what_to_do_now() -> None:
    """It has only begun when it is ready."""
    answers = {"query-jobs": [], "query-commands": [RUNNING], "drive-mirror": {}}
    session = FakeSession(answers)
    session.monitor.front.interactive = True
    looks = session.looks("drive_mirror d0 f")

    assert "'block_job_complete d0' switches over to it" in looks
