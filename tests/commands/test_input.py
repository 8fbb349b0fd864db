from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, qmp_calls


def key(name: str | int) -> dict[str, Any]:
    """Return a KeyValue."""
    return {"type": "number" if isinstance(name, int) else "qcode", "data": name}


@pytest.mark.parametrize(
    ("line", "keys", "hold"),
    [
        ("sendkey a", ["a"], {}),
        ("sendkey ctrl-alt-f1", ["ctrl", "alt", "f1"], {}),
        ("sendkey <", ["less"], {}),
        ("sendkey shift-<", ["shift", "less"], {}),
        ("sendkey 0x1e-a", [0x1E, "a"], {}),
        ("sendkey 0x0", [0], {}),
        ("sendkey a-", ["a", ""], {}),
        ("sendkey -", ["", ""], {}),
        ("sendkey A", ["A"], {}),
        ("sendkey a 250", ["a"], {"hold-time": 250}),
        ("sendkey a 0", ["a"], {"hold-time": 0}),
        ("sendkey a 0x7fffffff", ["a"], {"hold-time": 0x7FFFFFFF}),
        ("sendkey a 0x80000000", ["a"], {}),
        ("sendkey a 0xffffffff", ["a"], {}),
    ],
)
def test_sendkey(line: str, keys: list[str | int], hold: dict[str, int]) -> None:
    """Names and codes; a time that QEMU takes for negative is none."""
    assert qmp_calls(line) == [("send-key", {"keys": list(map(key, keys)), **hold})]


@pytest.mark.parametrize("part", ["0x", "0xzz", "0x1g"])
def test_sendkey_with_a_bad_code(part: str) -> None:
    """It is refused here, as by QEMU's monitor."""
    session = FakeSession({"send-key": {}})

    assert session.prints(f"sendkey a-{part}") == f"invalid parameter: {part}\n"
    assert session.calls == []


@pytest.mark.parametrize(
    ("desc", "text"),
    [
        ("Parameter 'key' does not accept value 'nope'", "invalid parameter: nope\n"),
        ("Parameter 'data' does not accept value ''", "invalid parameter: \n"),
        ("Parameter 'data' does not accept value 'it's'", "invalid parameter: it's\n"),
        ("no keyboard", "Error: no keyboard\n"),
    ],
)
def test_sendkey_with_a_key_that_there_is_not(desc: str, text: str) -> None:
    """The machine finds the bad part; the words are those of QEMU's monitor."""
    assert FakeSession({"send-key": QMPError(desc)}).prints("sendkey nope") == text
