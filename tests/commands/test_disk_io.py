"""qemu-io on drives, of which some commands end QEMU."""

from __future__ import annotations

import json

import pytest

from hmp.language.words import as_argument
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


BAD = 'json:{"driver":"null-co","size":"-1"}'
IMAGE = "driver=blkdebug,x-image=" + BAD.replace(",", ",,")
WITHIN = "json:" + json.dumps({"driver": "blkdebug", "x-image": BAD})


@pytest.mark.parametrize(
    "name",
    [
        BAD,
        WITHIN,
        f"blkdebug::{BAD}",
        f"blkverify:/dev/null:{BAD}",
        "json:{'driver':'null-co','size':'-1'}",
        'json: {"driver":"nul\\u006c-aio","latency-ns":""}',
        'json:{"driver":"null-co","size":1.5}',
        'json:{"driver":"null-co","size":true}',
        'json:{"driver":"null-co","size":18446744073709551616}',
        'json:{"driver":"null-co","read-zeroes":3}',
        'json:{"driver":"raw","file.driver":"null-co","file.size":"1e3"}',
        'json:{"driver":"raw","file":{"driver":"null-co","size":"-1"}}',
        'json:{"driver":"quorum","vote-threshold":1,"children":[{"driver":"null-co","size":""}]}',
    ],
)
def test_a_file_name_of_which_qemu_dies(name: str) -> None:
    """Wherever it stands: each ended a real QEMU of 7.2, 10.0 and 11.1."""
    word = as_argument(name)
    options = as_argument("if=none,id=d1,file=" + name.replace(",", ",,"))
    raw = json.dumps({"device": "d", "target": name, "sync": "full"})
    lines = [
        f"change cd0 {word}",
        f"drive_mirror -n d {word}",
        f"drive_backup -n d {word}",
        f"snapshot_blkdev -n d {word}",
        f"drive_add 0 {options}",
        f"qmp drive-mirror {raw}",
    ]
    lines += [
        "qmp human-monitor-command " + json.dumps({"command-line": line})
        for line in lines[:-1]
    ]
    for line in lines:
        session = FakeSession({"query-block-jobs": [], "query-block": []})

        assert " would end QEMU; nothing was sent" in session.prints(line), line
        sent = {command for command, _ in session.calls}
        assert not sent - {"query-qmp-schema", "query-commands"}


@pytest.mark.parametrize(
    "line",
    [
        'change cd0 "json:{\\"size\\":\\"-1\\"}" null-co',
        'drive_add 0 "if=none,driver=null-co,file=json:{\\"size\\":\\"-1\\"}"',
        'drive_add 0 "if=none,size=-1,file=json:{\\"driver\\":\\"null-co\\"}"',
        f"drive_add 0 {as_argument(IMAGE)}",
        "drive_add 0 driver=null-co,size=-1,a=1,a.b=2",
        "drive_add -n 0 node-name=x,driver=null-co,size=-1,a=1,a.b=2",
        f"drive_add -n 0 {as_argument(f'node-name=x,{IMAGE}')}",
    ],
)
def test_options_within_and_beside_a_file_name(line: str) -> None:
    """They are those of one node, as real QEMUs showed by their ends."""
    session = FakeSession({"human-monitor-command": "OK\r\n"})

    assert " would end QEMU; nothing was sent" in session.prints(line)
    assert session.calls == []


@pytest.mark.parametrize(
    "name",
    [
        'json:{"driver":"null-co","size":"64k","read-zeroes":true,"latency-ns":1e3}',
        'json:{"driver":"null-co","size":null}',
        'json:{"driver":"raw","size":"-1"}',
        'json:{"x":' + "[" * 1000 + "]" * 1000 + "}",
        'json:{"driver":"null-co","size":"-1"',
        f" {BAD[:4]}",
        "json:",
    ],
)
def test_other_file_names_are_qemus(name: str) -> None:
    """It takes them, or has the words for what is wrong."""
    session = FakeSession({"blockdev-change-medium": {}})

    assert session.prints(f"change cd0 {as_argument(name)}") == ""


@pytest.mark.parametrize(("version", "ends"), [((7, 2, 22), True), ((10, 0, 2), False)])
def test_a_size_that_only_older_releases_refuse(
    version: tuple[int, int, int], ends: bool
) -> None:
    """QEMU 7.2 dies of it, and 10.0 takes it."""
    session = FakeSession({"blockdev-change-medium": {}}, version=version)
    name = as_argument('json:{"driver":"null-co","size":".5G"}')

    assert (" would end QEMU" in session.prints(f"change cd0 {name}")) is ends
