"""A small Linux that runs a real guest agent, for tests that a harmless host cannot serve.

HMP_TEST_KERNEL is a folder with ``boot/vmlinuz-*`` and ``lib/modules``, such as an unpacked
linux-image-cloud-amd64 of Debian. The rest is this host's: busybox (busybox-static) and
qemu-ga, with the libraries that it needs.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.targets.agents import PROGRAM as AGENT

_MODULES = (
    "virtio/virtio_ring",
    "virtio/virtio",
    "virtio/virtio_pci_legacy_dev",
    "virtio/virtio_pci_modern_dev",
    "virtio/virtio_pci",
    "block/virtio_blk",
    "char/virtio_console",
)
"""In the order in which they load."""

_INIT = f"""#!/bin/busybox sh
/bin/busybox mkdir -p /bin /dev /proc /sys /mnt /tmp
/bin/busybox --install -s /bin
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for name in {" ".join(path.rpartition("/")[2] for path in _MODULES)}
do insmod /modules/$name.ko
done
until [ -e /dev/vda ] && port=$(ls /dev/vport*)
do sleep 0.1
done
mount -t ext4 /dev/vda /mnt
ip link set lo up
ip addr add 127.0.0.1/8 dev lo
exec qemu-ga -m virtio-serial -p $port -t /tmp
"""
_SHUTDOWN = '#!/bin/sh\necho "$@" >/mnt/shutdown\nsync\npoweroff -f\n'
"""What the agent runs as ``/sbin/shutdown``."""


def missing() -> str:
    """Return why the guest cannot be made here; empty if it can."""
    if "HMP_TEST_KERNEL" not in os.environ:
        return "no kernel: HMP_TEST_KERNEL names none"
    programs = {"busybox": "busybox-static", "mke2fs": "e2fsprogs"}
    for program, package in programs.items():
        if shutil.which(program) is None:
            return f"no {program}: install {package}"
    return "" if AGENT else "no qemu-ga: install qemu-guest-agent"


class LinuxGuest:
    """The files of the guest, made in a folder: a kernel, an initrd, and a disk."""

    def __init__(self, folder: Path) -> None:
        root = Path(os.environ["HMP_TEST_KERNEL"])
        self.kernel = next(root.glob("boot/vmlinuz-*"))
        self.initrd = folder / "initrd"
        self.initrd.write_bytes(gzip.compress(_archive(_files(root)), 1))
        self.disk = folder / "disk"
        with self.disk.open("wb") as file:
            file.truncate(4 << 20)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", str(self.disk)], check=True)


def _files(root: Path) -> dict[str, bytes]:
    """Return the files of the initrd by their paths in it."""
    assert AGENT is not None
    (drivers,) = root.glob("lib/modules/*/kernel/drivers")
    busybox = shutil.which("busybox")
    assert busybox is not None
    listed = subprocess.run(["ldd", AGENT], capture_output=True, text=True, check=True)
    libraries = re.findall(r"/\S+", listed.stdout)
    files = {path: Path(path).read_bytes() for path in libraries}
    for path in _MODULES:
        module = drivers / f"{path}.ko"
        files[f"/modules/{module.name}"] = module.read_bytes()
    files["/bin/busybox"] = Path(busybox).read_bytes()
    files["/sbin/qemu-ga"] = Path(AGENT).read_bytes()
    files["/sbin/shutdown"] = _SHUTDOWN.encode()
    files["/init"] = _INIT.encode()
    files["/etc/passwd"] = b"root:x:0:0::/:/bin/sh\n"
    return files


def _archive(files: dict[str, bytes]) -> bytes:
    """Return a cpio archive in the form that the kernel takes."""
    folders = {str(p) for path in files for p in Path(path).parents if p != Path("/")}
    entries = [(path, 0o40755, b"") for path in sorted(folders)]
    entries += [(path, 0o100755, data) for path, data in files.items()]
    entries.append(("TRAILER!!!", 0, b""))
    archive = bytearray()
    for number, (path, mode, data) in enumerate(entries, 1):
        name = path.removeprefix("/").encode() + b"\0"
        # inode, mode, user, group, links, time, size, two devices, the name's size
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        archive += b"070701" + b"".join(b"%08x" % field for field in fields) + name
        archive += bytes(-len(archive) % 4) + data
        archive += bytes(-len(archive) % 4)
    return bytes(archive)
