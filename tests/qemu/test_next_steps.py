"""The next step after errors of a real QEMU: what completions/next_step.py knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from completions.defaults import KINDS
from hmp.completion.candidates import fixed_words
from hmp.completion.suggestions import suggest
from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu

DEVICES = (
    "-device",
    "pcie-root-port,id=rp1,slot=1",
    "-device",
    "pcie-root-port,id=rp2,slot=2",
    "-device",
    "virtio-scsi-pci,id=scsi0",
    "-device",
    "ide-cd,id=cd0",
    "-blockdev",
    "null-co,node-name=n0",
    "-device",
    "scsi-hd,drive=n0,id=sd0",
    "-blockdev",
    "null-co,node-name=n1",
    "-netdev",
    "user,id=net0",
    "-device",
    "e1000,bus=rp2,netdev=net0,id=nic0",
    "-object",
    "iothread,id=io1",
    "-drive",
    "if=none,id=d1,file={disk},format=raw",
    "-device",
    "scsi-hd,drive=d1,id=sd1",
)


@pytest.fixture(scope="module")
def machine(
    qemu_command: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """A machine with ports, a disk, and things in use."""
    disk = tmp_path_factory.mktemp("disks") / "disk"
    disk.write_bytes(bytes(1 << 20))
    arguments = [text.replace("{disk}", str(disk)) for text in DEVICES]
    qemu = RunningQemu(qemu_command, ["-M", "q35", "-nodefaults", *arguments])
    session = Session(qemu)
    yield session
    session.connection.close()
    qemu.close()


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("query-status", "It is a QMP command: type 'qmp query-status'"),
        (
            "device_add e1000,bus=pcie.0",
            "Choose a bus that supports it, such as ,bus=rp1. Free: rp1",
        ),
        ("device_add e1000,bus=rp7", "Buses with room: rp1"),
        (
            "snapshot_blkdev n1 /nowhere",
            "For a node: qmp blockdev-snapshot-sync node-name=n1 snapshot-file=FILE",
        ),
        ("commit n1", "For a node: qmp block-commit job-id=NAME device=n1"),
        ("eject n1", "For a node: qmp blockdev-del node-name=n1"),
        (
            "netdev_add user,id=net0",
            "Choose another id, or remove what has it: netdev_del net0",
        ),
        ("drive_add 0 if=scsi,id=d2", "A drive for a running machine has if=none"),
        ("device_add unlike", "'info qdm' shows the models"),
        ("block_job_cancel x", "'info block-jobs' shows the jobs"),
        ("migrate -d unlike:1", "Type where to: tcp:HOST:PORT"),
        ("migrate_start_postcopy", "'migrate_set_capability postcopy-ram on'"),
        ("qmp object-add qom-type=memory-backend-ram id=m", "Add size="),
        ("chardev-remove compat_monitor0", "A device or a monitor uses it"),
        (
            "chardev-add socket,id=c,host=127.0.0.1,port=1",
            "Nothing listens there: start it",
        ),
        ("cpu 99", "'info cpus' shows the CPUs"),
        ("print $unlike", "'info registers' shows the registers"),
        ("qom-get /unlike x", "'info qom-tree' shows all paths"),
        ("qom-set /machine unlike 1", "'qom-list /machine' lists its properties"),
        ("migrate_set_parameter max-bandwidth x", "A size is a number"),
        ("watchdog_action unlike", "Tab shows what it accepts"),
        (
            "device_add e1000,bus=rp1,id=nic0",
            "Choose another id; 'device_del nic0'",
        ),
        (
            "device_add scsi-hd,drive=d1",
            "The device sd1 uses it; 'device_del sd1' unplugs that",
        ),
        ("device_add scsi-hd,drive=n9", "Free drives and nodes: n1"),
        (
            "device_add e1000,bus=rp1,netdev=net9",
            "Network backends: net0; netdev_add",
        ),
        ("device_add e1000,bus=rp1,nic=1", "'device_add e1000,help' lists its properties"),
        ("device_del cd0", "This device can only be removed while QEMU is not running"),
        ("device_del nic7", "Did you mean 'nic0'?"),
        ("device_del unlike", "This machine has 'cd0', 'nic0', 'rp1', 'rp2', "),
        ("eject d1", "The device sd1 uses it; 'device_del sd1'"),
        (
            "qmp blockdev-del node-name=n0",
            "The device sd0 uses it; 'device_del",
        ),
        (
            "object_add iothread,id=io1",
            "Choose another id, or delete the object first:",
        ),
        ("balloon 100", "'device_add virtio-balloon-pci' adds one, if a bus has room"),
        ("loadvm one", "Snapshots need writable disks in qcow2"),
        ("migrate_incoming tcp:localhost:1", "Start the destination with -incoming defer"),
        ("info qom-tree /nowhere", "'info qom-tree' shows all paths"),
        (
            'pmemsave 0 1 "nowhere/x"',
            "A relative path begins at the folder in which QEMU was",
        ),
        ("wait SHUTDWON --timeout 0.01", "No event has this name; did you mean SHUTDOWN?"),
        ("wait qqq --timeout 0.01", "No event of this machine has this name"),
        ("nbd_server_add n0", "'nbd_server_start' starts it"),
    ],
)
def test_the_next_step(machine: Session, line: str, step: str, tmp_path: Path) -> None:
    """Errors of this QEMU are known, whatever words it has for them."""
    call = machine.call(line)

    assert call.error is not None
    found = asyncio.run(suggest(machine.monitor, call, KINDS, fixed_words))
    assert found.startswith(step), call.error.desc
    assert "pcie.0" not in found  # it takes no device while the machine runs
