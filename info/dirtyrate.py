"""The rate and limits of dirtied guest memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hmp.authoring import Call, info, releases, views

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import DirtyLimitInfo, DirtyRateInfo

CATEGORY = "Migration"


dirty_rate: Declaration[DirtyRateInfo] = info.direct(
    "dirty_rate",
    "query-dirty-rate",
    help="show how fast the guest dirties its memory",
)


@dirty_rate.text
def dirty_rate_text(value: DirtyRateInfo, call: Call) -> Iterator[str]:
    """Yield the method of measurement, then the rates of the machine and its CPUs."""
    yield f"Status: {value['status']}"
    yield f"Start Time: {value['start-time']} (ms)"
    # the mode is optional; a machine without it can only take samples
    mode = value.get("mode", "page-sampling")
    sampled = mode == "page-sampling" or call.version < releases.SAMPLES_APART
    if sampled and "sample-pages" in value:
        yield f"Sample Pages: {value['sample-pages']} (per GB)"
    yield f"Period: {value['calc-time']} (sec)"
    yield f"Mode: {mode}"
    if "dirty-rate" not in value:
        yield "Dirty rate: (not ready)"
        return
    yield f"Dirty rate: {value['dirty-rate']} (MB/s)"
    for cpu in value.get("vcpu-dirty-rate", ()):
        yield f"vcpu[{cpu['id']}], Dirty rate: {cpu['dirty-rate']} (MB/s)"


@dirty_rate.view
def dirty_rate_view(value: DirtyRateInfo) -> RenderableType:
    """Show the rate first."""
    rate, status = value.get("dirty-rate"), value["status"]
    return views.facts(
        [
            ("dirty rate", None if rate is None else f"{rate} MB/s"),
            *(
                (f"CPU {cpu['id']}", f"{cpu['dirty-rate']} MB/s")
                for cpu in value.get("vcpu-dirty-rate", ())
            ),
            ("state", views.state(status, status == "measured")),
            ("measured for", None if status == "unstarted" else f"{value['calc-time']} s"),
            ("by", None if status == "unstarted" else value.get("mode")),
        ]
    )


vcpu_dirty_limit: Declaration[list[DirtyLimitInfo]] = info.direct(
    "vcpu_dirty_limit",
    "query-vcpu-dirty-limit",
    help="show how fast the CPUs may dirty memory",
)


@vcpu_dirty_limit.text
def vcpu_dirty_limit_text(value: list[DirtyLimitInfo]) -> Iterator[str]:
    """Yield a line per CPU that has a limit."""
    if not value:
        yield "Dirty page limit not enabled!"
    for cpu in value:
        yield (
            f"vcpu[{cpu['cpu-index']}], limit rate {cpu['limit-rate']} (MB/s),"
            f" current rate {cpu['current-rate']} (MB/s)"
        )


@vcpu_dirty_limit.view
def vcpu_dirty_limit_view(value: list[DirtyLimitInfo]) -> RenderableType | None:
    """Show a table of the CPUs and their limits."""
    if not value:
        return None
    return views.table(
        ">CPU",
        ">now, MB/s",
        ">limit, MB/s",
        rows=((cpu["cpu-index"], cpu["current-rate"], cpu["limit-rate"]) for cpu in value),
    )
