"""The machines that lines are compared on."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from tests.qemu.machines import full_machine, make_disks

NONE = ["-M", "none", "-nodefaults"]
# hlt, and again; at the address where processors begin, 16 bytes before the end
_FIRMWARE = b"\xf4\xeb\xfd".ljust(16, b"\x90").rjust(1 << 16, b"\x90")
_RUNNING = (
    "-bios firmware -M q35 -m 64 -smp 2 -nodefaults -vga std -name running"
    " -drive if=none,id=d0,file=extra.img,format=raw -device virtio-blk-pci,id=vb0,drive=d0"
    " -netdev user,id=net0 -device e1000e,netdev=net0,id=nic0"
    " -object iothread,id=io0 -device virtio-balloon-pci,id=bal"
)
_MORE = (
    " -object memory-backend-ram,id=dimm0,size=64M -device pc-dimm,id=dm0,memdev=dimm0"
    " -object cryptodev-backend-builtin,id=cry0"
    " -object rng-random,id=rng0,filename=/dev/urandom"
    " -device virtio-rng-pci,id=vr0,rng=rng0"
    " -device rocker,name=sw0 -device vmgenid,guid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb87"
    " -audiodev none,id=snd0 -device intel-hda -device hda-duplex,audiodev=snd0"
    " -device virtio-serial-pci,id=vs0 -chardev null,id=nul0"
    " -device virtserialport,chardev=nul0,name=port0 -vnc unix:vnc,password=on"
)


def nodes(dashes: str) -> list[str]:
    """Return the arguments that make block nodes and an object."""
    options = (
        "blockdev qcow2,node-name=n0,file.driver=file,file.filename=disk.qcow2",
        "blockdev raw,node-name=n1,file.driver=file,file.filename=raw.img",
        "object iothread,id=io0",
    )
    return [word for option in options for word in f"{dashes}{option}".split()]


def running() -> list[str]:
    """Return the arguments of a machine whose guest runs, and does nothing."""
    return shlex.split(_RUNNING)


def everything() -> list[str]:
    """Return the arguments of a machine with everything plugged in."""
    return [*full_machine(), *shlex.split(_MORE)]


def make_files(folder: Path) -> Path:
    """Make what the machines find where they run; return the folder."""
    make_disks(folder)
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "raw", folder / "extra.img", "1M"], check=True
    )
    (folder / "firmware").write_bytes(_FIRMWARE)
    return folder
