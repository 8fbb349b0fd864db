"""A QEMU with ``-preconfig``, beside its own monitor on a socket: QMP cannot ask that."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu

_MACHINE = ["-preconfig", "-M", "pc", "-nodefaults"]
_PROMPT = b"(qemu) "

LINES = """
help nope|nope|nope x|info nope|info status|info block|info block -n|  info   pci|info pci
info version x|info sev|info snapshots|info tpm|info blockstats|info block-jobs|cont|x 0
print 1|print|p|screendump a|drive_del d0|drive_add -n 0 driver=null-co,node-name=a
block_stream x|device_add help|device_add x|object_add iothread,id=io1|qom-list /nope
object_add iothread,id=io2,poll-max-ns=x|info name|info uuid|info qom-tree|migrate x
chardev-add null,id=x|info migrate|info chardev x|balloon 1|info registers|watchdog_action
help info block|help cont|netdev_add nope,id=x|qom-get /objects/io1 poll-max-ns|eject x
change x y|commit all|savevm|delvm x|mouse_move 1 2|closefd x|getfd x|info virtio-status x
info virtio-queue-element x 1|info virtio-queue-status x 1
info virtio-vhost-queue-status x 1|info mem|info virtio|info pic|info irq
object_add memory-backend-memfd,id=m,size=1M,hugetlb=on,hugetlbsize=-1
system_reset|block_resize x 1|object_del x
"""


class Terminal:
    """QEMU's own monitor on a socket, as a person has it."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self._read()

    def _read(self) -> str:
        found = b""
        while not found.endswith(_PROMPT):
            part = self.socket.recv(1 << 16)
            assert part, "QEMU ended"
            found += part
        return found[: -len(_PROMPT)].decode()

    def says(self, line: str) -> str:
        """Return what it prints for a line, without the echo."""
        self.socket.sendall(f"{line}\n".encode())
        return self._read().partition("\r\n")[2].replace("\r\n", "\n")


@pytest.fixture
def both(qemu_command: list[str]) -> Iterator[tuple[Session, Terminal]]:
    """Our monitor of a machine, and the other's of its twin."""
    qemus = [
        RunningQemu(qemu_command, [*_MACHINE, "-monitor", "unix:m,server=on,wait=off"])
        for _ in range(2)
    ]
    session = Session(qemus[0])
    terminal = Terminal(f"{qemus[1].folder}/m")
    yield session, terminal
    terminal.socket.close()
    session.connection.close()
    for qemu in qemus:
        qemu.close()


def test_both_monitors_say_the_same(both: tuple[Session, Terminal]) -> None:
    """Of what is done then, what is not, and what there is not."""
    session, terminal = both
    lines = [line for row in LINES.strip().splitlines() for line in row.split("|")]
    found = [(line, session.ours(line), terminal.says(line)) for line in lines]

    assert [answer for answer in found if answer[1] != answer[2]] == []


def test_help_lists_what_can_be_done(both: tuple[Session, Terminal]) -> None:
    """By the same names, but for those that this QEMU lacks altogether."""
    session, terminal = both
    for line in ("help", "info"):
        ours, theirs = (
            {
                row.split(" ")[0 if line == "help" else 1]
                for row in text.splitlines()
                if not row.startswith("\t")
            }
            for text in (session.ours(line), terminal.says(line))
        )
        assert ours - theirs <= {"clear", "cryptodev"}
        assert theirs <= ours
