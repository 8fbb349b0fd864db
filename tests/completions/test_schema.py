"""Kinds whose words the machine's schema has."""

from __future__ import annotations

from typing import Any

import pytest

from completions.event import EVENT
from completions.key import KEYS
from completions.qmp import RAW_QMP
from tests.completions.helpers import names, placed

SCHEMA: list[Any] = [
    {"name": "bool", "meta-type": "builtin", "json-type": "boolean"},
    {"name": "code", "meta-type": "enum", "values": ["a", "ret"]},
    {"name": "STOP", "meta-type": "event", "arg-type": "empty"},
    {"name": "RESET", "meta-type": "event", "arg-type": "empty"},
    {"name": "send-key", "meta-type": "command", "arg-type": "send", "ret-type": "empty"},
    {"name": "stop", "meta-type": "command", "arg-type": "empty", "ret-type": "empty"},
    {"name": "empty", "meta-type": "object", "members": []},
    {"name": "list", "meta-type": "array", "element-type": "key"},
    {"name": "key", "meta-type": "object", "members": [{"name": "data", "type": "code"}]},
    {
        **{"name": "send", "meta-type": "object"},
        "members": [{"name": "keys", "type": "list"}, {"name": "now", "type": "bool"}],
    },
]
ANSWERS = {"query-qmp-schema": SCHEMA}


def test_events() -> None:
    """Sorted, and nothing else."""
    assert names(EVENT, ANSWERS) == ["RESET", "STOP"]


def test_keys() -> None:
    """Those that send-key takes."""
    assert names(KEYS, ANSWERS) == ["a", "ret"]
    assert placed(KEYS, "ctrl-al") == ("al", "")
    assert placed(KEYS, "al") == ("al", "")


@pytest.mark.parametrize(
    ("context", "found"),
    [
        ("", ["send-key", "stop"]),
        ("send-key", ["keys=", "now="]),
        ("stop", []),
        ("nope", []),
        ("send-key,now", ["on", "off"]),
        ("send-key,keys", []),
        ("send-key,nope", []),
    ],
)
def test_raw_qmp(context: str, found: list[str]) -> None:
    """Commands, behind one its members, behind a member its values."""
    assert names(RAW_QMP, ANSWERS, context) == found
