"""qemu-io on drives, of which some commands end QEMU."""

from __future__ import annotations

import json

import pytest

from tests.fakes import FakeSession

EMPTY = {
    "device": "cd0",
    "qdev": "/machine/peripheral/cd/inner",
    "type": "unknown",
    "removable": True,
    "locked": False,
}
FULL = {
    **EMPTY,
    "device": "hd0",
    "qdev": "hd",
    "inserted": {"file": "x", "drv": "raw", "ro": False},
}


@pytest.mark.parametrize("text", ["info", "i", "alloc 0 512", "reopen -r", "  info"])
@pytest.mark.parametrize(
    ("device", "crashes"),
    [("cd0", True), ("-d cd", True), ("hd0", False), ("-d hd", False), ("node", False)],
)
def test_an_empty_drive(text: str, device: str, crashes: bool) -> None:
    """Each of these ended a real QEMU of 7.2, 10.0 and 11.1; a node is never empty."""
    typed = f'qemu-io {device} "{text}"'
    raw = "qmp human-monitor-command " + json.dumps({"command-line": typed})
    for line in (typed, raw):
        session = FakeSession(
            {
                "query-block": [EMPTY, FULL],
                "human-monitor-command": "",
                "query-qmp-schema": [],
            }
        )
        printed = session.prints(line)

        sent = "human-monitor-command" in {name for name, _ in session.calls}
        assert sent is not crashes
        assert ("QEMU would crash" in printed) is crashes


@pytest.mark.parametrize("text", ["read 0 512", "length", "infos", "flush", "map"])
def test_other_commands_need_no_medium(text: str) -> None:
    """QEMU says so itself."""
    session = FakeSession({"human-monitor-command": "No medium found\r\n"})

    assert session.prints(f'qemu-io cd0 "{text}"') == "No medium found\n"


@pytest.mark.parametrize(
    "options",
    [
        "driver=null-co,size=-1",
        "format=null-co,size=1e3",
        "driver=null-aio,latency-ns=1k",
        "driver=null-co,read-zeroes=maybe",
        "driver=raw,file.driver=null-co,file.size=-1",
        "file=null-co://,file.size=-1",
        "file=null-aio://,file.latency-ns=x,format=raw",
    ],
)
def test_a_drive_of_which_qemu_dies(options: str) -> None:
    """As a node of the same options; QEMU's monitor gets neither."""
    session = FakeSession({"human-monitor-command": "OK\r\n"})

    assert session.prints(f"drive_add 0 if=none,id=d0,{options}")
    assert session.calls == []


@pytest.mark.parametrize(
    "options", ["driver=null-co,size=1M,read-zeroes=on", "file=x,size=-1", "a=1,a.b=2"]
)
def test_other_drives_are_qemus(options: str) -> None:
    """It has the words for what is wrong."""
    session = FakeSession({"human-monitor-command": "OK\r\n"})

    assert session.prints(f"drive_add 0 if=none,id=d0,{options}") == "OK\n"
