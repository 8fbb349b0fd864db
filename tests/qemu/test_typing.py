"""Completion and guidance on real machines, a key at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.qemu.machines import RunningQemu
from tests.terminal.screen import Terminal


@pytest.fixture(scope="module")
def session(full_qemu: RunningQemu) -> Iterator[Terminal]:
    """A session that stays at its prompt."""
    terminal = Terminal("--read-only", full_qemu.path, columns=140, HMP_HISTORY="")
    terminal.wait_for("(qemu full prelaunch RO)")
    yield terminal
    terminal.close()


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("block_resize d", "block_resize d0"),
        ("eject c", "eject cd0"),
        ("device_del ni", "device_del nic"),
        ("set_link nic1 of", "set_link nic1 off"),
        ("delvm fi", "delvm first"),
        ("qom-get /machine/peripheral/vb", "qom-get /machine/peripheral/vb0"),
        ("qom-get /machine/peripheral/vb0 driv", "qom-get /machine/peripheral/vb0 drive"),
        ("sendkey ctrl-alt-dele", "sendkey ctrl-alt-delete"),
        ("ringbuf_read r", "ringbuf_read rb0"),
        ("object_del io", "object_del io0"),
        ("migrate_set_parameter multifd-comp", "migrate_set_parameter multifd-compression"),
        ("migrate_set_parameter multifd-compression zs", "zstd"),
        ("trace-event virtio_blk_req_comp", "trace-event virtio_blk_req_complete"),
        ("device_add virtio-blk-pci,driv", "device_add virtio-blk-pci,drive="),
        ("device_add virtio-blk-pci,drive=n", "device_add virtio-blk-pci,drive=n1"),
        (
            "device_add virtio-blk-pci,werror=enos",
            "device_add virtio-blk-pci,werror=enospc",
        ),
        ("device_add e1000e,netdev=net", "device_add e1000e,netdev=net"),
        ("device_add virtio-blk-pci,iothread=i", "device_add virtio-blk-pci,iothread=io0"),
        ("object_add iothread,poll-max", "object_add iothread,poll-max-ns="),
        ("netdev_add user,restr", "netdev_add user,restrict="),
        ("netdev_add user,restrict=of", "netdev_add user,restrict=off"),
        ("chardev-remove rb", "chardev-remove rb0"),
        ("log guest_", "log guest_errors"),
        ("wait BLOCK_JOB_REA", "wait BLOCK_JOB_READY"),
        ("qmp query-sta", "qmp query-sta"),
        ("qmp blockdev-add driver=qcow2 file.driver=file file.filen", "file.filename="),
        ("qmp blockdev-del node-name=n", "qmp blockdev-del node-name=n1"),
        ('qmp {"execute": "blockdev-ad', 'qmp {"execute": "blockdev-add'),
    ],
)
def test_tab_on_a_real_machine(session: Terminal, typed: str, line: str) -> None:
    """What is unique is put in; what is not stays, with a menu."""
    session.type(f"\x15{typed}")
    session.wait(lambda: session.row.endswith(typed), typed)
    session.type("\t")

    session.wait(lambda: session.row.endswith(line), line)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("migrate_set_parameter downtime-limit ", "int in ms, now 300"),
        ("device_add virtio-blk-pci,num-queues=", "num-queues: uint16"),
        ("set_link nci0 ", "no network client 'nci0'"),
        ("eject dd0 ", "no removable block device 'dd0'"),
        ("device_add virtio-blk-pci,drvie=x", "did you mean drive?"),
        ("qom-set /machine/peripheral/vb0 bootindex ", "int32, now -1"),
        ("hostfwd_add net0 ", "[tcp|udp]:[host address]:host port"),
    ],
)
def test_the_bar_on_a_real_machine(session: Terminal, typed: str, told: str) -> None:
    """Units, types and present values, as the machine tells them."""
    session.type(f"\x15{typed}")

    session.wait_for(told)
