from __future__ import annotations

import pytest

from hmp.display.richtext import present
from hmp.display.screen import Screen
from tests.fakes import FakeSession

TREE = """\
address-space: cpu-memory-0
address-space: memory
  0000000000000000-ffffffffffffffff (prio 0, container): system
    00000000fee00000-00000000feefffff (prio 4096, i/o): apic-msi
    0000000000000000-0000000007ffffff (prio 0, ram): alias low @pc.ram \
0000000000001000-0000000007ffffff
      0000000000000000-000000000000ffff (prio 1, rom): bios [disabled] owner:{dev id=x}

address-space: VGA
  0000000000000000-ffffffffffffffff (prio 0, i/o): bus master

address-space: NIC
  0000000000000000-ffffffffffffffff (prio 0, i/o): bus master

"""


def test_address_spaces_are_trees() -> None:
    """Lowest address first, readable sizes, empty spaces in one line at the end."""
    assert FakeSession(lines={"info mtree": TREE}).looks("info mtree", 100) == (
        "cpu-memory-0, memory\n"
        "└── 0-…      all container system\n"
        "    ├── 00000000-07ffffff  128 MiB ram low → pc.ram+0x1000\n"
        "    │   └── 0000-ffff   64 KiB rom bios [disabled] of x\n"
        "    └── fee00000-feefffff    1 MiB i/o apic-msi\n"
        "\n"
        "empty\n"
        "VGA, NIC\n"
    )


FLAT = """\
FlatView #0
 AS "memory", root: system
 AS "cpu-memory-0", root: system
 Root memory region: system
  0000000000000000-000000000009ffff (prio 0, ram): m0
  00000000000c0000-00000000000dffff (prio 1, rom): pc.rom @0000000000020000
  Dispatch
    Physical sections

FlatView #1
 AS "mch", root: bus master container
 Root memory region: (none)
  No rendered FlatView

"""


def test_flat_views_are_maps() -> None:
    """Free ranges between the regions are shown, too."""
    assert FakeSession(lines={"info mtree -f": FLAT}).looks("info mtree -f") == (
        "memory, cpu-memory-0\n"
        "from    to         size   kind   region\n"
        "───────────────────────────────────────────────\n"
        "00000   9ffff   640 KiB   ram    m0\n"
        "a0000   bffff   128 KiB          free\n"
        "c0000   dffff   128 KiB   rom    pc.rom+0x20000\n"
        "Dispatch\n"
        "    Physical sections\n"
        "\n"
        "empty\n"
        "mch\n"
    )


@pytest.mark.parametrize("text", ["", "something new\n", "  0-1: x\n", "FlatView\n"])
def test_other_text_is_shown_as_it_is(text: str) -> None:
    """Unknown text does not become a view."""
    assert FakeSession(lines={"info mtree": text}).looks("info mtree") == text


def test_a_screen_of_ascii() -> None:
    """Arrows and lines use its characters only."""
    call = FakeSession(lines={"info mtree": TREE}).call("info mtree")
    screen = Screen(-1, {"LANG": "C"})
    screen.width = 100
    page = present(call, screen)

    assert page.isascii()
    assert "ram low > pc.ram+0x1000\n" in page
    assert "\\u" not in page
