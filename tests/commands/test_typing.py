from __future__ import annotations

import pytest

from tests.fakes import FakeSession, qmp_calls


def pressed(line: str) -> list[str]:
    """Return the keys that a line presses, those held together joined by dashes."""
    return [
        "-".join(key["data"] for key in arguments["keys"])
        for command, arguments in qmp_calls(line)
    ]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("aB1", ["a", "shift-b", "1"]),
        ("a b", ["a", "spc", "b"]),
        ("!?~", ["shift-1", "shift-slash", "shift-grave_accent"]),
        ("-=[]\\;',./`", [
            *("minus", "equal", "bracket_left", "bracket_right", "backslash"),
            *("semicolon", "apostrophe", "comma", "dot", "slash", "grave_accent"),
        ]),
        ("<enter>", ["ret"]),
        ("<Ctrl-Alt-Del>", ["ctrl-alt-delete"]),
        ("a<lt>b", ["a", "less", "b"]),
        ('"a\\nb"', ["a", "ret", "b"]),
        ("a<b", ["a", "shift-comma", "b"]),
    ],
)  # fmt: skip
def test_a_text_is_typed(text: str, keys: list[str]) -> None:
    """As on a keyboard of the US, with keys by name in angles."""
    assert pressed(f"type {text}") == keys


def test_how_long_a_key_is_held() -> None:
    """In milliseconds; the machine's own time unless it is said."""
    assert qmp_calls("type -d 30 a")[0][1]["hold-time"] == 30
    assert "hold-time" not in qmp_calls("type a")[0][1]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("type é", "Error: a US keyboard has no key for 'é'\n"),
        ("type -d x a", "Error: -d wants milliseconds\n"),
        ("type -d", "Error: a value is expected behind -d\n"),
    ],
)
def test_what_cannot_be_typed(line: str, text: str) -> None:
    """Nothing of it is."""
    session = FakeSession({"send-key": {}})

    assert session.prints(line) == text
    assert session.calls == []
