"""The ten jobs with `hmp.client`. Each returns what its twin in `theirs` returns."""

from __future__ import annotations

from typing import Any

from hmp.client import LineFailedError, connect, connect_all, launch


def status(path: str) -> Any:
    """Ask a machine for its state."""
    with connect(path) as vm:
        return vm.qmp.query_status()["status"]


def disks(path: str) -> Any:
    """List the block devices with their virtual sizes."""
    with connect(path) as vm:
        blocks = vm.run("info block").value
    return {b["device"]: b["inserted"]["image"]["virtual-size"] for b in blocks}


def registers(path: str) -> Any:
    """Read what only the human monitor shows."""
    with connect(path) as vm:
        return vm.run("info registers").text.count("=")


def error(path: str) -> Any:
    """Find out why a command failed."""
    with connect(path) as vm:
        try:
            vm.run("eject nowhere")
        except LineFailedError as failure:
            return failure.error_class, failure.desc


def pause(path: str) -> Any:
    """Pause a machine, wait for the event, and let it run again."""
    with connect(path) as vm:
        vm.qmp.stop()
        event = vm.wait("STOP", timeout=10)["event"]
        vm.qmp.cont()
        return event


def backup(path: str, target: str) -> Any:
    """Back up a disk, and wait for the end of the job."""
    with connect(path) as vm:
        vm.run(f"drive_backup -n d0 {target} qcow2")
        vm.run("wait job d0 --timeout 60")
        return vm.qmp.query_jobs()


def migrate(path: str) -> Any:
    """Migrate a machine into a command, and wait for the end."""
    with connect(path) as vm:
        vm.run('migrate "exec:cat >/dev/null"')
        migrated = vm.qmp.query_migrate()["status"]
        vm.qmp.cont()
        return migrated


def tree(path: str) -> Any:
    """Count the objects of a machine."""
    with connect(path) as vm:
        return vm.run("info qom-tree").text.count("\n")


def fleet(paths: list[str]) -> Any:
    """Ask many machines at the same time."""
    with connect_all(*paths) as vms:
        return {path: reply["status"] for path, reply in vms.qmp.query_status().items()}


def start(command: list[str]) -> Any:
    """Start a QEMU, ask for its name, and end it."""
    with launch([*command, "-name", "mine", "-M", "none", "-display", "none"]) as vm:
        return vm.qmp.query_name()["name"]
