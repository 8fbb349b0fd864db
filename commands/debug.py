"""Logs, traces, expressions, the gdb stub and profiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from completions.free import GDB_DEVICE
from completions.log import LOG_ITEMS
from completions.trace import TRACE_EVENT, event_cpu
from hmp.authoring import (
    READ,
    Call,
    Kind,
    Monitor,
    QDict,
    bare_errors,
    command,
    size_text,
    views,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Empty

CATEGORY = "Debugging"


@command(
    "print|p",
    args_type="fmt:/,val:l",
    params="/fmt expr",
    help="show the value of an expression",
    effect=READ,
    example="print /x $rip & ~0xfff",
)
async def print_(mon: Monitor, args: QDict) -> Any:
    """Return the value; the machine was asked for its registers already."""
    return args["val"]


@print_.text
def print_text(value: Any, call: Call) -> Iterator[str]:
    """Yield the value in the format that was asked for."""
    yield in_format(value, call.args["format"])


def in_format(value: int, letter: str) -> str:
    """Write a 64-bit integer as C's printf does with ``#`` and a letter."""
    bits = value % (1 << 64)
    if letter == "c":
        return _character(value)
    if letter == "o":
        return f"0{bits:o}" if bits else "0"
    if letter == "x":
        return f"0x{bits:x}" if bits else "0"
    return str(bits if letter == "u" else value)


_ESCAPES = {"'": r"\'", "\\": r"\\", "\n": r"\n", "\r": r"\r"}


def _character(value: int) -> str:
    code = value % (1 << 32)
    char = chr(code) if code < 127 else ""
    if char in _ESCAPES:
        return f"'{_ESCAPES[char]}'"
    return f"'{char}'" if char >= " " else f"'\\x{code:02x}'"


@print_.view
def print_view(value: Any, call: Call) -> RenderableType:
    """Show the value as asked, and what else it is behind that."""
    chosen = call.args["format"]
    shown = in_format(value, chosen)
    others = [in_format(value, letter) for letter in "xduoc"]
    if value > 0 and value % 1024 == 0:
        others.append(size_text(value))
    # a character, where it is one
    found = dict.fromkeys(text for text in others if "\\x" not in text)
    found.pop(shown, None)
    return views.branch(shown, " ".join(f"= {text}" for text in found))


@command(
    "trace-event",
    args_type="name:s,option:b,vcpu:i?",
    params="name on|off [vcpu]",
    help="switch trace events on or off (name may hold * and ?)",
    qmp=["trace-event-set-state", "query-qmp-schema"],
    kinds={"name": TRACE_EVENT},
    example="trace-event virtio* on",
    failure=r"\A.",
)
async def trace_event(mon: Monitor, args: QDict) -> Empty:
    """Switch events; only older releases can do so for one CPU."""
    cpu = await event_cpu(mon.qmp, "trace-event-set-state", args)
    choice = {"ignore-unavailable": True, "vcpu": cpu}
    with bare_errors():
        return await mon.qmp.execute(
            "trace-event-set-state", choice, name=args["name"], enable=args["option"]
        )


log = command.passthrough(
    "log",
    args_type="items:s",
    kinds={"items": LOG_ITEMS},
    params="item1[,...]",
    help="choose what is logged (none: nothing)",
    example="log in_asm,int",
    failure=r"\A.",
)

PASSTHROUGHS = (
    command.passthrough(
        "logfile",
        args_type="filename:F",
        help="write the log to a file",
        failure=r"\A.",
    ),
    command.passthrough(
        "trace-file",
        args_type="op:s?,arg:F?",
        params="on|off|flush|set [arg]",
        help="direct the trace file",
        kinds={
            "op": Kind(
                "operation",
                [
                    ("on", "write to the trace file"),
                    ("off", "do not write"),
                    ("flush", "write out what is buffered"),
                    ("set", "write to another file"),
                ],
            )
        },
    ),
    command.passthrough(
        "gdbserver",
        args_type="device:s?",
        kinds={"device": GDB_DEVICE},
        help="let a gdb connect (none: no more)",
        example="gdbserver tcp::1234",
        failure=r"\A(?!Waiting for gdb connection |Disabled gdbserver)",
    ),
    command.passthrough(
        "sync-profile",
        args_type="op:s?",
        params="[on|off|reset]",
        help="profile who waits for locks",
        kinds={
            "op": Kind(
                "operation",
                [
                    ("on", "begin to profile"),
                    ("off", "profile no more"),
                    ("reset", "forget what was seen"),
                ],
            )
        },
        failure=r"\A(Invalid parameter|invalid parameter)",
    ),
)
