"""The monitor's current CPU, machine checks, and how TCG translates."""

from __future__ import annotations

from completions.cpu import CPU_INDEX
from completions.free_text import ONE_AT_A_TIME
from hmp.authoring import DESTRUCTIVE, READ, CommandFailedError, Monitor, QDict, command

CATEGORY = "CPUs"


@command(
    "cpu",
    args_type="index:i",
    help="set the current CPU, which x, info registers and others use",
    words="select cpu, switch cpu",
    effect=READ,
    qmp=["query-cpus-fast"],
    kinds={"index": CPU_INDEX},
    example="cpu {index}",
    failure=r"\Ainvalid CPU index\n",
)
async def cpu(mon: Monitor, args: QDict) -> None:
    """Set the monitor's current CPU. We keep it, as QEMU forgets it after each line."""
    present = await mon.qmp.execute("query-cpus-fast")
    if all(item["cpu-index"] != args["index"] for item in present):
        raise CommandFailedError("invalid CPU index\n")
    # each human-monitor-command runs in a new monitor, whose CPU is the first one
    mon.cpu = args["index"]


mce = command.passthrough(
    "mce",
    args_type="broadcast:-b,cpu_index:i,bank:i,status:l,mcg_status:l,addr:l,misc:l",
    params="[-b] cpu bank status mcgstatus addr misc",
    help="inject a machine check into a guest CPU (-b: into all CPUs)",
    arguments={
        "cpu": "CPU index",
        "bank": "the bank that reports the error",
        "status": "value of the bank's MCi_STATUS",
        "mcgstatus": "value of MCG_STATUS",
        "addr": "value of MCi_ADDR",
        "misc": "value of MCi_MISC",
    },
    words="machine check, inject error, hardware error",
    effect=DESTRUCTIVE,
    outcome="the guest may crash",
    kinds={"cpu_index": CPU_INDEX},
    failure=r"\A.",
)


@mce.foresee
async def mce_outcome(mon: Monitor, args: QDict) -> str:
    """Return an empty text for a CPU that does not exist, as QEMU then does nothing."""
    cpus = await mon.qmp.execute("query-cpus-fast")
    known = any(cpu["cpu-index"] == args["cpu_index"] for cpu in cpus)
    return mce.outcome if known else ""


PASSTHROUGHS = (
    command.passthrough(
        "one-insn-per-tb",
        args_type="option:s?",
        kinds={"option": ONE_AT_A_TIME},
        params="[on|off]",
        help="translate one guest instruction at a time",
        arguments={"on|off": "on or off; by default on"},
        words="single step, trace instructions",
        example="one-insn-per-tb on",
        failure=r"\A(unexpected option|This accelerator does not)",
    ),
    command.passthrough(
        "singlestep",
        args_type="option:s?",
        kinds={"option": ONE_AT_A_TIME},
        params="[on|off]",
        help="run one guest instruction at a time (QEMU before 8.1)",
        arguments={"on|off": "on or off; by default on"},
        words="single step",
        example="singlestep on",
        failure=r"\Aunexpected option",
    ),
)
