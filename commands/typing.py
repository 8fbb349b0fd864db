"""Whole texts typed into the guest, a key at a time."""

import re
from typing import Any

from completions.key import TYPED_KEYS
from hmp.authoring import (
    CommandFailed,
    Monitor,
    QDict,
    WordError,
    command,
    read_word,
    take_leading,
)

CATEGORY = "Keyboard and mouse"

_SHIFTED = dict(
    zip(
        '~!@#$%^&*()_+{}|:"<>?',
        "`1234567890-=[]\\;',./",
        strict=True,
    )
)
_NAMES = {
    " ": "spc",
    "\n": "ret",
    "\t": "tab",
    "\b": "backspace",
    "-": "minus",
    "=": "equal",
    "[": "bracket_left",
    "]": "bracket_right",
    "\\": "backslash",
    ";": "semicolon",
    "'": "apostrophe",
    "`": "grave_accent",
    ",": "comma",
    ".": "dot",
    "/": "slash",
}
_ALIASES = {"enter": "ret", "return": "ret", "space": "spc", "del": "delete", "lt": "less"}
_PART = re.compile(r"<([A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*)>|(.)", re.DOTALL)


@command(
    "type",
    args_type="text:S",
    params="[-d ms] text",
    help="type a text into the guest, with keys as <enter> or <ctrl-c>; the guest's"
    " keyboard is taken for a US one (-d: milliseconds a key)",
    qmp=["send-key"],
    kinds={"text": TYPED_KEYS},
    example='type "root<enter>"',
)
async def type_(mon: Monitor, args: QDict) -> Any:
    """Press the keys of a text one after the other; return how many presses it were."""
    text, options = take_leading(args["text"], {"-d": "hold"})
    hold = options.get("hold")
    if hold is not None and not hold.isdigit():
        raise CommandFailed("Error: -d wants milliseconds\n")
    presses = [_keys(*match) for match in _PART.findall(_unquoted(text))]
    for done, keys in enumerate(presses):
        mon.progress("typing", done, len(presses))
        wanted = [{"type": "qcode", "data": key} for key in keys]
        arguments = {"keys": wanted, "hold-time": int(hold) if hold else None}
        await mon.qmp.execute("send-key", arguments)
    return {"keys": len(presses)}


def _unquoted(text: str) -> str:
    """Take a quoted text without its quotes; any other as it stands."""
    if not text.startswith('"'):
        return text
    try:
        return read_word(text, 0)[0]
    except WordError as error:
        raise CommandFailed(f"Error: {error.reason}\n") from error


def _keys(named: str, char: str) -> list[str]:
    """Return the keys to hold together for a named combination or a character."""
    if named:
        return [_ALIASES.get(key.lower(), key.lower()) for key in named.split("-")]
    if char in _SHIFTED:
        return ["shift", *_keys("", _SHIFTED[char])]
    if char in _NAMES:
        return [_NAMES[char]]
    if char.isascii() and char.isalnum():
        return ["shift", char.lower()] if char.isupper() else [char]
    raise CommandFailed(f"Error: a US keyboard has no key for '{char}'\n")
