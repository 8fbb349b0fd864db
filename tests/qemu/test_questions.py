"""What a real QEMU would refuse is refused before its user is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hmp.builtin import load_tables
from hmp.monitor.entry import DESTRUCTIVE
from tests.commands.test_outcomes import User
from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu

MACHINE = (
    *(
        "-M",
        "q35",
        "-nodefaults",
        "-device",
        "virtio-scsi-pci",
        "-device",
        "pcie-root-port,id=rp1",
    ),
    *("-drive", "if=none,id=hd0,format=raw,file={disk}", "-device", "scsi-hd,drive=hd0"),
    *("-drive", "if=none,id=cd0,media=cdrom", "-device", "scsi-cd,drive=cd0"),
    *("-chardev", "null,id=busy", "-chardev", "null,id=free", "-chardev", "ringbuf,id=rb"),
    *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=busy"),
    *("-m", "64", "-object", "memory-backend-ram,id=ram,size=64M"),
    *("-machine", "memory-backend=ram", "-object", "iothread,id=io0"),
)
NAMES = [
    entry.names[0]
    for entry in load_tables()
    if entry.parameters and (entry.effect == DESTRUCTIVE or entry.foreseen is not None)
]
# each port exists, any tag can be saved, any name may be an address
ANY = {"o", "savevm", "migrate"}
NONSENSE = {"i": "99", "l": "99", "o": "1G"}


@pytest.fixture(scope="module")
def machine(
    qemu_command: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """A machine with a disk, an empty drive and a PCIe port."""
    disk = tmp_path_factory.mktemp("disks") / "disk"
    disk.write_bytes(bytes(1 << 20))
    qemu = RunningQemu(qemu_command, [each.format(disk=disk) for each in MACHINE])
    session = Session(qemu)
    yield session
    session.connection.close()
    qemu.close()


def asked(machine: Session, line: str) -> tuple[list[str], str]:
    """Return the questions of a line, and its error."""
    user = machine.monitor.front = User()
    call = machine.call(line)
    return user.questions, call.error_text() if call.error is not None else ""


@pytest.mark.parametrize("name", sorted(set(NAMES) - ANY))
def test_nothing_is_asked_about_what_does_not_exist(machine: Session, name: str) -> None:
    """Each command that asks, with names and numbers that the machine does not have."""
    entry = machine.monitor.commands.get(name)
    assert entry is not None
    needed = [p.type.letter for p in entry.parameters if not (p.is_flag or p.optional)]
    line = " ".join([name, *(NONSENSE.get(letter, "nosuch") for letter in needed)])

    questions, error = asked(machine, line)
    assert questions == []
    assert error or name == "mce"  # QEMU ignores a CPU that does not exist


@pytest.mark.parametrize(
    "line",
    [
        "eject hd0",
        "commit hd0",
        "commit cd0",
        "block_resize cd0 1G",
        "snapshot_delete_blkdev_internal hd0 x",
        "snapshot_delete_blkdev_internal cd0 x",
        "qemu-io -d nosuch flush",
        "chardev-remove busy",
        "object_del ram",
    ],
)
def test_what_is_refused_is_refused_as_by_qemu(machine: Session, line: str) -> None:
    """The error is the one that follows when the user is not asked."""
    questions, error = asked(machine, line)
    told = machine.qemu.oracle.hmp(line)

    assert questions == []
    assert error.removeprefix("Error: ") == told.removeprefix("Error: ")


@pytest.mark.parametrize(
    "line", ["commit all", "eject cd0", "nbd_server_stop", "mce 99 1 1 1 1 1"]
)
def test_what_loses_nothing_is_not_asked(machine: Session, line: str) -> None:
    """On this machine."""
    assert asked(machine, line)[0] == []


def test_what_has_no_user_is_removed_unless_it_holds_text(machine: Session) -> None:
    """Only the ring buffer loses something."""
    for line in ("chardev-remove free", "object_del io0"):
        assert asked(machine, line) == ([], "")

    questions, _ = asked(machine, "chardev-remove rb")
    assert questions == [
        "chardev-remove rb: the text in this ring buffer is lost. Continue?"
    ]
