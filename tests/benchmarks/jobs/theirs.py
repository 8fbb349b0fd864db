"""The ten jobs with `qemu.qmp`, and the last one with QEMU's `qemu.machine`."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from qemu.qmp import ExecuteError, QMPClient
from qemu.qmp.legacy import QEMUMonitorProtocol


def status(path: str) -> Any:
    """Ask a machine for its state."""
    qmp: Any = QEMUMonitorProtocol(path)
    qmp.connect()
    with qmp:
        return qmp.cmd("query-status")["status"]


def disks(path: str) -> Any:
    """List the block devices with their virtual sizes."""
    qmp: Any = QEMUMonitorProtocol(path)
    qmp.connect()
    with qmp:
        blocks = qmp.cmd("query-block")
    return {b["device"]: b["inserted"]["image"]["virtual-size"] for b in blocks}


def registers(path: str) -> Any:
    """Read what only the human monitor shows."""
    qmp: Any = QEMUMonitorProtocol(path)
    qmp.connect()
    with qmp:
        text = qmp.cmd("human-monitor-command", **{"command-line": "info registers"})
        return text.count("=")


def error(path: str) -> Any:
    """Find out why a command failed."""
    qmp: Any = QEMUMonitorProtocol(path)
    qmp.connect()
    with qmp:
        try:
            qmp.cmd("eject", device="nowhere")
        except ExecuteError as failure:
            return failure.error_class, failure.error.error.desc


def pause(path: str) -> Any:
    """Pause a machine, wait for the event, and let it run again."""
    qmp: Any = QEMUMonitorProtocol(path)
    qmp.connect()
    with qmp:
        qmp.cmd("stop")
        while (event := qmp.pull_event(wait=10))["event"] != "STOP":
            pass
        qmp.cmd("cont")
        return event["event"]


def backup(path: str, target: str) -> Any:
    """Back up a disk, and wait for the end of the job."""
    qmp: Any = QEMUMonitorProtocol(path)
    qmp.connect()
    with qmp:
        backup = {"job-id": "d0", "device": "d0", "target": target, "sync": "full"}
        qmp.cmd("drive-backup", format="qcow2", mode="existing", **backup)
        while True:
            event = qmp.pull_event(wait=60)
            if event["event"] == "BLOCK_JOB_COMPLETED" and event["data"]["device"] == "d0":
                if "error" in event["data"]:
                    raise RuntimeError(event["data"]["error"])
                break
        while jobs := qmp.cmd("query-jobs"):
            time.sleep(0.01)
        return jobs


def migrate(path: str) -> Any:
    """Migrate a machine into a command, and wait for the end."""
    qmp: Any = QEMUMonitorProtocol(path)
    qmp.connect()
    with qmp:
        qmp.cmd("migrate", uri="exec:cat >/dev/null")
        while True:
            migrated = qmp.cmd("query-migrate")["status"]
            if migrated in ("completed", "failed"):
                break
            time.sleep(0.05)
        while qmp.cmd("query-status")["status"] == "finish-migrate":
            time.sleep(0.01)
        qmp.cmd("cont")
        return migrated


def tree(path: str) -> Any:
    """Count the objects of a machine."""
    qmp: Any = QEMUMonitorProtocol(path)
    qmp.connect()
    with qmp:
        found = ["/machine"]
        for parent in found:
            for item in qmp.cmd("qom-list", path=parent):
                if item["type"].startswith("child<"):
                    found.append(f"{parent}/{item['name']}")
        return len(found)


def fleet(paths: list[str]) -> Any:
    """Ask many machines at the same time."""

    async def ask(path: str) -> Any:
        qmp = QMPClient(path)
        await qmp.connect(path)
        try:
            reply: Any = await qmp.execute("query-status")
            return reply["status"]
        finally:
            await qmp.disconnect()

    async def ask_all() -> list[Any]:
        return await asyncio.gather(*map(ask, paths))

    return dict(zip(paths, asyncio.run(ask_all()), strict=True))


def start(command: list[str]) -> Any:
    """Start a QEMU, ask for its name, and end it."""
    # installed by hand, for this comparison only
    from qemu.machine import QEMUMachine  # pyright: ignore[reportMissingImports]

    with QEMUMachine(command[0], command[1:]) as vm:
        vm.add_args("-name", "mine", "-M", "none", "-display", "none")
        vm.launch()
        return vm.cmd("query-name")["name"]
