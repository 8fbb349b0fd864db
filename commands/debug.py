"""Logs, traces, expressions, the gdb stub and profiles."""

from completions.trace import TRACE_EVENT
from hmp.authoring import READ, Kind, command

CATEGORY = "Debugging"

PASSTHROUGHS = (
    command.passthrough(
        "print|p",
        args_type="fmt:/,val:l",
        params="/fmt expr",
        help="show the value of an expression",
        effect=READ,
        example="print /x $rip & ~0xfff",
    ),
    command.passthrough(
        "logfile",
        args_type="filename:F",
        help="write the log to a file",
        failure=r"\A.",
    ),
    command.passthrough(
        "log",
        args_type="items:s",
        params="item1[,...]",
        help="choose what is logged (none: nothing)",
        example="log in_asm,int",
        failure=r"\A.",
    ),
    command.passthrough(
        "trace-event",
        args_type="name:s,option:b,vcpu:i?",
        params="name on|off [vcpu]",
        help="switch trace events on or off (name may hold * and ?)",
        kinds={"name": TRACE_EVENT},
        example="trace-event virtio* on",
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
        help="let a gdb connect (none: no more)",
        example="gdbserver tcp::1234",
        failure=r"\A(?!Waiting for gdb connection |Disabled gdbserver)",
    ),
    command.passthrough(
        "sync-profile",
        args_type="op:s?",
        params="[on|off|reset]",
        help="profile who waits for locks",
        failure=r"\A(Invalid parameter|invalid parameter)",
    ),
)
