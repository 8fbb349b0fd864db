"""Keyboard and mouse of the guest."""

from typing import Any

from completions.key import KEYS
from hmp.authoring import CommandFailed, Monitor, QDict, QMPError, command

CATEGORY = "Keyboard and mouse"

_HEX = "0x"


@command(
    "sendkey",
    args_type="keys:s,hold-time:i?",
    params="keys [hold_ms]",
    help="press keys together for a while (100 ms unless it is said)",
    qmp=["send-key"],
    kinds={"keys": KEYS},
    example="sendkey ctrl-alt-f1",
)
async def sendkey(mon: Monitor, args: QDict) -> Any:
    """Press keys, named as QKeyCode names them or given as hexadecimal codes."""
    hold = args.get("hold-time")
    keys = [_key(part) for part in args["keys"].split("-")]
    try:
        return await mon.qmp.execute(
            "send-key",
            {
                "keys": keys,
                # QEMU's monitor reads it as a signed number, and negative as absent
                "hold-time": hold if hold is not None and hold < 1 << 31 else None,
            },
        )
    except QMPError as error:
        _, quoted, word = error.desc.rpartition("does not accept value '")
        if not quoted:
            raise
        raise _invalid(word.removesuffix("'")) from error


def _key(part: str) -> dict[str, Any]:
    if part == "<":
        part = "less"
    if not part.startswith(_HEX):
        return {"type": "qcode", "data": part}
    try:
        return {"type": "number", "data": int(part, 16)}
    except ValueError:
        raise _invalid(part) from None


def _invalid(part: str) -> CommandFailed:
    return CommandFailed(f"invalid parameter: {part}\n")


PASSTHROUGHS = (
    command.passthrough(
        "mouse_move",
        args_type="dx_str:s,dy_str:s,dz_str:s?",
        params="dx dy [dz]",
        help="move the mouse, and turn its wheel",
        example="mouse_move 10 -5",
    ),
    command.passthrough(
        "mouse_button",
        args_type="button_state:i",
        params="state",
        help="press and release mouse buttons (1: left, 2: right, 4: middle)",
        example="mouse_button 1",
    ),
    command.passthrough(
        "mouse_set",
        args_type="index:i",
        help="choose which mouse gets the events",
        failure=r"\A.",
    ),
)
