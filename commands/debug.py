"""Expressions, trace events, logs, the gdb server and lock profiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from completions.free_text import GDB_DEVICE
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
    arguments={
        "/fmt": "/ and a letter: x hexadecimal, d decimal, u unsigned, o octal, c char",
        "expr": "expression; $ names a register",
    },
    about=(
        "An expression has numbers (0x for hexadecimal), registers with a $, "
        "parentheses, and the operators + - * / % & | ^ and ~ before a value. A "
        "register is that of the current CPU, which 'cpu' selects; 'info "
        "registers' shows all of them."
    ),
    words="calculate, evaluate, register, hexadecimal",
    effect=READ,
    example="print /x {$pc} + 8",
    after_preconfig=True,
)
async def print_(mon: Monitor, args: QDict) -> int:
    """Return the value. The parser has evaluated the expression, registers included."""
    return cast("int", args["val"])  # by its type letter


@print_.text
def print_text(value: int, call: Call) -> Iterator[str]:
    """Yield the value in the requested format."""
    yield in_format(value, call.args["format"])


def in_format(value: int, letter: str) -> str:
    """Format a 64-bit integer as C's printf does with ``#`` and a letter."""
    bits = value % (1 << 64)
    if letter == "c":
        return _character(value)
    if letter == "o":
        # printf's # adds no prefix to 0
        return f"0{bits:o}" if bits else "0"
    if letter == "x":
        return f"0x{bits:x}" if bits else "0"
    return str(bits if letter == "u" else value)


_ESCAPES = {"'": r"\'", "\\": r"\\", "\n": r"\n", "\r": r"\r"}


def _character(value: int) -> str:
    # QEMU's C code takes the value as an int
    code = value % (1 << 32)
    char = chr(code) if code < 127 else ""
    if char in _ESCAPES:
        return f"'{_ESCAPES[char]}'"
    return f"'{char}'" if char >= " " else f"'\\x{code:02x}'"


@print_.view
def print_view(value: int, call: Call) -> RenderableType:
    """Show the value in the requested format, followed by the other formats."""
    chosen = call.args["format"]
    shown = in_format(value, chosen)
    others = [in_format(value, letter) for letter in "xduoc"]
    if value > 0 and value % 1024 == 0:
        others.append(size_text(value))
    # the character format only for a printable one
    found = dict.fromkeys(text for text in others if "\\x" not in text)
    found.pop(shown, None)
    return views.branch(shown, " ".join(f"= {text}" for text in found))


@command(
    "trace-event",
    args_type="name:s,option:b,vcpu:i?",
    params="name on|off [vcpu]",
    help="turn trace events on or off (name may contain * and ?)",
    arguments={
        "name": "trace event; may contain * and ?",
        "on|off": "on or off",
        "vcpu": "only events of this CPU",
    },
    words="tracing",
    qmp=["trace-event-set-state", "query-qmp-schema"],
    kinds={"name": TRACE_EVENT},
    example="trace-event virtio* on",
    failure=r"\A.",
)
async def trace_event(mon: Monitor, args: QDict) -> Empty:
    """Turn events on or off. Only older releases can do that for a single CPU."""
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
    help="choose the items that are logged (none: stop logging)",
    arguments={
        "item1": "a log item, which Tab offers; none: stop logging",
        "[,...]": "further items, after commas",
    },
    words="debug log, logging",
    example="log guest_errors,unimp",
    failure=r"\A.",
)

PASSTHROUGHS = (
    command.passthrough(
        "logfile",
        args_type="filename:F",
        help="write the log to a file",
        arguments={"filename": "the file on QEMU's host"},
        example="logfile /tmp/qemu.log",
        failure=r"\A.",
    ),
    command.passthrough(
        "trace-file",
        args_type="op:s?,arg:F?",
        params="on|off|flush|set [arg]",
        help="control the trace file",
        arguments={
            "on|off|flush|set": "start, stop, write the buffer, or set the file's name",
            "arg": "the file's name, for 'set'",
        },
        words="tracing",
        kinds={
            "op": Kind(
                "operation",
                [
                    ("on", "write to the trace file"),
                    ("off", "stop writing"),
                    ("flush", "write buffered events to the file"),
                    ("set", "write to another file"),
                ],
            )
        },
    ),
    command.passthrough(
        "gdbserver",
        args_type="device:s?",
        kinds={"device": GDB_DEVICE},
        help="accept a gdb connection (none: stop)",
        arguments={
            "device": "where to listen, as after -gdb, such as tcp::1234; none: stop"
        },
        words="debugger, gdb, debug kernel",
        example="gdbserver tcp::1234",
        failure=r"\A(?!Waiting for gdb connection |Disabled gdbserver)",
    ),
    command.passthrough(
        "sync-profile",
        args_type="op:s?",
        params="[on|off|reset]",
        help="profile lock contention",
        arguments={
            "on|off|reset": "start, stop, or reset the counts; by default show its state"
        },
        words="lock contention, mutex",
        example="sync-profile on",
        kinds={
            "op": Kind(
                "operation",
                [
                    ("on", "start profiling"),
                    ("off", "stop profiling"),
                    ("reset", "discard the results"),
                ],
            )
        },
        failure=r"\A(Invalid parameter|invalid parameter)",
    ),
)
