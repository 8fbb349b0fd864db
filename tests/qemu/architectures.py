"""Machines of other architectures than x86, and the QEMUs that emulate them.

Those stand beside the `qemu-system-x86_64` of each QEMU that the tests run with.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

from tests.qemu.machines import qemus

_X86 = "qemu-system-x86_64"

_ANYWHERE = (
    " -S -nodefaults -name full -uuid 12345678-1234-1234-1234-123456789abc"
    " -drive if=none,id=d0,file=disk.qcow2,format=qcow2,bps=1000000"
    " -drive if=none,id=cd0,media=cdrom"
    " -blockdev raw,node-name=n1,read-only=on,file.driver=file,file.filename=raw.img"
    " -netdev user,id=net0 -netdev user,id=net1 -object iothread,id=io0"
    " -chardev ringbuf,id=rb0 -object memory-backend-ram,id=m9,size=16M"
    " -object rng-random,id=rng0,filename=/dev/urandom -vnc unix:vnc,password=on"
)
_DISKS = (
    " -device virtio-blk-{bus},id=vb0,drive=d0 -device virtio-scsi-{bus},id=scsi0"
    " -device scsi-hd,drive=n1,id=sd1 -device scsi-cd,drive=cd0,id=idecd"
    " -device virtio-balloon-{bus},id=bal -device virtio-rng-{bus},id=vr0,rng=rng0"
)
_PCI = (
    " -device VGA -device e1000e,netdev=net0,id=nic0"
    " -device virtio-net-pci,netdev=net1,id=nic1 -device qemu-xhci,id=xhci"
    " -device usb-tablet,id=tab -device usb-kbd -device pci-bridge,id=pb0,chassis_nr=2"
) + _DISKS.format(bus="pci")
_CHANNELS = (
    " -device virtio-net-ccw,netdev=net0,id=nic0 -device virtio-net-pci,netdev=net1,id=nic1"
) + _DISKS.format(bus="ccw")
_BROKEN = "cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken"

MACHINES = {
    "aarch64": "-M virt -cpu cortex-a57 -m 128 -smp 2" + _ANYWHERE + _PCI,
    "arm": "-M virt -cpu cortex-a15 -m 128 -smp 2" + _ANYWHERE + _PCI,
    "riscv64": "-M virt -m 128 -smp 2" + _ANYWHERE + _PCI,
    "ppc64": f"-M pseries,{_BROKEN} -m 256 -smp 2" + _ANYWHERE + _PCI,
    "s390x": "-M s390-ccw-virtio -m 128 -smp 2" + _ANYWHERE + _CHANNELS,
}
"""By architecture, a machine with a bit of everything."""

SMALL = {
    "aarch64": ("-M virt", "-M none"),
    "arm": ("-M virt -cpu cortex-a15", "-M vexpress-a15"),
    "riscv64": ("-M virt", "-M none"),
    "ppc64": ("-M pseries", "-M powernv"),
    "s390x": ("-M s390-ccw-virtio", "-M none"),
    "ppc": ("-M g3beige", "-M mac99"),
    "sparc": ("-M SS-5",),
    "sparc64": ("-M sun4u",),
    "m68k": ("-M virt",),
}
"""By architecture, machines as they come."""


class Emulator(NamedTuple):
    """A QEMU of another architecture: its release, which architecture, its command."""

    label: str
    architecture: str
    command: list[str]

    @property
    def name(self) -> str:
        """What it is called."""
        return f"qemu-system-{self.architecture} {self.label or '(no QEMU)'}"

    @property
    def installed(self) -> bool:
        """Whether it is there."""
        return bool(self.label) and any(
            _names(word, f"qemu-system-{self.architecture}") and shutil.which(word)
            for word in self.command
        )


def _names(word: str, program: str) -> bool:
    return Path(word).name == program


def emulators(architectures: list[str]) -> list[Emulator]:
    """Return one of each architecture beside each QEMU, there or not."""
    found = qemus() or {"": [_X86]}
    return [
        Emulator(label, name, _beside(command, f"qemu-system-{name}"))
        for name in architectures
        for label, command in found.items()
    ]


def _beside(command: list[str], program: str) -> list[str]:
    """Return the command with another program of the same QEMU.

    What stands before it sets where modules are, which `RunningQemu` does for all.
    """
    found = [index for index, word in enumerate(command) if _names(word, _X86)]
    if not found:
        return [program]
    own, *options = command[found[0] :]
    return [str(Path(own).with_name(program)), *options]


def full(architecture: str) -> list[str]:
    """Return the arguments of the machine with a bit of everything."""
    return shlex.split(MACHINES[architecture])
