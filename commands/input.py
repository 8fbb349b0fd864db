"""The guest's keyboard and mouse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from commands._errors import unheard_errors
from completions.key import KEYS
from completions.mouse import BUTTONS, MOUSE, MOVE, WHEEL
from hmp.authoring import CommandFailedError, Monitor, QDict, QMPError, command

if TYPE_CHECKING:
    from hmp.authoring import Empty

    JSON = dict[str, object]

CATEGORY = "Keyboard and mouse"

_HEX = "0x"
_INVALID = "invalid parameter: {}\n"


@command(
    "sendkey",
    args_type="keys:s,hold-time:i?",
    params="keys [hold_ms]",
    help="press keys together for HOLD_MS milliseconds (100 by default)",
    arguments={
        "keys": "key names separated by '-', or hexadecimal scan codes",
        "hold_ms": "how long to hold them, in milliseconds; by default 100",
    },
    about="'type' types a whole text.",
    words="press key, keyboard, ctrl-alt-del, ctrl-alt-delete",
    qmp=["send-key"],
    kinds={"keys": KEYS},
    example="sendkey ctrl-alt-f1",
    failure=r"\Ainvalid parameter: ",
)
async def sendkey(mon: Monitor, args: QDict) -> Empty:
    """Press keys, given as names of QKeyCode or as hexadecimal scan codes."""
    hold = args.get("hold-time")
    keys = [_key(part) for part in args["keys"].split("-")]
    # QEMU's monitor reads a signed number, and treats a negative one as absent
    hold = hold if hold is not None and hold < 1 << 31 else None
    try:
        return await mon.qmp.execute("send-key", {"keys": keys, "hold-time": hold})
    except QMPError as error:
        _, quoted, word = error.desc.rpartition("does not accept value '")
        if not quoted:
            raise
        raise CommandFailedError(_INVALID.format(word.removesuffix("'"))) from error


def _key(part: str) -> JSON:
    # as QEMU's monitor does, for which "less" is the key's name
    if part == "<":
        part = "less"
    if not part.startswith(_HEX):
        return {"type": "qcode", "data": part}
    try:
        return {"type": "number", "data": int(part, 16)}
    except ValueError:
        raise CommandFailedError(_INVALID.format(part)) from None


_BUTTONS = (("left", 1), ("middle", 4), ("right", 2))
"""Buttons in the order in which QEMU checks them; its help text swaps two bits."""

_PRESSED: WeakKeyDictionary[Monitor, int] = WeakKeyDictionary()
"""The buttons that each monitor's last ``mouse_button`` has pressed, as a bit mask."""


@command(
    "mouse_move",
    args_type="dx_str:s,dy_str:s,dz_str:s?",
    kinds={"dx_str": MOVE, "dy_str": MOVE, "dz_str": WHEEL},
    params="dx dy [dz]",
    help="move the mouse, and turn its wheel",
    arguments={
        "dx": "steps to the right, or the position for a tablet",
        "dy": "steps down, or the position for a tablet",
        "dz": "steps of the wheel",
    },
    words="pointer",
    qmp=["input-send-event"],
    example="mouse_move 10 -5",
    after_preconfig=True,
)
async def mouse_move(mon: Monitor, args: QDict) -> Empty | None:
    """Move the mouse, and turn the wheel by one step.

    As in QEMU, events that no device takes are dropped without an error.
    """
    moves: list[JSON] = [
        {"type": "rel", "data": {"axis": axis, "value": leading_integer(args[key])}}
        for axis, key in (("x", "dx_str"), ("y", "dy_str"))
    ]
    turn = leading_integer(args.get("dz_str", "0"))
    if not turn:
        return await _send_events(mon, moves)
    wheel = "wheel-up" if turn > 0 else "wheel-down"
    # two calls: devices see what was sent at the end of each, so the press first
    await _send_events(mon, [*moves, _press(wheel, True)])
    return await _send_events(mon, [_press(wheel, False)])


def leading_integer(text: str) -> int:
    """Read a 32-bit integer at the start of a text as C does; 0 if there is none."""
    match = re.match(r"\s*([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)", text, re.ASCII)
    if match is None:
        return 0
    sign, digits = match.groups()
    if digits[:1] == "0" and digits[1:2] not in ("x", "X"):
        octal = re.match("[0-7]*", digits)
        value = int(octal[0] if octal else "0", 8)
    else:
        value = int(digits, 0)
    # strtol stops at the ends of 64 bits, and QEMU then keeps the lower 32
    value = min(value, (1 << 63) - (0 if sign == "-" else 1))
    value = -value if sign == "-" else value
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def _press(button: str, down: bool) -> JSON:
    return {"type": "btn", "data": {"button": button, "down": down}}


async def _send_events(mon: Monitor, events: list[JSON]) -> Empty | None:
    """Send input events. Returns None if the machine refused them."""
    with unheard_errors():
        return await mon.qmp.execute("input-send-event", events=events)
    return None


@command(
    "mouse_button",
    args_type="button_state:i",
    kinds={"button_state": BUTTONS},
    params="state",
    help="press and release mouse buttons (1: left, 2: right, 4: middle)",
    arguments={"state": "the sum of the held buttons: 1 left, 2 right, 4 middle; 0: none"},
    words="click, pointer",
    qmp=["input-send-event"],
    example="mouse_button 1",
)
async def mouse_button(mon: Monitor, args: QDict) -> Empty | None:
    """Press the buttons that are newly set, release those that no longer are."""
    pressed = args["button_state"]
    # QMP takes presses and releases, the monitor's command a whole state: the difference
    changed = _PRESSED.get(mon, 0) ^ pressed
    _PRESSED[mon] = pressed
    events = [
        _press(button, bool(pressed & bit)) for button, bit in _BUTTONS if changed & bit
    ]
    return await _send_events(mon, events) if events else {}


PASSTHROUGHS = (
    command.passthrough(
        "mouse_set",
        args_type="index:i",
        kinds={"index": MOUSE},
        help="choose the mouse that receives events",
        words="pointer",
        example="mouse_set {index}",
        failure=r"\A.",
    ),
)
