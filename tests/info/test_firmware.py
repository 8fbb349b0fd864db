from __future__ import annotations

import base64

import pytest

from tests.fakes import FakeSession, qmp_calls

ROMS = """\
addr=00000000fffc0000 size=0x040000 mem=rom name="bios-256k.bin"
/rom@etc/acpi/tables size=0x200000 name="etc/acpi/tables"
"""


def test_roms() -> None:
    """A table with readable sizes; unknown text is shown unchanged."""
    session = FakeSession({"x-query-roms": {"human-readable-text": ROMS}})

    assert session.prints("info roms") == ROMS
    assert [row.split()[0:3] for row in session.looks("info roms").splitlines()[2:]] == [
        ["bios-256k.bin", "256", "KiB"],
        ["etc/acpi/tables", "2", "MiB"],
    ]


def test_vm_generation_id() -> None:
    """The GUID is printed unchanged."""
    session = FakeSession({"query-vm-generation-id": {"guid": "a-b"}})

    assert session.prints("info vm-generation-id") == "a-b\n"


@pytest.mark.parametrize(
    ("log", "text"),
    [
        (b"one\r\ntwo\n", "one\r\ntwo\n\n"),
        (b'a\\b"c\x01\xff\tx', 'a\\\\b\\"c\\001\\377\\tx\n'),
        (b"before\0behind", "before\n"),
    ],
)
def test_firmware_log(log: bytes, text: str) -> None:
    """Escaped as in a C string, except for line ends, up to the first NUL."""
    value = {"log": base64.b64encode(log).decode()}

    assert FakeSession({"query-firmware-log": value}).prints("info firmware-log") == text
    assert FakeSession({"query-firmware-log": {**value, "version": "e\n1"}}).prints(
        "info firmware-log"
    ) == (f"[ firmware version: e\\n1 ]\n{text}")


def test_the_size_of_a_firmware_log() -> None:
    """The size is sent in bytes, and only if it was typed."""
    answers = {"query-firmware-log": {"log": ""}}

    assert qmp_calls("info firmware-log", answers)[-1][1] == {}
    assert qmp_calls("info firmware-log 1", answers)[-1][1] == {"max-size": 1 << 20}
