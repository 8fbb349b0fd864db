from __future__ import annotations

from typing import Any

import pytest

from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession

MEMBERS = {
    "downtime-limit": "int",
    "max-bandwidth": "int",
    "xbzrle-cache-size": "int",
    "multifd-channels": "int",
    "x-checkpoint-delay": "int",
    "cpu-throttle-tailslow": "bool",
    "tls-creds": "str",
    "mode": "enum",
    "cpr-exec-command": "list",
    "block-bitmap-mapping": "list",
}
SCHEMA: list[dict[str, Any]] = [
    {
        "name": "migrate-set-parameters",
        "meta-type": "command",
        "arg-type": "a",
        "ret-type": "a",
    },
    {
        "name": "a",
        "meta-type": "object",
        "members": [{"name": name, "type": kind} for name, kind in MEMBERS.items()],
    },
    {"name": "int", "meta-type": "builtin", "json-type": "int"},
    {"name": "bool", "meta-type": "builtin", "json-type": "boolean"},
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
    {"name": "enum", "meta-type": "enum", "values": ["normal"]},
    {"name": "list", "meta-type": "array", "element-type": "str"},
]
NEW, OLD = (10, 2, 0), (7, 2, 0)


def session(version: tuple[int, int, int] = NEW) -> FakeSession:
    """Return a machine that takes parameters."""
    answers: dict[str, Any] = {"migrate-set-parameters": {}, "query-qmp-schema": SCHEMA}
    return FakeSession(answers, version=version)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("downtime-limit 300", 300),
        ("downtime-limit 1k", 1024),
        ("max-bandwidth 1", 1 << 20),
        ("max-bandwidth 5b", 5),
        ("multifd-channels 0x10", 16),
        ("multifd-channels 010", 8),
        ("x-checkpoint-delay 99999", 99999),
        ("cpu-throttle-tailslow yes", True),
        ("tls-creds a b", "a b"),
        ("mode normal", "normal"),
        ("cpr-exec-command a 'b c'", ["a", "b c"]),
    ],
)
def test_values(words: str, value: Any) -> None:
    """Each parameter has a type, and sizes have units."""
    found = session()

    assert found.prints(f"migrate_set_parameter {words}") == ""
    assert found.calls[-1] == ("migrate-set-parameters", {words.split()[0]: value})


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("nope 1", "Error: invalid parameter value: nope\n"),
        ("multifd-channels 300", "Error: Parameter 'multifd-channels' expects uint8_t\n"),
        ("multifd-channels x", "Error: Parameter 'multifd-channels' expects uint64\n"),
        ("max-bandwidth x", "Error: Invalid size x\n"),
        (
            "cpu-throttle-tailslow maybe",
            "Error: Parameter 'cpu-throttle-tailslow' expects 'on' or 'off'\n",
        ),
        (
            "block-bitmap-mapping x",
            "Error: The block-bitmap-mapping parameter can only be set through QMP\n",
        ),
    ],
)
def test_values_that_do_not_go(words: str, text: str) -> None:
    """In QEMU's words; nothing is set."""
    found = session()

    assert found.prints(f"migrate_set_parameter {words}") == text
    assert "migrate-set-parameters" not in {command for command, _ in found.calls}


@pytest.mark.parametrize("text", [".5G", "+.5k", "0x10k", "0x", "."])
@pytest.mark.parametrize("version", [NEW, OLD])
def test_sizes_that_releases_read_unlike(text: str, version: tuple[int, int, int]) -> None:
    """QEMU's own monitor reads them: 7.2 refuses .5G, and takes 0x10k, unlike 10.0."""
    found = session(version)
    found.machine.answers["human-monitor-command"] = "as QEMU says\r\n"

    assert found.prints(f"migrate_set_parameter max-bandwidth {text}") == "as QEMU says\n"
    assert "migrate-set-parameters" not in {command for command, _ in found.calls}


def test_values_of_older_releases() -> None:
    """They are one word."""
    assert session(OLD).prints("migrate_set_parameter tls-creds a b") == (
        "migrate_set_parameter: extraneous characters at the end of line\n"
        'Try "help migrate_set_parameter" for more information\n'
    )
    found = session(OLD)
    assert found.prints('migrate_set_parameter tls-creds "a b"') == ""
    assert found.calls[-1][1] == {"tls-creds": "a b"}


def test_a_word_that_qmp_refuses() -> None:
    """Values of enums have QMP's own wording."""
    found = session()
    desc = "Parameter 'mode' does not accept value 'x'"
    found.machine.answers["migrate-set-parameters"] = QMPError(desc)

    assert found.prints("migrate_set_parameter mode x") == f"Error: {desc}\n"


def test_a_list_that_only_qemu_can_split() -> None:
    """It gets the line as it is."""
    line = "migrate_set_parameter cpr-exec-command 'a"
    found = session()
    found.machine.lines[line] = "Error: bad quoting\r\n"

    assert found.prints(line) == "Error: bad quoting\n"


@pytest.mark.parametrize(
    "words",
    [
        "downtime-limit K",
        "downtime-limit .k",
        "downtime-limit -.0",
        "downtime-limit x",
        "xbzrle-cache-size 9E",
        "downtime-limit 99999999999999999999",
        "downtime-limit 0x18M",
        "downtime-limit 08",
    ],
)
def test_sizes_that_only_qemu_can_word(words: str) -> None:
    """What is too much to one release is none to another."""
    line = f"migrate_set_parameter {words}"
    found = session()
    found.machine.has_hmp = True
    found.machine.lines[line] = "Error: no\n"

    assert found.prints(line) == "Error: no\n"
