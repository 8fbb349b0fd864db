"""``hmp --top`` on real QEMUs: what it says is what they do."""

from __future__ import annotations

import json
from pathlib import Path

from tests.program import run
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


def test_cpu_time_of_a_busy_guest(qemu_command: list[str], tmp_path: Path) -> None:
    """Its firmware is a loop; a machine that is paused has none."""
    firmware = tmp_path / "loop"
    firmware.write_bytes(b"\xeb\xfe".rjust(0xFFF2, b"\0").ljust(0x10000, b"\0"))
    guest = ["-M", "pc", "-m", "64", "-nodefaults", "-bios", str(firmware)]
    running = RunningQemu(qemu_command, guest)
    paused = RunningQemu(qemu_command, [*guest, "-S"])
    try:
        done = run("--top", running.path, paused.path, "-n", "1", "-d", "0.5", "-o", "json")
    finally:
        running.close()
        paused.close()

    first, second = json.loads(done.stdout)["machines"]
    assert (first["state"], second["state"]) == ("running", "prelaunch")
    assert first["cpu"] > second["cpu"] == 0
