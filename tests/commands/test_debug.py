from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import FakeSession, qmp_calls
from tests.info.test_debug import schema


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("print 0", "0"),
        ("p 16", "0x10"),
        ("print/d 0x10", "16"),
        ("print/i -5", "-5"),
        ("print/u -1", "18446744073709551615"),
        ("print/x -1", "0xffffffffffffffff"),
        ("print/o 8", "010"),
        ("print/o 0", "0"),
        ("print/c 65", "'A'"),
        ("print/c 10", r"'\n'"),
        ("print/c 13", r"'\r'"),
        ("print/c 39", r"'\''"),
        ("print/c 92", r"'\\'"),
        ("print/c 127", r"'\x7f'"),
        ("print/c 0", r"'\x00'"),
        ("print/c 300", r"'\x12c'"),
        ("print/c 0x100000041", "'A'"),
        ("print/4xb 0x1234", "0x1234"),
    ],
)
def test_print(line: str, text: str) -> None:
    """In the format that was asked for; no machine is asked for arithmetic."""
    session = FakeSession()

    assert session.prints(line) == f"{text}\n"
    assert session.calls == []


def test_print_remembers_the_format() -> None:
    """Until another one is typed."""
    session = FakeSession()

    assert [session.prints(line) for line in ("p/d 16", "p 17", "p/x 16", "p 17")] == [
        "16\n",
        "17\n",
        "0x10\n",
        "0x11\n",
    ]


def test_print_of_a_register() -> None:
    """Only QEMU knows it."""
    session = FakeSession(lines={"print /d $pc": "4096\r\n"})

    assert session.prints("print/x $pc + 1") == "0x1001\n"
    assert session.machine.typed == ["print /d $pc"]


def test_print_shows_more_to_people() -> None:
    """What was asked for first, then what else it is."""
    assert FakeSession().looks("print/d 0x200000") == (
        "2097152 = 0x200000 = 010000000 = 2 MiB\n"
    )
    assert FakeSession().looks("print/x 65") == "0x41 = 65 = 0101 = 'A'\n"


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("trace-event x* on", {"name": "x*", "enable": True}),
        ("trace-event x off", {"name": "x", "enable": False}),
        ("trace-event x off 2", {"name": "x", "enable": False}),
    ],
)
def test_trace_event(line: str, more: dict[str, Any]) -> None:
    """What is not compiled in is no reason to fail."""
    calls = qmp_calls(line, {"query-qmp-schema": schema("name")})

    assert calls[-1] == ("trace-event-set-state", {"ignore-unavailable": True, **more})
