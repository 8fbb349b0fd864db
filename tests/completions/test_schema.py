"""Kinds whose words the machine's schema has."""

from __future__ import annotations

from typing import Any

import pytest

from completions.event import EVENT
from completions.key import KEYS, TYPED_KEYS
from completions.monitor import FIELD
from tests.completions.helpers import candidates, lines, names, placed, words

SCHEMA: list[Any] = [
    {"name": "bool", "meta-type": "builtin", "json-type": "boolean"},
    {"name": "code", "meta-type": "enum", "values": ["a", "ret"]},
    {"name": "STOP", "meta-type": "event", "arg-type": "empty"},
    {"name": "RESET", "meta-type": "event", "arg-type": "empty"},
    {"name": "GONE", "meta-type": "event", "arg-type": "gone"},
    {
        "name": "gone",
        "meta-type": "object",
        "members": [{"name": "id", "type": "str"}, {"name": "how", "type": "way"}],
    },
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "way", "meta-type": "enum", "values": ["soft", "hard"]},
    {"name": "send-key", "meta-type": "command", "arg-type": "send", "ret-type": "empty"},
    {"name": "stop", "meta-type": "command", "arg-type": "empty", "ret-type": "empty"},
    {"name": "empty", "meta-type": "object", "members": []},
    {"name": "list", "meta-type": "array", "element-type": "key"},
    {"name": "key", "meta-type": "object", "members": [{"name": "data", "type": "code"}]},
    {
        "name": "send",
        "meta-type": "object",
        "members": [{"name": "keys", "type": "list"}, {"name": "now", "type": "bool"}],
    },
]
ANSWERS = {"query-qmp-schema": SCHEMA}


def test_events() -> None:
    """Sorted, and nothing else."""
    assert names(EVENT, ANSWERS) == ["GONE", "RESET", "STOP"]


def test_keys() -> None:
    """Those that send-key takes."""
    assert names(KEYS, ANSWERS) == ["a", "ret"]
    assert placed(KEYS, "ctrl-al") == ("al", "")
    assert placed(KEYS, "al") == ("al", "")


@pytest.mark.parametrize(
    ("typed", "part", "some"),
    [
        ("ls <en", ("en", "<"), True),
        ("<ctrl-al", ("al", "<"), True),
        ("<enter>l", ("", ""), False),
        ("a-b", ("", ""), False),
        ("", ("", ""), False),
    ],
)
def test_a_key_in_a_text(typed: str, part: tuple[str, str], some: bool) -> None:
    """Is in brackets; the rest of the text has no words."""
    assert placed(TYPED_KEYS, typed) == part
    assert ("enter>" in names(TYPED_KEYS, ANSWERS, part[1])) is some


UNION: list[Any] = [
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "int", "meta-type": "builtin", "json-type": "int"},
    {"name": "add", "meta-type": "command", "arg-type": "node", "ret-type": "empty"},
    {"name": "driver", "meta-type": "enum", "values": ["file", "qcow2"]},
    {
        "name": "node",
        "meta-type": "object",
        "tag": "driver",
        "members": [
            {"name": "driver", "type": "driver"},
            {"name": "node-name", "type": "str", "default": None},
        ],
        "variants": [{"case": "file", "type": "f"}, {"case": "qcow2", "type": "q"}],
    },
    {
        "name": "f",
        "meta-type": "object",
        "members": [{"name": "filename", "type": "str"}],
    },
    {"name": "q", "meta-type": "object", "members": [{"name": "file", "type": "ref"}]},
    {
        "name": "ref",
        "meta-type": "alternate",
        "members": [{"type": "node"}, {"type": "str"}],
    },
    {"name": "device_del", "meta-type": "command", "arg-type": "d", "ret-type": "empty"},
    {"name": "d", "meta-type": "object", "members": [{"name": "id", "type": "str"}]},
]
RAW = {
    "query-qmp-schema": [*SCHEMA, *UNION],
    "query-block": [{"device": "d0"}],
    "query-named-block-nodes": [
        {"node-name": "n0", "drv": "raw", "file": "f", "image": {}}
    ],
    "qom-list": [{"name": "nic0", "type": "child<e1000>"}],
}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("qmp s", ["qmp send-key", "qmp stop"]),
        ("qmp send-key ", ["qmp send-key keys=", "qmp send-key now="]),
        ("qmp stop ", []),
        ("qmp nope ", []),
        ("qmp send-key now=", ["qmp send-key now=on", "qmp send-key now=off"]),
        ("qmp send-key keys=", []),
        ("qmp send-key nope=", []),
        ("qmp add driver=q", ["qmp add driver=qcow2"]),
        ("qmp add ", ["qmp add driver=", "qmp add node-name="]),
        ("qmp add driver=file file", ["qmp add driver=file filename="]),
        ("qmp add driver=qcow2 fi", ["qmp add driver=qcow2 file="]),
        (
            "qmp add driver=qcow2 file.dri",
            ["qmp add driver=qcow2 file.driver="],
        ),
        (
            "qmp add driver=qcow2 file.driver=f",
            ["qmp add driver=qcow2 file.driver=file"],
        ),
        (
            "qmp add driver=qcow2 file.driver=file file.fi",
            ["qmp add driver=qcow2 file.driver=file file.filename="],
        ),
        ("qmp add node-name=", ["qmp add node-name=d0", "qmp add node-name=n0"]),
        ("qmp device_del id=", ["qmp device_del id=nic0"]),
        ('qmp {"ex', ['qmp {"execute']),
        ('qmp {"execute": "st', ['qmp {"execute": "stop']),
        ('qmp {"execute":"st', ['qmp {"execute":"stop']),
        ('qmp add {"dri', ['qmp add {"driver']),
        (
            'qmp add {"driver": "file", "fil',
            ['qmp add {"driver": "file", "filename'],
        ),
        ('qmp add {"driver": "q', ['qmp add {"driver": "qcow2']),
        (
            'qmp {"execute": "add", "arguments": {"dri',
            ['qmp {"execute": "add", "arguments": {"driver'],
        ),
        (
            'qmp {"execute": "add", "arguments": {"driver": "q',
            ['qmp {"execute": "add", "arguments": {"driver": "qcow2'],
        ),
        (
            'qmp {"execute": "add", "arguments": {"driver": "file", "fil',
            ['qmp {"execute": "add", "arguments": {"driver": "file", "filename'],
        ),
    ],
)
def test_raw_qmp(line: str, found: list[str]) -> None:
    """Commands, behind one its members, behind a member its values; JSON as well."""
    assert lines(line, RAW) == found


def test_raw_qmp_is_explained() -> None:
    """A command by its arguments, an argument by its sentence and type."""
    assert candidates("qmp add", RAW)[0].about == "driver, [node-name]"
    assert (
        candidates("qmp add node", RAW)[0].about
        == "name of the block node (string, optional)"
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("wait STO", ["wait STOP"]),
        ("wait j", ["wait job"]),
        ("wait job ", ["wait job j0"]),
        ("wait STOP ", ["wait STOP --timeout"]),
        ("wait STOP --timeout ", []),
        ("wait job j0 ", ["wait job j0 --timeout"]),
        ("wait GONE ", ["wait GONE id=", "wait GONE how=", "wait GONE --timeout"]),
        ("wait GONE h", ["wait GONE how="]),
        ("wait GONE id=x ho", ["wait GONE id=x how="]),
        ("wait GONE how=", ["wait GONE how=soft", "wait GONE how=hard"]),
        ("wait GONE id=", []),
        ("wait GONE nope=", []),
        ("wait G* i", ["wait G* --timeout"]),
        ("sendkey ctrl-", ["sendkey ctrl-a", "sendkey ctrl-ret"]),
        ("type <r", ["type <ret>", "type <enter>"]),
    ],
)
def test_words_of_the_schema_in_lines(line: str, found: list[str]) -> None:
    """Events, jobs and keys where they can stand."""
    jobs = [{"id": "j0", "type": "backup", "status": "running"}]

    assert lines(line, {**ANSWERS, "query-jobs": jobs}) == found


def test_numbers_to_plot() -> None:
    """Those of the replies, down to some depth: types may contain themselves."""
    stats = [{"name": "rd_bytes", "type": "int"}, {"name": "next", "type": "list"}]
    schema = [
        {"name": "int", "meta-type": "builtin", "json-type": "int"},
        {"name": "list", "meta-type": "array", "element-type": "disk"},
        {"name": "disk", "meta-type": "object", "members": [{"name": "s", "type": "st"}]},
        {"name": "st", "meta-type": "object", "members": stats},
        {
            "name": "query-blockstats",
            "meta-type": "command",
            "arg-type": "disk",
            "ret-type": "list",
        },
    ]
    found = words(FIELD, {"query-qmp-schema": schema})
    assert found[-1:] == [("[0].s.rd_bytes", "bytes read, in 'info blockstats'")]
