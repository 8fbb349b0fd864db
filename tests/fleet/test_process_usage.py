"""What the kernel tells about a process, tried on this one."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from time import process_time, thread_time
from typing import Any

import pytest

from hmp.fleet import process_usage as usage
from tests.fakes import FakeConnection


def connection(pid: int) -> FakeConnection:
    """Return a machine whose process listens at the other end."""
    made = FakeConnection()
    made.pid = pid
    return made


def test_the_time_and_memory_of_a_process() -> None:
    """The time is that of the threads which are its CPUs."""
    while thread_time() < 0.05:
        pass
    before = thread_time()
    found = usage.look(connection(os.getpid()), [threading.get_native_id()])

    assert found is not None
    assert found.percent == pytest.approx(before * 100, abs=5)
    assert found.percent <= process_time() * 100 + 2
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    assert found.resident == pytest.approx(int(line.split()[1]) << 10, rel=0.1)


@pytest.mark.parametrize(
    ("pid", "threads"),
    [(0, [1]), (os.getpid(), []), (os.getpid(), [1 << 30]), (1 << 30, [1])],
    ids=[
        "another host",
        "no threads",
        "others' threads",
        "gone",
    ],  # the same in each worker
)
def test_what_is_not_known(pid: int, threads: list[int]) -> None:
    """Another host's process, no threads, or threads of another process."""
    assert usage.look(connection(pid), threads) is None


def test_the_interfaces_of_this_host() -> None:
    """What they have received, and what they have sent."""
    found = usage._interfaces()
    words = Path("/proc/net/dev").read_text().replace(":", ": ").split()

    assert "lo" in found
    place = words.index("lo:")
    assert found["lo"][0] <= int(words[place + 1])
    assert found["lo"][1] <= int(words[place + 9])
    assert all(count >= 0 for pair in found.values() for count in pair)


def test_only_the_taps_of_a_process_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them together; nothing is known of one without."""
    counts = {"lo": (1, 2), "tap0": (10, 20), "tap1": (300, 400)}
    monkeypatch.setattr(usage, "_interfaces", lambda: counts)
    monkeypatch.setattr(usage, "_taps", lambda pid: iter(["tap0", "tap1", "gone"]))
    assert usage._network(os.getpid()) == (310, 420)
    monkeypatch.setattr(usage, "_taps", lambda pid: iter(["gone"]))
    assert usage._network(os.getpid()) == (None, None)
    monkeypatch.setattr(usage, "_taps", lambda pid: iter([]))
    assert usage._network(os.getpid()) == (None, None)
    assert usage._network(1 << 30) == (None, None)


def test_the_name_of_a_process_may_hold_anything(tmp_path: Path) -> None:
    """Only the last bracket ends it."""
    (tmp_path / "stat").write_text("7 (a) b (c)) S 1 2\n")

    assert usage._words(str(tmp_path / "stat")) == ["S", "1", "2"]


def test_the_network_of_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the host's end of each of its taps has sent, the guest has received."""
    process, fds, infos = (tmp_path / name for name in ("", "fd", "fdinfo"))
    for folder in (fds, infos, process / "ns"):
        folder.mkdir()
    for number, (file, line) in enumerate(
        [
            ("/dev/net/tun", "pos:\t0\niff:\ttap0\nino:\t9"),
            ("/dev/null", "iff:\ttap1"),
            ("/dev/net/tun", "iff:\ttap2"),
            ("/dev/net/tun", "iff:\tgone"),
            ("/dev/net/tun", "pos:\t0"),
        ]
    ):
        (fds / str(number)).symlink_to(file)
        (infos / str(number)).write_text(f"{line}\n")
    network = process / "ns/net"
    network.symlink_to(os.readlink("/proc/self/ns/net"))
    counts = {"tap0": (100, 7), "tap1": (1, 1), "tap2": (20, 3), "eth0": (5, 5)}
    monkeypatch.setattr(usage, "_interfaces", lambda: counts)
    pid: Any = f"..{tmp_path}"  # below /proc

    assert usage._network(pid) == (120, 10)
    monkeypatch.setattr(usage, "_interfaces", lambda: {"eth0": (5, 5)})
    assert usage._network(pid) == (None, None)
    network.unlink()
    assert usage._network(pid) == (None, None)
    network.symlink_to("net:[1]")
    monkeypatch.setattr(usage, "_interfaces", lambda: counts)
    assert usage._network(pid) == (None, None)
