from __future__ import annotations

import pytest

from tests.fakes import FakeSession

LAPIC = (
    "dumping local APIC state for CPU 0 \n\n"
    "LVT0\t 0x00008700 active-hi level                             ExtINT (vec 0)\n"
    "LVTT\t 0x00010000 active-hi edge  masked         one-shot     Fixed  (vec 0)\n"
    "Timer\t DCR=0x0 (divide by 2) initial_count = 0 current_count = 0\n"
    "ISR\t (none)\n\n"
    "APR 0x00 TPR 0x00\n"
)


def test_lapic() -> None:
    """The mark of a masked or open entry comes before its other flags."""
    assert FakeSession(lines={"info lapic": LAPIC}).looks("info lapic") == (
        "dumping local APIC state for CPU 0\n"
        "LVT0   ● open   active-hi level ExtINT (vec 0)\n"
        "LVTT   ○ masked active-hi edge one-shot Fixed (vec 0)\n"
        "Timer  DCR=0x0 (divide by 2) initial_count = 0 current_count = 0\n"
        "ISR    (none)\n"
        "APR 0x00 TPR 0x00\n"
    )


PIC = (
    "ioapic0: ver=0x20 id=0x00 sel=0x00\n"
    "  pin 0  0x0000000000010000 dest=0 vec=0   active-hi edge  masked fixed  physical\n"
    "  pin 1  0x0000000000010000 dest=0 vec=0   active-hi edge  masked fixed  physical\n"
    "  pin 4  0x0000000000000034 dest=1 vec=52  active-hi edge         fixed  physical\n"
    "  IRR      (none)\n"
    "pic0: irr=10\n"
)


def test_pic() -> None:
    """Open pins are in a table, the others in one line."""
    machine = {"x-query-interrupt-controllers": {"human-readable-text": PIC}}

    assert FakeSession(machine).looks("info pic") == (
        "ioapic0: ver=0x20 id=0x00 sel=0x00\n"
        "pin   vector   to   kind                            value\n"
        f"{'─' * 70}\n"
        "  4       52    1   active-hi edge fixed physical   0x0000000000000034\n"
        "  masked: pin 0-1\n"
        "  IRR      (none)\n"
        "pic0: irr=10\n"
    )


def test_pic_of_an_older_machine() -> None:
    """Its own monitor prints the same text, which gets the same view."""
    session = FakeSession(lines={"info pic": PIC})

    assert session.prints("info pic") == PIC
    assert "masked: pin 0-1\n" in session.looks("info pic")


IRQ = "IRQ statistics for ioapic:\n 0: {}\n 4: 1\n"


def test_irq_counts_since_the_last_look() -> None:
    """The increase is shown for those that grew."""
    session = FakeSession({"x-query-irq": {"human-readable-text": IRQ.format(42)}})
    first = session.looks("info irq")
    session.machine.answers["x-query-irq"] = {"human-readable-text": IRQ.format(50)}
    second = session.looks("info irq").splitlines()

    assert "+" not in first
    assert second[2].split() == ["ioapic", "0", "50", "+8"]
    assert second[3].split() == ["ioapic", "4", "1"]


def test_irq_counts_without_a_controller() -> None:
    """They are shown nevertheless, before any that have one."""
    text = " 7: 3\n" + IRQ.format(42)
    session = FakeSession({"x-query-irq": {"human-readable-text": text}})
    lines = session.looks("info irq").splitlines()

    assert [line.split() for line in lines[2:4]] == [["7", "3"], ["ioapic", "0", "42"]]


@pytest.mark.parametrize("line", ["info lapic", "info mem", "info tlb"])
def test_other_text(line: str) -> None:
    """It is shown unchanged."""
    assert FakeSession(lines={line: "PG disabled\n"}).looks(line) == "PG disabled\n"


def test_mem() -> None:
    """The ranges have readable sizes."""
    text = "0000000000000000-0000000000200000 0000000000200000 -rw\n"

    assert FakeSession(lines={"info mem": text}).looks("info mem").splitlines()[2] == (
        "0000000000000000   0000000000200000   2 MiB   -rw"
    )


TLB = """\
0000000000000000: 0000000000000000 --P-A---W
0000000000400000: 0000000000400000 --P-A---W
0000000000800000: 0000000000800000 --P-A---W
0000000000c00000: 0000000000c00000 --P-----W
0000000001000000: 0000000000000000 --P-----W
0000000001001000: 0000000000001000 --P-----W
0000000001003000: 0000000000003000 --P-----W
"""


def test_tlb() -> None:
    """Adjacent pages with equal flags are one row."""
    rows = FakeSession(lines={"info tlb": TLB}).looks("info tlb").splitlines()[2:]

    assert [row.split() for row in rows] == [
        ["0" * 16, f"{0x800000:016x}", "0" * 16, "3", "--P-A---W"],
        [f"{0xC00000:016x}", f"{0xC00000:016x}", "1", "--P-----W"],
        [f"{0x1000000:016x}", f"{0x1001000:016x}", "0" * 16, "2", "--P-----W"],
        [f"{0x1003000:016x}", f"{0x3000:016x}", "1", "--P-----W"],
    ]


NUMA = """\
2 nodes
node 0 cpus: 0 1
node 0 size: 64 MB
node 0 plugged: 0 MB
node 1 cpus:
node 1 size: 64 MB
node 1 plugged: 32 MB
"""


def test_numa() -> None:
    """One row per node; a machine without nodes keeps its text."""
    machine = FakeSession({"x-query-numa": {"human-readable-text": NUMA}})
    assert [row.split() for row in machine.looks("info numa").splitlines()[2:]] == [
        ["0", "0", "1", "64", "MB", "0", "MB"],
        ["1", "64", "MB", "32", "MB"],
    ]


REGISTERS = "\nCPU#0\nEAX={:08x} EBX=00000000\nES =0010 00000000\n"


def test_registers_that_changed_are_marked() -> None:
    """They are also listed first, with the time since the last look."""
    session = FakeSession(lines={"info registers": REGISTERS.format(1)})
    assert session.looks("info registers").startswith("CPU#0\n  EAX=00000001 EBX=")
    session.machine.lines["info registers"] = REGISTERS.format(2)

    assert session.looks("info registers") == (
        "CPU#0  changed in 0 s: EAX\n● EAX=00000002 EBX=00000000\n  ES =0010 00000000\n"
    )
    assert "changed in 0 s: nothing" in session.looks("info registers")
