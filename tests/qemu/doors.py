"""QEMUs with one monitor of each kind, and sessions through them."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from hmp.builtin import load_tables
from hmp.monitor.monitor import Monitor
from hmp.qmp.connection import Connection
from hmp.targets.address import parse_target
from tests.qemu.conftest import Session
from tests.qemu.machines import RunningQemu

DOORS = ("unix", "tcp", "telnet", "pty", "gdb")


def free_port() -> int:
    """Return a TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ManyDoors(RunningQemu):
    """A QEMU with every kind of human monitor, and a gdb server."""

    def __init__(
        self, command: list[str], arguments: list[str], files: Path | None = None
    ) -> None:
        self.ports = [free_port() for _ in range(3)]
        super().__init__(command, arguments, files)

    def _monitors(self) -> list[str]:
        tcp, telnet, gdb = self.ports
        sockets = (
            "unix:m,server=on,wait=off",
            f"tcp:127.0.0.1:{tcp},server=on,wait=off",
            f"telnet:127.0.0.1:{telnet},server=on,wait=off",
            "pty",
        )
        monitors = [part for way in sockets for part in ("-monitor", way)]
        return [*super()._monitors(), *monitors, "-gdb", f"tcp:127.0.0.1:{gdb}"]

    def target(self, door: str) -> str:
        """Return the target that a user would give."""
        tcp, telnet, gdb = self.ports
        return {
            "unix": f"{self.folder}/m,server=on,wait=off",
            "tcp": f"tcp:127.0.0.1:{tcp}",
            "telnet": f"telnet:127.0.0.1:{telnet}",
            "pty": self._device(),
            "gdb": f"gdb:127.0.0.1:{gdb}",
        }[door]

    def _device(self) -> str:
        found: list[str] = re.findall(r"/dev/pts/\d+", (self.folder / "log").read_text())
        return found[-1]


def connect(target: str, timeout: float = 60) -> Connection:
    """Connect as the program does."""
    return parse_target(target).open(timeout=timeout)


class DoorSession(Session):
    """Our monitor on a QEMU through the door that a target names."""

    def __init__(self, qemu: RunningQemu, target: str) -> None:
        self.qemu = qemu
        self.connection = connect(target)
        self.monitor = Monitor(self.connection, load_tables())
