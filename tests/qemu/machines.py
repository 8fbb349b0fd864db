"""Real QEMUs for the tests: which there are, and machines started with them.

HMP_TEST_QEMUS names them, as ``LABEL=COMMAND`` parted by ``;``, where COMMAND may hold
arguments that the binary needs to find its firmware; ``none`` is none. Without it, the
``qemu-system-x86_64`` on PATH is used when there is one.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from hmp.qmp.exchange import is_error_without_id

_ORACLE_TIMEOUT = 60.0
_GREETING_TIMEOUT = 15.0
_GREETINGS = 4
"""A QEMU that is met while it starts may wait for a second client before it goes on."""


def qemus() -> dict[str, list[str]]:
    """Return the command of each QEMU by its label, which is its release."""
    listed = os.environ.get("HMP_TEST_QEMUS", "")
    if listed == "none":
        return {}
    if listed:
        pairs = (item.partition("=") for item in listed.split(";") if item.strip())
        return {label.strip(): shlex.split(command) for label, _, command in pairs}
    found = shutil.which("qemu-system-x86_64")
    return {release_of(found): [found]} if found else {}


@cache
def release_of(program: str) -> str:
    """Return the release of a program of QEMU's, as in 10.0."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    match = re.search(r"version (\d+\.\d+)", told)
    return match[1] if match else "unknown"


class Oracle:
    """QEMU's own monitor, asked over a QMP socket of its own by a bare client."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(_GREETING_TIMEOUT)
        self.file = self.socket.makefile("rb")
        try:
            self.socket.connect(path)
            # QEMU may send it a late reply to an earlier client, even before the greeting
            while "QMP" not in (greeting := json.loads(self.file.readline())):
                pass
            self.greeting = greeting
            self.qmp("qmp_capabilities")
        except OSError:
            self.close()
            raise
        self.socket.settimeout(_ORACLE_TIMEOUT)

    def qmp(self, command: str, **arguments: Any) -> Any:
        """Run a QMP command and return the whole reply."""
        id_ = f"oracle-{uuid4()}"
        request = {"execute": command, "arguments": arguments, "id": id_}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            reply = json.loads(self.file.readline())
            # another is an event, or a late reply to an earlier client
            if is_error_without_id(reply) or reply.pop("id", None) == id_:
                return reply

    def hmp(self, line: str) -> str:
        """Return what QEMU's monitor prints for a line, with plain line ends."""
        reply = self.qmp("human-monitor-command", **{"command-line": line})
        text: str = reply["return"]
        return text.replace("\r\n", "\n")

    def close(self) -> None:
        """Close the connection."""
        self.file.close()
        self.socket.close()


class RunningQemu:
    """A QEMU with two QMP sockets: one for hmp, one for the oracle."""

    def __init__(
        self, command: list[str], arguments: list[str], files: Path | None = None
    ) -> None:
        """Start it; files: a folder that its own one, where it runs, begins as."""
        # short: the path of a Unix socket has an end at 107 bytes
        self.folder = Path(tempfile.mkdtemp(prefix="hmpq"))
        if files is not None:
            shutil.copytree(files, self.folder, dirs_exist_ok=True)
        self.path = str(self.folder / "a")
        self.oracle_path = str(self.folder / "b")
        self.log = (self.folder / "log").open("wb")
        self._command = [*command, *self._monitors(), *arguments]
        self._modules = own_modules(command, self.folder / "modules")
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            cwd=self.folder,
            env={**os.environ, **self._modules},
        )
        self.oracle = self._connect()

    def restart(self) -> None:
        """Kill it, and start it again with the same options."""
        self.oracle.close()
        self.process.kill()
        self.process.wait()
        self._start()

    def _monitors(self) -> list[str]:
        """Return the options that make the monitors."""
        sockets = [f"unix:{path},server=on,wait=off" for path in self._paths()]
        return ["-display", "none", "-qmp", sockets[0], "-qmp", sockets[1]]

    def _paths(self) -> tuple[str, str]:
        return self.path, self.oracle_path

    def _connect(self) -> Oracle:
        """Connect as soon as QEMU listens; it says so by greeting."""
        silent = 0
        while True:
            try:
                return Oracle(self.oracle_path)
            except TimeoutError:
                silent += 1
                if silent == _GREETINGS:
                    raise
            except (FileNotFoundError, ConnectionRefusedError):
                try:
                    status = self.process.wait(0.02)
                except subprocess.TimeoutExpired:
                    continue
                text = (self.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"QEMU ended with {status}: {text}") from None

    @property
    def version(self) -> tuple[int, int, int]:
        """Its version."""
        qemu = self.oracle.greeting["QMP"]["version"]["qemu"]
        return qemu["major"], qemu["minor"], qemu["micro"]

    def close(self) -> None:
        """End it."""
        self.oracle.close()
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder)


class RunningDaemon(RunningQemu):
    """A storage daemon with two QMP sockets, called as a QEMU calls them."""

    def _monitors(self) -> list[str]:
        return [
            option
            for number, path in enumerate(self._paths())
            for option in (
                "--chardev",
                f"socket,id=compat_monitor{number},path={path},server=on,wait=off",
                "--monitor",
                f"chardev=compat_monitor{number}",
            )
        ]


def daemon_release() -> str:
    """Return the release of the storage daemon that is installed; empty without one."""
    daemon = shutil.which("qemu-storage-daemon")
    if daemon is None:
        return ""
    return release_of(daemon)


def own_modules(command: list[str], folder: Path) -> dict[str, str]:
    """Return the environment that keeps a QEMU from loading an installed one's modules.

    It looks for them in /usr/lib also when it is unpacked elsewhere, and those of
    another build kill it. In the folder that it is told to look into first, files of the
    same names are its own ones, or hold nothing.
    """
    binary = next(Path(part) for part in command if "qemu-s" in part)
    if binary.parent == Path("/usr/bin") or not binary.is_absolute():
        return {}
    folder.mkdir()
    own = {path.name: path for path in binary.parent.parent.glob("lib/*/qemu/*.so")}
    for path in Path("/usr/lib").glob("*/qemu/*.so"):
        place = folder / path.name
        place.symlink_to(own[path.name]) if path.name in own else place.touch()
    return {"QEMU_MODULE_DIR": str(folder)}


def make_disks(folder: Path) -> None:
    """Make the images of `full_machine`: one with a snapshot over another, a raw one."""
    for command in (
        "qemu-img create -q -f qcow2 base.qcow2 32M",
        "qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 disk.qcow2 64M",
        "qemu-img snapshot -c first disk.qcow2",
        "qemu-img create -q -f raw raw.img 16M",
    ):
        subprocess.run(shlex.split(command), check=True, cwd=folder)


def full_machine(folder: Path | None = None) -> list[str]:
    """Return the arguments of a machine with a bit of everything.

    Disks with a snapshot and a backing image, media, NICs, USB, NUMA, hotplug. folder:
    where to make its images; they are there already, where the machine runs, without.
    """
    if folder is not None:
        make_disks(folder)
    disks = f"{folder}/" if folder is not None else ""
    return shlex.split(
        "-M q35 -m 128,slots=4,maxmem=1G -smp 2,maxcpus=4 -S -nodefaults -name full"
        " -uuid 12345678-1234-1234-1234-123456789abc"
        " -object memory-backend-ram,id=m0,size=64M"
        " -object memory-backend-ram,id=m1,size=64M"
        " -numa node,memdev=m0,cpus=0-1 -numa node,memdev=m1,cpus=2-3"
        f" -drive if=none,id=d0,file={disks}disk.qcow2,format=qcow2,bps=1000000"
        " -device virtio-blk-pci,id=vb0,drive=d0"
        " -drive if=none,id=cd0,media=cdrom -device ide-cd,drive=cd0,id=idecd"
        " -blockdev raw,node-name=n1,read-only=on,file.driver=file"
        f",file.filename={disks}raw.img"
        " -device virtio-scsi-pci,id=scsi0 -device scsi-hd,drive=n1,id=sd1"
        " -netdev user,id=net0 -device e1000e,netdev=net0,id=nic0"
        " -netdev user,id=net1 -device virtio-net-pci,netdev=net1,id=nic1"
        " -device qemu-xhci,id=xhci -device usb-tablet,id=tab -device usb-kbd"
        " -object iothread,id=io0 -device virtio-balloon-pci,id=bal"
        " -chardev ringbuf,id=rb0 -device isa-serial,chardev=rb0"
        " -device i6300esb,id=wd -device pcie-root-port,id=rp0,chassis=1"
        " -vga std"
    )
