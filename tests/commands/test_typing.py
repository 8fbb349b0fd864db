from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmp.language.words import as_argument
from tests.fakes import FakeSession, Message

RUNNING = {"running": True, "status": "running"}
SCHEMA: list[Message] = [
    {
        "name": "send-key",
        "meta-type": "command",
        "arg-type": "arguments",
        "ret-type": "nothing",
    },
    {
        "name": "arguments",
        "meta-type": "object",
        "members": [{"name": "keys", "type": "[value]"}],
    },
    {"name": "[value]", "meta-type": "array", "element-type": "value"},
    {
        "name": "value",
        "meta-type": "object",
        "members": [{"name": "data", "type": "key"}],
    },
    {
        "name": "key",
        "meta-type": "enum",
        "values": [
            "ctrl",
            "alt",
            "shift",
            "ret",
            "a",
            "delete",
            "less",
            "comma",
            "dot",
            "b",
        ],
    },
]


def session(state: Any = RUNNING) -> FakeSession:
    """Return a session on a machine that takes keys."""
    return FakeSession({"send-key": {}, "query-status": state, "query-qmp-schema": SCHEMA})


def pressed(found: FakeSession) -> list[str]:
    """Return the keys that were pressed, those held together joined by dashes."""
    return [
        "-".join(key["data"] for key in arguments["keys"])
        for command, arguments in found.calls
        if command == "send-key"
    ]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("aB1", ["a", "shift-b", "1"]),
        ("a b", ["a", "spc", "b"]),
        ("!?~", ["shift-1", "shift-slash", "shift-grave_accent"]),
        ("-=[]\\;',./`", [
            "minus", "equal", "bracket_left", "bracket_right", "backslash",
            "semicolon", "apostrophe", "comma", "dot", "slash", "grave_accent",
        ]),
        ("<enter>", ["ret"]),
        ("<Ctrl-Alt-Del>", ["ctrl-alt-delete"]),
        ("a<lt>b<gt><ctrl-lt>", [
            "a", "shift-comma", "b", "shift-dot", "ctrl-shift-comma"
        ]),
        ("<less>", ["less"]),
        ("<lt>b>", ["shift-comma", "b", "shift-dot"]),
        ('"a\\nb"', ["a", "ret", "b"]),
        ("a<b", ["a", "shift-comma", "b"]),
    ],
)  # fmt: skip
def test_a_text_is_typed(text: str, keys: list[str]) -> None:
    """As on a keyboard of the US, with keys by name in angles."""
    found = session()

    assert found.prints(f"type -d 0 {text}") == ""
    assert pressed(found) == keys


SHIFTED = string.ascii_uppercase + '~!@#$%^&*()_+{}|:"<>?'


@settings(max_examples=30, deadline=None)
@given(
    st.text(string.printable.replace("\v", "").replace("\f", ""), min_size=1, max_size=6)
)
def test_every_text_can_be_typed(text: str) -> None:
    """Quoted, and with the one character written out that begins a key's name."""
    found = session()
    line = as_argument(text.replace("<", "<lt>").replace("\t", "<tab>"), quoted=True)
    found.machine.answers["query-qmp-schema"] = []

    assert found.prints(f"type -d 0 {line}") == ""
    assert [key.startswith("shift-") for key in pressed(found)] == [
        char in SHIFTED for char in text
    ]


def test_a_quoted_text_may_be_longer_than_a_word() -> None:
    """Words of the monitor are cut; a text is not."""
    found = session()

    assert found.prints(f'type -d 0 "{"a" * 1100}"') == ""
    assert len(pressed(found)) == 1100


def test_how_long_a_key_is_held() -> None:
    """As short as can be, whatever the pause; a guest's autorepeat has no time."""
    for line in ("type a", "type -d 30 a"):
        found = session()
        found.prints(line)
        [hold] = {a["hold-time"] for name, a in found.calls if name == "send-key"}
        assert hold == 1


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("type é", "Error: a US keyboard has no key for 'é'\n"),
        ("type aé", "Error: a US keyboard has no key for 'é'\n"),
        ("type -d x a", "Error: -d needs a number of milliseconds\n"),
        ("type -d", "Error: -d needs a value\n"),
        ("type ab<nosuch>cd", "Error: no key is named 'nosuch'; <lt> types a '<'\n"),
        ("type ab<ctrl-no>cd", "Error: no key is named 'no'; <lt> types a '<'\n"),
        ('type "a" b', "Error: nothing may follow the closing quote\n"),
        ('type "a', "Error: the string is not terminated\n"),
    ],
)
def test_what_cannot_be_typed(line: str, text: str) -> None:
    """Nothing of it is."""
    found = session()

    assert found.prints(line) == text
    assert pressed(found) == []


def test_a_guest_that_is_not_running() -> None:
    """It takes no keys; one that sleeps may wake up from them."""
    found = session({"running": False, "status": "paused"})
    assert found.prints("type ab") == "Error: the guest is not running\n"
    assert pressed(found) == []
    assert session({"running": False, "status": "suspended"}).prints("type ab") == ""


def test_a_guest_that_stops_meanwhile() -> None:
    """How much of the text it has had is told."""
    found = session()

    def press(arguments: Message) -> Message:
        if len(pressed(found)) == 2:
            found.machine.answers["query-status"] = {"running": False, "status": "paused"}
        return {}

    found.machine.answers["send-key"] = press

    assert found.prints("type -d 0 abcd") == (
        "Error: the guest is not running; 2 of 4 keys were typed\n"
    )


def test_one_press_is_under_way_at_a_time() -> None:
    """QEMU has answered twice for each of its steps before the next one is pressed."""
    found = session()
    found.prints("type -d 0 aB")
    names = [name for name, _ in found.calls]

    assert names == [
        "query-status",
        "send-key",
        *["query-status"] * 4,
        "query-status",
        "send-key",
        *["query-status"] * 8,
    ]
