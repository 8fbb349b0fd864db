"""Type a text into the guest, one key at a time."""

import re
from collections.abc import Iterator

from commands._keyboard import Keyboard
from completions.key import TYPED_KEYS
from hmp.authoring import (
    Call,
    CommandFailedError,
    Monitor,
    QDict,
    QMPError,
    WordError,
    command,
    take_leading,
    unquote,
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
    "\r": "ret",
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
# names of keys that people try, beside QEMU's
_ALIASES = {"enter": "ret", "return": "ret", "space": "spc", "del": "delete"}
_CHARACTERS = {"lt": "<", "gt": ">"}
"""Names for the brackets that enclose the name of a key."""
_PART = re.compile(r"<([A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*)>|(.)", re.DOTALL)

_NOT_RUNNING = {"VM not running": "the guest is not running"}
_PAUSE = 20
"""Milliseconds between two presses, for programs that read keys slowly."""


@command(
    "type",
    args_type="text:S",
    params="[-d ms] text",
    help="type a text into the guest, with keys such as <enter> or <ctrl-c>, and <lt> for"
    " a '<'; assumes a US keyboard layout in the guest (-d: milliseconds between two"
    f" keys, {_PAUSE} by default)",
    arguments={
        "-d ms": f"milliseconds between two keys; by default {_PAUSE}",
        "text": "the text, with keys such as <enter> or <ctrl-c>, and <lt> for a '<'",
    },
    words="keyboard, enter text, paste, send text",
    qmp=["input-send-event", "human-monitor-command", "query-qmp-schema"],
    kinds={"text": TYPED_KEYS},
    example='type "root<enter>"',
    needs="qmp",
)
async def type_(mon: Monitor, args: QDict) -> dict[str, int]:
    """Press the keys of a text one after the other; return the number of presses.

    Nothing is typed unless the whole text can be. Raises CommandFailedError.
    """
    text, options = take_leading(args["text"], {"-d": "pause"})
    pause = options.get("pause", str(_PAUSE))
    if not (pause.isascii() and pause.isdigit()):
        raise CommandFailedError("Error: -d needs a number of milliseconds\n")
    parts = _PART.findall(_unquoted(text))
    presses = [_keys(*part) for part in parts]
    await _check_names(mon, [key for name, _ in parts if name for key in _keys(name, "")])
    keyboard = Keyboard(mon)
    await keyboard.open()
    for done, keys in enumerate(presses):
        mon.progress("typing", done, len(presses))
        try:
            await keyboard.press(keys, int(pause) / 1000)
        except QMPError as error:
            if error.error_class == "CommandNotFound":
                raise  # the error says which door lacks it
            reason = _NOT_RUNNING.get(error.desc, error.desc)
            typed = f"; {done} of {len(presses)} keys were typed" if done else ""
            raise CommandFailedError(f"Error: {reason}{typed}\n") from error
    return {"keys": len(presses)}


@type_.text
def type_text(value: dict[str, int], call: Call) -> Iterator[str]:
    """Yield nothing, unless the text ended as one does that is to press Enter."""
    text = call.args["text"]
    if text.endswith("\\n") and not text.startswith('"'):
        yield "typed \\n as it is; <enter> presses Enter"


def _unquoted(text: str) -> str:
    """Remove the quotes of a quoted text; return any other text unchanged."""
    if not text.startswith('"'):
        return text
    try:
        value, end = unquote(text, 0)
    except WordError as error:
        raise CommandFailedError(f"Error: {error.reason}\n") from error
    if text[end:].strip():
        raise CommandFailedError("Error: nothing may follow the closing quote\n")
    return value


def _keys(named: str, char: str) -> list[str]:
    """Return the keys to hold together for a named combination or a character.

    Raises CommandFailedError for a character without a key.
    """
    if named:
        # the last part is the key, and those before it are held while it is pressed
        *held, last = named.lower().split("-")
        keys = _keys("", _CHARACTERS[last]) if last in _CHARACTERS else [last]
        return [_ALIASES.get(key, key) for key in (*held, *keys)]
    if char in _SHIFTED:
        return ["shift", *_keys("", _SHIFTED[char])]
    if char in _NAMES:
        return [_NAMES[char]]
    if char.isascii() and char.isalnum():
        return ["shift", char.lower()] if char.isupper() else [char]
    raise CommandFailedError(f"Error: a US keyboard has no key for '{char}'\n")


async def _check_names(mon: Monitor, keys: list[str]) -> None:
    """Refuse keys that the machine's schema does not list. Raises CommandFailedError."""
    if not keys:
        return
    try:
        schema = await mon.qmp.schema()
    except QMPError:
        # then the machine refuses an unknown key itself
        return
    known = set(schema.enum_at("send-key", "keys", "[]", "data"))
    unknown = [key for key in keys if key not in known]
    if known and unknown:
        raise CommandFailedError(
            f"Error: no key is named '{unknown[0]}'; <lt> types a '<'\n"
        )
