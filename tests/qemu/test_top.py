"""``hmp --top`` on real QEMUs: what it says is what they do."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import time
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from tests.program import HMP, LIMIT, ROOT, run
from tests.qemu.machines import RunningQemu, full_machine


def test_what_a_machine_does(qemu_command: list[str], tmp_path: Path) -> None:
    """CPU, memory and balloon; a job, and a migration."""
    machine = RunningQemu(qemu_command, full_machine(tmp_path))
    try:
        target = str(tmp_path / "copy.raw")
        job = {"job-id": "j", "device": "n1", "target": target, "sync": "full", "speed": 1}
        assert "return" in machine.oracle.qmp("drive-backup", **job)
        assert "return" in machine.oracle.qmp("migrate", uri="exec:sleep 5")
        done = run("--top", machine.path, "-n", "1", "-d", "0.3", "-o", "json")
    finally:
        machine.close()

    (found,) = json.loads(done.stdout)["machines"]
    assert done.returncode == 0
    assert (found["cpus"], found["memory"]) == (2, 128 << 20)
    assert found["balloon"] == 128 << 20
    assert 1 << 20 < found["resident"] < 4 << 30
    assert 0 <= found["cpu"] < 300
    assert found["read"] >= 0
    assert found["migration"]["status"] in ("setup", "active")
    assert [(each["id"], each["type"]) for each in found["jobs"]] == [("j", "backup")]


def test_two_sockets_of_one_machine(qemu_command: list[str]) -> None:
    """It is one machine; which of the two is left out depends on the second's luck."""
    qemu = RunningQemu(qemu_command, ["-M", "none", "-nodefaults"])
    try:
        both = [qemu.path, qemu.oracle_path]
        qemu.oracle.close()
        done = run("--top", *both, "-n", "1", "-d", "0.3", "-o", "json")
    finally:
        qemu.close()

    (found,) = json.loads(done.stdout)["machines"]
    other = both[both.index(found["target"]) - 1]
    assert done.returncode == 0
    assert done.stderr == (
        f"hmp: left out {other}, which is the same machine as {found['target']}\n"
    )


def test_cpu_time_of_a_busy_guest(qemu_command: list[str], tmp_path: Path) -> None:
    """Its firmware is a loop; a machine that is paused has none."""
    firmware = tmp_path / "loop"
    firmware.write_bytes(b"\xeb\xfe".rjust(0xFFF2, b"\0").ljust(0x10000, b"\0"))
    guest = ["-M", "pc", "-m", "64", "-nodefaults", "-bios", str(firmware)]
    running = RunningQemu(qemu_command, guest)
    paused = RunningQemu(qemu_command, [*guest, "-S"])
    try:
        often = ("-n", "6", "-d", "0.4", "-o", "json")
        done = run("--top", running.path, paused.path, *often)
    finally:
        running.close()
        paused.close()

    looks = [json.loads(line)["machines"] for line in done.stdout.splitlines()]
    assert [each["state"] for each in looks[-1]] == ["running", "prelaunch"]
    busy, idle = (max(look[place].get("cpu", 0) for look in looks) for place in (0, 1))
    assert busy > idle == 0


def _sends(interface: str, frame: bytes) -> bool:
    """Send a frame to the guest of a tap; return whether it went."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        request = interface.encode().ljust(16, b"\0") + struct.pack("h14x", 1)  # IFF_UP
        fcntl.ioctl(sock, 0x8914, request)  # SIOCSIFFLAGS
        sock.bind((interface, 0))
        return sock.send(frame) == len(frame)


@pytest.mark.skipif(
    not os.access("/dev/net/tun", os.W_OK) or os.geteuid() != 0,
    reason="taps are made as root, with /dev/net/tun",
)
def test_the_network_of_a_tap(qemu_command: list[str]) -> None:
    """What is sent to it is what it receives."""
    name = f"hmpt{os.getpid() % 10_000}"
    tap = ["-netdev", f"tap,id=n,ifname={name},script=no,downscript=no"]
    # without a device, since QEMU reads only what a guest is ready for
    machine = RunningQemu(qemu_command, ["-M", "q35", "-nodefaults", *tap])
    try:
        top = [*HMP, "--top", machine.path, "-n", "1", "-d", "1", "-o", "json"]
        with Popen(top, stdout=PIPE, cwd=ROOT) as started:
            for _ in range(40):
                assert _sends(name, bytes(1000))
                time.sleep(0.05)
            output, _ = started.communicate(timeout=LIMIT)
    finally:
        machine.close()

    (found,) = json.loads(output)["machines"]
    assert found["received"] >= 1000
    assert found["sent"] < found["received"]
