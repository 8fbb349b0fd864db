"""Trace events, by name or by a pattern."""

from hmp.authoring import CommandFailedError, Connection, Kind, QDict, Word

TRACE_EVENT = Kind("trace event")


@TRACE_EVENT.fetcher
async def trace_events(qmp: Connection, context: str) -> list[Word]:
    """Return all trace events, and whether each is on."""
    events = await qmp.execute("trace-event-get-state", name="*")
    return sorted((event["name"], event["state"]) for event in events)


async def event_cpu(qmp: Connection, command: str, args: QDict) -> int | None:
    """Return the CPU that was typed, for a command that takes one.

    Only older releases have trace events of single CPUs; newer ones read the argument
    and take no notice. Raises CommandFailedError.
    """
    if "vcpu" not in args:
        return None
    members = (await qmp.schema()).members(command)
    if not any(member["name"] == "vcpu" for member in members):
        return None
    vcpu: int = args["vcpu"]
    if vcpu >= 1 << 31:  # in 32 bits with a sign
        reason = "argument vcpu must be positive"
        raise CommandFailedError(reason, reason)
    return vcpu
