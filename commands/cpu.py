"""CPUs: the monitor's current one, and faults sent to them."""

from __future__ import annotations

from completions.cpu import CPU_INDEX
from completions.free import ONE_AT_A_TIME
from hmp.authoring import DESTRUCTIVE, READ, CommandFailedError, Monitor, QDict, command

CATEGORY = "CPUs"


@command(
    "cpu",
    args_type="index:i",
    help="choose the CPU that x, info registers and others look at",
    effect=READ,
    qmp=["query-cpus-fast"],
    kinds={"index": CPU_INDEX},
    example="cpu 1",
)
async def cpu(mon: Monitor, args: QDict) -> None:
    """Make a CPU the monitor's current one; QEMU keeps none between our lines."""
    present = await mon.qmp.execute("query-cpus-fast")
    if all(item["cpu-index"] != args["index"] for item in present):
        raise CommandFailedError("invalid CPU index\n")
    mon.cpu = args["index"]


PASSTHROUGHS = (
    command.passthrough(
        "mce",
        args_type="broadcast:-b,cpu_index:i,bank:i,status:l,mcg_status:l,addr:l,misc:l",
        params="[-b] cpu bank status mcgstatus addr misc",
        help="report a machine check to a guest CPU (-b: to all)",
        effect=DESTRUCTIVE,
        kinds={"cpu_index": CPU_INDEX},
        failure=r"\A.",
    ),
    command.passthrough(
        "one-insn-per-tb",
        args_type="option:s?",
        kinds={"option": ONE_AT_A_TIME},
        params="[on|off]",
        help="translate one guest instruction at a time",
        failure=r"\A(unexpected option|This accelerator does not)",
    ),
    command.passthrough(
        "singlestep",
        args_type="option:s?",
        kinds={"option": ONE_AT_A_TIME},
        params="[on|off]",
        help="run one guest instruction at a time (QEMU before 8.1)",
        failure=r"\Aunexpected option",
    ),
)
