"""Trace events, by name or pattern."""

from hmp.authoring import CommandFailedError, Connection, Kind, QDict, Word, natural

TRACE_EVENT = Kind("trace event")


@TRACE_EVENT.fetcher
async def trace_events(qmp: Connection, context: str) -> list[Word]:
    """Return all trace events, each with its state."""
    events = await qmp.execute("trace-event-get-state", name="*")
    return natural((event["name"], event["state"]) for event in events)


async def event_cpu(qmp: Connection, command: str, args: QDict) -> int | None:
    """Return the CPU in the arguments, if the command takes one in this release.

    Only older releases have per-CPU trace events; newer ones parse and ignore the
    argument. Raises CommandFailedError for a negative number.
    """
    if "vcpu" not in args:
        return None
    members = (await qmp.schema()).members(command)
    if not any(member["name"] == "vcpu" for member in members):
        return None
    vcpu: int = args["vcpu"]
    if vcpu >= 1 << 31:  # negative in QEMU's 32 bits
        reason = "argument vcpu must be positive"
        raise CommandFailedError(reason, reason)
    return vcpu
