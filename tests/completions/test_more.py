"""Kinds of things that only some commands name."""

from __future__ import annotations

from typing import Any

import pytest

from completions.audio import AUDIODEV
from completions.log import LOG_ITEMS
from completions.mouse import MOUSE
from completions.snapshot import SNAPSHOT_ID
from completions.stats import STAT_NAMES
from tests.completions.helpers import candidates, lines, names, words

USERNET = """Hub -1 (net0):\r
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r
  TCP[HOST_FORWARD]  21               *  2222       10.0.2.15    22     0     0\r
  UDP[HOST_FORWARD]  22       127.0.0.1    53       10.0.2.15    53     0     0\r
  TCP[ESTABLISHED]   23       10.0.2.15    80         1.2.3.4    80     0     0\r
"""
MONITOR = {
    "info usernet": USERNET,
    "info network": "net0: index=0,type=user,net=10.0.2.0\r\nt0: index=0,type=tap\r\n",
    "help log": "Log items (comma separated):\r\nnone    remove all\r\nint  interrupts\r\n",
}
IMAGE = {
    "filename": "top",
    "format": "qcow2",
    "backing-image": {
        "filename": "middle",
        "format": "qcow2",
        "backing-image": {"filename": "base", "format": "raw"},
    },
    "snapshots": [{"name": "first", "id": "1"}, {"name": "second", "id": "2"}],
}
PARAMETERS: list[Any] = [
    {"name": "int", "meta-type": "builtin", "json-type": "int"},
    {"name": "method", "meta-type": "enum", "values": ["none", "zlib"]},
    {"name": "migrate-set-parameters", "meta-type": "command", "arg-type": "p"},
    {
        "name": "p",
        "meta-type": "object",
        "members": [
            {"name": "max-bandwidth", "type": "int"},
            {"name": "multifd-compression", "type": "method"},
        ],
    },
]
ANSWERS: dict[str, Any] = {
    "human-monitor-command": lambda arguments: MONITOR[arguments["command-line"]],
    "query-mice": [{"index": 2, "name": "Tablet"}],
    "query-audiodevs": [{"id": "snd0", "driver": "alsa"}],
    "query-stats-schemas": [
        {
            "provider": "kvm",
            "target": "vcpu",
            "stats": [{"name": "exits", "type": "cumulative"}],
        }
    ],
    "query-named-block-nodes": [
        {"node-name": "n0", "image": IMAGE},
        {"node-name": "n1", "image": {"filename": "x", "format": "raw"}},
    ],
    "query-block": [
        {"device": "d0", "inserted": {"node-name": "n0", "drv": "a", "file": "b"}}
    ],
    "query-qmp-schema": PARAMETERS,
    "query-migrate-parameters": {"max-bandwidth": 5, "multifd-compression": "none"},
    "query-migrate-capabilities": [],
    "qom-list": [{"name": "on", "type": "bool"}, {"name": "size", "type": "uint64"}],
    "qom-get": 7,
}


def test_lists_of_the_machine() -> None:
    """Each with what it is."""
    assert words(LOG_ITEMS, ANSWERS) == [("none", "remove all"), ("int", "interrupts")]
    assert words(MOUSE, ANSWERS) == [("2", "Tablet")]
    assert words(AUDIODEV, ANSWERS) == [("snd0", "alsa")]
    assert words(SNAPSHOT_ID, ANSWERS) == [("1", "first"), ("2", "second")]
    assert names(STAT_NAMES, ANSWERS, "vcpu") == ["exits"]
    assert names(STAT_NAMES, ANSWERS, "vm") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("log int,no", ["log int,none"]),
        ("hostfwd_add ", ["hostfwd_add net0", "hostfwd_add tcp::", "hostfwd_add udp::"]),
        ("hostfwd_add net0 t", ["hostfwd_add net0 tcp::"]),
        (
            "hostfwd_remove net0 ",
            ["hostfwd_remove net0 tcp::2222", "hostfwd_remove net0 udp:127.0.0.1:53"],
        ),
        ("hostfwd_remove tc", ["hostfwd_remove tcp::2222"]),
        ("block_stream n0 0 ", ["block_stream n0 0 middle", "block_stream n0 0 base"]),
        ("block_stream d0 0 b", ["block_stream d0 0 base"]),
        ("block_stream n1 0 ", []),
        ("block_stream nope 0 ", []),
        (
            "migrate_set_parameter multifd-compression z",
            ["migrate_set_parameter multifd-compression zlib"],
        ),
        ("migrate_set_parameter max-bandwidth ", []),
        ("qom-set /x on o", ["qom-set /x on on", "qom-set /x on off"]),
        ("qom-set /x size ", []),
        ("drive_add 0 me", ["drive_add 0 media="]),
        ("drive_add 0 file=x,if=n", ["drive_add 0 file=x,if=none"]),
        ("drive_add 0 readonly=", ["drive_add 0 readonly=on", "drive_add 0 readonly=off"]),
        ("gdbserver n", ["gdbserver none"]),
        ("expire_password vnc ne", ["expire_password vnc never"]),
        ("mouse_set ", ["mouse_set 2"]),
        ("explain mouse_set ", ["explain mouse_set 2"]),
        ("time watch -n 1 mouse_se", ["time watch -n 1 mouse_set"]),
        ("alias m mouse_set ", ["alias m mouse_set 2"]),
    ],
)
def test_arguments_of_some_commands(line: str, found: list[str]) -> None:
    """Where they can stand, in the words that the command takes."""
    assert lines(line, ANSWERS)[: len(found) or None] == found


def test_notes_are_no_candidates() -> None:
    """What only says what is expected is never put into the line."""
    for line in ("hostfwd_add net0 ", "drive_add 0 id=", "qom-set /x size "):
        assert all(found.text for found in candidates(line, ANSWERS))
