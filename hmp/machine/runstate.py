"""The commands of ``runstate.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.machine.schema_types import RunState, ShutdownCause, StatusInfo

if TYPE_CHECKING:
    from hmp.machine.machine import EmbeddedMachine


def qmp_query_status(machine: EmbeddedMachine, /) -> StatusInfo:
    """Return the run state."""
    return StatusInfo(running=machine.status is RunState.RUNNING, status=machine.status)


def qmp_stop(machine: EmbeddedMachine, /) -> None:
    """Pause the machine."""
    # in QEMU, too, a second stop or cont is neither an error nor an event
    if machine.status is RunState.RUNNING:
        machine.status = RunState.PAUSED
        machine.timers.stop()
        machine.emit("STOP")


def qmp_cont(machine: EmbeddedMachine, /) -> None:
    """Resume the machine."""
    if machine.status is RunState.PAUSED:
        machine.status = RunState.RUNNING
        machine.timers.start()
        machine.emit("RESUME")


def qmp_system_reset(machine: EmbeddedMachine, /) -> None:
    """Reset the machine."""
    machine.emit("RESET", guest=False, reason=ShutdownCause.HOST_QMP_SYSTEM_RESET)


def qmp_system_powerdown(machine: EmbeddedMachine, /) -> None:
    """Press the power button."""
    machine.emit("POWERDOWN")


def qmp_quit(machine: EmbeddedMachine, /) -> None:
    """End the machine."""
    machine.shutdown(ShutdownCause.HOST_QMP_QUIT)
