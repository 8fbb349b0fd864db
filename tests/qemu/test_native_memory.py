"""Memory of all kinds that can be had here prints what QEMU's own monitor prints of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from hmp.display.richtext import render
from hmp.display.screen import Screen
from tests.qemu.conftest import Session
from tests.qemu.pairs import assert_same_text, commands_sent, sessions

MACHINE = (
    "-M q35,nvdimm=on -m 64,slots=4,maxmem=4G -S -nodefaults"
    " -object memory-backend-ram,id=m0,size=128M -device pc-dimm,id=dm0,memdev=m0"
    " -object memory-backend-ram,id=m1,size=128M,share=on,merge=off"
    " -device nvdimm,memdev=m1"
    " -object memory-backend-ram,id=m2,size=256M"
    " -device virtio-mem-pci,id=vm0,memdev=m2,requested-size=128M"
    " -object memory-backend-file,id=m3,size=2M,mem-path=pmem,share=on"
    " -device virtio-pmem-pci,id=vp0,memdev=m3"
)


@pytest.fixture(scope="module")
def machine(qemu_command: list[str]) -> Iterator[Session]:
    """A machine with memory devices."""
    with sessions(qemu_command, MACHINE) as (session,):
        yield session


def test_texts(machine: Session) -> None:
    """Asked over QMP only."""
    sent = commands_sent(machine)
    assert_same_text(
        machine,
        ["info memory-devices", "info memdev", "info memory_size_summary", "info ramblock"],
    )

    assert "human-monitor-command" not in sent


def test_views(machine: Session) -> None:
    """All devices, the one at the lowest address first."""
    call = machine.call("info memory-devices")
    assert call.entry is not None
    assert call.entry.view_function is not None
    page = render(call.entry.view_function(call.value, call), Screen(-1, {}))
    addresses = [int(found, 16) for found in re.findall("0x[0-9a-f]{9}", page)]

    assert len(addresses) == 4
    assert addresses == sorted(addresses)
