"""The commands of ``runstate.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hmp.machine.machine import Machine


def qmp_query_status(machine: Machine, /) -> dict[str, object]:
    """Return the run state."""
    return {"running": machine.status == "running", "status": machine.status}


def qmp_stop(machine: Machine, /) -> None:
    """Pause the machine."""
    if machine.status == "running":
        machine.status = "paused"
        machine.timers.stop()
        machine.emit("STOP")


def qmp_cont(machine: Machine, /) -> None:
    """Let the machine go on."""
    if machine.status == "paused":
        machine.status = "running"
        machine.timers.start()
        machine.emit("RESUME")


def qmp_system_reset(machine: Machine, /) -> None:
    """Reset the machine."""
    machine.emit("RESET", guest=False, reason="host-qmp-system-reset")


def qmp_system_powerdown(machine: Machine, /) -> None:
    """Press the power button."""
    machine.emit("POWERDOWN")


def qmp_quit(machine: Machine, /) -> None:
    """End the machine."""
    machine.shutdown("host-qmp-quit")
