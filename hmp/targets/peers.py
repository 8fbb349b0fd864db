"""The processes at the ends of this host's sockets, as messages name them."""

from __future__ import annotations

import os

from hmp.qmp.halted import process_fields
from hmp.targets.discovery import machine_of
from hmp.targets.processes import LocalHost, local_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hmp.targets.socket_table import Ends

# of these the script's name says more
_INTERPRETERS = ("python", "perl", "ruby", "node", "sh", "bash", "dash")


class Peer:
    """A process at an end of a socket; machine: what it is if it is a QEMU."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        process = local_process(pid)
        self.machine = machine_of(LocalHost([]), process) if process else None
        fields = process_fields(pid)
        self.state = fields[0].decode()
        self.begun = int(fields[19]) / os.sysconf("SC_CLK_TCK")

    @property
    def program(self) -> str:
        """The name of its program; of a script, the script's."""
        with open(f"/proc/{self.pid}/cmdline", "rb") as file:
            words = os.fsdecode(file.read()).split("\0")
        name = os.path.basename(words[0])
        # python3.11 script.py is better known as script.py
        if name.rstrip("0123456789.") in _INTERPRETERS and "-c" not in words:
            scripts = [word for word in words[1:] if word and not word.startswith("-")]
            name = os.path.basename(scripts[0]) if scripts else name
        with open(f"/proc/{self.pid}/comm", encoding="utf-8", errors="replace") as file:
            return name or file.read().rstrip("\n")

    def __str__(self) -> str:
        if self.machine is None or self.machine.program == "qemu-ga":
            return f"{self.program} (process {self.pid})"
        name = f" '{self.machine.name}'" if self.machine.name else ""
        kind = "QEMU" if "storage" not in self.machine.program else self.machine.program
        return f"{kind}{name} (process {self.pid})"

    def age(self) -> float:
        """Return for how many seconds it has run."""
        with open("/proc/uptime", encoding="utf-8") as file:
            return float(file.read().split()[0]) - self.begun

    def tracer(self) -> int:
        """Return the process that debugs it; 0 if none."""
        with open(f"/proc/{self.pid}/status", encoding="utf-8", errors="replace") as file:
            return int(next(line for line in file if line.startswith("TracerPid:"))[10:])


def holder(ends: Ends, found: Mapping[int, int]) -> str:
    """Return the client that holds a socket. found: the processes of sockets."""
    if pid := holding_process(ends, found):
        return str(Peer(pid))
    return f"a client at {ends.addresses[0]}" if ends.addresses else "another user's client"


def holding_process(ends: Ends, found: Mapping[int, int]) -> int:
    """Return the first connected process that is known; 0 if none is."""
    return next((found[inode] for inode in ends.clients if inode in found), 0)
