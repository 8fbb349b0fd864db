"""Native commands print what QEMU's own monitor prints."""

from __future__ import annotations

import pytest

from tests.qemu.conftest import Session

pytestmark = pytest.mark.qemu

READS = [
    "info version",
    "info status",
    "info name",
    "info uuid",
    "info cpus",
    "info block",
    "info block d0",
    "info block cd0",
    "info block n1",
    "info block nope",
    "info block -v",
    "info block -v d0",
    "info block -n",
    "info block -n -v",
    "info block -n n1",
    "info block -v -n",
    "info blockstats",
    "info chardev",
    "info balloon",
    "info mice",
    "info iothreads",
    "info pci",
    "info qom-tree",
    "info qom-tree /",
    "info qom-tree /objects",
    "info qom-tree /objects/",
    "info qom-tree /machine/peripheral/vb0",
    "info qom-tree /machine/peripheral/vb0/virtio-backend/parent_bus",
    "info qom-tree vb0",
    "info qom-tree nope",
    "info qom-tree /nope",
    "qom-list",
    "qom-list /",
    "qom-list /machine",
    "qom-list vb0",
    "qom-list nope",
    "qom-get /machine type",
    "qom-get /machine/peripheral/vb0 drive",
    "qom-get /machine nope",
    "qom-get nope type",
    "qom-get /machine/peripheral/nic0 legacy-addr",
    "qom-get /machine smp",
    "qom-get /objects/m0 host-nodes",
    "chardev-change nope null",
]


@pytest.mark.parametrize("line", READS)
def test_reading_commands_print_the_same_text(full: Session, line: str) -> None:
    """A line that only reads prints in our monitor what it prints in QEMU's."""
    assert full.ours(line) == full.theirs(line)


@pytest.mark.parametrize("line", READS)
def test_reading_commands_on_no_machine(bare: Session, line: str) -> None:
    """... also where there is no machine at all."""
    assert bare.ours(line) == bare.theirs(line)
