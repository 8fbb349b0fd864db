"""Measure and limit the rate at which the guest dirties its memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from completions.cpu import CPU_INDEX
from hmp.authoring import (
    Call,
    CommandFailedError,
    Monitor,
    QDict,
    command,
    refuse_fatal,
    releases,
)

if TYPE_CHECKING:
    from hmp.authoring import Empty

CATEGORY = "Migration"


@command(
    "calc_dirty_rate",
    args_type="dirty_ring:-r,dirty_bitmap:-b,second:l,sample_pages_per_GB:l?",
    help="measure for SECOND seconds how fast the guest dirties its memory (-r: using the"
    " dirty ring, -b: using the dirty bitmap)",
    arguments={
        "second": "how long to measure, in seconds",
        "sample_pages_per_GB": "pages to look at for each GiB of memory; by default 512",
    },
    about="'info dirty_rate' shows the result.",
    qmp=["calc-dirty-rate", "query-kvm"],
    example="calc_dirty_rate 1",
    failure=r"\A(Incorrect period length|Either dirty ring or dirty bitmap)",
    checks=True,
)
async def calc_dirty_rate(mon: Monitor, args: QDict) -> Empty:
    """Start a measurement; ``info dirty_rate`` shows the result."""
    ring, bitmap = args.get("dirty_ring"), args.get("dirty_bitmap")
    if args["second"] == 0:
        raise CommandFailedError("Incorrect period length specified!\n")
    if ring and bitmap:
        raise CommandFailedError("Either dirty ring or dirty bitmap can be specified!\n")
    mode = "dirty-bitmap" if bitmap else "dirty-ring" if ring else "page-sampling"
    members = {
        "calc-time": args["second"],
        "sample-pages": args.get("sample_pages_per_GB"),
    }
    await refuse_fatal(mon, "calc-dirty-rate", {"mode": mode})
    return await mon.qmp.execute("calc-dirty-rate", members, mode=mode)


@calc_dirty_rate.text
def calc_dirty_rate_text(value: Empty, call: Call) -> Iterator[str]:
    """Yield how long it takes, and the command that shows the result."""
    yield f"Starting dirty rate measurement with period {call.args['second']} seconds"
    yield "[Please use 'info dirty_rate' to check results]"


_HINT = "[Please use 'info vcpu_dirty_limit' to query dirty limit for virtual CPU]"


@command(
    "set_vcpu_dirty_limit",
    args_type="dirty_rate:l,cpu_index:l?",
    help="limit the rate at which CPUs may dirty memory, in MB/s",
    arguments={"dirty_rate": "the limit, in MB/s"},
    qmp=["set-vcpu-dirty-limit"],
    kinds={"cpu_index": CPU_INDEX},
)
async def set_vcpu_dirty_limit(mon: Monitor, args: QDict) -> Empty:
    """Limit one CPU, or all CPUs."""
    rate = args["dirty_rate"]
    if rate < 0 and mon.qmp.version >= releases.SILENT_DIRTY_LIMIT:
        raise CommandFailedError(f"Error: invalid dirty page limit {rate}\n")
    members = {"dirty-rate": rate, "cpu-index": _cpu(args)}
    return await mon.qmp.execute("set-vcpu-dirty-limit", members)


def _cpu(args: QDict) -> int | None:
    # QEMU's monitor takes -1 for all CPUs; QMP leaves the member out
    index: int = args.get("cpu_index", -1)
    return None if index == -1 else index


@set_vcpu_dirty_limit.text
def set_vcpu_dirty_limit_text(value: Empty, call: Call) -> Iterator[str]:
    """Yield the command that shows the limit, as older releases do."""
    if call.version < releases.SILENT_DIRTY_LIMIT:
        yield _HINT


@command(
    "cancel_vcpu_dirty_limit",
    args_type="cpu_index:l?",
    arguments={"cpu_index": "the index of a CPU; by default all"},
    help="remove the limit on how fast the guest dirties memory",
    qmp=["cancel-vcpu-dirty-limit"],
    kinds={"cpu_index": CPU_INDEX},
)
async def cancel_vcpu_dirty_limit(mon: Monitor, args: QDict) -> Empty:
    """Remove the limit of one CPU, or of all CPUs."""
    return await mon.qmp.execute("cancel-vcpu-dirty-limit", {"cpu-index": _cpu(args)})


@cancel_vcpu_dirty_limit.text
def cancel_vcpu_dirty_limit_text(value: Empty) -> Iterator[str]:
    """Yield the command that shows the limit."""
    yield _HINT
