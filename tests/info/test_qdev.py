from __future__ import annotations

import pytest

from tests.fakes import FakeSession

QTREE = """\
bus: main-system-bus
  type System
  dev: q35-pcihost, id ""
    pci-hole64-size = 34359738368 (32 GiB)
    bus: pcie.0
      type PCIE
      dev: e1000e, id "nic0"
        addr = 04.0
        class Ethernet controller, addr 00:04.0
"""


def test_qtree() -> None:
    """Devices are named by their ids; addresses come before properties."""
    assert FakeSession(lines={"info qtree": QTREE}).looks("info qtree") == (
        "main-system-bus System bus\n"
        "└── q35-pcihost\n"
        "    pci-hole64-size=34359738368 (32 GiB)\n"
        "    └── pcie.0 PCIE bus\n"
        "        └── nic0 e1000e\n"
        "            class Ethernet controller, addr 00:04.0  addr=04.0\n"
    )


QDM = """\
Network devices:
name "e1000", bus PCI, alias "e1000-82540em", desc "Intel Gigabit Ethernet"
name "ne2k", bus ISA, no-user
"""


def test_qdm() -> None:
    """One table per category."""
    looks = FakeSession(lines={"info qdm": QDM}).looks("info qdm")

    assert looks.startswith("Network devices\n")
    assert "e1000 (e1000-82540em)   PCI   Intel Gigabit Ethernet\n" in looks
    assert "ne2k                    ISA   not for users\n" in looks


def test_qdm_of_a_machine_with_modules_that_do_not_load() -> None:
    """The messages come first."""
    trouble = "failed to open module: libx.so: not found\n"
    looks = FakeSession(lines={"info qdm": trouble + QDM}).looks("info qdm")

    assert looks.startswith(f"{trouble}Network devices\n")


@pytest.mark.parametrize("line", ["info qtree", "info qdm"])
@pytest.mark.parametrize("text", ["", "something new\n", "bus: a\nbus: b\n", 'name "x\n'])
def test_other_text_is_shown_as_it_is(line: str, text: str) -> None:
    """Unknown text does not become a view."""
    assert FakeSession(lines={line: text}).looks(line) == text
