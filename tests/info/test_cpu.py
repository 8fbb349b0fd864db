from __future__ import annotations

from typing import Any

import pytest

from info._registers import split_cpus
from info.cpu import cpu_model
from tests.fakes import FakeSession, qmp_calls


def cpu(index: int, kind: str = "", **props: int) -> dict[str, Any]:
    """Return the entry of a CPU.

    kind: its QOM type, which older machines do not send.
    """
    entry: dict[str, Any] = {"cpu-index": index, "thread-id": 1000 + index, "props": props}
    return {**entry, "qom-type": kind} if kind else entry


def test_cpus_without_models() -> None:
    """QEMU up to 10.0 printed them like this; the first one has the mark."""
    assert qmp_calls("info cpus", {"query-cpus-fast": []}) == [("query-cpus-fast", {})]
    assert FakeSession({"query-cpus-fast": [cpu(0), cpu(1)]}).prints("info cpus") == (
        "* CPU #0: thread_id=1000\n  CPU #1: thread_id=1001\n"
    )


def test_cpus_with_models() -> None:
    """The monitor's current CPU has the mark."""
    kind = "qemu64-x86_64-cpu"
    session = FakeSession({"query-cpus-fast": [cpu(0, kind), cpu(7, kind)]})
    session.monitor.cpu = 7

    assert session.prints("info cpus") == (
        "  CPU #0: thread_id=1000 model=qemu64\n* CPU #7: thread_id=1007 model=qemu64\n"
    )


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("qemu64-x86_64-cpu", "qemu64"),
        ("cortex-a57-arm-cpu", "cortex-a57"),
        ("Skylake-Client-v1-x86_64-cpu", "Skylake-Client-v1"),
        ("max-i386-cpu", "max"),
        ("odd-cpu", "odd-cpu"),
        ("odd", "odd"),
    ],
)
def test_models_are_types_without_their_target(kind: str, model: str) -> None:
    """A name of any other form is shown whole."""
    assert cpu_model(kind) == model


@pytest.mark.parametrize(
    ("kind", "heading"),
    [("qemu64-x86_64-cpu", "cpu   model    thread"), ("", "cpu   thread   current")],
)
def test_cpus_for_people(kind: str, heading: str) -> None:
    """A column is left out if the machine does not send its member."""
    looks = FakeSession({"query-cpus-fast": [cpu(0, kind)]}).looks("info cpus")

    assert looks.startswith(heading)
    assert "● yes" in looks


def test_slots_of_cpus() -> None:
    """The largest part of a place comes first; a free slot has no object."""
    slots = [
        {"type": "max-x86_64-cpu", "vcpus-count": 1, "props": {"core-id": 1, "node-id": 0}},
        {
            "type": "max-x86_64-cpu",
            "vcpus-count": 1,
            "qom-path": "/machine/unattached/device[0]",
            "props": {"core-id": 0, "node-id": 0},
        },
    ]
    rows = FakeSession({"query-hotpluggable-cpus": slots}).looks("info hotpluggable-cpus")

    assert rows.splitlines()[2:] == [
        "node 0, core 1   max        1   ○ free",
        "node 0, core 0   max        1   ● plugged   unattached/device[0]",
    ]


def test_the_place_of_a_cpu() -> None:
    """The largest part first, whatever order the machine has."""
    parts = [
        "node",
        "drawer",
        "book",
        "socket",
        "die",
        "cluster",
        "module",
        "core",
        "thread",
    ]
    props = {f"{part}-id": number for number, part in reversed([*enumerate(parts)])}
    slot = {"type": "max", "vcpus-count": 1, "props": props}
    session = FakeSession({"query-hotpluggable-cpus": [slot]})

    lines = session.prints("info hotpluggable-cpus").splitlines()
    assert lines[:4] == [
        "Hotpluggable CPUs:",
        '  type: "max"',
        '  vcpus_count: "1"',
        "  CPUInstance Properties:",
    ]
    assert lines[4:] == [f'    {part}-id: "{number}"' for number, part in enumerate(parts)]
    place = ", ".join(f"{part} {number}" for number, part in enumerate(parts))
    assert place in session.looks("info hotpluggable-cpus", 140)


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("EAX=0 EBX=1", ["EAX", "EBX"]),
        ("ES =0 0 0 CS =0", ["ES", "CS"]),
        (" V      =   0", ["V"]),
        (" pc       0000000000001000", ["pc"]),
        (" x0/zero  0000000000000000 x1/ra    00000000000000aa", ["x0/zero", "x1/ra"]),
        ("NIP 0000000000000100   LR 00000000000000ff CPU#0", ["NIP", "LR"]),
        ("MSR 00000000 HID0 00000000  HF 6c000000 iidx 3", ["MSR", "HID0", "HF", "iidx"]),
        ("TB ffffffff 00000000 DECR 4294967295", ["TB", "DECR"]),
        ("CR 00000000  [ -  -  ]     RES ffffffffffffffff", ["CR", "RES"]),
        ("GPR08 00000000 00000001 0000000a", ["GPR08", "GPR09", "GPR10"]),
        ("FPSCR: 00000000", ["FPSCR"]),
        ("PSW=mask 0000000180000000 addr 0000000007e003e8 cc 00", ["PSW"]),
        ("something else", ["line 1"]),
    ],
)
def test_registers_of_all_kinds_of_processors(line: str, cells: list[str]) -> None:
    """Each register of a line is found, and no part of the line is lost."""
    (rows,) = split_cpus(f"CPU#0\n{line}\n").values()

    assert [name for name, _ in rows[0]] == cells
    assert " ".join(cell for _, cell in rows[0]).split() == line.split()
