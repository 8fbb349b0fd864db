"""CPUs: their list, registers, interrupts and address translation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from completions.cpu import CPU_INDEX
from hmp.authoring import (
    Call,
    Text,
    info,
    size_text,
    views,
)
from info._interrupts import lapic_view, pic_view
from info._pages import page_runs
from info._registers import registers_view

if TYPE_CHECKING:
    from rich.console import RenderableType

    from hmp.authoring import Declaration
    from hmp.qmp.reply_types import CpuInfoFast, HotpluggableCPU

CATEGORY = "CPUs"


cpus: Declaration[list[CpuInfoFast]] = info.direct(
    "cpus",
    "query-cpus-fast",
    help="show the CPUs, the current one marked with *",
    words="vcpu, processors, threads",
)


@cpus.text
def cpus_text(value: list[CpuInfoFast], call: Call) -> Iterator[str]:
    """Yield a line per CPU; newer machines send its model, too."""
    for cpu in value:
        mark = "*" if cpu["cpu-index"] == call.cpu else " "
        line = f"{mark} CPU #{cpu['cpu-index']}: thread_id={cpu['thread-id']}"
        model = _model(cpu)
        yield f"{line} model={model}" if model is not None else line


def _model(cpu: CpuInfoFast) -> str | None:
    """Return the CPU's model, or None for a machine that does not send it."""
    kind = cpu.get("qom-type")  # newer than the oldest schema
    return cpu_model(kind) if isinstance(kind, str) else None


def cpu_model(kind: str) -> str:
    """Return the model's name: its QOM type without the target and ``-cpu``."""
    # a type without a target is shown whole
    return kind.removesuffix("-cpu").rpartition("-")[0] or kind


@cpus.view
def cpus_view(value: list[CpuInfoFast], call: Call) -> RenderableType:
    """Show a table of the CPUs, with the models if the machine sends them."""
    return views.table(
        ">cpu",
        "model",
        ">thread",
        "place",
        "current",
        rows=(
            (
                cpu["cpu-index"],
                _model(cpu),
                cpu["thread-id"],
                _place(cpu.get("props", {})),
                views.state("yes", True) if cpu["cpu-index"] == call.cpu else None,
            )
            for cpu in value
        ),
    )


# in the order of QEMU's text; a machine has some of them
_PLACES = (
    "node-id",
    "drawer-id",
    "book-id",
    "socket-id",
    "die-id",
    "cluster-id",
    "module-id",
    "core-id",
    "thread-id",
)


def _place(props: Mapping[str, object]) -> str:
    """Write the place of a CPU, the largest part first."""
    known = (key for key in _PLACES if key in props)
    return ", ".join(f"{key.removesuffix('-id')} {props[key]}" for key in known)


hotpluggable_cpus: Declaration[list[HotpluggableCPU]] = info.direct(
    "hotpluggable-cpus",
    "query-hotpluggable-cpus",
    help="show the CPU slots and the CPUs in them",
)


@hotpluggable_cpus.text
def hotpluggable_cpus_text(value: list[HotpluggableCPU]) -> Iterator[str]:
    """Yield the type, number and place of the CPUs of each slot."""
    yield "Hotpluggable CPUs:"
    for slot in value:
        yield f'  type: "{slot["type"]}"'
        yield f'  vcpus_count: "{slot["vcpus-count"]}"'
        if "qom-path" in slot:
            yield f'  qom_path: "{slot["qom-path"]}"'
        yield "  CPUInstance Properties:"
        places: Mapping[str, object] = slot["props"]
        for key in _PLACES:
            if key in places:
                yield f'    {key}: "{places[key]}"'


@hotpluggable_cpus.view
def hotpluggable_cpus_view(value: list[HotpluggableCPU]) -> RenderableType:
    """Show a table of the slots, the plugged ones marked."""
    return views.table(
        "place",
        "model",
        ">cpus",
        "state",
        "object",
        rows=(
            (
                _place(slot["props"]),
                cpu_model(slot["type"]),
                slot["vcpus-count"],
                views.state("plugged", True) if "qom-path" in slot else views.state("free"),
                views.path(slot.get("qom-path", "").removeprefix("/machine/")),
            )
            for slot in value
        ),
    )


irq = info.report("irq", "x-query-irq", help="show how often each interrupt has occurred")


@irq.view
def irq_view(value: Text, call: Call) -> RenderableType | None:
    """Show a table of the interrupts, with the increase since the last look."""
    counts, before = (
        _irq_counts(value),
        _irq_counts(call.before.value if call.before else ""),
    )
    if not counts:
        return None
    return views.table(
        "controller",
        ">irq",
        ">count",
        ">new",
        rows=(
            (
                *key,
                count,
                # an interrupt that is new since the last look has no increase
                f"+{count - before[key]}" if before.get(key, count) != count else "",
            )
            for key, count in counts.items()
        ),
    )


def _irq_counts(text: str) -> dict[tuple[str, int], int]:
    counts, controller = {}, ""
    for line in text.splitlines():
        heading = re.fullmatch(r"IRQ statistics for (.+):", line)
        controller = heading[1] if heading else controller
        if match := re.fullmatch(r" *(\d+): (\d+)", line):
            # several controllers may count interrupts of the same number
            counts[controller, int(match[1])] = int(match[2])
    return counts


pic = info.report(
    "pic",
    "x-query-interrupt-controllers",
    help="show the state of the interrupt controllers",
)
pic.view(pic_view)


numa = info.report(
    "numa", "x-query-numa", help="show the NUMA nodes, their CPUs and memory"
)


@numa.view
def numa_view(value: Text) -> RenderableType | None:
    """Show a table of the nodes."""
    nodes: dict[str, dict[str, str]] = {}
    for match in re.finditer(r"^node (\d+) (cpus|size|plugged):(.*)$", value, re.MULTILINE):
        nodes.setdefault(match[1], {})[match[2]] = match[3].strip()
    if not nodes:
        return None
    return views.table(
        ">node",
        "cpus",
        ">size",
        ">plugged",
        rows=(
            (node, found.get("cpus"), found.get("size"), found.get("plugged"))
            for node, found in nodes.items()
        ),
    )


_NO_CPU = r"\ANo CPU available\n"


registers = info.passthrough(
    "registers",
    args_type="cpustate_all:-a,vcpu:i?",
    params="[-a|vcpu]",
    help="show the registers of a CPU (-a: of all)",
    arguments={
        "-a|vcpu": "-a for all CPUs, or the index of one; by default the current one"
    },
    kinds={"vcpu": CPU_INDEX},
    example="info registers {vcpu}",
    failure=rf"\ACPU#\d+ not available\n|{_NO_CPU}",
)


@registers.view
def registers_view_(value: Text, call: Call) -> RenderableType:
    """Show the registers, with a mark on those that changed since the last look."""
    before = call.before
    return registers_view(
        value, before.value if before else None, before.seconds if before else 0
    )


lapic = info.passthrough(
    "lapic",
    args_type="apic-id:i?",
    help="show the state of a local APIC",
    arguments={"apic-id": "the local APIC's id; by default that of the current CPU"},
    words="interrupts",
    example="info lapic",
    failure=rf"\ANo local APIC\n|{_NO_CPU}",
)
lapic.view(lapic_view)

tlb = info.passthrough(
    "tlb",
    help="show how the pages of virtual memory are mapped",
    words="page table, mappings, virtual memory",
    failure=_NO_CPU,
)


@tlb.view
def tlb_view(value: Text) -> RenderableType | None:
    """Show a table of the runs of adjacent pages that are mapped alike."""
    runs = page_runs(value)
    if not runs:
        return None
    return views.table(
        "virtual",
        "to",
        "physical",
        ">pages",
        "flags",
        rows=(
            (run[0][0], run[-1][0] if len(run) > 1 else "", run[0][1], len(run), run[0][2])
            for run in runs
        ),
    )


mem = info.passthrough(
    "mem",
    help="show the mapped ranges of virtual memory",
    words="page table, mappings, virtual memory",
    failure=_NO_CPU,
)

# from-to size flags, all but the flags in hexadecimal
_MAPPED = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ([0-9a-f]+) (\S+)")


@mem.view
def mem_view(value: Text) -> RenderableType | None:
    """Show a table of the ranges, with their sizes in readable units."""
    found = [_MAPPED.fullmatch(line) for line in value.splitlines()]
    rows = [
        (match[1], match[2], size_text(int(match[3], 16)), match[4])
        for match in found
        if match is not None
    ]
    # an unknown layout is shown as QEMU printed it
    if not rows or len(rows) < len(found):
        return None
    return views.table("from", "up to", ">size", "access", rows=rows)
