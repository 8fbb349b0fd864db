"""The commands of ``control.json`` and ``introspect.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.machine.schema_types import (
    CommandInfo,
    EventInfo,
    NameInfo,
    QMPCapability,
    UuidInfo,
    VersionInfo,
    VersionTriple,
)
from hmp.qapi import introspect
from hmp.qmp.errors import BAD_CPU, COMMAND_NOT_FOUND, QMPError

if TYPE_CHECKING:
    from hmp.machine.machine import EmbeddedMachine


def qmp_qmp_capabilities(
    machine: EmbeddedMachine, /, enable: list[QMPCapability] | None = None
) -> None:
    """Always an error: `hmp.qmp.server` handles negotiation, which happens once."""
    raise QMPError(
        "Capabilities negotiation is already complete, command ignored", COMMAND_NOT_FOUND
    )


def qmp_query_version(machine: EmbeddedMachine, /) -> VersionInfo:
    """Return the version."""
    major, minor, micro = machine.version
    number = VersionTriple(major=major, minor=minor, micro=micro)
    return VersionInfo(qemu=number, package="")


def qmp_query_name(machine: EmbeddedMachine, /) -> NameInfo:
    """Return the name, if the machine has one."""
    return NameInfo(name=machine.name)


def qmp_query_uuid(machine: EmbeddedMachine, /) -> UuidInfo:
    """Return the UUID."""
    return UuidInfo(UUID=machine.uuid)


def qmp_query_commands(machine: EmbeddedMachine, /) -> list[CommandInfo]:
    """Return the commands by name."""
    return [CommandInfo(name=name) for name in machine.schema.commands]


def qmp_query_events(machine: EmbeddedMachine, /) -> list[EventInfo]:
    """Return the events by name."""
    return [EventInfo(name=name) for name in machine.schema.events]


def qmp_query_qmp_schema(
    machine: EmbeddedMachine, /, arguments: dict[str, object]
) -> object:
    """Return the schema as `hmp.qapi.introspect` describes it."""
    for name in arguments:  # 'gen': false in the schema leaves the check to us
        raise QMPError(f"Parameter '{name}' is unexpected")
    return introspect(machine.schema)


def qmp_human_monitor_command(
    machine: EmbeddedMachine, /, command_line: str, cpu_index: int | None = None
) -> str:
    """Run a line in the machine's human monitor."""
    check_cpu_index(cpu_index)
    if machine.human_monitor is None:
        raise QMPError("the machine has no human monitor", COMMAND_NOT_FOUND)
    return machine.human_monitor(command_line).replace("\n", "\r\n")


def check_cpu_index(cpu_index: int | None) -> None:
    """Raise QMPError for any CPU but the default 0, as the machine has no CPUs.

    A QEMU without CPUs rejects 0 as well, which breaks ``qmp-shell -H``: it always sends
    0.
    """
    if cpu_index:
        raise QMPError(BAD_CPU)
