from __future__ import annotations

import string
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmp.language.words import as_argument
from hmp.qmp.errors import QMPError
from tests.fakes import FakeSession, Message

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


STATUS = "i /xb 0x64"
EMPTY, UNREAD, ABSENT = "0x1c", "0x1d", "0xff"
"""What the status port of the keyboard's controller shows."""


def session(*shown: str, usb: str = "Error: USB support not enabled\r\n") -> FakeSession:
    """Return a session on a machine that takes keys.

    shown: what the status port shows, each time that it is read; then, that the guest has
    read everything.
    """
    statuses = iter(shown)

    def monitor(arguments: Message) -> str:
        if arguments["command-line"] == "info usb":
            return usb
        return f"portb[0x0064] = {next(statuses, EMPTY)}\r\n"

    return FakeSession(
        {
            "input-send-event": {},
            "human-monitor-command": monitor,
            "query-qmp-schema": SCHEMA,
        }
    )


def strokes(found: FakeSession) -> list[list[tuple[str, bool]]]:
    """Return the keys of each press, and whether they go down."""
    return [
        [
            (event["data"]["key"]["data"], event["data"]["down"])
            for event in arguments["events"]
        ]
        for command, arguments in found.calls
        if command == "input-send-event"
    ]


def pressed(found: FakeSession) -> list[str]:
    """Return the keys that were pressed, those held together joined by dashes."""
    return ["-".join(key for key, down in press if down) for press in strokes(found)]


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


def test_a_press_ends_with_its_release() -> None:
    """In one command, in the reverse order: whatever happens then, no key stays down."""
    found = session()
    found.prints("type a<ctrl-alt-delete>")

    assert strokes(found) == [
        [("a", True), ("a", False)],
        [
            *[(key, True) for key in ("ctrl", "alt", "delete")],
            *[(key, False) for key in ("delete", "alt", "ctrl")],
        ],
    ]


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
    """It takes no keys."""
    found = session()
    found.machine.answers["input-send-event"] = QMPError("VM not running")

    assert found.prints("type ab") == "Error: the guest is not running\n"


def test_a_machine_without_a_keyboard() -> None:
    """QEMU's words for it."""
    found = session(ABSENT)
    desc = "Input handler not found for event type key"
    found.machine.answers["input-send-event"] = QMPError(desc)

    assert found.prints("type ab") == f"Error: {desc}\n"


def test_a_guest_that_stops_meanwhile() -> None:
    """How much of the text it has had is told."""
    found = session()

    def press(arguments: Message) -> Message:
        if len(pressed(found)) == 3:
            raise QMPError("VM not running")
        return {}

    found.machine.answers["input-send-event"] = press

    assert found.prints("type -d 0 abcd") == (
        "Error: the guest is not running; 2 of 4 keys were typed\n"
    )


def test_the_next_key_waits_until_the_guest_has_read_the_last_one() -> None:
    """However long that takes; a keyboard keeps few keys that are not read."""
    found = session(EMPTY, UNREAD, UNREAD, EMPTY, UNREAD, EMPTY)
    found.prints("type -d 0 aB")

    assert [
        arguments.get("command-line", "press") for command, arguments in found.calls
    ] == ["info usb", STATUS, "press", STATUS, STATUS, STATUS, "press", STATUS, STATUS]


def test_a_guest_that_reads_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the number of keys that the guest has read."""
    monkeypatch.setattr("commands._keyboard._DEAF", 0.05)
    found = session(EMPTY, EMPTY, EMPTY, *[UNREAD] * 10_000)

    assert found.prints("type -d 0 abcd") == (
        "Error: the guest does not read its keyboard; 2 of 4 keys were typed\n"
    )
    assert pressed(found) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "shown",
    [(ABSENT,), ("nonsense",), (UNREAD,) * 1000],
    ids=["another machine", "another text", "unread for long"],
)
def test_a_keyboard_that_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, shown: tuple[str, ...]
) -> None:
    """Its keys come one by one; what is unread may be another keyboard's."""
    monkeypatch.setattr("commands._keyboard._STALE", 0.01)
    found = session(*shown)

    assert found.prints("type -d 0 abc") == ""
    assert pressed(found) == ["a", "b", "c"]
    assert found.calls[-1][0] == "input-send-event"


def test_a_usb_keyboard_has_time_for_each_event() -> None:
    """Its host polls it for one at a time."""
    usb = "  Device 0.1, Port 1, Speed 12 Mb/s, Product QEMU USB Keyboard\r\n"
    begun = monotonic()
    session(usb=usb).prints("type -d 0 aB")

    assert monotonic() - begun > 6 * 0.010


@pytest.mark.parametrize(
    ("typed", "last", "said"),
    [
        (r"ls\n", "n", "typed \\n as it is; <enter> presses Enter\n"),
        (r'"ls\n"', "ret", ""),
        (r"ls\nx", "x", ""),
        ("ls<enter>", "ret", ""),
    ],
)
def test_an_enter_as_programs_write_it(typed: str, last: str, said: str) -> None:
    """It counts in quotes only; without them the user is told how to press it."""
    found = session()

    assert found.prints(f"type -d 0 {typed}") == said
    assert pressed(found)[-1] == last
