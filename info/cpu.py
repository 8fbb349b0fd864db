"""CPUs: which there are, and what is in them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from completions.cpu import CPU_INDEX
from hmp.authoring import Call, Monitor, QDict, info, views

if TYPE_CHECKING:
    from rich.console import RenderableType

CATEGORY = "CPUs"


@info(
    "cpus",
    help="show the CPUs, * before the monitor's current one",
    qmp=["query-cpus-fast"],
)
async def cpus(mon: Monitor, args: QDict) -> Any:
    """Return a list of CpuInfoFast."""
    return await mon.qmp.execute("query-cpus-fast")


@cpus.text
def cpus_text(value: Any, call: Call) -> Iterator[str]:
    """Yield a line a CPU; newer machines tell the model as well."""
    for cpu in value:
        mark = "*" if cpu["cpu-index"] == call.cpu else " "
        line = f"{mark} CPU #{cpu['cpu-index']}: thread_id={cpu['thread-id']}"
        yield f"{line} model={cpu_model(cpu)}" if "qom-type" in cpu else line


def cpu_model(cpu: Any) -> str:
    """Return the model's name: the QOM type without the ending of its target."""
    name: str = cpu["qom-type"]
    return name.removesuffix("-cpu").rpartition("-")[0] or name


@cpus.view
def cpus_view(value: Any, call: Call) -> "RenderableType":
    """Show a table of the CPUs."""
    return views.table(
        *(">cpu", "model", ">thread", "place", "current"),
        rows=(
            (
                cpu["cpu-index"],
                cpu_model(cpu) if "qom-type" in cpu else None,
                cpu["thread-id"],
                _place(cpu.get("props", {})),
                views.state("yes", True) if cpu["cpu-index"] == call.cpu else None,
            )
            for cpu in value
        ),
    )


_PLACES = (
    *("node-id", "drawer-id", "book-id", "socket-id", "die-id", "cluster-id"),
    *("module-id", "core-id", "thread-id"),
)


def _place(props: Any) -> str:
    """Write where a CPU is, the largest part first."""
    known = (key for key in _PLACES if key in props)
    return ", ".join(f"{key.removesuffix('-id')} {props[key]}" for key in known)


_NO_CPU = r"\ANo CPU available\n"

PASSTHROUGHS = (
    info.passthrough("hotpluggable-cpus", help="show the CPU slots and what fills them"),
    info.passthrough(
        "registers",
        args_type="cpustate_all:-a,vcpu:i?",
        params="[-a|vcpu]",
        help="show the registers of a CPU (-a: of all)",
        kinds={"vcpu": CPU_INDEX},
        example="info registers 1",
        failure=rf"\ACPU#\d+ not available\n|{_NO_CPU}",
    ),
    info.passthrough(
        "lapic",
        args_type="apic-id:i?",
        help="show the state of a local APIC",
        failure=rf"\ANo local APIC\n|{_NO_CPU}",
    ),
    info.passthrough("irq", help="show how often each interrupt came"),
    info.passthrough("pic", help="show the state of the interrupt controllers"),
    info.passthrough(
        "tlb", help="show what virtual memory is mapped where", failure=_NO_CPU
    ),
    info.passthrough("mem", help="show the virtual memory that is mapped", failure=_NO_CPU),
    info.passthrough("numa", help="show the NUMA nodes, their CPUs and memory"),
)
