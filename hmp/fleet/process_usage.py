"""What /proc knows of a machine that runs on this host: its CPUs' time, memory, network."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hmp.qmp.connection import Connection

_USER_TIME, _SYSTEM_TIME = 11, 12
"""The places in /proc/PID/task/TID/stat after the name, which may hold anything."""
# the field of /proc/PID/statm with the resident pages
_RESIDENT = 1
_TAP = "/dev/net/tun"
# the columns of /proc/net/dev with bytes
_RECEIVED, _SENT = 0, 8


class ProcessUsage:
    """What a QEMU has used: time of its virtual CPUs, bytes of memory and network.

    percent: the time, in hundredths of a second. received, sent: from the guest's side,
    by its tap interfaces; None without any.
    """

    __slots__ = ("percent", "received", "resident", "sent")

    def __init__(
        self, percent: float, resident: int, received: int | None, sent: int | None
    ) -> None:
        self.percent = percent
        self.resident = resident
        self.received = received
        self.sent = sent


def look(connection: Connection, threads: Sequence[int]) -> ProcessUsage | None:
    """Return what the QEMU at the far end has used; None if it does not run here.

    threads: those of its virtual CPUs, as it says. They must be threads of the process
    that listens at the socket, since other hosts and containers number theirs alike.
    """
    pid = connection.pid
    if not pid or not threads:
        return None
    try:
        cpu = sum(_seconds(f"/proc/{pid}/task/{thread}/stat") for thread in threads)
        resident = int(_words(f"/proc/{pid}/statm")[_RESIDENT]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
    # what an interface of the host has received, the guest has sent
    sent, received = _network(pid)
    return ProcessUsage(cpu * 100, resident, received, sent)


def _words(path: str) -> list[str]:
    with open(path, encoding="ascii", errors="replace") as file:
        # the name in brackets may contain brackets and blanks, so the last bracket counts
        return file.read().rpartition(")")[2].split()


def _seconds(path: str) -> float:
    words = _words(path)
    ticks = int(words[_USER_TIME]) + int(words[_SYSTEM_TIME])
    return ticks / os.sysconf("SC_CLK_TCK")


def _network(pid: int) -> tuple[int | None, int | None]:
    """Return what the interfaces of a process's taps have received and sent.

    None if it has none, or lives in another network than we do.
    """
    try:
        here = os.readlink("/proc/self/ns/net") == os.readlink(f"/proc/{pid}/ns/net")
        taps = set(_taps(pid)) if here else set()
        counts = _interfaces() if taps else {}
    except OSError:
        # it has ended, or is a process of another user
        return None, None
    found = [counts[tap] for tap in taps if tap in counts]
    if not found:
        return None, None
    return sum(received for received, _ in found), sum(sent for _, sent in found)


def _taps(pid: int) -> Iterator[str]:
    """Yield the names of the tap interfaces that a process has open. Raises OSError."""
    for entry in os.scandir(f"/proc/{pid}/fd"):
        if os.readlink(entry.path) == _TAP:
            with open(f"/proc/{pid}/fdinfo/{entry.name}", encoding="ascii") as file:
                for line in file:
                    # the kernel's line about a descriptor of /dev/net/tun: the interface
                    # that it belongs to
                    if line.startswith("iff:"):
                        yield line.split()[1]


def _interfaces() -> dict[str, tuple[int, int]]:
    """Return what each interface of this host has received and sent. Raises OSError."""
    found: dict[str, tuple[int, int]] = {}
    with open("/proc/net/dev", encoding="ascii", errors="replace") as file:
        for line in file:
            # the headings have no colon
            name, colon, counts = line.partition(":")
            if colon:
                numbers = counts.split()
                found[name.strip()] = int(numbers[_RECEIVED]), int(numbers[_SENT])
    return found
